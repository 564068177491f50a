//! A [`Client`] that is measured, by name, and its process once it runs and takes orders.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::testbed::Testbed;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Client {
    Floor,
    Library,
    UreqCached,
    Ureq,
    Curl,
    CurlBundle,
}

impl Client {
    /// Those that are compared in every table.
    pub const ALL: [Client; 5] =
        [Client::Floor, Client::Library, Client::UreqCached, Client::Ureq, Client::Curl];

    pub fn name(self) -> &'static str {
        match self {
            Client::Floor => "floor: socket + rustls",
            Client::Library => "oo_webhooks",
            Client::UreqCached => "ureq, name cached",
            Client::Ureq => "ureq as it comes, timeout",
            Client::Curl => "libcurl, handle reused",
            Client::CurlBundle => "libcurl, system bundle",
        }
    }

    /// The program with its arguments; `cold` for only one call.
    pub fn command(self, testbed: &Testbed, cold: bool) -> Command {
        let program = match self {
            Client::Floor => "bench-floor",
            Client::Library => "bench-library",
            Client::UreqCached | Client::Ureq => "bench-ureq",
            Client::Curl | Client::CurlBundle => "bench-libcurl",
        };
        let mut command = Command::new(testbed.program(program));
        command.arg(testbed.port()).arg(testbed.folder());
        if cold {
            command.arg("cold");
        }
        match self {
            Client::UreqCached => command.env("BENCH_RESOLVER", "cached"),
            Client::CurlBundle => command.env("BENCH_CA_BUNDLE", testbed.large_bundle()),
            _ => &mut command,
        };
        command
    }

    pub fn start(self, testbed: &Testbed) -> Running {
        testbed.placement().start_client(|| Running::start(self.command(testbed, false), true))
    }
}

/// A process that takes orders; it ends with its standard input.
pub struct Running {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Running {
    pub fn start(mut command: Command, says_ready: bool) -> Running {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut running = Running { process, answers };
        if says_ready {
            assert_eq!(running.answer(), "ready");
        }
        running
    }

    /// The numbers that it answers to an order.
    pub fn order(&mut self, order: &str) -> Vec<f64> {
        writeln!(self.process.stdin.as_mut().unwrap(), "{order}").unwrap();
        self.answer().split(' ').map(|number| number.parse().unwrap()).collect()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "a client ended before it answered");
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
