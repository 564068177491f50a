//! [`Outages`]: which hosts are not called for a while, so that an outage costs one try a sweep.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use oo_webhooks_core::outcome::{Outcome, Status};

/// The longest pause of a host that stays away.
const LONGEST: Duration = Duration::from_secs(30);

/// What all threads know of the hosts.
#[derive(Default)]
pub(crate) struct Outages(Mutex<HashMap<String, Outage>>);

struct Outage {
    until: Instant,
    pause: Duration,
}

impl Outages {
    /// Whether nothing is sent to it now.
    pub(crate) fn pauses(&self, host: &str, now: Instant) -> bool {
        self.lock().get(host).is_some_and(|outage| now < outage.until)
    }

    /// Takes note of a call's result. The pause doubles with each failure, up to 30 s.
    pub(crate) fn note(&self, host: &str, status: Status, pause: Duration, now: Instant) {
        let mut outages = self.lock();
        if !is_of_the_network(status) {
            outages.remove(host);
            return;
        }
        let pause = outages.get(host).map_or(pause, |outage| (outage.pause * 2).min(LONGEST.max(pause)));
        outages.insert(host.to_owned(), Outage { until: now + pause, pause });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Outage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the next record would fare alike: the way, the host behind it, or the credentials for it are the
/// cause, not the record.
pub(crate) fn is_of_the_network(status: Status) -> bool {
    match status.outcome() {
        Outcome::Executed => false,
        Outcome::NotSent | Outcome::InDoubt => true,
        Outcome::Rejected => matches!(status, Status::NotAuthenticated | Status::ClockSkew),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_and_ends_with_the_first_answer() {
        let outages = Outages::default();
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut now = start;
        for expected in [1, 2, 4, 8, 16, 30, 30] {
            assert!(!outages.pauses("a", now));
            outages.note("a", Status::ConnectFailed, second, now);
            let end = now + Duration::from_secs(expected);
            let just_before = now + Duration::from_millis(expected * 1000 - 1);
            assert!(outages.pauses("a", just_before) && !outages.pauses("a", end));
            assert!(!outages.pauses("b", now));
            now = end;
        }
        outages.note("a", Status::UnknownRecord, second, now);
        outages.note("a", Status::Timeout, second, now);
        assert!(outages.pauses("a", now) && !outages.pauses("a", now + second));
    }
}
