//! The rule of an exchange: an answer counts only if the whole request had been given to the kernel
//! before the first byte of the answer was taken from the connection, and the connection held nothing
//! from before, in any layer.
//!
//! The layers below see to the first half: what is written is held back until an answer is awaited,
//! and then goes out before anything is read. [`ExchangeTransport`], on top of them, sees to the
//! second half. It also leaves nothing of a request in its buffer: a kept connection would hold the
//! token for as long as it lives.

use std::io;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport};
use zeroize::Zeroize;

use super::stage::{Enter, Stage};

/// What a connection holds that has not been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unasked {
    Nothing,
    /// A TLS record that has not arrived completely: it may be one of TLS's own messages.
    PartOfRecord,
    /// Bytes of an answer.
    Bytes,
    /// The end of the connection.
    End,
}

/// A transport that can be asked what has arrived unasked, in any of its layers.
pub(super) trait Look: Transport {
    /// Takes what has arrived, without waiting for more.
    fn look(&mut self) -> Unasked;

    /// Whether its buffers hold nothing; the socket is not asked.
    fn is_empty(&mut self) -> bool;

    /// Gives the kernel all but the last byte of what is held back, if that is so much that it may
    /// take a while; whether it did. Without that byte the server cannot have the whole request.
    fn send_most(&mut self, timeout: NextTimeout) -> Result<bool, Error>;

    /// Gives the kernel what is held back.
    fn flush(&mut self, timeout: NextTimeout) -> Result<(), Error>;
}

/// Wraps the connection that requests are written to, above TLS.
#[derive(Debug)]
pub(super) struct ExchangeConnector {
    pub(super) through_proxy: bool,
}

impl<In: Look> Connector<In> for ExchangeConnector {
    type Out = ExchangeTransport<In>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let is_tunnel = Enter { stage: Stage::Proxy, through_proxy: self.through_proxy }.is_to_proxy(details);
        Ok(chained.map(|below| ExchangeTransport { below, is_tunnel, phase: Phase::Idle }))
    }
}

#[derive(Debug)]
pub(super) struct ExchangeTransport<In> {
    below: In,
    /// To a proxy: what goes through it is a TLS connection of its own, and no exchange.
    is_tunnel: bool,
    phase: Phase,
}

/// How far the connection has come with its exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for a request, and may hold something.
    Idle,
    /// It waits for a request, and was seen to hold nothing.
    Looked,
    /// A request has been begun, and its answer is not awaited yet.
    Sending,
    /// An answer is being read, or has been.
    Answered,
}

impl<In: Look> ExchangeTransport<In> {
    /// Fails where the connection holds what has not been asked for. Nothing is then read from it again.
    fn expect_nothing(&mut self) -> Result<(), Error> {
        let is_sending = self.phase == Phase::Sending;
        let (kind, what) = match self.below.look() {
            Unasked::Nothing => return Ok(()),
            // Of a request that is on its way: what the record turns out to be decides.
            Unasked::PartOfRecord if is_sending => return Ok(()),
            Unasked::Bytes if is_sending => {
                (io::ErrorKind::InvalidData, "an answer came before the request was whole")
            }
            Unasked::PartOfRecord | Unasked::Bytes => {
                (io::ErrorKind::InvalidData, "an answer came before there was a request")
            }
            Unasked::End => (io::ErrorKind::UnexpectedEof, "it was closed by the other side"),
        };
        Err(io::Error::new(kind, what).into())
    }
}

/// What ureq reads where a connection was only opened, so that it keeps it as after any exchange.
const OPENED: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

impl<In: Look> ExchangeTransport<In> {
    /// Whether ureq's request is a pretext to open a connection, and goes nowhere.
    fn is_only_opened(&self) -> bool {
        !self.is_tunnel && Stage::only_opens()
    }

    /// Ends a handshake whose last message is still held back, and has ureq keep the connection.
    fn opened(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.below.flush(timeout)?;
        let buffers = self.below.buffers();
        buffers
            .input_append_buf()
            .get_mut(..OPENED.len())
            .ok_or(Error::ConnectionFailed)?
            .copy_from_slice(OPENED);
        buffers.input_appended(OPENED.len());
        Ok(true)
    }
}

