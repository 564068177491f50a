//! The [`Report`]: the tables, the aims, and all figures as JSON.

use std::fmt::{self, Display, Formatter};

use serde_json::{Value, json};

use super::client::Client;
use super::{codec, cold, system_calls, threads, warm};

/// At most this many times the floor.
const WARM_P50: f64 = 1.25;
const WARM_CPU: f64 = 1.7;
const COLD: f64 = 1.25;

pub struct Report {
    /// What else the machine did at the start: processes that wanted a CPU, over a minute.
    pub load: f64,
    pub cpus: usize,
    pub warm_apart: Vec<warm::Row>,
    pub warm_together: Vec<warm::Row>,
    pub threads: Vec<threads::Row>,
    pub cold: Vec<cold::Row>,
    pub system_calls: Vec<system_calls::Row>,
    pub codec: Vec<codec::Row>,
}

impl Report {
    pub fn json(&self) -> String {
        let warm = |row: &warm::Row| {
            json!({
                "name": row.client.name(), "p50_us": row.p50, "cpu_us": row.cpu,
                "p50_ratio": row.p50_ratio, "cpu_ratio": row.cpu_ratio,
            })
        };
        let many = |many: &threads::Many| json!({"calls_a_second": many.calls_a_second, "p50_us": many.p50, "ratio": many.ratio});
        let threads = |row: &threads::Row| {
            json!({
                "name": row.client.name(), "steady": many(&row.steady), "burst": many(&row.burst),
            })
        };
        let cold =
            |row: &cold::Row| json!({"name": row.client.name(), "wall_ms": row.wall, "ratio": row.ratio});
        let system_calls = |row: &system_calls::Row| json!({"name": row.client.name(), "a_call": row.a_call});
        let cost =
            |cost: &codec::Cost| json!({"time_us": cost.time, "instructions": cost.instructions.round()});
        let codec = |row: &codec::Row| {
            json!({
                "work": row.work, "records": row.records,
                "library": cost(&row.library), "serde": cost(&row.serde),
                "time_ratio": row.time_ratio, "instructions_ratio": row.instructions_ratio,
            })
        };
        let aims = |aim: &Aim| json!({"what": aim.what, "ratio": aim.ratio, "at_most": aim.at_most, "met": aim.met()});
        let report = json!({
            "load": self.load,
            "cpus": self.cpus,
            "warm_apart": rows(&self.warm_apart, warm),
            "warm_together": rows(&self.warm_together, warm),
            "threads": rows(&self.threads, threads),
            "cold": rows(&self.cold, cold),
            "system_calls": rows(&self.system_calls, system_calls),
            "codec": rows(&self.codec, codec),
            "aims": rows(&self.aims(), aims),
        });
        format!("{report:#}\n")
    }

    fn aims(&self) -> Vec<Aim> {
        let is_library = |client: Client| client == Client::Library;
        let warm = self.warm_apart.iter().find(|row| is_library(row.client));
        let cold = self.cold.iter().find(|row| is_library(row.client));
        let aim = |what, ratio: Option<f64>, at_most| Aim { what, ratio: ratio.unwrap_or(f64::NAN), at_most };
        vec![
            aim("warm call, two CPUs, p50", warm.map(|row| row.p50_ratio), WARM_P50),
            aim("warm call, two CPUs, CPU", warm.map(|row| row.cpu_ratio), WARM_CPU),
            aim("cold process", cold.map(|row| row.ratio), COLD),
        ]
    }
}

struct Aim {
    what: &'static str,
    /// Of the library to the floor.
    ratio: f64,
    at_most: f64,
}

impl Aim {
    fn met(&self) -> bool {
        self.ratio <= self.at_most
    }
}

impl Display for Report {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        if self.load > self.cpus as f64 / 2.0 {
            writeln!(
                out,
                "\nThis machine was busy at the start (load {:.1} on {} CPUs): run it again when it is idle.",
                self.load, self.cpus
            )?;
        }
        write_warm(out, "Warm call, two CPUs", &self.warm_apart)?;
        write_warm(out, "Warm call, one CPU", &self.warm_together)?;

        writeln!(out, "\nSystem calls of a warm call")?;
        for row in &self.system_calls {
            writeln!(out, "{:<28}{}", row.client.name(), by_name(row))?;
        }

        writeln!(
            out,
            "\n{:<28}{:>10}{:>10}{:>10}{:>12}{:>10}{:>10}",
            "64 threads", "steady/s", "ratio", "p50 µs", "bursts: /s", "ratio", "p50 µs"
        )?;
        for threads::Row { client, steady, burst } in &self.threads {
            write!(out, "{:<28}{:>10.0}{:>10.2}", client.name(), steady.calls_a_second, steady.ratio)?;
            write!(out, "{:>10.0}{:>12.0}", steady.p50, burst.calls_a_second)?;
            writeln!(out, "{:>10.2}{:>10.0}", burst.ratio, burst.p50)?;
        }

        writeln!(out, "\n{:<28}{:>10}{:>10}", "Cold process, one call", "ms", "ratio")?;
        for row in &self.cold {
            writeln!(out, "{:<28}{:>10.2}{:>10.2}", row.client.name(), row.wall, row.ratio)?;
        }

        writeln!(
            out,
            "\n{:<28}{:>10}{:>10}{:>10}{:>14}{:>12}{:>10}",
            "Without a connection", "µs", "serde µs", "ratio", "instructions", "serde", "ratio"
        )?;
        for row in &self.codec {
            let plural = if row.records == 1 { "" } else { "s" };
            let name = format!("{}, {} record{plural}", row.work, row.records);
            write!(out, "{name:<28}{:>10.2}{:>10.2}", row.library.time, row.serde.time)?;
            write!(out, "{:>10.2}{:>14.0}", row.time_ratio, row.library.instructions)?;
            writeln!(out, "{:>12.0}{:>10.2}", row.serde.instructions, row.instructions_ratio)?;
        }

        writeln!(out, "\noo_webhooks to the floor")?;
        for aim in self.aims() {
            let verdict = if aim.met() { "met" } else { "NOT MET" };
            writeln!(out, "{:<28}{:>10.2}  at most {:.2}: {verdict}", aim.what, aim.ratio, aim.at_most)?;
        }
        Ok(())
    }
}

fn write_warm(out: &mut Formatter, title: &str, rows: &[warm::Row]) -> fmt::Result {
    writeln!(out, "\n{title:<28}{:>10}{:>10}{:>12}{:>12}", "p50 µs", "ratio", "CPU µs", "ratio")?;
    for row in rows {
        let (name, p50, cpu) = (row.client.name(), row.p50, row.cpu);
        let (p50_ratio, cpu_ratio) = (row.p50_ratio, row.cpu_ratio);
        writeln!(out, "{name:<28}{p50:>10.1}{p50_ratio:>10.2}{cpu:>12.1}{cpu_ratio:>12.2}")?;
    }
    Ok(())
}

fn by_name(row: &system_calls::Row) -> String {
    let Some(a_call) = &row.a_call else { return "not counted: strace does not work here".to_owned() };
    let total: f64 = a_call.values().sum();
    let names: Vec<String> = a_call.iter().map(|(name, count)| format!("{name} {count:.1}")).collect();
    format!("{total:>5.1}: {}", names.join(", ").replace(".0", ""))
}

fn rows<T>(rows: &[T], row: impl Fn(&T) -> Value) -> Vec<Value> {
    rows.iter().map(row).collect()
}
