//! [`ServerEcho`]: whether a server echoes the labels of requests. One that does is not believed when it says
//! success without a label: such an answer is another's.

use std::sync::atomic::{AtomicBool, Ordering};

/// What is known about a server's echoes: nothing, until one was seen.
#[derive(Default)]
pub(crate) struct ServerEcho(AtomicBool);

impl ServerEcho {
    pub(crate) fn was_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
