//! The [`Settings`] of a worker.

use std::time::Duration;

use oo_webhooks_core::outbox::policy::WhenInDoubt;

/// How a worker works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Threads, each with a store and one call at a time.
    pub threads: usize,
    /// Records of one request. With more than 1, one answer that is lost puts so many records in doubt.
    pub batch: usize,
    /// Calls of all threads in a second at most; `None` for no limit.
    pub calls_per_second: Option<f64>,
    /// The pause after a sweep that found nothing to send.
    pub pause: Duration,
    /// What becomes of a record that is in doubt, to be set on each store that is opened.
    pub when_in_doubt: WhenInDoubt,
}

impl Default for Settings {
    /// One thread, one record a call, no limit, a pause of a second, what is in doubt is held.
    fn default() -> Self {
        Self {
            threads: 1,
            batch: 1,
            calls_per_second: None,
            pause: Duration::from_secs(1),
            when_in_doubt: WhenInDoubt::Hold,
        }
    }
}
