//! A [`StopHandle`]: tells the owner of a mock, from any thread, that the mock is to stop.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Ends [`Mock::wait`](crate::Mock::wait) from another thread.
#[derive(Clone, Default)]
pub struct StopHandle {
    wish: Arc<(Mutex<bool>, Condvar)>,
}

impl StopHandle {
    /// Asks the one who waits to stop the mock.
    pub fn stop(&self) {
        let (wished, changed) = &*self.wish;
        *wished.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Returns once someone asked.
    pub(crate) fn wait(&self) {
        let (wished, changed) = &*self.wish;
        let wished = wished.lock().unwrap_or_else(PoisonError::into_inner);
        let _wished = changed.wait_while(wished, |wished| !*wished).unwrap_or_else(PoisonError::into_inner);
    }
}