impl<In: Look> Transport for ExchangeTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.below.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !self.is_tunnel && self.phase != Phase::Sending {
            if self.phase != Phase::Looked {
                self.expect_nothing()?;
            }
            self.phase = Phase::Sending;
        }
        if self.is_only_opened() {
            return Ok(());
        }
        let sent = self.below.transmit_output(amount, timeout);
        if let Some(output) = self.below.buffers().output().get_mut(..amount) {
            output.zeroize();
        }
        sent
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if self.is_only_opened() {
            self.phase = Phase::Answered;
            return self.opened(timeout);
        }
        // A short request goes out at once, right after the connection was looked at. A long one
        // takes time, in which something may have come.
        if !self.is_tunnel && self.phase == Phase::Sending {
            let is_long = self.below.send_most(timeout)?;
            if is_long || Stage::current() == Stage::Sent {
                self.expect_nothing()?;
            }
        }
        self.phase = Phase::Answered;
        self.below.await_input(timeout)
    }

    /// Whether the next request may be put on this connection. It is asked twice: by ureq before it lets the connection
    /// go, and when it is taken again. What is on the socket is only of interest the second time.
    fn is_open(&mut self) -> bool {
        if !self.is_tunnel && self.phase == Phase::Answered && self.below.is_empty() {
            self.phase = Phase::Idle;
            return true;
        }
        let found = self.below.look();
        if self.is_tunnel {
            return found != Unasked::End;
        }
        let is_open = found == Unasked::Nothing && self.phase != Phase::Sending;
        self.phase = if is_open { Phase::Looked } else { self.phase };
        is_open
    }

    fn is_tls(&self) -> bool {
        self.below.is_tls()
    }
}

/// A proxy's tunnel, whose layers are [`ExchangeTransport`] and those below it.
impl Look for Box<dyn Transport> {
    fn look(&mut self) -> Unasked {
        if !self.is_open() {
            Unasked::End
        } else if self.buffers().input().is_empty() {
            Unasked::Nothing
        } else {
            Unasked::Bytes
        }
    }

    fn is_empty(&mut self) -> bool {
        self.buffers().input().is_empty()
    }

    fn send_most(&mut self, _: NextTimeout) -> Result<bool, Error> {
        Ok(false)
    }

    fn flush(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        self.transmit_output(0, timeout)
    }
}

/// The end of ureq's chain of connectors; no connection is ever one.
impl Look for () {
    fn look(&mut self) -> Unasked {
        Unasked::End
    }

    fn is_empty(&mut self) -> bool {
        true
    }

    fn send_most(&mut self, _: NextTimeout) -> Result<bool, Error> {
        Ok(false)
    }

    fn flush(&mut self, _: NextTimeout) -> Result<(), Error> {
        Ok(())
    }
}

impl<A: Look, B: Look> Look for Either<A, B> {
    fn look(&mut self) -> Unasked {
        match self {
            Self::A(below) => below.look(),
            Self::B(below) => below.look(),
        }
    }

    fn is_empty(&mut self) -> bool {
        match self {
            Self::A(below) => below.is_empty(),
            Self::B(below) => below.is_empty(),
        }
    }

    fn send_most(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        match self {
            Self::A(below) => below.send_most(timeout),
            Self::B(below) => below.send_most(timeout),
        }
    }

    fn flush(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        match self {
            Self::A(below) => below.flush(timeout),
            Self::B(below) => below.flush(timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use ureq::unversioned::transport::LazyBuffers;

    use super::*;

    /// A connection that counts how often it is looked at.
    #[derive(Debug)]
    struct Below {
        buffers: LazyBuffers,
        looks: usize,
        found: Unasked,
    }

    impl Transport for Below {
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
            self.look() == Unasked::Nothing
        }
    }

    impl Look for Below {
        fn look(&mut self) -> Unasked {
            self.looks += 1;
            self.found
        }

        fn is_empty(&mut self) -> bool {
            true
        }

        fn send_most(&mut self, _: NextTimeout) -> Result<bool, Error> {
            Ok(false)
        }

        fn flush(&mut self, _: NextTimeout) -> Result<(), Error> {
            Ok(())
        }
    }

    fn after_an_answer(is_tunnel: bool) -> ExchangeTransport<Below> {
        let below = Below { buffers: LazyBuffers::new(64, 64), looks: 0, found: Unasked::Nothing };
        let mut transport = ExchangeTransport { below, is_tunnel, phase: Phase::Idle };
        transport.transmit_output(1, NextTimeout::default()).unwrap();
        transport.await_input(NextTimeout::default()).unwrap();
        transport.below.looks = 0;
        transport
    }

    #[test]
    fn a_kept_connection_is_looked_at_when_it_is_used_and_not_when_it_is_put_away() {
        let mut kept = after_an_answer(false);
        assert!(kept.is_open());
        assert_eq!(kept.below.looks, 0);
        assert!(kept.is_open());
        assert_eq!(kept.below.looks, 1);
    }

    /// Nobody asks a tunnel when the connection through it is put away: the first question is the one
    /// before its next use.
    #[test]
    fn a_tunnel_is_looked_at_whenever_it_is_asked() {
        let mut tunnel = after_an_answer(true);
        assert!(tunnel.is_open());
        assert_eq!(tunnel.below.looks, 1);
        let mut ended = after_an_answer(true);
        ended.below.found = Unasked::End;
        assert!(!ended.is_open());
    }
}
