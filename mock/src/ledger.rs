//! What the mock executed. A record is in here before the first byte of its answer is written, and nothing
//! that was refused is: every proof about a client rests on this.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::record::{Module, Record};

/// One execution of the webhooks of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Counts from 1, without gaps, in the order of execution.
    pub sequence: u64,
    /// The record's module.
    pub module: Module,
    /// The record's id.
    pub id: u64,
    /// The first four characters of the caller's token.
    pub token: String,
    /// The timestamp that was signed.
    pub timestamp: i64,
    /// The connection, counted from 1 as accepted.
    pub connection: u64,
    /// The request on that connection, counted from 1.
    pub request: u64,
    /// The mock's true time of execution, Unix milliseconds.
    pub time_ms: i64,
}

impl Entry {
    /// The record whose webhooks were executed.
    pub fn record(&self) -> Record {
        Record::new(self.module, self.id)
    }
}

#[derive(Default)]
pub(crate) struct Ledger {
    entries: Mutex<Vec<Entry>>,
}

impl Ledger {
    /// Adds an entry and returns its `sequence`, which is filled in here.
    pub(crate) fn add(&self, mut entry: Entry) -> u64 {
        let mut entries = self.lock();
        let sequence = entries.len() as u64 + 1;
        entry.sequence = sequence;
        entries.push(entry);
        sequence
    }

    /// The entries after `sequence`, and how many there are in all.
    pub(crate) fn since(&self, sequence: u64) -> (Vec<Entry>, usize) {
        let entries = self.lock();
        let start = usize::try_from(sequence).unwrap_or(usize::MAX).min(entries.len());
        (entries.iter().skip(start).cloned().collect(), entries.len())
    }

    pub(crate) fn count(&self, matches: impl Fn(&Entry) -> bool) -> usize {
        self.lock().iter().filter(|entry| matches(entry)).count()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
