//! The process's connections. They belong to the process, not to a client: clients with equal
//! settings share them, and they outlive every client, which keeps a PHP-FPM worker warm.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ureq::Agent;

use super::agent::new_agent;
use super::settings::Settings;
use crate::process::PerProcess;

/// Settings whose connections are kept at a time; those of the least recently used are let go.
const MAX_POOLS: usize = 16;

/// Most recently used last. A forked child has its own: connections that its parent opened stay as
/// they are in the child, neither used nor closed.
type Pools = Vec<(Arc<Settings>, Agent)>;

static POOLS: PerProcess<Mutex<Pools>> = PerProcess::new();

/// The agent, which keeps the connections, for these settings.
pub(super) fn agent(settings: &Arc<Settings>) -> Agent {
    let mut pools = pools();
    let pool = match pools.iter().position(|(of, _)| of == settings) {
        Some(index) => pools.remove(index),
        None => (Arc::clone(settings), new_agent(settings)),
    };
    let agent = pool.1.clone();
    if pools.len() == MAX_POOLS {
        pools.remove(0);
    }
    pools.push(pool);
    agent
}

/// Closes this process's idle connections with these settings: one of them gave an answer that was not
/// the one asked for, and what comes next on it may be no better.
pub(crate) fn forget(settings: &Arc<Settings>) {
    pools().retain(|(of, _)| of != settings);
}

/// Closes this process's idle connections; those in use close behind their call.
pub(crate) fn close_idle() {
    pools().clear();
}

/// This process's own.
fn pools() -> MutexGuard<'static, Pools> {
    POOLS.own().lock().unwrap_or_else(PoisonError::into_inner)
}
