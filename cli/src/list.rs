//! `oo-webhooks list`: the records that an outbox holds.

use clap::Args;
use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::holdings::{Entry, Listing};
use serde_json::{Value, json};

use crate::exit::{Code, DONE};
use crate::failure::Failure;
use crate::place::PlaceOptions;
use crate::selection::Selection;
use crate::show;

/// List the records of an outbox, the oldest first
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    selection: Selection,
    /// So many at most; 0 for all
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: usize,
    /// Print a JSON array with one object a record
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Result<Code, Failure> {
    let mut place = options.place.open()?;
    let limit = if options.limit == 0 { usize::MAX } else { options.limit };
    let mut listings = Vec::new();
    for filter in options.selection.filters() {
        // One more, to know whether there are more.
        listings.push(place.list(&filter, limit.saturating_add(1))?);
    }
    let Some(at) = listings.first().map(|listing| listing.at) else { return Ok(DONE) };
    let mut entries: Vec<Entry> = listings.into_iter().flat_map(|listing| listing.entries).collect();
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let listing = Listing { at, entries };
    if options.json {
        show::print_json(&json_of(&listing))?;
    } else {
        show::print(&table(&listing))?;
    }
    if has_more {
        eprintln!("oo-webhooks: there are more: use --limit");
    }
    Ok(DONE)
}

/// `listed_at` is in each record: `retry` and `drop` take it as --listed-at.
fn json_of(listing: &Listing) -> Value {
    let at = show::time(listing.at);
    listing.entries.iter().map(|entry| json_of_entry(entry, &at)).collect()
}

fn json_of_entry(entry: &Entry, at: &str) -> Value {
    let more = json!({
        "since": show::time(entry.since),
        "due": entry.due.map(show::time),
        "worker": entry.worker,
        "listed_at": at,
    });
    show::joined(last_try_json(entry), more)
}

/// A record, its state and its last try, here and in `status`.
pub(crate) fn last_try_json(entry: &Entry) -> Value {
    json!({
        "module": entry.module,
        "id": entry.id,
        "account": entry.account,
        "state": entry.state.as_str(),
        "status": entry.status.map(Status::name),
        "error_code": entry.error_code,
        "message": entry.message,
    })
}

fn table(listing: &Listing) -> String {
    if listing.entries.is_empty() {
        return "no such records\n".to_owned();
    }
    let with_account = listing.entries.iter().any(|entry| !entry.account.is_empty());
    let mut headings = vec!["STATE", "MODULE", "ID", "AGE", "DUE", "LAST TRY"];
    if with_account {
        headings.insert(1, "ACCOUNT");
    }
    let rows: Vec<Vec<String>> = listing
        .entries
        .iter()
        .map(|entry| {
            let due = match entry.due {
                None => String::new(),
                Some(due) if due <= listing.at => "now".to_owned(),
                Some(due) => format!("in {}", show::age(show::since(listing.at, due))),
            };
            let mut row = vec![
                entry.state.as_str().to_owned(),
                show::plain(&entry.module),
                entry.id.to_string(),
                show::age(show::since(entry.since, listing.at)),
                due,
                show::plain(&last_try(entry)),
            ];
            if with_account {
                row.insert(1, show::plain(&entry.account));
            }
            row
        })
        .collect();
    let end = "`retry` and `drop` with --listed-at do not touch what has changed since";
    format!("{}\nlisted at {}; {end}\n", show::table(&headings, &rows), show::time(listing.at))
}

/// One line about the last try.
pub(crate) fn last_try(entry: &Entry) -> String {
    match (&entry.worker, entry.state) {
        (Some(worker), Held::Sending) => format!("by {worker}"),
        _ => entry.message.clone(),
    }
}
