//! Build and sign, and parse: time, and instructions as callgrind counts them, of the library's C
//! functions and of plain serde.

use std::io::Write;
use std::process::{Command, Stdio};

use super::client::Running;
use super::numbers::{median, ratio};
use super::testbed::Testbed;

const ROUNDS: usize = 60;

pub struct Row {
    pub work: &'static str,
    pub records: u64,
    pub library: Cost,
    pub serde: Cost,
    /// Time and instructions of the library to those of serde.
    pub time_ratio: f64,
    pub instructions_ratio: f64,
}

pub struct Cost {
    /// Microseconds.
    pub time: f64,
    /// `NAN` when valgrind cannot be used here.
    pub instructions: f64,
}

pub fn measure(testbed: &Testbed) -> Vec<Row> {
    let mut rows = Vec::new();
    for (work, records, times) in [("sign", 1, 500), ("parse", 1, 500), ("sign", 100, 20), ("parse", 100, 20)]
    {
        let order = format!("{work} {records} {times}");
        let [library, serde] = times_of(testbed, &order);
        let instructions = |program| instructions(testbed, program, work, records, times);
        let library_cost = Cost {
            time: median(library.iter().copied()),
            instructions: instructions("bench-codec").unwrap_or(f64::NAN),
        };
        let serde_cost = Cost {
            time: median(serde.iter().copied()),
            instructions: instructions("bench-serde").unwrap_or(f64::NAN),
        };
        rows.push(Row {
            work: if work == "sign" { "build and sign" } else { "parse" },
            records,
            time_ratio: ratio(&library, &serde),
            instructions_ratio: library_cost.instructions / serde_cost.instructions,
            library: library_cost,
            serde: serde_cost,
        });
    }
    rows
}

/// Of library and serde, in turn.
fn times_of(testbed: &Testbed, order: &str) -> [Vec<f64>; 2] {
    let mut running =
        ["bench-codec", "bench-serde"].map(|program| Running::start(command(testbed, program), false));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (times, program) in times.iter_mut().zip(&mut running) {
            times.push(program.order(order)[0] / 1000.0);
        }
    }
    times
}

/// Of one time: the difference between a process that does the work and one that does it no times.
fn instructions(testbed: &Testbed, program: &str, work: &str, records: u64, times: u32) -> Option<f64> {
    let collected = |times: u32| collected(testbed, program, &format!("{work} {records} {times}"));
    Some((collected(times)? - collected(0)?) / f64::from(times))
}

fn collected(testbed: &Testbed, program: &str, order: &str) -> Option<f64> {
    let mut valgrind = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(testbed.program(program))
        .arg(testbed.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    writeln!(valgrind.stdin.take()?, "{order}").ok()?;
    let output = valgrind.wait_with_output().ok()?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = report.lines().find_map(|line| line.split("Collected : ").nth(1))?;
    line.trim().parse().ok()
}

fn command(testbed: &Testbed, program: &str) -> Command {
    let mut command = Command::new(testbed.program(program));
    command.arg(testbed.folder());
    command
}
