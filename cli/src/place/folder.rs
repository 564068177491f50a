//! An outbox in a folder, seen like one in a database.

use std::time::SystemTime;

use oo_webhooks_core::outbox::directory::{Entry as FolderEntry, Held, Outbox};
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_store_sql::holdings::{Entry, Filter, Listing};

use super::{Counts, Decided};
use crate::failure::Failure;

pub(super) fn counts(outbox: &Outbox) -> Result<Counts, Failure> {
    let counts = outbox.counts()?;
    Ok(Counts {
        waiting: counts.waiting,
        sending: counts.sending,
        doubt: counts.doubt,
        failed: counts.failed,
        corrupt: counts.corrupt,
        oldest_waiting: counts.oldest_waiting,
        now: Some(SystemTime::now()),
    })
}

pub(super) fn list(outbox: &Outbox, filter: &Filter, most: usize) -> Result<Listing, Failure> {
    let at = SystemTime::now();
    let mut found = matching(outbox, filter, at, &Held::ALL, most)?;
    found.sort_by_key(|entry| entry.since);
    found.truncate(most);
    Ok(Listing { at, entries: found.into_iter().map(entry).collect() })
}

/// Does something with each record that the filter lets through and that has not changed since `at`.
pub(super) fn decide(
    outbox: &Outbox,
    filter: &Filter,
    at: SystemTime,
    states: &[Held],
    mut act: impl FnMut(&FolderEntry) -> Result<(), Refusal>,
) -> Result<Decided, Failure> {
    let mut decided = Decided::default();
    for entry in matching(outbox, filter, at, states, usize::MAX)? {
        // Newer than what was listed.
        if entry.since > at {
            decided.left += 1;
            continue;
        }
        match act(&entry) {
            Ok(()) => decided.done += 1,
            // It is being sent, or somebody else decided meanwhile.
            Err(refusal) if refusal.status() == Status::InvalidArgument => decided.left += 1,
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(decided)
}

/// Of each state the oldest, `most` at most.
fn matching(
    outbox: &Outbox,
    filter: &Filter,
    now: SystemTime,
    states: &[Held],
    most: usize,
) -> Result<Vec<FolderEntry>, Refusal> {
    let is_wanted =
        |state: Held| states.contains(&state) && filter.state.is_none_or(|wanted| wanted == state);
    if let (Some(module), Some(id)) = (&filter.module, filter.id) {
        // What is no record cannot be in a folder.
        let Ok(record) = Record::new(module, id) else { return Ok(Vec::new()) };
        let found = outbox.find(record)?;
        return Ok(found
            .filter(|entry| is_wanted(entry.state) && lets_through(filter, entry, now))
            .into_iter()
            .collect());
    }
    // Where an age is asked for, those that are due first may not be the oldest.
    let most = if filter.older_than.is_none() { most } else { usize::MAX };
    let mut found = Vec::new();
    for state in Held::ALL.into_iter().filter(|state| is_wanted(*state)) {
        let listed = outbox.list_where(state, most, |record| is_of(filter, record))?;
        found.extend(listed.into_iter().filter(|entry| lets_through(filter, entry, now)));
    }
    Ok(found)
}

fn lets_through(filter: &Filter, entry: &FolderEntry, now: SystemTime) -> bool {
    let age = now.duration_since(entry.since).unwrap_or_default();
    is_of(filter, entry.record) && filter.older_than.is_none_or(|least| age >= least)
}

fn is_of(filter: &Filter, record: Record) -> bool {
    filter.account.as_ref().is_none_or(String::is_empty)
        && filter.module.as_ref().is_none_or(|module| module == record.module().as_str())
        && filter.id.is_none_or(|id| id == record.id())
}

pub(super) fn entry(entry: FolderEntry) -> Entry {
    Entry {
        account: String::new(),
        module: entry.record.module().as_str().to_owned(),
        id: entry.record.id(),
        state: entry.state,
        since: entry.since,
        due: entry.due,
        attempts: 0,
        status: entry.status,
        error_code: entry.error_code,
        message: entry.message,
        worker: None,
    }
}
