//! The TCP connection: it knows exactly when the first byte of a request goes out, sends head and body in one packet,
//! and sets a socket's timeouts only when they change.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use zeroize::Zeroize;

use super::buffer::Buffer;
use super::deadline::Deadline;
use super::layer::{Layer, MAX_HELD, Unasked, too_long};
use super::stage::{At, Broken, Stage};
use super::tls::MAX_RECORD;

/// Room for what is held back: a piece is added where there is less than [`MAX_HELD`].
const ROOM: usize = MAX_HELD + MAX_RECORD;

/// Resolves the host and connects to it, on the calling thread. Clear text only goes to this machine.
pub(super) fn connect(uri: &Uri, must_be_here: bool, deadline: Deadline) -> Result<Tcp, Broken> {
    let mut addresses = resolve(uri).at(Stage::Resolve)?;
    if must_be_here {
        addresses = on_this_machine(addresses).at(Stage::Resolve)?;
    }
    let socket = connect_to_one(&addresses, deadline).at(Stage::Connect)?;
    socket.set_nodelay(true).at(Stage::Connect)?;
    Ok(Tcp::new(socket))
}

/// The host of a URL as it stands in one, and the port, which is that of the scheme where none is given.
pub(super) fn host_and_port(uri: &Uri) -> (&str, u16) {
    (uri.host().unwrap_or_default(), uri.port_u16().unwrap_or_else(|| port_of_scheme(uri)))
}

pub(super) fn port_of_scheme(uri: &Uri) -> u16 {
    if uri.scheme() == Some(&Scheme::HTTP) { 80 } else { 443 }
}

/// The system's resolver; its time is bounded only by the system's settings (resolv.conf).
fn resolve(uri: &Uri) -> io::Result<Vec<SocketAddr>> {
    let (host, port) = host_and_port(uri);
    let addresses: Vec<SocketAddr> = format!("{host}:{port}").to_socket_addrs()?.collect();
    if addresses.is_empty() { Err(io::Error::other("the name has no address")) } else { Ok(addresses) }
}

/// The addresses that clear text may go to. A host's name says nothing: `localhost` is what the
/// system's resolver makes of it.
fn on_this_machine(mut addresses: Vec<SocketAddr>) -> io::Result<Vec<SocketAddr>> {
    addresses.retain(|address| address.ip().to_canonical().is_loopback());
    if addresses.is_empty() {
        let what = "the name leads to another machine, and http:// is only for this one: use https://";
        return Err(io::Error::other(what));
    }
    Ok(addresses)
}

/// Tries the addresses in turn, each with an equal share of the time that is left.
fn connect_to_one(addresses: &[SocketAddr], deadline: Deadline) -> io::Result<TcpStream> {
    let mut failure = io::Error::from(io::ErrorKind::TimedOut);
    for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = deadline.left()? / u32::try_from(left).unwrap_or(1);
        match TcpStream::connect_timeout(address, share) {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// A connected socket.
pub(super) struct Tcp {
    socket: TcpStream,
    input: Buffer,
    held: Held,
    sent: u64,
    /// What the socket's own timeouts are set to; zero for none.
    read_timeout: Duration,
    write_timeout: Duration,
}

impl Tcp {
    fn new(socket: TcpStream) -> Self {
        let (input, held) = (Buffer::new(MAX_RECORD), Held::default());
        Self { socket, input, held, sent: 0, read_timeout: Duration::ZERO, write_timeout: Duration::ZERO }
    }

    fn went_out(&mut self, amount: usize) {
        self.sent += amount as u64;
        self.held.release(amount);
    }
}

impl Layer for Tcp {
    fn input(&self) -> &[u8] {
        self.input.bytes()
    }

    fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
    }

    fn hold(&mut self, head: &[u8], rest: &[u8]) -> io::Result<()> {
        self.held.add(head);
        self.held.add(rest);
        Ok(())
    }

    fn held(&self) -> usize {
        self.held.bytes().len()
    }

    fn send_at_once(&mut self) -> io::Result<()> {
        while self.held() > 0 {
            match send(&self.socket, self.held.bytes(), SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Ok(amount) => self.went_out(amount),
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn send(&mut self, keep: usize, deadline: Deadline) -> io::Result<()> {
        while self.held() > keep {
            if let Some(timeout) = other_timeout(self.write_timeout, deadline.left()?) {
                self.socket.set_write_timeout(Some(timeout))?;
                self.write_timeout = timeout;
            }
            let held = self.held.bytes();
            match self.socket.write(held.get(..held.len() - keep).unwrap_or_default()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(amount) => self.went_out(amount),
                Err(error) => retry_or(error)?,
            }
        }
        Ok(())
    }

    fn sent(&self) -> u64 {
        self.sent
    }

    /// Nothing is read before all that was written has been given to the kernel.
    fn receive(&mut self, deadline: Deadline) -> io::Result<bool> {
        self.send(0, deadline)?;
        loop {
            if let Some(timeout) = other_timeout(self.read_timeout, deadline.left()?) {
                self.socket.set_read_timeout(Some(timeout))?;
                self.read_timeout = timeout;
            }
            let room = self.input.room();
            if room.is_empty() {
                return Err(too_long());
            }
            match self.socket.read(room) {
                Ok(amount) => {
                    self.input.add(amount);
                    return Ok(amount > 0);
                }
                Err(error) => retry_or(error)?,
            }
        }
    }

    /// Asks the socket whatever the buffer holds: what was read before may have more behind it. A server that has more
    /// to say than there is room for says what nobody asked for.
    fn look(&mut self) -> Unasked {
        let room = self.input.room();
        if room.is_empty() {
            return Unasked::Bytes;
        }
        match recv(&self.socket, room, RecvFlags::DONTWAIT) {
            Ok((0, _)) => return Unasked::End,
            Ok((amount, _)) => self.input.add(amount),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => return Unasked::End,
        }
        if self.input.is_empty() { Unasked::Nothing } else { Unasked::Bytes }
    }

    fn is_empty(&self) -> bool {
        self.input.is_empty() && self.held() == 0
    }
}

/// Go on after a signal, and when the kernel has waited for as long as it was told to; the deadline
/// is checked anew.
fn retry_or(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => Ok(()),
        _ => Err(error),
    }
}

/// What the kernel is to be told to wait, unless what it was told fits: less than the time that is left, since its
/// timers for sockets are late by up to an eighth (2 s for 17 s), and then again for what is still left.
///
/// There is room about it, so that the calls on a kept connection, which begin with the same time, need not set the
/// socket's option anew. One millisecond at least: a socket refuses 0.
fn other_timeout(set: Duration, left: Duration) -> Option<Duration> {
    let fits = !set.is_zero() && left / 2 <= set && set <= left * 8 / 9;
    let milliseconds = (left * 3 / 4).as_micros().div_ceil(1000);
    (!fits).then(|| Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX).max(1)))
}

/// Output that is held back.
#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    /// Bytes that have gone out.
    gone: usize,
}

