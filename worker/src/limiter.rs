//! A [`Limiter`]: calls in a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::stop::StopHandle;

/// Gives each call a time, evenly spaced.
pub(crate) struct Limiter {
    spacing: Option<Duration>,
    next: Mutex<Instant>,
}

impl Limiter {
    pub(crate) fn new(calls_per_second: Option<f64>) -> Self {
        let spacing = calls_per_second.and_then(|calls| Duration::try_from_secs_f64(1.0 / calls).ok());
        Self { spacing, next: Mutex::new(Instant::now()) }
    }

    /// Calls that may be made together, at most: those of a second; `None` for any number.
    pub(crate) fn burst(&self) -> Option<u32> {
        let second = Duration::from_secs(1);
        let calls = |spacing: Duration| second.as_nanos().checked_div(spacing.as_nanos()).unwrap_or(1).max(1);
        self.spacing.map(|spacing| u32::try_from(calls(spacing)).unwrap_or(u32::MAX))
    }

    /// Waits for the time of so many calls; whether it came before the worker was stopped.
    pub(crate) fn wait_for(&self, calls: u32, stop: &StopHandle) -> bool {
        let Some(spacing) = self.spacing else { return !stop.is_stopped() };
        let time = self.take(spacing.saturating_mul(calls), Instant::now());
        !stop.wait(time.saturating_duration_since(Instant::now()))
    }

    /// Waits for the next call's time; whether it came before the worker was stopped.
    pub(crate) fn wait(&self, stop: &StopHandle) -> bool {
        self.wait_for(1, stop)
    }

    fn take(&self, spacing: Duration, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let time = (*next).max(now);
        *next = time + spacing;
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_spaced_and_a_pause_is_not_made_up_for() {
        let limiter = Limiter::new(Some(10.0));
        let spacing = Duration::from_millis(100);
        let start = Instant::now() + Duration::from_secs(5);
        let times: Vec<Instant> = (0..3).map(|_| limiter.take(spacing, start)).collect();
        assert_eq!(times, [start, start + spacing, start + 2 * spacing]);
        let later = start + Duration::from_secs(60);
        assert_eq!(limiter.take(spacing, later), later);
        assert_eq!(limiter.take(spacing, later), later + spacing);
        assert_eq!(limiter.burst(), Some(10));
        assert_eq!((Limiter::new(Some(0.5)).burst(), Limiter::new(None).burst()), (Some(1), None));
    }

    #[test]
    fn a_worker_that_is_stopped_does_not_wait() {
        let stop = StopHandle::new();
        stop.stop();
        let limiter = Limiter::new(Some(0.001));
        assert!(!limiter.wait(&stop) && !limiter.wait(&stop));
        assert!(!Limiter::new(None).wait(&stop));
    }
}
