//! One accepted socket, with or without TLS, and the ways to end it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};
use serde::{Deserialize, Serialize};
use socket2::SockRef;

use crate::connections::Connections;

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
    ) -> io::Result<(ServerConnection, HandshakeKind)> {
        let mut tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
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

pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
