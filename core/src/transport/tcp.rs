//! The TCP connection under ureq's TLS: it knows exactly when the first byte of a request goes out,
//! sends head and body in one packet, and looks names up only when it connects.
//!
//! ureq's own `TcpTransport` writes each part at once, cannot tell "nothing was written" from "some
//! of it was", sets a socket option for each new timeout and takes three system calls to see
//! whether a kept connection is open.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use rustix::net::{RecvFlags, recv};
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, time,
};
use zeroize::Zeroize;

use super::stage::{Enter, Stage};

/// Looks nothing up: ureq asks it before every call, warm ones too. [`TcpConnector`] resolves.
#[derive(Debug)]
pub(super) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

/// Resolves and connects, on the calling thread.
#[derive(Debug)]
pub(super) struct TcpConnector {
    pub(super) through_proxy: bool,
}

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, TcpTransport>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        let enter = |stage| Enter { stage, through_proxy: self.through_proxy }.enter(details);
        let end = deadline(details.timeout);
        enter(Stage::Resolve);
        let addresses = resolve(details.uri)?;
        enter(Stage::Connect);
        let socket = connect(&addresses, end)?;
        socket.set_nodelay(true)?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(TcpTransport {
            socket,
            buffers,
            unsent: Vec::new(),
            read_timeout: None,
            write_timeout: None,
        })))
    }
}

/// The system's resolver; its time is bounded by the system's settings (resolv.conf) alone.
fn resolve(uri: &Uri) -> Result<Vec<SocketAddr>, Error> {
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(Error::HostNotFound);
    };
    let name = DefaultResolver::host_and_port(scheme, authority).ok_or(Error::HostNotFound)?;
    let addresses: Vec<SocketAddr> = name.to_socket_addrs()?.collect();
    if addresses.is_empty() { Err(Error::HostNotFound) } else { Ok(addresses) }
}

/// Tries the addresses in turn, each with an equal share of the time that is left.
fn connect(addresses: &[SocketAddr], end: Option<Instant>) -> io::Result<TcpStream> {
    let mut failure = io::Error::from(io::ErrorKind::TimedOut);
    for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let attempt = match end.map(|end| end.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => return Err(io::ErrorKind::TimedOut.into()),
            Some(time) => TcpStream::connect_timeout(address, time / u32::try_from(left).unwrap_or(1)),
            None => TcpStream::connect(address),
        };
        match attempt {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

pub(super) struct TcpTransport {
    socket: TcpStream,
    buffers: LazyBuffers,
    /// Written by the layers above and not yet sent: it goes out in one piece when an answer is awaited.
    unsent: Vec<u8>,
    /// What the socket's own timeouts are set to, to set them only when they change.
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
}

/// Held back at most; a large request goes out in pieces of this size.
const MAX_UNSENT: usize = 64 * 1024;

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let output = self.buffers.output();
        self.unsent.extend_from_slice(output.get(..amount).unwrap_or(output));
        if self.unsent.len() >= MAX_UNSENT { self.send(timeout) } else { Ok(()) }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.send(timeout)?;
        let amount = self.receive(timeout)?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Open, and nothing came that was not asked for. Looks without taking, and without waiting.
    fn is_open(&mut self) -> bool {
        let mut byte = [0];
        let seen = recv(&self.socket, &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT);
        matches!(seen, Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR))
    }
}

impl TcpTransport {
    fn send(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        let end = deadline(timeout);
        let mut rest = self.unsent.as_slice();
        while !rest.is_empty() {
            let left = remaining(end, timeout)?;
            if left != self.write_timeout {
                self.socket.set_write_timeout(left)?;
                self.write_timeout = left;
            }
            match self.socket.write(rest) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(sent) => {
                    Stage::bytes_went_out();
                    rest = rest.get(sent..).unwrap_or_default();
                }
                Err(error) => retry_or(error, timeout)?,
            }
        }
        self.unsent.zeroize();
        Ok(())
    }

    fn receive(&mut self, timeout: NextTimeout) -> Result<usize, Error> {
        let end = deadline(timeout);
        loop {
            let left = remaining(end, timeout)?;
            if left != self.read_timeout {
                self.socket.set_read_timeout(left)?;
                self.read_timeout = left;
            }
            match self.socket.read(self.buffers.input_append_buf()) {
                Ok(amount) => return Ok(amount),
                Err(error) => retry_or(error, timeout)?,
            }
        }
    }
}

/// Go on after a signal, and when the kernel has waited for as long as it was told to; the deadline
/// is checked anew.
fn retry_or(error: io::Error, timeout: NextTimeout) -> Result<(), Error> {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => Ok(()),
        io::ErrorKind::TimedOut => Err(Error::Timeout(timeout.reason)),
        _ => Err(error.into()),
    }
}

fn deadline(timeout: NextTimeout) -> Option<Instant> {
    match timeout.after {
        time::Duration::Exact(after) => Instant::now().checked_add(after),
        time::Duration::NotHappening => None,
    }
}

/// What the kernel is told to wait: less than the time that is left, since its timers for sockets are
/// late by up to an eighth (2 s for 17 s), and then again for what is still left.
///
/// Rounded up to a millisecond, so that the calls on a kept connection, which begin with the same
/// time, need not set the socket's option anew; one at least, since a socket refuses 0.
fn remaining(end: Option<Instant>, timeout: NextTimeout) -> Result<Option<Duration>, Error> {
    let Some(end) = end else { return Ok(None) };
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Error::Timeout(timeout.reason));
    }
    let milliseconds = u64::try_from((left * 8 / 9).as_micros().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
    Ok(Some(Duration::from_millis(milliseconds)))
}

impl fmt::Debug for TcpTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TcpTransport")
            .field("peer", &self.socket.peer_addr().ok())
            .finish_non_exhaustive()
    }
}
