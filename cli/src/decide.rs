//! `oo-webhooks retry` and `oo-webhooks drop`: what a person decides about records.

use std::time::SystemTime;

use clap::Args;
use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_store_sql::holdings::{Entry, Filter};
use serde_json::json;

use crate::exit::{Code, DONE, FAILED};
use crate::failure::Failure;
use crate::place::{Decided, Place, PlaceOptions};
use crate::selection::{Selection, parse_time};
use crate::show;

/// Have records sent again that are in doubt or have failed
///
/// A record in doubt may have been executed: sent again, it is then executed twice. Only records that have not
/// changed since the list are touched.
#[derive(Args)]
pub(crate) struct RetryOptions {
    #[command(flatten)]
    common: Common,
}

/// Forget records that wait, are in doubt or have failed
///
/// Their webhooks are then not executed for the saves that are forgotten. Only records that have not changed since
/// the list are touched; one that is being sent is never dropped.
#[derive(Args)]
pub(crate) struct DropOptions {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    selection: Selection,
    /// All records, of whatever state
    #[arg(long)]
    all: bool,
    /// Only as they were at this time, which `list` prints; without it, as they are now
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    listed_at: Option<SystemTime>,
    /// Only say how many records it would be
    #[arg(long)]
    dry_run: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// What a person may decide.
struct Decision {
    command: &'static str,
    /// The states in which a record has to be for it.
    states: &'static [Held],
    /// The key of the number in JSON.
    key: &'static str,
    done: &'static str,
    would_be_done: &'static str,
}

const RETRY: Decision = Decision {
    command: "retry",
    states: &[Held::Doubt, Held::Failed],
    key: "retried",
    done: "sent again by the worker",
    would_be_done: "would be sent again",
};

const DROP: Decision = Decision {
    command: "drop",
    states: &[Held::Waiting, Held::Doubt, Held::Failed],
    key: "dropped",
    done: "forgotten",
    would_be_done: "would be forgotten",
};

pub(crate) fn retry(options: &RetryOptions) -> Result<Code, Failure> {
    options.common.decide(&RETRY, Place::retry)
}

pub(crate) fn drop(options: &DropOptions) -> Result<Code, Failure> {
    options.common.decide(&DROP, Place::remove)
}

impl Common {
    fn decide(
        &self,
        decision: &Decision,
        act: impl Fn(&mut Place, &Filter, SystemTime) -> Result<Decided, Failure>,
    ) -> Result<Code, Failure> {
        self.selection.check(self.all, decision.command, decision.states)?;
        let mut place = self.place.open()?;
        let mut decided = Decided::default();
        let mut missing = 0;
        let mut failed = false;
        for filter in self.selection.filters() {
            let most = if self.dry_run { usize::MAX } else { 1 };
            let listing = place.list(&filter, most)?;
            // The clock of the outbox decides, not that of this machine.
            let at = self.listed_at.unwrap_or(listing.at);
            let found: Vec<&Entry> =
                listing.entries.iter().filter(|entry| decision.states.contains(&entry.state)).collect();
            let is_named = filter.id.is_some();
            let mut one = if self.dry_run {
                let done = found.iter().filter(|entry| entry.since <= at).count() as u64;
                Decided { done, left: found.len() as u64 - done }
            } else {
                act(&mut place, &filter, at)?
            };
            if is_named && one.done == 0 {
                failed = true;
                if found.is_empty() {
                    missing += 1;
                } else {
                    one.left = 1;
                }
            }
            decided.done += one.done;
            decided.left += one.left;
        }
        self.tell(decision, decided, missing)?;
        Ok(if failed { FAILED } else { DONE })
    }

    fn tell(&self, decision: &Decision, decided: Decided, missing: u64) -> Result<(), Failure> {
        let Decided { done, left } = decided;
        if self.json {
            return show::print_json(
                &json!({decision.key: done, "left": left, "missing": missing, "dry_run": self.dry_run}),
            );
        }
        let verb = if self.dry_run { decision.would_be_done } else { decision.done };
        show::print(&format!("{done} {} {verb}\n", records(done)))?;
        if left > 0 {
            eprintln!(
                "oo-webhooks: {left} {} changed since the list, or being sent, and left as it is",
                records(left)
            );
        }
        if missing > 0 {
            eprintln!("oo-webhooks: {missing} of the records that were named: not in such a state here");
        }
        Ok(())
    }
}

fn records(count: u64) -> &'static str {
    if count == 1 { "record" } else { "records" }
}
