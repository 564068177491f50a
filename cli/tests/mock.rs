//! The program from outside: what it prints, how it ends, what it says when it cannot.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(20);

/// A running `oo-webhooks mock` that never outlives its test.
struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { input: child.stdin.take(), output, child }
    }

    /// What follows `word` on the next line.
    fn line(&mut self, word: &str) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let rest = line.strip_prefix(word).unwrap_or_else(|| panic!("{line:?} does not start with {word}"));
        rest.trim().to_owned()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn wait(&mut self) -> ExitStatus {
        let begin = Instant::now();
        while begin.elapsed() < LIMIT {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::yield_now();
        }
        panic!("the program does not end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oo-webhooks"));
    command.arg("mock").args(arguments).env_remove("ON_OFFICE_TOKEN").env_remove("ON_OFFICE_SECRET");
    command
}

/// A file of this test that is gone when the test is.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("oo-webhooks-{}-{name}", std::process::id())))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Sends a request to `http://host:port` and returns the whole answer.
fn http(url: &str, method: &str, path: &str, body: &str) -> String {
    let host = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_says_where_it_is_and_writes_its_files() {
    let (ca, ready) = (TempFile::new("ca.pem"), TempFile::new("ready"));
    let mut program =
        Program::start(&["--ca-file", ca.path(), "--control-port", "0", "--ready-file", ready.path()]);
    let url = program.line("listening ");
    assert!(url.starts_with("https://127.0.0.1:") && url.ends_with("/api/stable/api.php"), "{url}");
    assert!(!url.contains(":0/"));
    let control = program.line("control ");
    assert_eq!(program.line("ca-file "), ca.path());
    assert!(fs::read_to_string(&ca.0).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(http(&control, "GET", "/mock/ledger", "").contains(r#""total":0"#));

    program.signal("TERM");
    assert_eq!(program.wait().code(), Some(0));
    let written = fs::read_to_string(&ready.0).unwrap();
    assert_eq!(written, format!("listening {url}\ncontrol {control}\nca-file {}\n", ca.path()));
}

#[test]
fn it_writes_through_no_link_that_somebody_laid() {
    let (ready, victim) = (TempFile::new("ready-file"), TempFile::new("victim"));
    fs::write(&victim.0, "kept").unwrap();
    let program = command(&["--http", "--ready-file", ready.path()]);
    let wrapper = format!(
        "for name in $$ $$-0 $$-1; do ln -s '{0}' '{1}.'$name; done; exec \"$0\" \"$@\"",
        victim.path(),
        ready.path()
    );
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(wrapper).arg(program.get_program()).args(program.get_args());
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let links: Vec<TempFile> = ["", "-0", "-1"]
        .map(|end| TempFile(format!("{}.{}{end}", ready.path(), child.id()).into()))
        .into_iter()
        .collect();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut program = Program { input: child.stdin.take(), output, child };
    let url = program.line("listening ");
    http(&url, "POST", "/mock/stop", "");
    assert_eq!(program.wait().code(), Some(0));
    assert_eq!(fs::read_to_string(&victim.0).unwrap(), "kept");
    assert_eq!(fs::read_to_string(&ready.0).unwrap(), format!("listening {url}\n"));
    for link in &links {
        assert!(fs::symlink_metadata(&link.0).unwrap().is_symlink());
    }
    assert!(!fs::exists(format!("{}.{}-2", ready.path(), program.child.id())).unwrap());
}

#[test]
fn it_ends_on_an_interrupt() {
    let mut program = Program::start(&[]);
    program.line("listening ");
    program.signal("INT");
    assert_eq!(program.wait().code(), Some(0));
}

#[test]
fn it_ends_when_asked_over_http() {
    let mut program = Program::start(&["--http"]);
    let url = program.line("listening ");
    assert!(http(&url, "POST", "/mock/stop", "").starts_with("HTTP/1.1 200 "));
    assert_eq!(program.wait().code(), Some(0));
}

#[test]
fn it_ends_with_its_parent_when_told_to() {
    let mut program = Program::start(&["--exit-with-parent"]);
    program.line("listening ");
    program.input = None;
    assert_eq!(program.wait().code(), Some(0));
}

#[test]
fn it_stays_when_its_input_ends_otherwise() {
    let mut program = Program::start(&["--http"]);
    let url = program.line("listening ");
    program.input = None;
    assert!(http(&url, "GET", "/mock/counts", "").contains("connections"));
}

#[test]
fn it_prints_a_line_for_each_request() {
    let mut program = Program::start(&["--http"]);
    let url = program.line("listening ");
    http(&url, "POST", "/api/stable/api.php", "{}");
    let mut line = String::new();
    program.output.read_line(&mut line).unwrap();
    assert!(line.contains(" 1/1 refused: 13 Missing or invalid element: token"), "{line}");
}

#[test]
fn it_serves_on_when_nobody_reads_what_it_prints() {
    let mut program = Program::start(&["--http"]);
    let url = program.line("listening ");
    let mut stream = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let request = "POST /api/stable/api.php HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
    let (done, finished) = mpsc::channel();
    let mut reading = stream.try_clone().unwrap();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = reading.read_to_end(&mut bytes);
        let _ = done.send(String::from_utf8_lossy(&bytes).matches("HTTP/1.1 200").count());
    });
    // Far more lines than a pipe and the program's own room hold.
    for _ in 0..150 {
        stream.write_all(request.repeat(100).as_bytes()).unwrap();
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(finished.recv_timeout(LIMIT), Ok(15_000));
    program.signal("TERM");
    assert_eq!(program.wait().code(), Some(0));
}

#[test]
fn it_survives_a_closed_output() {
    let mut child = command(&["--http", "--control-port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    drop(output);
    let url = line.strip_prefix("listening ").unwrap().trim();
    for _ in 0..3 {
        assert!(http(url, "POST", "/api/stable/api.php", "{}").contains("errorcode"));
    }
    http(url, "POST", "/mock/stop", "");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn faults_come_from_the_command_line_and_from_a_file() {
    let file = TempFile::new("faults.json");
    fs::write(&file.0, r#"[{"kind": "html", "skip": 1}]"#).unwrap();
    let fault = r#"{"kind": "http_status", "status": 503, "times": 1}"#;
    let mut program = Program::start(&["--http", "--fault", fault, "--faults-file", file.path()]);
    let url = program.line("listening ");
    let statuses: Vec<String> = (0..3).map(|_| http(&url, "POST", "/api/stable/api.php", "{}")).collect();
    assert!(statuses[0].starts_with("HTTP/1.1 503 "));
    assert!(statuses[1].contains("errorcode"));
    assert!(statuses[2].contains("<html>"));
}

#[test]
fn credentials_come_from_the_environment_unless_given() {
    let token = "T".repeat(32);
    let body = format!(r#"{{"token": "{token}", "request": {{"actions": [{{}}]}}}}"#);
    let mut command = command(&["--http"]);
    command.env("ON_OFFICE_TOKEN", &token).env("ON_OFFICE_SECRET", "S");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut program = Program { input: child.stdin.take(), output, child };
    let url = program.line("listening ");
    let answer = http(&url, "POST", "/api/stable/api.php", &body);
    assert!(answer.contains(r#""errorcode":16"#), "known, so that the empty action is looked at: {answer}");
}

#[test]
fn mistakes_are_told_in_one_line_and_with_the_right_code() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let cases: [(&[&str], i32, &str); 9] = [
        (&["--port", "99999"], 2, "99999"),
        (&["--fault", "{"], 2, "EOF"),
        (&["--fault", r#"{"kind": "html", "time": 1}"#], 2, "fault html has no field time"),
        (&["--faults-file", "/nowhere/faults"], 2, "cannot use faults file /nowhere/faults"),
        (&["--unknown", "garden/7"], 2, "estate/7"),
        (&["--name", "not a name"], 2, "name 'not a name' is neither a host name nor an IP address"),
        (&["--token", "same", "--provider-token", "same"], 2, "give two different ones"),
        (&["--ca-file", "/nowhere/ca.pem"], 1, "cannot write CA file /nowhere/ca.pem"),
        (&["--port", &port], 1, "cannot listen on 127.0.0.1:"),
    ];
    for (arguments, code, reason) in cases {
        let Output { status, stdout, stderr } = command(arguments).stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(reason), "{text} should say {reason}");
        assert!(!text.contains("panicked"));
        assert_eq!(stdout, b"", "{arguments:?}");
    }
}

#[test]
fn a_webhook_is_registered_on_loopback_only() {
    let webhook = |url: &str| format!(r#"{{"module": "estate", "event": "update", "url": "{url}"}}"#);
    let mut program = Program::start(&[
        "--http",
        "--control-port",
        "0",
        "--webhook",
        &webhook("http://127.0.0.1:9/a"),
        "--webhook",
        &webhook("http://[::1]:9/b"),
    ]);
    program.line("listening ");
    let control = program.line("control ");
    let listed = http(&control, "GET", "/mock/webhooks", "");
    assert!(listed.contains("http://127.0.0.1:9/a") && listed.contains("http://[::1]:9/b"), "{listed}");

    let Output { status, stderr, .. } =
        command(&["--webhook", &webhook("http://example.com/")]).output().unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(String::from_utf8(stderr).unwrap().contains("plain HTTP on loopback only"));
}
