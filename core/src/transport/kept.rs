//! The connections that wait for their next request: [`Kept`]. Its lock is held for moments, and a thread gets the
//! connection that it had before.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Idle connections that are kept at the most: bursts of this many threads pay no new handshake.
const MAX_IDLE_CONNECTIONS: usize = 64;

/// After this long an idle connection is not used again. Servers commonly close at 60 s or later;
/// one that closes earlier is noticed before a request is sent.
const MAX_IDLE_AGE: Duration = Duration::from_secs(50);

/// Connections to one server, the longest idle one first.
pub(super) struct Kept<T>(Mutex<Vec<Idle<T>>>);

/// A connection that waits, or did until now.
pub(super) struct Idle<T> {
    pub(super) connection: T,
    since: Instant,
    /// The thread that has used it.
    user: Thread,
}

impl<T> Idle<T> {
    /// One that begins to wait now.
    pub(super) fn new(connection: T) -> Self {
        Self { connection, since: Instant::now(), user: Thread::current() }
    }
}

impl<T> Kept<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// One that is open: this thread's last one, else the one that was used last.
    pub(super) fn take(&self, is_open: impl Fn(&mut T) -> bool) -> Option<Idle<T>> {
        loop {
            let mut idle = self.take_any()?;
            if idle.since.elapsed() < MAX_IDLE_AGE && is_open(&mut idle.connection) {
                return Some(idle);
            }
        }
    }

    fn take_any(&self) -> Option<Idle<T>> {
        let user = Thread::current();
        let mut idle = self.idle();
        let last = idle.len().checked_sub(1)?;
        let index = idle.iter().rposition(|idle| idle.user == user).unwrap_or(last);
        Some(idle.remove(index))
    }

    /// Keeps one. Others are closed for it, where they have waited too long or there are too many.
    pub(super) fn put(&self, new: Idle<T>) {
        let mut idle = self.idle();
        let old = idle.iter().take_while(|idle| idle.since.elapsed() >= MAX_IDLE_AGE).count();
        let surplus = (idle.len() + 1).saturating_sub(MAX_IDLE_CONNECTIONS);
        let closed: Vec<Idle<T>> = idle.drain(..old.max(surplus)).collect();
        // One that was only looked at has waited for longer than others.
        let place = idle.partition_point(|idle| idle.since <= new.since);
        idle.insert(place, new);
        drop(idle);
        // It may take the system a while.
        drop(closed);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread of this process: no other one that lives is equal.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Thread(usize);

impl Thread {
    fn current() -> Self {
        // Has no destructor: nothing is left for thread exit.
        thread_local!(static HERE: u8 = const { 0 });
        HERE.with(|here| Self(std::ptr::from_ref(here).addr()))
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// A number, and whether it is open.
    type Connection = (usize, bool);

    fn put(kept: &Kept<Connection>, number: usize, is_open: bool) {
        kept.put(Idle::new((number, is_open)));
    }

    fn taken(kept: &Kept<Connection>) -> Option<usize> {
        kept.take(|(_, is_open)| *is_open).map(|idle| idle.connection.0)
    }

    #[test]
    fn a_thread_gets_its_own_connection_or_else_the_last_one() {
        let kept = Kept::new();
        put(&kept, 1, true);
        thread::scope(|scope| {
            scope.spawn(|| {
                put(&kept, 2, true);
                put(&kept, 3, true);
            });
        });
        assert_eq!(
            [taken(&kept), taken(&kept), taken(&kept), taken(&kept)],
            [Some(1), Some(3), Some(2), None]
        );
    }

    #[test]
    fn one_that_is_closed_is_passed_over() {
        let kept = Kept::new();
        for (number, is_open) in [(1, false), (2, true), (3, false)] {
            put(&kept, number, is_open);
        }
        assert_eq!([taken(&kept), taken(&kept)], [Some(2), None]);
    }

    #[test]
    fn of_65_the_longest_idle_one_goes() {
        let kept = Kept::new();
        for number in 0..=64 {
            put(&kept, number, true);
        }
        assert_eq!(kept.idle().len(), 64);
        assert_eq!(kept.idle().first().map(|idle| idle.connection.0), Some(1));
    }

    #[test]
    fn one_that_has_waited_too_long_is_closed() {
        let Some(long_ago) = Instant::now().checked_sub(MAX_IDLE_AGE) else { return };
        let kept = Kept::new();
        kept.put(Idle { since: long_ago, ..Idle::new((1, true)) });
        assert_eq!(taken(&kept), None);
        kept.put(Idle { since: long_ago, ..Idle::new((2, true)) });
        put(&kept, 3, true);
        assert_eq!([taken(&kept), taken(&kept)], [Some(3), None]);
    }
}