impl Held {
    fn add(&mut self, bytes: &[u8]) {
        // All of it at once: a vector that grows would leave copies that are not zeroed.
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(ROOM);
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(self.gone..).unwrap_or_default()
    }

    /// `amount` bytes have gone out. When all have, none of them stays: over plain HTTP they hold the token.
    fn release(&mut self, amount: usize) {
        self.gone += amount;
        if self.gone >= self.bytes.len() {
            self.bytes.as_mut_slice().zeroize();
            self.bytes.clear();
            self.gone = 0;
        }
    }
}

/// A request that failed may be held still.
impl Drop for Held {
    fn drop(&mut self) {
        self.bytes.as_mut_slice().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_waits_for_less_than_what_is_left_and_is_seldom_told_anew() {
        let ms = Duration::from_millis;
        assert_eq!(other_timeout(Duration::ZERO, ms(30_000)), Some(ms(22_500)));
        assert_eq!(other_timeout(ms(22_500), ms(29_000)), None);
        // With an eighth more it would be over.
        assert_eq!(other_timeout(ms(22_500), ms(25_000)), Some(ms(18_750)));
        assert_eq!(other_timeout(ms(22_500), ms(60_000)), Some(ms(45_000)));
        for left in [Duration::from_nanos(1), Duration::from_micros(10), ms(1)] {
            assert_eq!(other_timeout(Duration::ZERO, left), Some(ms(1)));
        }
    }

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

    #[test]
    fn a_port_that_is_not_given_is_that_of_the_scheme() {
        for (uri, expected) in [
            ("https://example.test/path", ("example.test", 443)),
            ("http://localhost", ("localhost", 80)),
            ("https://[::1]:8443/", ("[::1]", 8443)),
        ] {
            assert_eq!(host_and_port(&uri.parse().unwrap()), expected);
        }
    }

    fn soon() -> Deadline {
        Deadline::within(Duration::from_secs(20))
    }

    fn pair() -> (Tcp, TcpStream) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        (Tcp::new(socket), server)
    }

    /// Also what comes behind bytes that had been read before: a message of TLS's own may hide an answer.
    #[test]
    fn a_look_takes_all_that_has_arrived() {
        let (mut tcp, mut server) = pair();
        tcp.input = Buffer::new(8);
        for (sent, seen) in [("one", "one"), ("two", "onetwo"), ("three", "onetwoth"), ("", "onetwoth")] {
            server.write_all(sent.as_bytes()).unwrap();
            // Blocks until it is there.
            tcp.socket.peek(&mut [0]).unwrap();
            assert_eq!(tcp.look(), Unasked::Bytes);
            assert_eq!(tcp.input(), seen.as_bytes());
        }
        tcp.consume(8);
        assert_eq!(tcp.look(), Unasked::Bytes);
        tcp.consume(3);
        assert_eq!(tcp.look(), Unasked::Nothing);
        drop(server);
        tcp.socket.peek(&mut [0]).unwrap();
        assert_eq!(tcp.look(), Unasked::End);
    }

    #[test]
    fn what_is_held_goes_out_when_something_is_awaited_but_for_what_is_kept() {
        let (mut tcp, mut server) = pair();
        tcp.hold(b"one", b"two").unwrap();
        assert_eq!((tcp.held(), tcp.sent(), tcp.is_empty()), (6, 0, false));
        tcp.send(1, soon()).unwrap();
        assert_eq!((tcp.held(), tcp.sent()), (1, 5));
        server.write_all(b"answer").unwrap();
        assert!(tcp.receive(soon()).unwrap());
        assert_eq!((tcp.held(), tcp.sent(), tcp.input()), (0, 6, b"answer".as_slice()));
        let mut received = [0; 6];
        server.read_exact(&mut received).unwrap();
        assert_eq!(&received, b"onetwo");
    }

    #[test]
    fn what_is_held_goes_out_in_order_and_stays_in_its_place() {
        let mut held = Held::default();
        held.add(b"one");
        held.add(b"two");
        let place = held.bytes.as_ptr();
        held.release(2);
        assert_eq!(held.bytes(), b"etwo");
        held.release(4);
        assert_eq!(held.bytes(), b"");
        // Its room holds what is written next, in the same place.
        held.add(&vec![1; ROOM]);
        assert_eq!(held.bytes.as_ptr(), place);
    }
}
