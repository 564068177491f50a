//! The connections that are open on one port, so that they can be closed from outside: the idle ones when a test wants
//! stale connections, all of them at the end.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a stop leaves to requests in progress before it cuts them off.
const GRACE: Duration = Duration::from_secs(1);

pub(crate) struct Connections {
    open: Mutex<Open>,
    changed: Condvar,
    pub(crate) idle_timeout: Duration,
    limit: usize,
}

#[derive(Default)]
struct Open {
    sockets: HashMap<u64, Member>,
    stopping: bool,
}

struct Member {
    socket: Arc<TcpStream>,
    idle: bool,
}

impl Connections {
    pub(crate) fn new(idle_timeout: Duration, limit: usize) -> Self {
        Self { open: Mutex::default(), changed: Condvar::new(), idle_timeout, limit }
    }

    /// Takes a connection in, or says why not.
    pub(crate) fn enter(&self, number: u64, socket: &Arc<TcpStream>) -> Result<(), String> {
        let mut open = self.lock();
        if open.stopping {
            return Err("the mock is stopping".to_owned());
        }
        if open.sockets.len() >= self.limit {
            return Err(format!("{} connections are open, and more are not allowed", self.limit));
        }
        open.sockets.insert(number, Member { socket: Arc::clone(socket), idle: true });
        Ok(())
    }

    pub(crate) fn leave(&self, number: u64) {
        self.lock().sockets.remove(&number);
        self.changed.notify_all();
    }

    /// Marks a connection as waiting for a request, or as being in the middle of one. Says whether the port stays
    /// open: a connection must not become idle on a port that is closing.
    pub(crate) fn set_idle(&self, number: u64, idle: bool) -> bool {
        let mut open = self.lock();
        if let Some(member) = open.sockets.get_mut(&number) {
            member.idle = idle;
        }
        !open.stopping
    }

    pub(crate) fn open(&self) -> usize {
        self.lock().sockets.len()
    }

    /// Ends the connections that wait for a request, and returns how many once they are gone.
    pub(crate) fn close_idle(&self) -> usize {
        let open = self.lock();
        let idle: Vec<u64> =
            open.sockets.iter().filter(|(_, member)| member.idle).map(|(number, _)| *number).collect();
        for number in &idle {
            if let Some(member) = open.sockets.get(number) {
                // The connection's own thread sees the end of its input and says goodbye properly.
                let _ = member.socket.shutdown(Shutdown::Read);
            }
        }
        self.wait_while(open, GRACE, |open| idle.iter().any(|number| open.sockets.contains_key(number)));
        idle.len()
    }

    /// From here on nothing new is taken in, and pauses end.
    pub(crate) fn begin_stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
    }

    /// Ends idle connections at once and the others when their request is done, or after a grace.
    pub(crate) fn close_all(&self) {
        self.close_idle();
        self.wait_while(self.lock(), GRACE, |open| !open.sockets.is_empty());
        for member in self.lock().sockets.values() {
            let _ = member.socket.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn reopen(&self) {
        self.lock().stopping = false;
    }

    pub(crate) fn stopping(&self) -> bool {
        self.lock().stopping
    }

    /// Sleeps, but not beyond a stop.
    pub(crate) fn pause(&self, duration: Duration) {
        self.wait_while(self.lock(), duration, |open| !open.stopping);
    }

    fn wait_while(&self, open: MutexGuard<'_, Open>, limit: Duration, condition: impl Fn(&Open) -> bool) {
        let deadline = Instant::now() + limit;
        let mut open = open;
        while condition(&open) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(open, left);
            open = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
