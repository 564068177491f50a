//! The life of one connection: accepted, handshake, requests, end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::{HandshakeKind, ServerConfig};

use crate::connections::Connections;
use crate::control;
use crate::counts::tick;
use crate::exchange::{self, Step};
use crate::fault::{FaultKind, Stage, Stray, StrayGap};
use crate::inbox::{Head, Inbox, Unread};
use crate::log::quoted;
use crate::reply::{After, Framing, Reply};
use crate::state::{Place, State};
use crate::stream::{Ending, Socket, Stream};

/// What a port is for.
#[derive(Clone)]
pub(crate) enum Port {
    /// The API and `/mock/*`, over TLS when there is a configuration for it.
    Api(Option<Arc<ServerConfig>>),
    /// Only `/mock/*`, plain, and out of reach of faults and counters.
    Control,
}

/// How long a write may take: a client that does not read must not hold a thread for ever.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Paths of the API; "latest" is the other one that it documents.
const API_PATHS: [&str; 2] = ["/api/stable/api.php", "/api/latest/api.php"];

/// Serves `socket` until it ends. It is entered in `connections` and leaves them last of all: when it has left, its end
/// has been sent.
pub(crate) fn serve(state: &State, port: &Port, socket: TcpStream, number: u64) {
    let connections = port.connections(state);
    let socket = Arc::new(socket);
    if let Err(reason) = connections.enter(number, &socket) {
        return state.log.line(number, 0, || format!("closed at once: {reason}"));
    }
    let _ = socket.set_nodelay(true);
    let _ = socket.set_read_timeout(Some(connections.idle_timeout));
    let _ = socket.set_write_timeout(Some(WRITE_TIMEOUT));
    let connection = Connection { state, port, connections, number, requests: 0, inbox: Inbox::default() };
    connection.run(Socket(socket));
    connections.leave(number);
}

struct Connection<'a> {
    state: &'a State,
    port: &'a Port,
    connections: &'a Connections,
    number: u64,
    requests: u64,
    inbox: Inbox,
}

/// Why no further request is read: how the connection ends, and whether the client may still be sending.
struct End {
    how: Ending,
    unread: bool,
}

const DONE: End = End { how: Ending::Close, unread: false };

