//! The commands around an outbox in a folder, from outside: what they print, and how they end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use oo_webhooks_mock::{Account, Module, Settings};
use serde_json::json;

use support::{Done, Running, World, bare, until};

fn fault(json: &str) -> Settings {
    Settings { faults: vec![serde_json::from_str(json).unwrap()], ..Settings::default() }
}

/// How many records are waiting, sending, in doubt and failed.
fn records(world: &World) -> [u64; 4] {
    let status = world.on_outbox(&["status", "--json"]).ok().json();
    ["waiting", "sending", "doubt", "failed"].map(|state| status["records"][state].as_u64().unwrap())
}

#[test]
fn execute_tells_of_each_record_and_ends_with_the_worst() {
    let world = World::with(Settings {
        unknown_records: [oo_webhooks_mock::Record::new(Module::Address, 7)].into(),
        ..Settings::default()
    });
    let done = world.run(&["execute", "address", "1", "2"]).ok();
    assert_eq!(done.out, "address 1: executed\naddress 2: executed\n");
    assert_eq!(world.mock.executions(Module::Address, 2), 1);

    let done = world.run(&["execute", "--json", "address", "7"]);
    let result = &done.json()[0];
    assert_eq!((done.code, &result["outcome"], &result["id"]), (3, &json!("rejected"), &json!(7)));
    assert_ne!(result["error_code"], 0);
}

