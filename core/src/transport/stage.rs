//! How far the calling thread's exchange has come. A failure is *not sent* or *in doubt* by this alone.
//!
//! A call runs on one thread from beginning to end, so a thread-local value follows it through
//! ureq without a word in ureq's own types. It has no destructor: nothing is left for thread exit.

use std::cell::Cell;

use ureq::unversioned::transport::{ConnectionDetails, Connector, Transport};

/// How far an exchange has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The host's name is being looked up.
    Resolve,
    /// A TCP connection is being made.
    Connect,
    /// The proxy is being asked for a tunnel.
    Proxy,
    /// TLS is being negotiated.
    Handshake,
    /// There is a connection, new or kept, and no byte of the request has been given to the kernel.
    Connected,
    /// At least one byte of the request has been given to the kernel.
    Sent,
}

thread_local! {
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Connected) };
    static ONLY_OPENS: Cell<bool> = const { Cell::new(false) };
}

impl Stage {
    /// A new exchange begins. A kept connection goes through no other stage before `Sent`.
    pub(crate) fn begin() {
        STAGE.set(Self::Connected);
        ONLY_OPENS.set(false);
    }

    /// A connection is opened ahead: no request is put on it.
    pub(crate) fn begin_to_open() {
        STAGE.set(Self::Connected);
        ONLY_OPENS.set(true);
    }

    /// Whether a connection is only opened, so that nothing but what the layers below have to say of
    /// their own may go out.
    pub(crate) fn only_opens() -> bool {
        ONLY_OPENS.get()
    }

    pub(crate) fn current() -> Self {
        STAGE.get()
    }

    /// Bytes went out: they are the request's when there was a connection to put it on.
    pub(crate) fn bytes_went_out() {
        if STAGE.get() == Self::Connected && !Self::only_opens() {
            STAGE.set(Self::Sent);
        }
    }
}

/// Enters a stage while a connection is made. All stages of the connection to a proxy, and those on
/// it before there is a tunnel, are `Proxy`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Enter {
    pub(super) stage: Stage,
    /// Whether the settings have a proxy: then a connection without one is the one to the proxy.
    pub(super) through_proxy: bool,
}

impl Enter {
    pub(super) fn enter(self, details: &ConnectionDetails) {
        STAGE.set(if self.is_to_proxy(details) { Stage::Proxy } else { self.stage });
    }

    /// Whether the connection being made is the one to the proxy.
    pub(super) fn is_to_proxy(self, details: &ConnectionDetails) -> bool {
        self.through_proxy && details.config.proxy().is_none()
    }
}

impl<In: Transport> Connector<In> for Enter {
    type Out = In;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, ureq::Error> {
        self.enter(details);
        Ok(chained)
    }
}
