//! A [`Deadline`]: the end of the time that ureq gave a transport for one step, which may take several
//! waits.

use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{NextTimeout, time};

/// When a step must be done; never, where ureq set no timeout.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    end: Option<Instant>,
    timeout: NextTimeout,
}

impl Deadline {
    pub(super) fn of(timeout: NextTimeout) -> Self {
        let end = match timeout.after {
            time::Duration::Exact(after) => Instant::now().checked_add(after),
            time::Duration::NotHappening => None,
        };
        Self { end, timeout }
    }

    /// The time that is left; `None` for no limit.
    ///
    /// # Errors
    /// A timeout when none is left.
    pub(super) fn left(self) -> Result<Option<Duration>, Error> {
        match self.end.map(|end| end.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => Err(self.exceeded()),
            left => Ok(left),
        }
    }

    /// The time that is left, for the transport below.
    ///
    /// # Errors
    /// As [`Deadline::left`].
    pub(super) fn rest(self) -> Result<NextTimeout, Error> {
        let after = self.left()?.map_or(time::Duration::NotHappening, time::Duration::Exact);
        Ok(NextTimeout { after, ..self.timeout })
    }

    pub(super) fn exceeded(self) -> Error {
        Error::Timeout(self.timeout.reason)
    }
}
