//! What is printed: claims beside the truth, broken rules, doubt and its causes, deadlines, resources.

use oo_webhooks_core::outcome::Outcome;

use crate::claim::Doubt;
use crate::resources::Resources;
use crate::run::{Outcomes, Plan};
use crate::server::Style;
use crate::tally::{ByOutcome, MARGIN, OUTCOMES, Rule, Tally};

/// Broken rules that are shown in full.
const SHOWN: usize = 20;

pub fn print(plan: Plan, outcomes: &Outcomes, tally: &Tally) {
    let records: u64 = total(&tally.truthful) + total(&tally.lied_to);
    println!(
        "{} calls with {records} records, {} threads, seed {}, {:.1} s; the server: {}",
        tally.calls,
        plan.threads,
        plan.seed,
        outcomes.taken.as_secs_f64(),
        Style::draw(plan.seed).describe()
    );
    println!("\nrecords by claim and truth");
    print_outcomes("claimed", &tally.truthful);
    if total(&tally.lied_to) > 0 {
        println!("\napart from these: records about which the answer lied");
        print_outcomes("claimed", &tally.lied_to);
    }
    print_rules(plan, tally);
    print_doubts(tally);
    print_faults(tally);
    let (overrun, call, cause) = &tally.longest_overrun;
    println!(
        "\ndeadlines: the longest overrun is {overrun:.0?} (call {call}, fault {cause}), the margin {MARGIN:?}; \
         a thread that only slept was {:.0?} late",
        outcomes.resources.lateness
    );
    print_resources(&outcomes.resources);
}

fn total(outcomes: &ByOutcome) -> u64 {
    outcomes.iter().map(|truth| truth.total()).sum()
}

fn print_outcomes(title: &str, outcomes: &ByOutcome) {
    println!("  {title:<12}{:>12}{:>14}{:>10}", "executed", "not executed", "total");
    for (outcome, truth) in OUTCOMES.into_iter().zip(outcomes) {
        println!(
            "  {:<12}{:>12}{:>14}{:>10}",
            name(outcome),
            truth.executed,
            truth.not_executed,
            truth.total()
        );
    }
}

fn print_rules(plan: Plan, tally: &Tally) {
    println!("\nbroken rules");
    for (rule, what) in Rule::ALL {
        println!("  {:>6}  {what}", tally.broken(rule));
    }
    for violation in tally.violations.iter().take(SHOWN) {
        let times = if violation.times > 1 { format!(" ({} times)", violation.times) } else { String::new() };
        match violation.call {
            Some(call) => println!(
                "  {:?}: call {call}: {}{times}\n    again: soak --seed {} --calls {} --only {call}",
                violation.rule, violation.detail, plan.seed, plan.calls
            ),
            None => println!("  {:?}: {}{times}", violation.rule, violation.detail),
        }
    }
    let more = tally.violations.len().saturating_sub(SHOWN);
    if more > 0 {
        println!("  and {more} more");
    }
}

fn print_doubts(tally: &Tally) {
    println!("\nin doubt, by whether the truth could have been known");
    println!("  {:>7}{:>9}", "calls", "records");
    for doubt in Doubt::ALL {
        let causes = tally.doubts.get(&doubt).cloned().unwrap_or_default();
        let (calls, records) = causes
            .values()
            .fold((0, 0), |(calls, records), count| (calls + count.calls, records + count.records));
        println!("  {calls:>7}{records:>9}  {}", doubt.describe());
        if doubt != Doubt::NotKnowable {
            for (cause, count) in causes {
                println!("  {:>7}{:>9}    {cause}", count.calls, count.records);
            }
        }
    }
}

fn print_faults(tally: &Tally) {
    println!("\nrecords by fault                                              in doubt, and in truth");
    println!(
        "  {:<26}{:>9}{:>9}{:>9}{:>12}{:>14}",
        "fault", "executed", "rejected", "not sent", "executed", "not executed"
    );
    for (fault, [executed, rejected, not_sent, in_doubt]) in &tally.by_fault {
        println!(
            "  {fault:<26}{:>9}{:>9}{:>9}{:>12}{:>14}",
            executed.total(),
            rejected.total(),
            not_sent.total(),
            in_doubt.executed,
            in_doubt.not_executed
        );
    }
}

fn print_resources(resources: &Resources) {
    let (early, late) = resources.memory_early_and_late();
    println!(
        "resources: {} threads at the most, of which the library started {}; {} open files at the most; \
         memory {} MB at the most, {:.1} MB in the second quarter, {:.1} MB in the last ({} samples)",
        resources.most(|sample| sample.threads as u64),
        resources.most(|sample| sample.threads as u64).saturating_sub(resources.threads_started as u64),
        resources.most(|sample| sample.files as u64),
        resources.most(|sample| sample.memory_kb) / 1024,
        megabytes(early),
        megabytes(late),
        resources.samples.len()
    );
}

#[allow(clippy::cast_precision_loss)] // kilobytes of a process fit
fn megabytes(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1024.0
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Executed => "executed",
        Outcome::Rejected => "rejected",
        Outcome::NotSent => "not_sent",
        Outcome::InDoubt => "in_doubt",
    }
}
