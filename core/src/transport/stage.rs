//! How far an exchange had come when it broke. A failure is *not sent* or *in doubt* only by this.

use std::io;

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

/// What ended an exchange, and how far it had come.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) stage: Stage,
    pub(super) error: io::Error,
}

/// Says of an error how far the exchange had come.
pub(super) trait At<T> {
    fn at(self, stage: Stage) -> Result<T, Broken>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, stage: Stage) -> Result<T, Broken> {
        self.map_err(|error| Broken { stage, error: error.into() })
    }
}
