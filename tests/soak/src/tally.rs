//! [`Tally`]: claims beside the truth, and every rule that was broken.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use oo_webhooks_core::outcome::Outcome;

use crate::call::Call;
use crate::claim::{Claim, Course, Doubt};
use crate::run::{Outcomes, Plan};

/// How much later than its timeout a call may end: scheduling, and the coarseness of socket timeouts.
pub const MARGIN: Duration = Duration::from_millis(100);

/// How much more memory than in its second quarter the run may hold in its last one.
const MEMORY_MARGIN_KB: u64 = 32 * 1024;

/// Below a minute of samples memory is not judged: buffers for the first large answers are still being made.
const ENOUGH_SAMPLES: usize = 600;

/// Pools of connections that the library keeps.
const MAX_POOLS: u64 = 16;

/// Files of this program itself: pipes, and what the two watchers open.
const OWN_FILES: u64 = 32;

pub const OUTCOMES: [Outcome; 4] = [Outcome::Executed, Outcome::Rejected, Outcome::NotSent, Outcome::InDoubt];

/// A rule that was broken: by one call, or by the run as a whole.
pub struct Violation {
    pub rule: Rule,
    pub call: Option<u64>,
    /// How often: a call may break a rule for each of its records.
    pub times: usize,
    /// Of the first time.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    ExecutedWasExecuted,
    RejectedWasNotExecuted,
    NotSentWasNotExecuted,
    NotSentWasNotSent,
    ExecutedOnce,
    SentOnce,
    OneResultARecord,
    InTime,
    StartsNoThread,
    KeepsFewFiles,
    KeepsLittleMemory,
    WireIsSeen,
}

impl Rule {
    pub const ALL: [(Rule, &'static str); 12] = [
        (Rule::ExecutedWasExecuted, "claims of executed that were not"),
        (Rule::RejectedWasNotExecuted, "claims of rejected that were executed"),
        (Rule::NotSentWasNotExecuted, "claims of not_sent that were executed"),
        (Rule::NotSentWasNotSent, "claims of not_sent with bytes of the request handed to the kernel"),
        (Rule::ExecutedOnce, "records executed twice by one call"),
        (Rule::SentOnce, "calls that began the request on two connections"),
        (Rule::OneResultARecord, "calls with another number of results than records"),
        (Rule::InTime, "calls longer than their deadline and the margin"),
        (Rule::StartsNoThread, "samples with a thread that this program did not start"),
        (Rule::KeepsFewFiles, "samples with more files than the pools may hold"),
        (Rule::KeepsLittleMemory, "growth of memory after the first quarter beyond its margin"),
        (Rule::WireIsSeen, "claims of executed without a byte seen on the wire (a defect of this program)"),
    ];
}

/// Claims of one outcome: how many of them were executed, and how many not.
#[derive(Clone, Copy, Default)]
pub struct Truth {
    pub executed: u64,
    pub not_executed: u64,
}

impl Truth {
    fn count(&mut self, executions: u32) {
        if executions == 0 { self.not_executed += 1 } else { self.executed += 1 }
    }

    pub fn total(self) -> u64 {
        self.executed + self.not_executed
    }
}

/// How many records are in doubt for one reason, and how many calls have such records.
#[derive(Clone, Copy, Default)]
pub struct Doubtful {
    pub records: u64,
    pub calls: u64,
    latest_call: Option<u64>,
}

impl Doubtful {
    fn count(&mut self, call: u64) {
        self.records += 1;
        if self.latest_call.replace(call) != Some(call) {
            self.calls += 1;
        }
    }
}

/// By outcome, in the order of [`OUTCOMES`].
pub type ByOutcome = [Truth; 4];

#[derive(Default)]
pub struct Tally {
    pub calls: u64,
    /// Records whose answers did not lie.
    pub truthful: ByOutcome,
    /// Records whose answers said the opposite of what happened.
    pub lied_to: ByOutcome,
    pub by_fault: BTreeMap<String, ByOutcome>,
    pub doubts: BTreeMap<Doubt, BTreeMap<String, Doubtful>>,
    /// And the call and the cause of it.
    pub longest_overrun: (Duration, u64, String),
    pub violations: Vec<Violation>,
}

impl Tally {
    /// `lies_count` judges claims after a lie as any others, to see that this judge can condemn.
    pub fn of(plan: Plan, outcomes: &Outcomes, lies_count: bool) -> Tally {
        let mut tally = Tally::default();
        for notebook in &outcomes.notebooks {
            for course in &notebook.courses {
                let call = Call::draw(plan.seed, course.number);
                tally.judge_course(&call, course, outcomes.resources.lateness);
                let claims = &notebook.claims[course.first_claim..];
                for (record, claim) in call.records.iter().zip(claims.iter().take(course.claim_count)) {
                    let executions = outcomes.ledger.get(&record.id).copied().unwrap_or(0);
                    tally.judge_claim(&call, *claim, course, executions, lies_count);
                }
            }
        }
        tally.judge_resources(plan, outcomes);
        tally.violations.sort_by_key(|violation| (violation.rule, violation.call));
        tally
    }

