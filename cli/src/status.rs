//! `oo-webhooks status`: how an outbox is, for people and monitors.

use std::time::{Duration, SystemTime};

use clap::Args;
use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_store_sql::holdings::{Entry, Filter};
use serde_json::{Value, json};

use crate::exit::{self, Code, DONE};
use crate::failure::Failure;
use crate::list::{last_try, last_try_json};
use crate::place::{Counts, Place, PlaceOptions};
use crate::selection::parse_age;
use crate::show::{self, Tone};

/// Show how many records an outbox holds, how old they are, and the last error
///
/// With --check it prints one line and ends as monitoring plugins do: 0 for OK; 1, a warning, when records have
/// failed or files are corrupt; 2, critical, when a record is in doubt or has waited too long; 3 when the outbox
/// cannot be read.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: PlaceOptions,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    /// Print one line for a monitor, whose verdict is the exit code
    #[arg(long)]
    check: bool,
    /// With --check: a record that has waited longer is critical
    #[arg(long, value_name = "AGE", default_value = "15m", value_parser = parse_age)]
    max_age: Duration,
}

struct Status {
    place: String,
    counts: Counts,
    /// The record that has been in each state for the longest time.
    oldest: Vec<(Held, Option<SystemTime>)>,
    last_error: Option<Entry>,
}

pub(crate) fn run(options: &Options) -> Result<Code, Failure> {
    match report(options) {
        Err(failure) if options.check => {
            show::print(&format!("UNKNOWN: {}\n", show::plain(failure.message())))?;
            Ok(exit::check::UNKNOWN)
        }
        done => done,
    }
}

fn report(options: &Options) -> Result<Code, Failure> {
    let address = options.place.address()?;
    let mut place = address.open()?;
    let counts = place.counts()?;
    let (code, line) = verdict(&counts, options.max_age);
    match (options.json, options.check) {
        (true, _) => show::print_json(&Status::read(address.to_string(), counts, &mut place)?.json())?,
        // A monitor asks often, and only for this.
        (false, true) => show::print(&format!("{line}\n"))?,
        (false, false) => show::print(&Status::read(address.to_string(), counts, &mut place)?.text())?,
    }
    Ok(if options.check { code } else { DONE })
}

/// What a monitor is told.
fn verdict(counts: &Counts, max_age: Duration) -> (Code, String) {
    let (doubt, failed) = (counts.of(Held::Doubt), counts.of(Held::Failed));
    let waits =
        counts.oldest_waiting.zip(counts.now).map_or(Duration::ZERO, |(since, now)| show::since(since, now));
    let (code, word) = if doubt > 0 || waits > max_age {
        (exit::check::CRITICAL, "CRITICAL")
    } else if failed > 0 || counts.corrupt > 0 {
        (exit::check::WARNING, "WARNING")
    } else {
        (exit::check::OK, "OK")
    };
    let line = format!(
        "{word}: {doubt} in doubt, {failed} failed, {} corrupt, {} waiting (the oldest for {})",
        counts.corrupt,
        counts.of(Held::Waiting),
        show::age(waits),
    );
    (code, line)
}

impl Status {
    fn read(name: String, counts: Counts, place: &mut Place) -> Result<Self, Failure> {
        let mut oldest = Vec::new();
        for state in Held::ALL {
            let since = if state == Held::Waiting {
                counts.oldest_waiting
            } else {
                let filter = Filter { state: Some(state), ..Filter::default() };
                place.list(&filter, 1)?.entries.first().map(|entry| entry.since)
            };
            oldest.push((state, since));
        }
        Ok(Self { place: name, counts, oldest, last_error: place.last_error()? })
    }

    fn age(&self, state: Held) -> Option<Duration> {
        let (_, since) = self.oldest.iter().find(|(of, _)| *of == state)?;
        Some(show::since((*since)?, self.counts.now?))
    }

    fn json(&self) -> Value {
        let records: serde_json::Map<String, Value> = Held::ALL
            .into_iter()
            .map(|state| (state.as_str().to_owned(), self.counts.of(state).into()))
            .collect();
        let ages: serde_json::Map<String, Value> = Held::ALL
            .into_iter()
            .map(|state| (state.as_str().to_owned(), self.age(state).map(|age| age.as_secs()).into()))
            .collect();
        json!({
            "outbox": self.place,
            "records": records,
            "oldest_seconds": ages,
            "corrupt": self.counts.corrupt,
            "last_error": self.last_error.as_ref().map(last_try_json),
        })
    }

    fn text(&self) -> String {
        let meaning = |state| match state {
            Held::Waiting => "will be sent",
            Held::Sending => "being sent",
            Held::Doubt => "perhaps executed: look, then retry or drop",
            Held::Failed => "not executed: look, then retry or drop",
        };
        let rows: Vec<Vec<String>> = Held::ALL
            .into_iter()
            .map(|state| {
                let age = self.age(state).map_or("-".to_owned(), show::age);
                let count = self.counts.of(state);
                vec![state.as_str().to_owned(), count.to_string(), age, meaning(state).to_owned()]
            })
            .collect();
        let mut text = format!("{}\n\n", show::plain(&self.place));
        text += &show::table(&["STATE", "RECORDS", "OLDEST", "MEANING"], &rows);
        if self.counts.corrupt > 0 {
            let line = format!("{} files are no records: see the folder corrupt/", self.counts.corrupt);
            text += &format!("\n{}\n", show::toned(&line, Tone::Warning));
        }
        match &self.last_error {
            Some(entry) => {
                let line = format!("{} {}: {}", entry.module, entry.id, last_try(entry));
                text += &format!("\nlast error: {}\n", show::toned(&show::plain(&line), Tone::Bad));
            }
            None => text += "\nno errors\n",
        }
        text
    }
}
