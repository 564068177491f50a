//! A [`StopHandle`]: says to a worker that it ends.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Says to a worker that it ends: it claims nothing more, finishes the calls that are under way and writes
/// down their results. May be used by any thread.
#[derive(Clone, Debug, Default)]
pub struct StopHandle(Arc<(Mutex<bool>, Condvar)>);

impl StopHandle {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Stops the worker, once and for all.
    pub fn stop(&self) {
        let (is_stopped, changed) = &*self.0;
        *is_stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Whether it is stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or until it is stopped; whether it is.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let (is_stopped, changed) = &*self.0;
        let guard = is_stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(guard, time, |is_stopped| !*is_stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