    pub fn broken(&self, rule: Rule) -> usize {
        self.violations
            .iter()
            .filter(|violation| violation.rule == rule)
            .map(|violation| violation.times)
            .sum()
    }

    fn judge_course(&mut self, call: &Call, course: &Course, lateness: Duration) {
        self.calls += 1;
        if course.overrun > self.longest_overrun.0 {
            self.longest_overrun = (course.overrun, call.number, cause(call));
        }
        // What the machine owes to everyone is not the library's doing.
        if course.overrun > MARGIN + lateness {
            self.condemn(Rule::InTime, call, format!("{:?} too late", course.overrun));
        }
        if course.claim_count != call.records.len() {
            let detail = format!("{} results for {} records", course.claim_count, call.records.len());
            self.condemn(Rule::OneResultARecord, call, detail);
        }
        if course.seen.requests > 1 {
            self.condemn(Rule::SentOnce, call, format!("on {} connections", course.seen.requests));
        }
    }

    fn judge_claim(&mut self, call: &Call, claim: Claim, course: &Course, executions: u32, lies_count: bool) {
        let is_lie = call.fault.as_ref().is_some_and(|fault| fault.is_lie);
        let outcome = claim.outcome() as usize;
        if is_lie {
            self.lied_to[outcome].count(executions);
        } else {
            self.truthful[outcome].count(executions);
        }
        let name = cause(call);
        self.by_fault.entry(name.clone()).or_default()[outcome].count(executions);
        if let Some(doubt) = claim.doubt {
            self.doubts.entry(doubt).or_default().entry(name).or_default().count(call.number);
        }
        let detail = || format!("status {:?}, executed {executions} times", claim.status());
        let was_executed = executions > 0;
        if !is_lie || lies_count {
            match claim.outcome() {
                Outcome::Executed if !was_executed => self.condemn(Rule::ExecutedWasExecuted, call, detail()),
                Outcome::Rejected if was_executed => {
                    self.condemn(Rule::RejectedWasNotExecuted, call, detail());
                }
                _ => {}
            }
        }
        match claim.outcome() {
            Outcome::NotSent if was_executed => self.condemn(Rule::NotSentWasNotExecuted, call, detail()),
            Outcome::NotSent if course.seen.request_bytes > 0 => {
                let bytes = course.seen.request_bytes;
                self.condemn(Rule::NotSentWasNotSent, call, format!("{bytes} bytes; {}", detail()));
            }
            Outcome::Executed if course.seen.request_bytes == 0 => {
                self.condemn(Rule::WireIsSeen, call, detail());
            }
            _ => {}
        }
        if executions > 1 {
            self.condemn(Rule::ExecutedOnce, call, detail());
        }
    }

    fn judge_resources(&mut self, plan: Plan, outcomes: &Outcomes) {
        let resources = &outcomes.resources;
        let most_files = MAX_POOLS * plan.threads as u64 + OWN_FILES;
        for sample in &resources.samples {
            if sample.threads > resources.threads_started {
                self.condemn_run(Rule::StartsNoThread, format!("{} threads", sample.threads));
            }
            if sample.files as u64 > most_files {
                self.condemn_run(Rule::KeepsFewFiles, format!("{} files", sample.files));
            }
        }
        let (early, late) = resources.memory_early_and_late();
        if resources.samples.len() >= ENOUGH_SAMPLES && late > early + MEMORY_MARGIN_KB {
            self.condemn_run(Rule::KeepsLittleMemory, format!("from {early} to {late} kB"));
        }
    }

    fn condemn(&mut self, rule: Rule, call: &Call, detail: impl Display) {
        let detail = format!("{detail}; fault {:?}", call.fault.as_ref().map(|fault| &fault.kind));
        self.add(rule, Some(call.number), detail);
    }

    fn condemn_run(&mut self, rule: Rule, detail: String) {
        self.add(rule, None, detail);
    }

    fn add(&mut self, rule: Rule, call: Option<u64>, detail: String) {
        let same = |violation: &&mut Violation| violation.rule == rule && violation.call == call;
        match self.violations.iter_mut().rev().find(same) {
            Some(violation) => violation.times += 1,
            None => self.violations.push(Violation { rule, call, times: 1, detail }),
        }
    }
}

/// What is to blame for what became of a call, as far as it was drawn. A background fault hits every kind.
fn cause(call: &Call) -> String {
    match &call.fault {
        None if call.through_proxy => "none (proxy and background faults)".to_owned(),
        None => "none (only background faults)".to_owned(),
        Some(fault) if fault.is_lie => "a lie".to_owned(),
        Some(fault) => fault.kind.name(),
    }
}
