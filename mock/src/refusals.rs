//! What the mock refused and why: the newest of it, for a test that wants to know more than the answer tells.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::record::Module;

/// How many are kept: nobody reads more, and a client that is refused for days must not fill the memory.
const KEPT: usize = 1000;

/// An action that was refused, or a whole request where no action could be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Counts from 1, without gaps.
    pub sequence: u64,
    /// The API's code.
    pub code: u16,
    /// The API's message; of a long one, the beginning.
    pub message: String,
    /// What the caller should look at, as in the log; empty where there is nothing to say. No answer has it.
    pub hint: String,
    /// The module, where one was named.
    pub module: Option<Module>,
    /// The record id, where one was named.
    pub id: Option<u64>,
    /// The connection, counted from 1 as accepted.
    pub connection: u64,
    /// The request on that connection, counted from 1.
    pub request: u64,
    /// The mock's true time, Unix milliseconds.
    pub time_ms: i64,
}

#[derive(Default)]
pub(crate) struct Refusals {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    newest: VecDeque<Refused>,
    total: u64,
}

impl Refusals {
    /// Adds one; its `sequence` is filled in here.
    pub(crate) fn add(&self, mut refused: Refused) {
        let mut kept = self.lock();
        kept.total += 1;
        refused.sequence = kept.total;
        kept.newest.push_back(refused);
        if kept.newest.len() > KEPT {
            kept.newest.pop_front();
        }
    }

    /// Those after `sequence` that are still kept, and how many there were in all.
    pub(crate) fn since(&self, sequence: u64) -> (Vec<Refused>, u64) {
        let kept = self.lock();
        (kept.newest.iter().filter(|it| it.sequence > sequence).cloned().collect(), kept.total)
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Kept::default();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
