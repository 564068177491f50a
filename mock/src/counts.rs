//! How often things happened on the API's port. The control port is not counted.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// A reading of the counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// TCP connections accepted.
    pub connections: u64,
    /// Connections open now.
    pub open: u64,
    /// TLS handshakes finished in full.
    pub full_handshakes: u64,
    /// TLS handshakes finished by resuming a session.
    pub resumed_handshakes: u64,
    /// TLS handshakes that failed, by the client's doing or a fault's.
    pub failed_handshakes: u64,
    /// API requests read to their last byte, of any method.
    pub requests: u64,
    /// Records executed.
    pub executed: u64,
    /// Actions refused, or whole requests where no action could be told.
    pub refused: u64,
    /// Faults that came into effect.
    pub faults: u64,
    /// Stray bytes of faults that have been given to the kernel.
    pub strays: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    pub(crate) full_handshakes: AtomicU64,
    pub(crate) resumed_handshakes: AtomicU64,
    pub(crate) failed_handshakes: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) executed: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) faults: AtomicU64,
    pub(crate) strays: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self, open: usize) -> Counts {
        let value = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Counts {
            connections: value(&self.connections),
            open: open as u64,
            full_handshakes: value(&self.full_handshakes),
            resumed_handshakes: value(&self.resumed_handshakes),
            failed_handshakes: value(&self.failed_handshakes),
            requests: value(&self.requests),
            executed: value(&self.executed),
            refused: value(&self.refused),
            faults: value(&self.faults),
            strays: value(&self.strays),
        }
    }

    pub(crate) fn reset(&self) {
        for counter in [
            &self.connections,
            &self.full_handshakes,
            &self.resumed_handshakes,
            &self.failed_handshakes,
            &self.requests,
            &self.executed,
            &self.refused,
            &self.faults,
            &self.strays,
        ] {
            counter.store(0, Ordering::SeqCst);
        }
    }
}

/// Counts one more.
pub(crate) fn tick(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::SeqCst);
}
