//! A [`Contestant`]: a contender by name, and its process once it is running and takes orders.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::field::Field;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Contestant {
    Floor,
    Library,
    UreqCached,
    Ureq,
    Curl,
    CurlBundle,
}

impl Contestant {
    /// Those that are compared in every table.
    pub const ALL: [Contestant; 5] =
        [Contestant::Floor, Contestant::Library, Contestant::UreqCached, Contestant::Ureq, Contestant::Curl];

    pub fn name(self) -> &'static str {
        match self {
            Contestant::Floor => "floor: socket + rustls",
            Contestant::Library => "oo_webhooks",
            Contestant::UreqCached => "ureq, name cached",
            Contestant::Ureq => "ureq as it comes, timeout",
            Contestant::Curl => "libcurl, handle reused",
            Contestant::CurlBundle => "libcurl, system bundle",
        }
    }

    /// The program with its arguments; `cold` for one call alone.
    pub fn command(self, field: &Field, cold: bool) -> Command {
        let program = match self {
            Contestant::Floor => "bench-floor",
            Contestant::Library => "bench-library",
            Contestant::UreqCached | Contestant::Ureq => "bench-ureq",
            Contestant::Curl | Contestant::CurlBundle => "bench-libcurl",
        };
        let mut command = Command::new(field.program(program));
        command.arg(field.port()).arg(field.folder());
        if cold {
            command.arg("cold");
        }
        match self {
            Contestant::UreqCached => command.env("BENCH_RESOLVER", "cached"),
            Contestant::CurlBundle => command.env("BENCH_CA_BUNDLE", field.large_bundle()),
            _ => &mut command,
        };
        command
    }

    pub fn start(self, field: &Field) -> Running {
        field.placement().start_contender(|| Running::start(self.command(field, false), true))
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
        assert!(!line.is_empty(), "a contender ended before it answered");
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