impl Connection<'_> {
    fn run(mut self, socket: Socket) {
        if let Some(mut stream) = self.open(socket) {
            let end = loop {
                if let Err(end) = self.serve_request(&mut stream) {
                    break end;
                }
            };
            stream.end(end.how, end.unread, self.connections);
        }
    }

    /// The handshake, and the faults around it.
    fn open(&self, mut socket: Socket) -> Option<Stream> {
        let Port::Api(tls) = self.port else { return Some(Stream::Plain(socket)) };
        let fault = self.fault(Stage::Accept);
        let stray = fault.as_deref().and_then(|fault| self.stray(fault));
        if let Some(fault) = fault.filter(|_| stray.is_none()) {
            self.connections.set_idle(self.number, false);
            self.refuse_handshake(socket, &fault);
            return None;
        }
        let Some(config) = tls else {
            let mut stream = Stream::Plain(socket);
            if let Some(stray) = stray {
                let _ = stream.write_with(&[], &stray);
            }
            return self.opened(stream);
        };
        match Stream::accept_tls(&mut socket, config, stray.as_ref()) {
            Ok((tls, kind)) => {
                tick(match kind {
                    HandshakeKind::Resumed => &self.state.counters.resumed_handshakes,
                    _ => &self.state.counters.full_handshakes,
                });
                self.opened(Stream::tls(tls, socket))
            }
            Err(error) => {
                tick(&self.state.counters.failed_handshakes);
                self.log(|| format!("tls handshake failed: {error}"));
                socket.end(Ending::Close, true, self.connections);
                None
            }
        }
    }

    fn opened(&self, stream: Stream) -> Option<Stream> {
        let Some(how) = self.fault(Stage::Handshake).and_then(|fault| fault.drops()) else {
            return Some(stream);
        };
        self.connections.set_idle(self.number, false);
        stream.end(how, true, self.connections);
        None
    }

    fn refuse_handshake(&self, mut socket: Socket, fault: &FaultKind) {
        let answer: &[u8] = match fault {
            FaultKind::TlsAlert { alert } => &[21, 3, 3, 0, 2, 2, *alert],
            FaultKind::PlainTextInsteadOfTls => b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            _ => return socket.end(fault.drops().unwrap_or_default(), true, self.connections),
        };
        tick(&self.state.counters.failed_handshakes);
        // The client speaks first; an answer before that would be a different fault.
        if socket.read(&mut [0; 1024]).is_ok() {
            let _ = socket.write_all(answer);
        }
        socket.end(Ending::Close, true, self.connections);
    }

    fn serve_request(&mut self, stream: &mut Stream) -> Result<(), End> {
        let waited = self.inbox.wait(stream);
        let open = self.connections.set_idle(self.number, false);
        if waited.is_err() || !open {
            return Err(DONE);
        }
        self.drop_at(Stage::FirstByte)?;
        let reply = self.receive(stream)?;
        // Before the answer: who has read it may ask at once for idle connections to be closed.
        let open = self.connections.set_idle(self.number, reply.after.keeps());
        reply.send(stream, self.connections).map_err(|_| DONE)?;
        if reply.stray.is_some() {
            tick(&self.state.counters.strays);
        }
        if !open && reply.after.keeps() {
            return Err(DONE);
        }
        self.go_on(stream, reply.after)
    }

    /// Reads a request and makes the answer to it.
    fn receive(&mut self, stream: &mut Stream) -> Result<Reply, End> {
        let head = match self.inbox.read_head(stream) {
            Ok(head) => head,
            Err(unread) => return self.refuse(unread),
        };
        let path = head.target.split('?').next().unwrap_or_default();
        let is_api = matches!(self.port, Port::Api(_)) && API_PATHS.contains(&path);
        if is_api {
            self.drop_at(Stage::Head)?;
        }
        if head.wants_continue && head.has_body() && !self.inbox.has_unused() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|_| DONE)?;
        }
        let mut begin = Vec::new();
        if is_api && let Some(fault) = self.fault(Stage::Body) {
            let FaultKind::StrayInBody { after, .. } = *fault else {
                return Err(self.drop_in_body(stream, &head, &fault));
            };
            begin = self.inbox.read_body(stream, &head, after).map_err(|_| DONE)?;
            if let Some(stray) = self.stray(&fault) {
                stream.write_with(&[], &stray).map_err(|_| DONE)?;
            }
        }
        let body = self.inbox.read_body(stream, &head.without(begin.len()), usize::MAX);
        let mut reply = match body.map(|rest| [begin, rest].concat()) {
            Ok(body) => self.answer(is_api, &head, &body)?,
            Err(unread) => self.refuse(unread)?,
        };
        let keep = self.state.keep_alive && head.keep_alive && !self.connections.stopping();
        if !keep && reply.after == After::Keep {
            reply.after = After::Close;
        }
        if head.method == "HEAD" && !matches!(reply.framing, Framing::Raw) {
            reply.framing = Framing::HeadOnly;
        }
        Ok(reply)
    }

    fn answer(&mut self, is_api: bool, head: &Head, body: &[u8]) -> Result<Reply, End> {
        self.requests += 1;
        if is_api { self.answer_api(head, body) } else { Ok(self.answer_other(head, body)) }
    }

    fn refuse(&self, unread: Unread) -> Result<Reply, End> {
        let Unread::Bad(status, reason) = unread else { return Err(DONE) };
        self.log(|| format!("refused: HTTP {status}, {reason}"));
        Ok(Reply { after: After::Refuse, ..Reply::html(status) })
    }

    fn answer_api(&self, head: &Head, body: &[u8]) -> Result<Reply, End> {
        let place = Place { connection: self.number, request: self.requests };
        match exchange::answer(self.state, self.connections, &head.method, body, place) {
            Ok(Step::Send(reply)) => {
                if reply.echoes() {
                    let preface = reply.preface.len();
                    *self.state.earlier() = reply.encode().split_off(preface);
                }
                Ok(*reply)
            }
            Ok(Step::End(how)) => Err(End { how, unread: false }),
            Err(_) => Err(DONE),
        }
    }

    fn answer_other(&self, head: &Head, body: &[u8]) -> Reply {
        control::answer(self.state, head, body).unwrap_or_else(|| {
            self.log(|| format!("refused: HTTP 404, no such path {}", quoted(&head.target)));
            Reply::html(404)
        })
    }

    /// What an answer leaves behind: a connection ready for the next request, or its end.
    fn go_on(&mut self, stream: &mut Stream, after: After) -> Result<(), End> {
        match after {
            After::Keep => Ok(()),
            After::Close => Err(DONE),
            After::Refuse => Err(End { how: Ending::Close, unread: true }),
            After::End(how) => Err(End { how, unread: false }),
            After::EndOnNextRequest(how) => {
                let waited = self.inbox.wait(stream);
                self.connections.set_idle(self.number, false);
                Err(if waited.is_ok() { End { how, unread: true } } else { DONE })
            }
        }
    }

    fn drop_at(&self, stage: Stage) -> Result<(), End> {
        match self.fault(stage).and_then(|fault| fault.drops()) {
            Some(how) => Err(End { how, unread: true }),
            None => Ok(()),
        }
    }

    /// The stray bytes of a fault, if it is one that sends them by itself.
    fn stray(&self, fault: &FaultKind) -> Option<Stray> {
        let (content, results, cut) = match *fault {
            FaultKind::StrayWithHandshake { content, results, cut } => (content, results, cut),
            FaultKind::StrayInBody { content, results, .. } => (content, results, None),
            _ => return None,
        };
        let bytes = content.bytes(results, &self.state.earlier());
        Some(Stray { bytes, gap: StrayGap::SameRecord, cut })
    }

    fn drop_in_body(&mut self, stream: &mut Stream, head: &Head, fault: &FaultKind) -> End {
        let FaultKind::DropInBody { after, how } = fault else { return DONE };
        let _ = self.inbox.read_body(stream, head, *after);
        End { how: *how, unread: true }
    }

    /// The fault for this point of the exchange, counted and logged.
    fn fault(&self, stage: Stage) -> Option<Arc<FaultKind>> {
        let Port::Api(_) = self.port else { return None };
        let fault = self.state.faults.take(stage)?;
        self.state.counters.faults.fetch_add(1, Ordering::SeqCst);
        self.log(|| format!("fault {}: did not execute", fault.name()));
        Some(fault)
    }

    fn log(&self, text: impl FnOnce() -> String) {
        self.state.log.line(self.number, self.requests, text);
    }
}

impl Port {
    pub(crate) fn connections<'a>(&self, state: &'a State) -> &'a Connections {
        match self {
            Self::Api(_) => &state.connections,
            Self::Control => &state.control_connections,
        }
    }
}
