//! One accepted socket, with or without TLS, and the ways to end it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection, StreamOwned};
use serde::{Deserialize, Serialize};
use socket2::SockRef;

use crate::connections::Connections;
use crate::fault::{Stray, StrayGap};

/// How a connection ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Orderly: TLS's `close_notify`, then FIN.
    #[default]
    Close,
    /// FIN without `close_notify`, as a killed server leaves it.
    Eof,
    /// RST.
    Reset,
    /// Not at all: the mock says nothing more, until the client goes or the mock stops.
    Stall,
}

/// The socket, shared with those who may have to shut it from outside.
pub(crate) struct Socket(pub(crate) Arc<TcpStream>);

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Socket {
    /// Ends the connection, once the last who holds the socket lets go. `unread` says that the client may still be
    /// sending: closing would then turn into a reset, so its bytes are taken in first.
    pub(crate) fn end(mut self, how: Ending, unread: bool, connections: &Connections) {
        match how {
            Ending::Reset => {
                let _ = SockRef::from(&*self.0).set_linger(Some(Duration::ZERO));
            }
            Ending::Stall => self.discard(Duration::MAX, connections),
            Ending::Close | Ending::Eof => {
                let _ = self.0.shutdown(Shutdown::Write);
                if unread {
                    self.discard(Duration::from_secs(1), connections);
                }
            }
        }
    }

    /// Reads and forgets until the client ends, the time is up or the mock stops.
    fn discard(&mut self, limit: Duration, connections: &Connections) {
        let start = Instant::now();
        let _ = self.0.set_read_timeout(Some(Duration::from_millis(200)));
        let mut buffer = [0; 4096];
        while start.elapsed() < limit && !connections.stopping() {
            match self.read(&mut buffer) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if is_timeout(&error) => {}
                Err(_) => return,
            }
        }
    }
}

pub(crate) enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

impl Stream {
    pub(crate) fn tls(connection: ServerConnection, socket: Socket) -> Self {
        Self::Tls(Box::new(StreamOwned::new(connection, socket)))
    }

    /// Does the handshake on `socket`. When it fails, the alert that says so has been sent.
    pub(crate) fn accept_tls(
        socket: &mut Socket,
        config: &Arc<ServerConfig>,
        stray: Option<&Stray>,
    ) -> io::Result<(ServerConnection, HandshakeKind)> {
        let mut tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        if let Some(stray) = stray {
            send_with_handshake(&mut tls, socket, stray)?;
        }
        while tls.is_handshaking() {
            match tls.complete_io(socket) {
                Ok((0, 0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) => {
                    // It has tried once to send what is waiting: the alert may still stand behind the hello.
                    while tls.wants_write() && tls.write_tls(socket).is_ok_and(|written| written > 0) {}
                    return Err(error);
                }
            }
        }
        let kind = tls.handshake_kind().unwrap_or(HandshakeKind::Full);
        Ok((tls, kind))
    }

    /// Writes an answer, and stray bytes behind it.
    pub(crate) fn write_with(&mut self, answer: &[u8], stray: &Stray) -> io::Result<()> {
        let cut = |bytes: &mut Vec<u8>| bytes.truncate(stray.cut.unwrap_or(bytes.len()));
        if stray.gap == StrayGap::SameRecord && !answer.is_empty() {
            let mut stray = stray.bytes.clone();
            cut(&mut stray);
            let both = self.encrypted(&[answer, &stray].concat())?;
            return self.socket().write_all(&both);
        }
        let mut first = self.encrypted(answer)?;
        if stray.gap == StrayGap::KeyUpdate {
            self.push_key_update(&mut first)?;
        }
        let mut second = self.encrypted(&stray.bytes)?;
        cut(&mut second);
        match stray.gap {
            StrayGap::OwnSegment | StrayGap::KeyUpdate => {
                self.socket().write_all(&first)?;
                self.socket().write_all(&second)
            }
            _ => self.socket().write_all(&[first, second].concat()),
        }
    }

    /// `bytes` as they go out on the socket.
    fn encrypted(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(_) => Ok(bytes.to_vec()),
            Self::Tls(tls) => {
                let mut out = Vec::new();
                for piece in bytes.chunks(16 * 1024) {
                    tls.conn.writer().write_all(piece)?;
                    while tls.conn.wants_write() {
                        tls.conn.write_tls(&mut out)?;
                    }
                }
                Ok(out)
            }
        }
    }

    /// Adds a message of TLS's own to what goes out; TLS 1.2 and plain HTTP have none.
    fn push_key_update(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let Self::Tls(tls) = self else { return Ok(()) };
        if tls.conn.protocol_version() == Some(ProtocolVersion::TLSv1_3) {
            tls.conn.refresh_traffic_keys().map_err(io::Error::other)?;
            while tls.conn.wants_write() {
                tls.conn.write_tls(out)?;
            }
        }
        Ok(())
    }

    fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => &mut tls.sock,
        }
    }

    pub(crate) fn end(self, how: Ending, unread: bool, connections: &Connections) {
        let socket = match self {
            Self::Plain(socket) => socket,
            Self::Tls(mut tls) => {
                if how == Ending::Close {
                    tls.conn.send_close_notify();
                    let _ = tls.conn.write_tls(&mut tls.sock);
                }
                let (_, socket) = tls.into_parts();
                socket
            }
        };
        socket.end(how, unread, connections);
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

/// Goes on with the handshake until data may be sent, and sends the stray bytes in the flight that ends it.
fn send_with_handshake(tls: &mut ServerConnection, socket: &mut Socket, stray: &Stray) -> io::Result<()> {
    loop {
        // TLS 1.3: the server's flight is ready. TLS 1.2: the handshake is done but for the server's last message.
        let may_send = tls.protocol_version().is_some() && tls.writer().write(&[])? == 0 && has_keys(tls);
        let mut flight = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut flight)?;
        }
        if may_send {
            let handshake = flight.len();
            tls.writer().write_all(&stray.bytes)?;
            while tls.wants_write() {
                tls.write_tls(&mut flight)?;
            }
            flight.truncate(stray.cut.map_or(flight.len(), |cut| handshake + cut));
            return socket.write_all(&flight);
        }
        socket.write_all(&flight)?;
        if tls.read_tls(socket)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        tls.process_new_packets().map_err(io::Error::other)?;
    }
}

/// Whether what is written now is encrypted at once, and not kept until the handshake is done.
fn has_keys(tls: &ServerConnection) -> bool {
    !tls.is_handshaking() || (tls.wants_write() && tls.protocol_version() == Some(ProtocolVersion::TLSv1_3))
}

pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