#[test]
fn each_outcome_has_an_exit_code() {
    for (settings, code) in [
        (fault(r#"{"kind": "http_status", "status": 500, "body": "html"}"#), 5),
        (fault(r#"{"kind": "reset_on_accept"}"#), 4),
    ] {
        let world = World::with(settings);
        assert_eq!(world.run(&["execute", "task", "1"]).code, code);
    }
    let world = World::new();
    for (arguments, named) in [
        (&["execute", "house", "1"][..], "house"),
        (&["execute", "task", "0"], "id"),
        (&["execute", "task", "-4"], "id"),
        (&["execute", "task", "1", "1"], "task 1"),
        (&["execute", "task"], "ID"),
    ] {
        let done = world.run(arguments);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{done:?}");
        assert!(done.err.contains(named), "{done:?}");
    }
    let done = Done::of(&mut bare(&["execute", "task", "1"]));
    assert!(done.code == 2 && done.err.contains("ON_OFFICE_TOKEN"), "{done:?}");
}

#[test]
fn what_is_enqueued_is_executed_once() {
    let world = World::new();
    world.on_outbox(&["enqueue", "estate", "1", "2"]).ok();
    world.on_outbox(&["enqueue", "estate", "1", "--fsync"]).ok();
    assert_eq!(records(&world), [2, 0, 0, 0]);
    let listed = world.on_outbox(&["list", "--json"]).ok().json();
    assert_eq!((&listed[1]["module"], &listed[1]["state"]), (&json!("estate"), &json!("waiting")));

    let done = world.on_outbox(&["work", "--once"]).ok();
    assert_eq!((done.out.as_str(), done.err.lines().count()), ("", 2), "{done:?}");
    assert_eq!(records(&world), [0; 4]);
    assert_eq!(world.mock.executions(Module::Estate, 1), 1);
    assert_eq!(world.mock.executions(Module::Estate, 2), 1);
    assert_eq!(world.on_outbox(&["list"]).ok().out, "no such records\n");
}

#[test]
fn a_doubt_is_held_seen_and_decided_by_a_person() {
    let world = World::with(fault(r#"{"kind": "http_status", "status": 502, "body": "html", "times": 2}"#));
    world.on_outbox(&["enqueue", "estate", "1"]).ok();
    world.on_outbox(&["enqueue", "task", "1"]).ok();
    assert_eq!(world.on_outbox(&["work", "--once", "--log", "off"]).code, 5);
    // A sweep ends with the first failure of the host.
    assert_eq!(records(&world), [1, 0, 1, 0]);
    assert_eq!(world.on_outbox(&["work", "--once", "--log", "off"]).code, 5);
    assert_eq!(records(&world), [0, 0, 2, 0]);
    world.on_outbox(&["work", "--once"]).ok();
    assert_eq!(records(&world), [0, 0, 2, 0]);

    let status = world.on_outbox(&["status"]).ok().out;
    assert!(status.contains("last error: ") && status.contains("502"), "{status}");
    let check = world.on_outbox(&["status", "--check"]);
    assert!(check.code == 2 && check.out.starts_with("CRITICAL: 2 in doubt"), "{check:?}");

    assert_eq!(
        world.on_outbox(&["retry", "estate", "1", "--dry-run"]).ok().out,
        "1 record would be sent again\n"
    );
    assert_eq!(records(&world), [0, 0, 2, 0]);
    assert_eq!(world.on_outbox(&["retry", "estate", "1"]).ok().out, "1 record sent again by the worker\n");
    assert_eq!(records(&world), [1, 0, 1, 0]);
    let dropped = world.on_outbox(&["drop", "--state", "doubt", "--json"]).ok().json();
    assert_eq!(dropped["dropped"], 1);
    world.on_outbox(&["work", "--once"]).ok();
    assert_eq!(records(&world), [0; 4]);
    assert_eq!(world.mock.executions(Module::Estate, 1), 1);
    assert_eq!(world.mock.executions(Module::Task, 1), 0);
}

#[test]
fn a_decision_leaves_what_is_newer_than_the_list() {
    let world = World::with(fault(r#"{"kind": "error_code", "code": 292}"#));
    world.on_outbox(&["enqueue", "estate", "1"]).ok();
    assert_eq!(world.on_outbox(&["work", "--once"]).code, 3);
    let listed = world.on_outbox(&["list", "--json"]).ok().json();
    let at = listed[0]["listed_at"].as_str().unwrap().to_owned();
    world.on_outbox(&["enqueue", "estate", "2"]).ok();
    assert_eq!(world.on_outbox(&["work", "--once"]).code, 3);
    assert_eq!(records(&world), [0, 0, 0, 2]);

    let done = world.on_outbox(&["drop", "--state", "failed", "--listed-at", &at]).ok();
    assert_eq!(done.out, "1 record forgotten\n");
    assert!(done.err.contains("1 record changed since the list"), "{done:?}");
    assert_eq!(world.on_outbox(&["list", "--json"]).ok().json()[0]["id"], 2);
}

#[test]
fn bulk_needs_to_be_asked_for() {
    let world = World::new();
    world.on_outbox(&["enqueue", "estate", "1"]).ok();
    for arguments in [
        &["drop"][..],
        &["retry"],
        &["drop", "--all", "--state", "waiting"],
        &["retry", "--state", "waiting"],
        &["drop", "--state", "sending"],
        &["list", "--older-than", "3 fortnights"],
        &["drop", "--all", "--listed-at", "yesterday"],
        &["list", "estate", "x"],
    ] {
        let done = world.on_outbox(arguments);
        assert!(done.code == 2 && done.out.is_empty() && !done.err.is_empty(), "{done:?}");
    }
    assert_eq!(records(&world), [1, 0, 0, 0]);
    assert_eq!(world.on_outbox(&["retry", "estate", "9"]).code, 1);
    assert_eq!(world.on_outbox(&["drop", "estate", "1", "--older-than", "1h"]).code, 1);
    assert_eq!(world.on_outbox(&["list", "--older-than", "1h", "--json"]).ok().json(), json!([]));
    assert_eq!(world.on_outbox(&["drop", "--all"]).ok().out, "1 record forgotten\n");
}

#[test]
fn what_is_wrong_with_the_outbox_is_said_with_its_cure() {
    let world = World::new();
    let missing = world.folder.path("nowhere");
    for command in
        [&["enqueue", "task", "1"][..], &["status"], &["list"], &["work", "--once"], &["drop", "--all"]]
    {
        let done = world.run(&[command, &["--outbox", &missing]].concat());
        assert!(done.code == 1 && done.err.contains(&missing) && done.err.contains("mkdir"), "{done:?}");
    }
    let done = world.run(&["status", "--check", "--outbox", &missing]);
    assert!(done.code == 3 && done.out.starts_with("UNKNOWN: "), "{done:?}");
    let done = world.run(&["status"]);
    assert!(done.code == 2 && done.err.contains("--outbox"), "{done:?}");
    let done = world.run(&["status", "--database", "oracle://u:geheim@h/d"]);
    assert!(done.code == 2 && done.err.contains("mariadb://") && !done.err.contains("geheim"), "{done:?}");
    world.on_outbox(&["enqueue", "task", "1"]).ok();
    for arguments in
        [&["enqueue", "task", "1", "--account", "north"][..], &["work", "--once", "--batch", "2"]]
    {
        assert_eq!(world.on_outbox(arguments).code, 2, "{arguments:?}");
    }
    let mut by_variable = world.command(&["status", "--json"]);
    let status = Done::of(by_variable.env("OO_WEBHOOKS_OUTBOX", world.outbox())).ok().json();
    assert_eq!(status["records"]["waiting"], 1);
}

#[test]
fn files_that_nobody_of_ours_wrote_are_counted_and_shown_without_harm() {
    let world = World::new();
    world.on_outbox(&["enqueue", "task", "1"]).ok();
    let new = format!("{}/new", world.outbox());
    fs::write(format!("{new}/\u{1b}[31mred"), "x").unwrap();
    fs::write(format!("{new}/house-1"), "").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", format!("{new}/task-2")).unwrap();
    world.on_outbox(&["work", "--once"]).ok();
    let status = world.on_outbox(&["status"]).ok().out;
    assert!(status.contains("3 files are no records") && !status.contains('\u{1b}'), "{status}");
    let check = world.on_outbox(&["status", "--check"]);
    assert_eq!((check.code, world.mock.executions(Module::Task, 1)), (1, 1), "{check:?}");
}

#[test]
fn accounts_come_from_a_file_or_from_variables() {
    let (token, secret) = ("NorthTokenNorthTokenNorthToken01", "NorthSecret");
    let settings = Settings { accounts: vec![Account::ordinary(token, secret)], ..Settings::default() };
    let world = World::with(settings);
    let accounts = format!(r#"{{"north": {{"token": "{token}", "secret": "{secret}"}}}}"#);
    let file = world.folder.write("accounts.json", &accounts);
    world.on_outbox(&["enqueue", "task", "1"]).ok();
    world.on_outbox(&["work", "--once", "--accounts", &file]).ok();
    world.on_outbox(&["enqueue", "task", "2"]).ok();
    let mut command = world.command(&["work", "--once", "--account", "north", "--outbox", &world.outbox()]);
    Done::of(command.env("ON_OFFICE_TOKEN_NORTH", token).env("ON_OFFICE_SECRET_NORTH", secret)).ok();
    assert_eq!(world.mock.executions(Module::Task, 1) + world.mock.executions(Module::Task, 2), 2);

    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let everybody = world.on_outbox(&["work", "--once", "--accounts", &file]);
    assert!(everybody.code == 2 && everybody.err.contains("chmod 600"), "{everybody:?}");
    for (text, named) in [
        (r#"{"north": {"token": "GeheimGeheim", "secret": "#, "not JSON"),
        (r#"{"north": {"token": "GeheimGeheim", "secrt": "x"}}"#, "token"),
        (r#"{"north": {"token": "GeheimGeheim", "secret": ""}}"#, "north"),
        (r#"{"north": {"token": 5, "secret": "GeheimGeheim"}}"#, "token"),
        ("{}", "no account"),
    ] {
        let file = world.folder.write("broken.json", text);
        let done = world.on_outbox(&["work", "--once", "--accounts", &file]);
        assert!(done.code == 2 && done.err.contains(named), "{done:?}");
        assert!(!done.err.contains("Geheim"), "{done:?}");
    }
    let done = world.on_outbox(&["work", "--once", "--account", "south"]);
    assert!(done.code == 2 && done.err.contains("ON_OFFICE_TOKEN_SOUTH"), "{done:?}");
}

#[test]
fn each_account_may_have_a_folder() {
    let world = World::new();
    let second = world.folder.path("second");
    fs::create_dir(&second).unwrap();
    world.run(&["enqueue", "--outbox", &second, "task", "5"]).ok();
    let accounts = format!(
        r#"{{"north": {{"token": "{0}", "secret": "{1}"}}, "south": {{"token": "{0}", "secret": "{1}"}}}}"#,
        oo_webhooks_mock::DEFAULT_TOKEN,
        oo_webhooks_mock::DEFAULT_SECRET
    );
    let file = world.folder.write("accounts.json", &accounts);
    let folder = format!("south={second}");
    let done = world.run(&["work", "--once", "--accounts", &file, "--outbox-of", &folder]).ok();
    assert_eq!(done.err, "south: task 5: executed\n");
    let done = world.on_outbox(&["work", "--once", "--accounts", &file]);
    assert!(done.code == 2 && done.err.contains("--outbox-of"), "{done:?}");
}

#[test]
fn sigterm_ends_the_worker_after_its_call_and_a_second_one_at_once() {
    let world = World::with(fault(r#"{"kind": "delay", "ms": 1500, "times": 1}"#));
    world.on_outbox(&["enqueue", "task", "1"]).ok();
    let work = ["work", "--log", "json", "--outbox", &world.outbox()];
    let mut worker = Running(world.command(&work).stderr(Stdio::piped()).spawn().unwrap());
    until("the call is under way", || records(&world)[1] == 1);
    worker.signal("TERM");
    assert!(worker.wait().success());
    let mut log = String::new();
    worker.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!((&line["event"], &line["outcome"]), (&json!("sent"), &json!("executed")));
    assert_eq!(records(&world), [0; 4]);

    world.mock.push_fault(serde_json::from_str(r#"{"kind": "delay", "ms": 20000}"#).unwrap());
    world.on_outbox(&["enqueue", "task", "2"]).ok();
    let mut worker = Running(world.command(&work).stderr(Stdio::null()).spawn().unwrap());
    until("the call is under way", || records(&world)[1] == 1);
    // Signals that come before the first one was seen are one.
    let mut status = None;
    until("the program ends at once", || {
        worker.signal("TERM");
        status = worker.0.try_wait().unwrap();
        status.is_some()
    });
    assert!(!status.unwrap().success());
    // Nobody knows what became of the call: it is never repeated by itself.
    world.on_outbox(&["work", "--once", "--log", "off"]);
    assert_eq!(records(&world), [0, 0, 1, 0]);
}

#[test]
fn systemd_and_prometheus_are_told() {
    let world = World::new();
    let path = world.folder.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let file = world.folder.path("metrics.prom");
    let work = [
        "work",
        "--outbox",
        &world.outbox(),
        "--metrics-port",
        "0",
        "--metrics-file",
        &file,
        "--pause",
        "10ms",
    ];
    let mut command = world.command(&work);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "90000000").stderr(Stdio::piped());
    let mut worker = Running(command.spawn().unwrap());
    let mut told = String::new();
    let mut buffer = [0; 4096];
    while !(told.contains("READY=1") && told.contains("WATCHDOG=1") && told.contains("STATUS=0 waiting")) {
        let count = socket.recv(&mut buffer).unwrap();
        told += &format!("{}\n", String::from_utf8_lossy(&buffer[..count]));
    }
    let mut line = Vec::new();
    let errors = worker.0.stderr.as_mut().unwrap();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        errors.read_exact(&mut byte).unwrap();
        line.extend(byte);
    }
    let line = String::from_utf8(line).unwrap();
    let address =
        line.trim().strip_prefix("metrics: http://").and_then(|it| it.strip_suffix("/metrics")).unwrap();

    world.on_outbox(&["enqueue", "task", "1"]).ok();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    until("the execution is counted", || {
        get("/metrics").contains("outcomes_total{outcome=\"executed\"} 1\n")
    });
    assert!(get("/metrics").contains("oo_webhooks_records{state=\"waiting\"} "));
    assert!(get("/").starts_with("HTTP/1.1 404"));
    worker.signal("TERM");
    assert!(worker.wait().success());
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("oo_webhooks_outcomes_total{outcome=\"executed\"} 1\n"), "{written}");
    assert!(written.contains("oo_webhooks_records{state=\"waiting\"} 0\n"), "{written}");

    let mut command = world.command(&["work", "--once", "--outbox", &world.outbox()]);
    let short = Done::of(command.env("WATCHDOG_USEC", "1000000"));
    assert!(short.code == 2 && short.err.contains("WatchdogSec"), "{short:?}");
}

/// Another user's files, whose names say all that counts. Who may read everything works as somebody else here.
#[test]
fn notes_that_cannot_be_read_keep_no_record_waiting() {
    let world = World::new();
    let outbox = world.outbox();
    world.on_outbox(&["enqueue", "task", "1"]).ok();
    // More than the troubles after which a sweep ends.
    for id in 1..=20 {
        let note = format!("{outbox}/new/estate-{id}");
        fs::write(&note, "oo_webhooks outbox 1\n").unwrap();
        fs::set_permissions(&note, fs::Permissions::from_mode(0o000)).unwrap();
    }
    // Where the program was built not everybody may look.
    let program = world.folder.path("oo-webhooks");
    fs::copy(env!("CARGO_BIN_EXE_oo-webhooks"), &program).unwrap();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        for entry in fs::read_dir(&outbox).unwrap() {
            chown(entry.unwrap().path(), Some(65534), Some(65534)).unwrap();
        }
        chown(&outbox, Some(65534), Some(65534)).unwrap();
    }
    let run = |arguments: &[&str]| {
        let command = world.command(&[]);
        let environment: Vec<_> =
            command.get_envs().filter_map(|(name, value)| Some((name, value?))).collect();
        let mut other = Command::new(&program);
        other.args(arguments).args(["--outbox", &outbox]).envs(environment);
        if is_root {
            other.uid(65534).gid(65534);
        }
        Done::of(&mut other)
    };
    assert_eq!(run(&["list", "--json"]).ok().json().as_array().unwrap().len(), 21);
    run(&["work", "--once"]).ok();
    assert_eq!(world.mock.ledger().len(), 21);
    assert_eq!(records(&world), [0; 4]);
}
