//! A [`Store`]: what the worker wants of an outbox, wherever it is.

use oo_webhooks_core::outbox::policy::Next;
use oo_webhooks_core::record::Record;
use oo_webhooks_store_sql::Trouble;
use oo_webhooks_store_sql::claim::{Claimed, Lease, Note, Recovered};
use oo_webhooks_store_sql::collect::Collected;
use oo_webhooks_store_sql::holdings::{Counts, Filter, Listing};
use oo_webhooks_store_sql::store::SqlStore;

use std::time::SystemTime;

/// An outbox through which one thread works.
pub trait Store: Send {
    /// A record that this thread may send now, and nobody else.
    type Claimed: Claim;

    /// Makes waiting records of what was saved.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn collect(&mut self) -> Result<Collected, Trouble>;

    /// Finds the records whose sender died. None of them is simply sent again.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn recover(&mut self) -> Result<Recovered, Trouble>;

    /// The accounts of which records are due.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn accounts(&mut self) -> Result<Vec<String>, Trouble>;

    /// Claims the longest due records of an account, `most` at most.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn claim(&mut self, account: &str, most: usize, lease: Lease) -> Result<Vec<Self::Claimed>, Trouble>;

    /// Writes down what became of a claimed record; `None` when it is not this claim's any more.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn finish(&mut self, claimed: &Self::Claimed, note: &Note) -> Result<Option<Next>, Trouble>;

    /// Makes a claimed record failed that cannot be sent whatever is tried.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn refuse(&mut self, claimed: &Self::Claimed, note: &Note) -> Result<Option<Next>, Trouble>;

    /// How many records are in each state.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn counts(&mut self) -> Result<Counts, Trouble>;

    /// Records, the oldest first.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn list(&mut self, filter: &Filter, most: usize) -> Result<Listing, Trouble>;

    /// Has records sent again that are in doubt or have failed, as they were at a time.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn retry(&mut self, filter: &Filter, at: SystemTime) -> Result<u64, Trouble>;

    /// Has records forgotten, as they were at a time.
    ///
    /// # Errors
    /// A [`Trouble`].
    fn remove(&mut self, filter: &Filter, at: SystemTime) -> Result<u64, Trouble>;
}

/// What a claim is of.
pub trait Claim {
    /// The record.
    fn record(&self) -> Record;
}

impl Claim for Claimed {
    fn record(&self) -> Record {
        Self::record(self)
    }
}

impl Store for SqlStore {
    type Claimed = Claimed;

    fn collect(&mut self) -> Result<Collected, Trouble> {
        Self::collect(self)
    }

    fn recover(&mut self) -> Result<Recovered, Trouble> {
        Self::recover(self)
    }

    fn accounts(&mut self) -> Result<Vec<String>, Trouble> {
        Self::accounts(self)
    }

    fn claim(&mut self, account: &str, most: usize, lease: Lease) -> Result<Vec<Claimed>, Trouble> {
        Self::claim(self, account, most, lease)
    }

    fn finish(&mut self, claimed: &Claimed, note: &Note) -> Result<Option<Next>, Trouble> {
        Self::finish(self, claimed, note)
    }

    fn refuse(&mut self, claimed: &Claimed, note: &Note) -> Result<Option<Next>, Trouble> {
        Self::refuse(self, claimed, note)
    }

    fn counts(&mut self) -> Result<Counts, Trouble> {
        Self::counts(self)
    }

    fn list(&mut self, filter: &Filter, most: usize) -> Result<Listing, Trouble> {
        Self::list(self, filter, most)
    }

    fn retry(&mut self, filter: &Filter, at: SystemTime) -> Result<u64, Trouble> {
        Self::retry(self, filter, at)
    }

    fn remove(&mut self, filter: &Filter, at: SystemTime) -> Result<u64, Trouble> {
        Self::remove(self, filter, at)
    }
}
