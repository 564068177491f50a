//! What ureq makes on the first use in a process, and what a fork in the middle of that means.
//!
//! `ureq::run` keeps a header's value in a `LazyLock`. A child that is forked while a thread of its
//! parent is making it would wait for that thread, which the child does not have, for ever. So it is
//! made once, by the thread that says so beforehand, with a request that goes nowhere; clients do it
//! when they are made, which is mostly before there are threads.

use std::sync::atomic::{AtomicBool, Ordering};

use ureq::unversioned::transport::{ConnectionDetails, Connector};
use ureq::{Agent, Error};

use super::tcp::{NoResolver, TcpTransport};
use crate::process::Gate;

static IS_MADE: AtomicBool = AtomicBool::new(false);

static GATE: Gate = Gate::new();

/// Whether it is made; `false` for ever in a child that was forked in the middle.
pub(super) fn is_made() -> bool {
    if IS_MADE.load(Ordering::Acquire) {
        return true;
    }
    let Some(_inside) = GATE.enter() else { return false };
    if !IS_MADE.load(Ordering::Acquire) {
        make();
        IS_MADE.store(true, Ordering::Release);
    }
    true
}

fn make() {
    let config = Agent::config_builder().proxy(None).build();
    let _ = Agent::with_parts(config, Nowhere, NoResolver).get("http://localhost/").call();
}

/// Has no connection to give.
#[derive(Debug)]
struct Nowhere;

impl Connector for Nowhere {
    type Out = TcpTransport;

    fn connect(&self, _: &ConnectionDetails, _: Option<()>) -> Result<Option<TcpTransport>, Error> {
        Err(Error::ConnectionFailed)
    }
}
