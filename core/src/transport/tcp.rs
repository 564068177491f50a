//! The TCP connection under ureq's TLS: it knows exactly when the first byte of a request goes out,
//! sends head and body in one packet, and looks names up only when it connects.
//!
//! ureq's own `TcpTransport` writes each part at once, cannot tell "nothing was written" from "some
//! of it was", sets a socket option for each new timeout and takes three system calls to see
//! whether a kept connection is open.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use rustix::net::{RecvFlags, recv};
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::Scheme;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};
use zeroize::Zeroize;

use super::deadline::Deadline;
use super::exchange::{Look, Unasked};
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
        let enter = |stage| Enter { stage, through_proxy: self.through_proxy };
        let deadline = Deadline::of(details.timeout);
        enter(Stage::Resolve).enter(details);
        let mut addresses = resolve(details.uri)?;
        let is_clear_text = details.uri.scheme() == Some(&Scheme::HTTP);
        if is_clear_text && !enter(Stage::Connect).is_to_proxy(details) {
            addresses = on_this_machine(addresses)?;
        }
        enter(Stage::Connect).enter(details);
        let socket = connect(&addresses, deadline)?;
        socket.set_nodelay(true)?;
        Ok(Some(Either::B(TcpTransport {
            socket,
            buffers: HoldingBuffers::new(details.config.input_buffer_size()),
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

/// The addresses that clear text may go to. A host's name says nothing: `localhost` is what the
/// system's resolver makes of it.
fn on_this_machine(mut addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Error> {
    addresses.retain(|address| address.ip().to_canonical().is_loopback());
    if addresses.is_empty() {
        let what = "the name leads to another machine, and http:// is only for this one: use https://";
        return Err(io::Error::other(what).into());
    }
    Ok(addresses)
}

/// Tries the addresses in turn, each with an equal share of the time that is left.
fn connect(addresses: &[SocketAddr], deadline: Deadline) -> Result<TcpStream, Error> {
    let mut failure = io::Error::from(io::ErrorKind::TimedOut);
    for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let attempt = match deadline.left()? {
            Some(time) => TcpStream::connect_timeout(address, time / u32::try_from(left).unwrap_or(1)),
            None => TcpStream::connect(address),
        };
        match attempt {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = error,
        }
    }
    Err(failure.into())
}

/// Written output is held back until an answer is awaited: head and body go out in one piece.
pub(super) struct TcpTransport {
    socket: TcpStream,
    buffers: HoldingBuffers,
    /// What the socket's own timeouts are set to, to set them only when they change.
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
}

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.buffers.hold(amount);
        // Nothing more is written when a tunnel is flushed through ureq's own layers.
        if amount == 0 || self.buffers.is_full() { self.send(0, Deadline::of(timeout)) } else { Ok(()) }
    }

    /// Nothing is read before all that was written has been given to the kernel.
    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let deadline = Deadline::of(timeout);
        self.send(0, deadline)?;
        let amount = self.receive(deadline)?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.look() == Unasked::Nothing
    }
}

impl Look for TcpTransport {
    /// Asks the socket whatever the buffer holds: what was read before may have more behind it.
    fn look(&mut self) -> Unasked {
        let room = self.buffers.input_append_buf();
        if room.is_empty() {
            return Unasked::Bytes;
        }
        match recv(&self.socket, room, RecvFlags::DONTWAIT) {
            Ok((0, _)) => return Unasked::End,
            Ok((amount, _)) => self.buffers.input_appended(amount),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
            Err(_) => return Unasked::End,
        }
        if self.buffers.input().is_empty() { Unasked::Nothing } else { Unasked::Bytes }
    }

    fn is_empty(&mut self) -> bool {
        self.buffers.input().is_empty() && self.buffers.held().is_empty()
    }

    fn send_most(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if !self.buffers.is_long() {
            return Ok(false);
        }
        self.send(1, Deadline::of(timeout))?;
        Ok(true)
    }

    fn flush(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        self.send(0, Deadline::of(timeout))
    }
}

impl TcpTransport {
    /// Gives the kernel all that is held but the last `keep` bytes.
    fn send(&mut self, keep: usize, deadline: Deadline) -> Result<(), Error> {
        while self.buffers.held().len() > keep {
            let left = patience(deadline)?;
            if left != self.write_timeout {
                self.socket.set_write_timeout(left)?;
                self.write_timeout = left;
            }
            let held = self.buffers.held();
            match self.socket.write(held.get(..held.len() - keep).unwrap_or_default()) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(sent) => {
                    Stage::bytes_went_out();
                    self.buffers.release(sent);
                }
                Err(error) => retry_or(error, deadline)?,
            }
        }
        Ok(())
    }

    fn receive(&mut self, deadline: Deadline) -> Result<usize, Error> {
        loop {
            let left = patience(deadline)?;
            if left != self.read_timeout {
                self.socket.set_read_timeout(left)?;
                self.read_timeout = left;
            }
            match self.socket.read(self.buffers.input_append_buf()) {
                Ok(amount) => return Ok(amount),
                Err(error) => retry_or(error, deadline)?,
            }
        }
    }
}

