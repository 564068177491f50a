//! A [`Tally`]: how many records left their place, by reason.

use std::collections::HashMap;

use oo_webhooks_core::outbox::policy::Reason;

/// How many records left their place, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(HashMap<Reason, u64>);

impl Tally {
    /// How many left for this reason.
    pub fn count(&self, reason: Reason) -> u64 {
        self.0.get(&reason).copied().unwrap_or(0)
    }

    pub(crate) fn add(&mut self, reason: Option<Reason>, times: u64) {
        if let Some(reason) = reason {
            *self.0.entry(reason).or_default() += times;
        }
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for (reason, times) in &other.0 {
            self.add(Some(*reason), *times);
        }
    }
}
