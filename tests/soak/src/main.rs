//! The soak: a great many calls with faults drawn by seed, from several threads, and every claim of
//! the client compared with what the other end executed. Ends with 1 when a rule was broken.

mod answer;
mod call;
mod claim;
mod draw;
mod fault;
mod server;
mod report;
mod resources;
mod faulty_proxy;
mod run;
mod tally;
mod wire;

use std::process::ExitCode;
use std::{env, io};

use crate::call::STRAYS_ONLY;
use crate::run::Plan;
use crate::tally::Tally;

const USAGE: &str = "usage: soak [--calls N] [--seed N] [--threads N] [--only CALL] [--strays] [--lies-count]
  --calls N      how many calls (100000)
  --seed N       what is drawn follows only from it (1)
  --threads N    how many threads call (8)
  --only CALL    make only this one of the calls, and tell of it
  --strays       draw only stray bytes as faults of calls
  --lies-count   judge claims that follow a lying answer too: then rules are broken";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [role, seed, calls] if role == server::ROLE => serve(seed, calls).map(|()| true),
        arguments => {
            let Some((plan, lies_count)) = parse(arguments) else {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            };
            soak(plan, lies_count)
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::from(3)
        }
    }
}

fn serve(seed: &str, calls: &str) -> io::Result<()> {
    let number = |text: &str| text.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
    server::run(number(seed)?, number(calls)?)
}

/// Whether every rule held.
fn soak(plan: Plan, lies_count: bool) -> io::Result<bool> {
    let outcomes = run::run(plan)?;
    let tally = Tally::of(plan, &outcomes, lies_count);
    report::print(plan, &outcomes, &tally);
    let held = tally.violations.is_empty();
    println!("\n{}", if held { "every rule held" } else { "RULES WERE BROKEN" });
    Ok(held)
}

fn parse(arguments: &[String]) -> Option<(Plan, bool)> {
    let mut plan = Plan { seed: 1, calls: 100_000, threads: 8, only: None };
    let mut lies_count = false;
    let mut arguments = arguments.iter();
    while let Some(name) = arguments.next() {
        let mut number = || arguments.next()?.parse::<u64>().ok();
        match name.as_str() {
            "--calls" => plan.calls = number()?,
            "--seed" => plan.seed = number()?,
            "--threads" => plan.threads = usize::try_from(number()?).ok().filter(|threads| *threads > 0)?,
            "--only" => plan.only = Some(number()?),
            "--strays" => plan.seed |= STRAYS_ONLY,
            "--lies-count" => lies_count = true,
            _ => return None,
        }
    }
    if plan.only.is_some() {
        plan.threads = 1;
    }
    Some((plan, lies_count))
}