/// Go on after a signal, and when the kernel has waited for as long as it was told to; the deadline
/// is checked anew.
fn retry_or(error: io::Error, deadline: Deadline) -> Result<(), Error> {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => Ok(()),
        io::ErrorKind::TimedOut => Err(deadline.exceeded()),
        _ => Err(error.into()),
    }
}

/// What the kernel is told to wait: less than the time that is left, since its timers for sockets are
/// late by up to an eighth (2 s for 17 s), and then again for what is still left.
///
/// Rounded up to a millisecond, so that the calls on a kept connection, which begin with the same
/// time, need not set the socket's option anew; one at least, since a socket refuses 0.
fn patience(deadline: Deadline) -> Result<Option<Duration>, Error> {
    let Some(left) = deadline.left()? else { return Ok(None) };
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

/// Buffers whose output is held until it is sent.
struct HoldingBuffers {
    input: LazyBuffers,
    output: Vec<u8>,
    /// Bytes of `output` that are held: those before `sent` have gone out.
    held: usize,
    sent: usize,
}

/// Held at most; a longer request goes out in pieces.
const MAX_HELD: usize = 64 * 1024;

/// Room for what is written at a time.
const CHUNK: usize = 18 * 1024;

/// From this size on a request may take the kernel more than a moment: the connection is looked at
/// again before its last byte goes out.
const LONG: usize = 32 * 1024;

impl HoldingBuffers {
    fn new(input_size: usize) -> Self {
        Self { input: LazyBuffers::new(input_size, 1), output: Vec::new(), held: 0, sent: 0 }
    }

    fn hold(&mut self, amount: usize) {
        self.held = (self.held + amount).min(self.output.len());
    }

    fn held(&self) -> &[u8] {
        self.output.get(self.sent..self.held).unwrap_or_default()
    }

    fn is_full(&self) -> bool {
        self.held >= MAX_HELD
    }

    fn is_long(&self) -> bool {
        self.held >= LONG
    }

    /// `amount` bytes have gone out. When all have, none of them stays: over plain HTTP they hold the token.
    fn release(&mut self, amount: usize) {
        self.sent += amount;
        if self.sent >= self.held {
            self.output.get_mut(..self.held).unwrap_or_default().zeroize();
            (self.held, self.sent) = (0, 0);
        }
    }
}

impl Buffers for HoldingBuffers {
    fn output(&mut self) -> &mut [u8] {
        // All of it at once: a vector that grows would leave copies that are not zeroed.
        if self.output.is_empty() {
            self.output.resize(MAX_HELD + CHUNK, 0);
        }
        self.output.get_mut(self.held..).unwrap_or_default()
    }

    fn input(&self) -> &[u8] {
        self.input.input()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.input.input_append_buf()
    }

    fn input_appended(&mut self, amount: usize) {
        self.input.input_appended(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.input.input_consume(amount);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        let held = self.held;
        self.output();
        let (scratch, _) = self.input.tmp_and_output();
        (scratch, self.output.get_mut(held..).unwrap_or_default())
    }

    fn can_use_input(&self) -> bool {
        self.input.can_use_input()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_goes_to_loopback_addresses_whatever_a_name_leads_to() {
        let addresses =
            |all: &[&str]| all.iter().map(|one| one.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let mixed = addresses(&[
            "192.0.2.1:80",
            "127.0.0.1:80",
            "[2001:db8::1]:80",
            "[::1]:80",
            "[::ffff:127.0.0.1]:80",
        ]);
        let kept = addresses(&["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"]);
        assert_eq!(on_this_machine(mixed).unwrap(), kept);
        let error = on_this_machine(addresses(&["192.0.2.1:80", "[::ffff:192.0.2.1]:80"])).unwrap_err();
        assert!(error.to_string().contains("https://"), "{error}");
    }

    /// Also what comes behind bytes that had been read before: a message of TLS's own may hide an answer.
    #[test]
    fn a_look_takes_all_that_has_arrived() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let buffers = HoldingBuffers::new(8);
        let mut transport = TcpTransport { socket, buffers, read_timeout: None, write_timeout: None };
        for (sent, seen) in [("one", "one"), ("two", "onetwo"), ("three", "onetwoth"), ("", "onetwoth")] {
            server.write_all(sent.as_bytes()).unwrap();
            // Blocks until it is there.
            transport.socket.peek(&mut [0]).unwrap();
            assert_eq!(transport.look(), Unasked::Bytes);
            assert_eq!(transport.buffers.input(), seen.as_bytes());
        }
        transport.buffers.input_consume(8);
        assert_eq!(transport.look(), Unasked::Bytes);
        transport.buffers.input_consume(3);
        assert_eq!(transport.look(), Unasked::Nothing);
        drop(server);
        transport.socket.peek(&mut [0]).unwrap();
        assert_eq!(transport.look(), Unasked::End);
    }

    #[test]
    fn what_is_held_goes_out_in_order_and_leaves_nothing() {
        let mut buffers = HoldingBuffers::new(1024);
        for text in ["one", "two"] {
            buffers.output()[..3].copy_from_slice(text.as_bytes());
            buffers.hold(3);
        }
        buffers.release(2);
        assert_eq!(buffers.held(), b"etwo");
        buffers.release(4);
        assert_eq!(buffers.held(), b"");
        assert_eq!(buffers.output()[..6], [0; 6]);
    }
}
