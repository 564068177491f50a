//! The benchmark: runs the clients side by side in one go and says how they compare.
//!
//! `bench REPORT.json`; the other programs are beside this one. It times nothing for a verdict of a
//! test: it always ends well, and says in its table which aims are met.

mod bench;

use std::path::PathBuf;
use std::{env, fs, thread};

use bench::placement::Placement;
use bench::report::Report;
use bench::testbed::Testbed;
use bench::{codec, cold, system_calls, threads, warm};

fn main() {
    let report_file = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "bench.json".to_owned()));
    let load = load();
    let warm = |placement| warm::measure(&Testbed::set_up(placement));
    let (warm_apart, warm_together) = (warm(Placement::Apart), warm(Placement::Together));
    let testbed = Testbed::set_up(Placement::Anywhere);
    let report = Report {
        load,
        cpus: thread::available_parallelism().map_or(1, usize::from),
        warm_apart,
        warm_together,
        threads: threads::measure(&testbed),
        cold: cold::measure(&testbed),
        system_calls: system_calls::measure(&testbed),
        codec: codec::measure(&testbed),
    };
    print!("{report}");
    fs::write(&report_file, report.json()).unwrap();
    println!("\nAll figures: {}", report_file.display());
}

fn load() -> f64 {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(f64::NAN)
}
