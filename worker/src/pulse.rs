//! A [`Pulse`]: when the threads of a worker have last shown that they are not stuck.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// When each thread of a worker has last begun or ended something. A thread that has ended is not in it.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<Mutex<HashMap<ThreadId, Instant>>>);

impl Pulse {
    /// How long the thread that has been silent for the longest time has been; nothing where there is none.
    pub fn longest_silence(&self) -> Duration {
        let threads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        threads.values().map(Instant::elapsed).max().unwrap_or_default()
    }

    /// This thread is not stuck.
    pub(crate) fn beat(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(thread::current().id(), Instant::now());
    }

    /// This thread has ended.
    pub(crate) fn end(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&thread::current().id());
    }
}
