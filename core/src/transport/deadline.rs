//! A [`Deadline`]: the end of the time for a call, or for the part of it that connects.

use std::io;
use std::time::{Duration, Instant};

/// When something must be done.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// `time` is a day at the most, as all timeouts are.
    pub(crate) fn within(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    pub(super) fn sooner(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    pub(crate) fn is_over(self) -> bool {
        self.left().is_err()
    }

    /// The time that is left.
    ///
    /// # Errors
    /// `TimedOut` when none is.
    pub(super) fn left(self) -> io::Result<Duration> {
        match self.0.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}
