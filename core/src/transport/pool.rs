//! The process's connections. They belong to the process, not to a client: clients with equal
//! settings share them, and they outlive every client, which keeps a PHP-FPM worker warm.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustls::ClientConfig;

use super::connection::Connection;
use super::kept::{Idle, Kept};
use super::settings::Settings;
use super::{http, tls};
use crate::process::PerProcess;
use crate::server_echo::ServerEcho;

/// Settings whose connections are kept at a time; those of the least recently used are let go.
const MAX_POOLS: usize = 16;

/// What the process has for some settings.
pub(super) struct Pool {
    pub(super) settings: Arc<Settings>,
    /// The head of each request, but for its length and its end.
    pub(super) post: String,
    kept: Kept<Box<Connection>>,
    /// Made for the first connection.
    tls: OnceLock<Arc<ClientConfig>>,
    pub(super) echo: Arc<ServerEcho>,
}

impl Pool {
    fn new(settings: &Arc<Settings>) -> Arc<Self> {
        let (settings, uri) = (Arc::clone(settings), settings.url.uri());
        let (post, echo) = (http::post(uri), Arc::new(ServerEcho::of((uri, &settings.roots))));
        Arc::new(Self { settings, post, kept: Kept::new(), tls: OnceLock::new(), echo })
    }

    /// A connection that waited and is open.
    pub(super) fn take(&self) -> Option<Idle<Box<Connection>>> {
        self.kept.take(|connection| connection.is_open())
    }

    /// Keeps a connection for the next request. It ends with the pool, if that was let go meanwhile.
    pub(super) fn put(&self, idle: Idle<Box<Connection>>) {
        self.kept.put(idle);
    }

    pub(super) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(self.tls.get_or_init(|| Arc::new(tls::new_config(&self.settings))))
    }
}

/// Most recently used last. A forked child has its own: connections that its parent opened stay as
/// they are in the child, neither used nor closed.
static POOLS: PerProcess<Mutex<Vec<Arc<Pool>>>> = PerProcess::new();

/// The pool for these settings.
pub(super) fn pool(settings: &Arc<Settings>) -> Arc<Pool> {
    let mut pools = pools();
    if let Some(index) = pools.iter().rposition(|pool| pool.settings == *settings) {
        pools.get_mut(index..).unwrap_or_default().rotate_left(1);
        return pools.last().map_or_else(|| unreachable!("one was found"), Arc::clone);
    }
    let new = Pool::new(settings);
    let old = (pools.len() == MAX_POOLS).then(|| pools.remove(0));
    pools.push(Arc::clone(&new));
    drop(pools);
    // To close connections may take the system a while.
    drop(old);
    new
}

/// Closes this process's idle connections with these settings: one of them gave an answer that was not
/// the one asked for, and what comes next on it may be no better.
pub(crate) fn forget(settings: &Arc<Settings>) {
    let mut pools = pools();
    let found = pools.iter().position(|pool| pool.settings == *settings);
    let forgotten = found.map(|index| pools.remove(index));
    drop(pools);
    drop(forgotten);
}

/// Closes this process's idle connections; those in use close behind their call. It frees all that is kept, and takes
/// no memory: it is called where that is short.
pub(crate) fn close_idle() {
    if let Some(pools) = POOLS.made() {
        let kept = std::mem::take(&mut *pools.lock().unwrap_or_else(PoisonError::into_inner));
        drop(kept);
    }
}

/// This process's own.
fn pools() -> MutexGuard<'static, Vec<Arc<Pool>>> {
    POOLS.own().lock().unwrap_or_else(PoisonError::into_inner)
}
