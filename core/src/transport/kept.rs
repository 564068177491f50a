//! The connections that wait for their next request: [`Kept`].
//!
//! ureq's own pool looks through all that wait, and asks one whether it is open, while it holds a lock that every call
//! of every thread needs. So ureq keeps none: what it lets go comes back here, where the lock is held for moments, and
//! a thread gets the connection that it had before.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

use super::stage::{Enter, Stage};

/// Idle connections that are kept at the most: bursts of this many threads pay no new handshake.
const MAX_IDLE_CONNECTIONS: usize = 64;

/// After this long an idle connection is not used again. Servers commonly close at 60 s or later;
/// one that closes earlier is noticed before a request is sent.
const MAX_IDLE_AGE: Duration = Duration::from_secs(50);

/// Connections to one server, the longest idle one first.
struct Kept<T>(Mutex<Vec<Idle<T>>>);

struct Idle<T> {
    connection: Box<T>,
    since: Instant,
    /// The thread that has used it.
    user: Thread,
}

impl<T: Transport> Kept<T> {
    /// One that is open: this thread's last one, else the one that was used last.
    fn take(&self) -> Option<Box<T>> {
        loop {
            let Idle { mut connection, since, .. } = self.take_any()?;
            if since.elapsed() < MAX_IDLE_AGE && connection.is_open() {
                return Some(connection);
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

    fn put(&self, connection: Box<T>) {
        let since = Instant::now();
        let mut idle = self.idle();
        let old = idle.iter().take_while(|idle| since.duration_since(idle.since) >= MAX_IDLE_AGE).count();
        let surplus = (idle.len() + 1).saturating_sub(MAX_IDLE_CONNECTIONS);
        let closed: Vec<Idle<T>> = idle.drain(..old.max(surplus)).collect();
        idle.push(Idle { connection, since, user: Thread::current() });
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

/// Gives a kept connection, or else a new one of the connectors below.
pub(super) struct KeepingConnector<C, T> {
    below: C,
    kept: Arc<Kept<T>>,
    through_proxy: bool,
}

impl<C, T> KeepingConnector<C, T> {
    pub(super) fn new(below: C, through_proxy: bool) -> Self {
        Self { below, kept: Arc::new(Kept(Mutex::default())), through_proxy }
    }
}

impl<T: Transport, C: Connector<Out = T>> Connector for KeepingConnector<C, T> {
    type Out = Lent<T>;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Lent<T>>, Error> {
        // The connection to a proxy is part of one to the server.
        let is_part = Enter { stage: Stage::Proxy, through_proxy: self.through_proxy }.is_to_proxy(details);
        let home = if is_part { Weak::new() } else { Arc::downgrade(&self.kept) };
        let connection = match if is_part { None } else { self.kept.take() } {
            Some(kept) => Some(kept),
            None => self.below.connect(details, None)?.map(Box::new),
        };
        Ok(connection.map(|connection| Lent { connection: Some(connection), home, is_free: false }))
    }
}

impl<C, T> fmt::Debug for KeepingConnector<C, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeepingConnector")
    }
}

/// A connection in use. It goes home when it is dropped, if the last that was asked of it was whether it may be used
/// again, and it may.
#[derive(Debug)]
pub(super) struct Lent<T: Transport> {
    /// Taken by the drop.
    connection: Option<Box<T>>,
    home: Weak<Kept<T>>,
    is_free: bool,
}

impl<T: Transport> Lent<T> {
    fn used(&mut self) -> &mut T {
        self.is_free = false;
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("it is used until it is dropped"),
        }
    }
}

impl<T: Transport> Drop for Lent<T> {
    fn drop(&mut self) {
        let connection = self.connection.take().filter(|_| self.is_free);
        if let (Some(connection), Some(home)) = (connection, self.home.upgrade()) {
            home.put(connection);
        }
    }
}

impl<T: Transport> Transport for Lent<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.used().buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.used().transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.used().await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.is_free = self.used().is_open();
        self.is_free
    }

    fn is_tls(&self) -> bool {
        self.connection.as_ref().is_some_and(Transport::is_tls)
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Kept")
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use ureq::unversioned::transport::LazyBuffers;

    use super::*;

    #[derive(Debug)]
    struct Connection {
        number: usize,
        is_open: bool,
        buffers: LazyBuffers,
    }

    impl Connection {
        fn new(number: usize, is_open: bool) -> Self {
            Self { number, is_open, buffers: LazyBuffers::new(1, 1) }
        }
    }

    impl Transport for Connection {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            self.is_open
        }
    }

    fn kept() -> Arc<Kept<Connection>> {
        Arc::new(Kept(Mutex::default()))
    }

    fn taken(kept: &Kept<Connection>) -> Option<usize> {
        kept.take().map(|connection| connection.number)
    }

    #[test]
    fn a_thread_gets_its_own_connection_or_else_the_last_one() {
        let kept = kept();
        kept.put(Box::new(Connection::new(1, true)));
        thread::scope(|scope| {
            scope.spawn(|| {
                kept.put(Box::new(Connection::new(2, true)));
                kept.put(Box::new(Connection::new(3, true)));
            });
        });
        assert_eq!(
            [taken(&kept), taken(&kept), taken(&kept), taken(&kept)],
            [Some(1), Some(3), Some(2), None]
        );
    }

    #[test]
    fn one_that_is_closed_is_passed_over() {
        let kept = kept();
        for (number, is_open) in [(1, false), (2, true), (3, false)] {
            kept.put(Box::new(Connection::new(number, is_open)));
        }
        assert_eq!([taken(&kept), taken(&kept)], [Some(2), None]);
    }

    #[test]
    fn of_65_the_longest_idle_one_goes() {
        let kept = kept();
        for number in 0..=64 {
            kept.put(Box::new(Connection::new(number, true)));
        }
        assert_eq!(kept.idle().len(), 64);
        assert_eq!(kept.idle().first().map(|idle| idle.connection.number), Some(1));
    }

    #[test]
    fn one_goes_home_only_when_it_is_free_and_there_is_a_home() {
        let kept = kept();
        let lent = || Lent {
            connection: Some(Box::new(Connection::new(7, true))),
            home: Arc::downgrade(&kept),
            is_free: false,
        };
        drop(lent());
        assert_eq!(taken(&kept), None, "nobody asked whether it may be used again");
        let mut used = lent();
        assert!(used.is_open());
        used.await_input(NextTimeout::default()).unwrap();
        drop(used);
        assert_eq!(taken(&kept), None, "it was used since");
        let mut free = lent();
        assert!(free.is_open());
        drop(free);
        assert_eq!(taken(&kept), Some(7));
        let mut orphan = lent();
        assert!(orphan.is_open());
        drop(kept);
        drop(orphan);
    }
}
