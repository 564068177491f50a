//! Whole connections: what a server sends before, in and behind requests and between calls, cut
//! anywhere, over TLS and without, on new connections and on kept ones. Each claim is compared with
//! what the server had read and said.
//!
//! Between calls this thread serves what is left to serve. So it is certain what a connection held
//! before a call, and bytes from before may be an answer in all but the time at which they came. Refusals
//! that come while a request may be on its way carry the label of another one: nothing else could tell
//! them from its answer. Successes need none: the client knows that this server echoes labels.

#![no_main]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::{fs, process, thread};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use oo_webhooks_core::client::{Client, close_idle_connections};
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::record::Record;
use oo_webhooks_core::request::Request;
use rustix::event::epoll;
use rustls::pki_types::PrivateKeyDer;
use rustls::version::{TLS12, TLS13};
use rustls::{ProtocolVersion, ServerConfig, ServerConnection, SupportedProtocolVersion};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    /// Plain HTTP, TLS 1.2 or TLS 1.3.
    protocol: u8,
    calls: Vec<Call<'a>>,
}

#[derive(Debug, Arbitrary)]
struct Call<'a> {
    /// How many records; the highest means so many that a request takes several writes.
    records: u8,
    /// Written with the handshake of the first connection that this call opens.
    at_once: Vec<Piece<'a>>,
    /// Written when so many bytes of the request, or a few more, have been read.
    within: Option<(u32, Piece<'a>)>,
    /// Written in one go when the request has been read: its own answer when there is nothing.
    behind: Vec<Piece<'a>>,
    /// The connection ends with that.
    ends: bool,
    /// Written when the call is over, to the connection that was kept.
    between: Vec<Piece<'a>>,
    /// So many bytes of what is written between, counted behind TLS, wait for what is written next.
    held: u8,
}

#[derive(Debug, Clone, Arbitrary)]
enum Piece<'a> {
    Raw(&'a [u8]),
    Answer {
        /// Whose label it has: that of this request, of the one before, or none.
        whose: Whose,
        is_success: bool,
        /// So many bytes at the most.
        cut: Option<u16>,
    },
    /// A message of TLS's own.
    OfTls,
}

#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
enum Whose {
    Own,
    Earlier,
    Nobodys,
}

/// No call takes this long: the server answers or ends the connection.
const TIMEOUT_MS: i64 = 9_000;

const CALLS: usize = 4;
const PIECES: usize = 4;

fuzz_target!(|input: Input| {
    static LEARN: Once = Once::new();
    if input.calls.iter().take(CALLS).any(could_be_an_answer) {
        return;
    }
    LEARN.call_once(|| (0..PROTOCOLS).for_each(learn_that_labels_are_echoed));
    let protocol = usize::from(input.protocol) % PROTOCOLS;
    let client = &WORLD.clients[protocol];
    server().begin();
    for (number, call) in input.calls.iter().take(CALLS).enumerate() {
        let first = i64::try_from(number).unwrap() * 1000 + 1;
        let request = request(first, call.records);
        server().script = Script::of(call, first, protocol);

        let results = client.execute_request(&request).unwrap();

        let mut server = server();
        server.serve();
        let script = &server.script;
        assert_eq!(results.len(), request.records().len());
        assert!(script.begun <= 1, "the request was begun {} times: {results:?}", script.begun);
        for result in &results {
            assert_ne!(result.status(), Status::Timeout, "{}", result.message());
            match result.outcome() {
                Outcome::Executed => assert!(script.said_success, "{}", result.message()),
                Outcome::Rejected => assert!(script.said_refusal, "{}", result.message()),
                Outcome::NotSent => assert_eq!(script.begun, 0, "{}", result.message()),
                Outcome::InDoubt => assert_eq!(script.begun, 1, "{}", result.message()),
            }
            // Nothing went wrong here, whatever the connection held before.
            if call.at_once.is_empty() && call.within.is_none() && call.behind.is_empty() {
                assert_eq!(result.status(), Status::Ok, "{}", result.message());
            }
        }
        server.write_between(&call.between, usize::from(call.held));
    }
    close_idle_connections();
    server().end();
});

/// A call with no fault, so that each input meets clients which know the same.
fn learn_that_labels_are_echoed(protocol: usize) {
    server().script = Script { first: 1, ..Script::default() };
    let results = WORLD.clients[protocol].execute_request(&request(1, 0)).unwrap();
    assert_eq!(results[0].status(), Status::Ok, "{}", results[0].message());
    close_idle_connections();
    server().end();
}

/// Whether raw bytes could be an answer that the server knows nothing of.
fn could_be_an_answer(call: &Call) -> bool {
    let pieces = call.at_once.iter().chain(&call.behind).chain(&call.between);
    pieces
        .chain(call.within.iter().map(|(_, piece)| piece))
        .any(|piece| matches!(piece, Piece::Raw(bytes) if bytes.windows(6).any(|part| part == b"status")))
}

fn request(first: i64, count: u8) -> Request {
    let mut request = Request::new();
    let count = if count == u8::MAX { 500 } else { i64::from(count % 3) + 1 };
    for id in first..first + count {
        request.add(Record::new("task", id).unwrap()).unwrap();
    }
    request
}

/// What the server is to do in a call, and what it has done.
#[derive(Default)]
struct Script {
    at_once: Vec<Said>,
    within: Option<(usize, Said)>,
    behind: Vec<Said>,
    ends: bool,
    /// The id of the call's first record.
    first: i64,
    /// Connections on which bytes of a request came.
    begun: usize,
    /// An answer that the client may take for its own was begun when the whole request had been read.
    said_success: bool,
    said_refusal: bool,
}

/// A [`Piece`] that is kept.
#[derive(Clone)]
enum Said {
    Raw(Vec<u8>),
    Answer { whose: Whose, is_success: bool, cut: usize },
    OfTls,
}

impl Said {
    fn of(piece: &Piece) -> Said {
        match *piece {
            Piece::Raw(bytes) => Said::Raw(bytes.to_vec()),
            Piece::Answer { whose, is_success, cut } => {
                Said::Answer { whose, is_success, cut: cut.map_or(usize::MAX, usize::from) }
            }
            Piece::OfTls => Said::OfTls,
        }
    }

    /// The same with a label, where only a label can tell it from the answer that is waited for.
    fn labelled(self) -> Said {
        match self {
            Said::Answer { is_success: false, cut, .. } => {
                Said::Answer { whose: Whose::Earlier, is_success: false, cut }
            }
            said => said,
        }
    }

    /// A client that gets this, and nothing before it, need not wait for more.
    fn is_whole(&self) -> bool {
        matches!(self, Said::Answer { cut: usize::MAX, .. })
    }
}

impl Script {
    fn of(call: &Call, first: i64, protocol: usize) -> Script {
        let said = |pieces: &[Piece]| pieces.iter().take(PIECES).map(Said::of).collect::<Vec<_>>();
        let mut at_once = said(&call.at_once);
        if protocol != TLS_13 {
            // The client's request may be on its way when this comes.
            at_once = at_once.into_iter().map(Said::labelled).collect();
        }
        let within = call.within.as_ref();
        Script {
            at_once,
            within: within.map(|(after, piece)| (*after as usize % 200_000, Said::of(piece).labelled())),
            behind: said(&call.behind),
            ends: call.ends,
            first,
            ..Script::default()
        }
    }
}

/// How many protocols there are to the server, and the number of one.
const PROTOCOLS: usize = 3;
const TLS_13: usize = 2;

struct World {
    clients: [Client; PROTOCOLS],
    server: Mutex<Server>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let ca_file = std::env::temp_dir().join(format!("oo-webhooks-fuzz-{}.pem", process::id()));
    fs::write(&ca_file, key.cert.pem()).unwrap();
    let config = |version: &'static SupportedProtocolVersion| {
        let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[version]);
        let builder = builder.unwrap().with_no_client_auth();
        let mut config = builder.with_single_cert(vec![key.cert.der().clone()], private).unwrap();
        config.send_half_rtt_data = true;
        Arc::new(config)
    };
    let configs = [None, Some(config(&TLS12)), Some(config(&TLS13))];
    let listeners = configs.map(|config| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        (listener, config)
    });
    let clients = [0, 1, 2].map(|protocol| {
        let (listener, config) = &listeners[protocol];
        let scheme = if config.is_some() { "https" } else { "http" };
        let mut options = Options::new();
        options.set_url(&format!("{scheme}://{}/", listener.local_addr().unwrap())).unwrap();
        options.set_ca_file(ca_file.to_str().unwrap()).unwrap();
        options.set_credentials("made-up-token", "made-up-secret").unwrap();
        options.set_timeout_ms(TIMEOUT_MS).unwrap();
        options.client().unwrap()
    });
    fs::remove_file(&ca_file).unwrap();
    let events = epoll::create(epoll::CreateFlags::CLOEXEC).unwrap();
    for (listener, _) in &listeners {
        watch(&events, listener);
    }
    thread::spawn(serve_for_ever);
    let server = Server {
        listeners,
        events: Arc::new(events),
        connections: Vec::new(),
        script: Script::default(),
        earlier: Vec::new(),
    };
    World { clients, server: Mutex::new(server) }
});

fn watch(events: &impl std::os::fd::AsFd, of: &impl std::os::fd::AsFd) {
    let data = epoll::EventData::new_u64(0);
    epoll::add(events, of, data, epoll::EventFlags::IN | epoll::EventFlags::RDHUP).unwrap();
}

fn serve_for_ever() {
    let events = Arc::clone(&server().events);
    let mut ready = Vec::with_capacity(8);
    loop {
        ready.clear();
        // Interrupted: there is nothing to do but to look again.
        let _ = epoll::wait(&*events, rustix::buffer::spare_capacity(&mut ready), None);
        server().serve();
    }
}

fn server() -> MutexGuard<'static, Server> {
    WORLD.server.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The other end. Whoever holds it serves what has arrived: its own thread in a call, and the thread that
/// calls when the call is over.
struct Server {
    listeners: [(TcpListener, Option<Arc<ServerConfig>>); PROTOCOLS],
    events: Arc<std::os::fd::OwnedFd>,
    connections: Vec<Connection>,
    script: Script,
    /// The labels of the last whole request.
    earlier: Vec<String>,
}

impl Server {
    fn begin(&mut self) {
        assert!(self.connections.is_empty());
        self.earlier.clear();
    }

    fn serve(&mut self) {
        for (listener, config) in &self.listeners {
            while let Ok((socket, _)) = listener.accept() {
                socket.set_nonblocking(true).unwrap();
                socket.set_nodelay(true).unwrap();
                watch(&*self.events, &socket);
                self.connections.push(Connection::new(socket, config.as_ref()));
            }
        }
        let (script, earlier) = (&mut self.script, &mut self.earlier);
        self.connections.retain_mut(|connection| connection.serve(script, earlier).is_ok());
    }

    /// Leaves at least a byte of the last piece behind: nothing could tell a client what it cannot see.
    fn write_between(&mut self, pieces: &[Piece], held: usize) {
        let pieces: Vec<Said> = pieces.iter().take(PIECES).map(Said::of).collect();
        let Some((last, others)) = pieces.split_last() else { return };
        let earlier = &self.earlier;
        self.connections.retain_mut(|connection| {
            connection.is_clean = false;
            connection.write_held(others, last, earlier, held).is_ok()
        });
    }

    /// The client has closed all its connections, and says nothing on the way out.
    fn end(&mut self) {
        self.script = Script::default();
        self.serve();
        assert_eq!(self.script.begun, 0, "a part of a request was sent when no call was running");
        assert!(self.connections.is_empty(), "a connection was left open");
    }
}

struct Connection {
    socket: TcpStream,
    tls: Option<ServerConnection>,
    is_new: bool,
    /// Nothing was written that leaves the client waiting for its end.
    is_clean: bool,
    /// What has been read of the request.
    request: Vec<u8>,
    /// Written, and not yet given to the kernel.
    out: Vec<u8>,
}

impl Connection {
    fn new(socket: TcpStream, config: Option<&Arc<ServerConfig>>) -> Connection {
        let tls = config.map(|config| {
            let mut tls = ServerConnection::new(Arc::clone(config)).unwrap();
            // Two answers for 500 records are more than rustls holds back by itself.
            tls.set_buffer_limit(None);
            tls
        });
        Connection { socket, tls, is_new: true, is_clean: true, request: Vec::new(), out: Vec::new() }
    }

    /// Reads what has arrived, and does what the script says to it. An error is the connection's end.
    fn serve(&mut self, script: &mut Script, earlier: &mut Vec<String>) -> io::Result<()> {
        self.greet(script, earlier)?;
        let mut buffer = [0; 16 * 1024];
        loop {
            let bytes = match self.socket.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let begun = !self.request.is_empty();
            self.decrypt(&buffer[..bytes])?;
            self.greet(script, earlier)?;
            if self.request.is_empty() {
                self.flush(0)?;
                continue;
            }
            script.begun += usize::from(!begun);
            if let Some((_, said)) = script.within.take_if(|(after, _)| *after <= self.request.len()) {
                self.is_clean &= matches!(said, Said::OfTls);
                self.say(&[said], &[], earlier)?;
            }
            self.flush(0)?;
            if is_whole(&self.request) {
                self.answer(script, earlier)?;
            }
        }
    }

    /// Takes plain bytes or TLS records in, and the request out.
    fn decrypt(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            self.request.extend_from_slice(bytes);
            return Ok(());
        };
        while !bytes.is_empty() {
            tls.read_tls(&mut bytes)?;
            tls.process_new_packets().map_err(io::Error::other)?;
            match tls.reader().read_to_end(&mut self.request) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes what comes with the handshake: in TLS 1.3 in the server's own flight, before the client's
    /// last message; in TLS 1.2 behind it.
    fn greet(&mut self, script: &mut Script, earlier: &[String]) -> io::Result<()> {
        let may_write = self.tls.as_ref().is_none_or(|tls| {
            let is_flight = tls.protocol_version() == Some(ProtocolVersion::TLSv1_3) && tls.wants_write();
            !tls.is_handshaking() || is_flight
        });
        if !may_write || !std::mem::take(&mut self.is_new) {
            return Ok(());
        }
        let at_once = std::mem::take(&mut script.at_once);
        self.is_clean &= at_once.is_empty();
        self.say(&at_once, &[], earlier)?;
        self.flush(0)
    }

    fn answer(&mut self, script: &mut Script, earlier: &mut Vec<String>) -> io::Result<()> {
        let own = labels(&self.request);
        let of_this_call = format!("\"resourceid\":\"{}\"", script.first);
        let is_own = self.request.windows(of_this_call.len()).any(|part| part == of_this_call.as_bytes());
        assert!(is_own, "the request of another call was sent");
        self.request.clear();
        if script.behind.is_empty() {
            script.behind.push(Said::Answer { whose: Whose::Own, is_success: true, cut: usize::MAX });
        }
        for said in &script.behind {
            match said {
                Said::Answer { whose: Whose::Own, is_success: true, .. } => script.said_success = true,
                Said::Answer { whose: Whose::Own | Whose::Nobodys, is_success: false, .. } => {
                    script.said_refusal = true;
                }
                _ => {}
            }
        }
        self.say(&script.behind, &own, earlier)?;
        self.flush(0)?;
        let is_answered = self.is_clean && script.behind.first().is_some_and(Said::is_whole);
        *earlier = own;
        if script.ends || !is_answered {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        self.is_clean = script.behind.len() == 1;
        Ok(())
    }

    /// Adds `pieces` to what is written, each in a TLS record of its own.
    fn say(&mut self, pieces: &[Said], own: &[String], earlier: &[String]) -> io::Result<()> {
        for said in pieces {
            let bytes = match said {
                Said::Raw(bytes) => bytes.clone(),
                Said::Answer { whose, is_success, cut } => {
                    let nobody = [String::new()];
                    let mut answer = match whose {
                        Whose::Own if !own.is_empty() => answer(own, *is_success),
                        // Without a label it would be one that nobody can tell from the true answer.
                        Whose::Own | Whose::Earlier if earlier.is_empty() => {
                            answer(&["another".to_owned()], *is_success)
                        }
                        Whose::Own | Whose::Earlier => answer(earlier, *is_success),
                        Whose::Nobodys if own.is_empty() => answer(&nobody, *is_success),
                        Whose::Nobodys => answer(&vec![String::new(); own.len()], *is_success),
                    };
                    answer.truncate(*cut);
                    answer.into_bytes()
                }
                Said::OfTls => {
                    self.update_keys()?;
                    continue;
                }
            };
            self.write(&bytes)?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            self.out.extend_from_slice(bytes);
            return Ok(());
        };
        for record in bytes.chunks(16 * 1024) {
            tls.writer().write_all(record)?;
        }
        Ok(())
    }

    fn update_keys(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls)
                if tls.protocol_version() == Some(ProtocolVersion::TLSv1_3) && !tls.is_handshaking() =>
            {
                tls.refresh_traffic_keys().map_err(io::Error::other)
            }
            _ => Ok(()),
        }
    }

    fn write_held(
        &mut self,
        others: &[Said],
        last: &Said,
        earlier: &[String],
        held: usize,
    ) -> io::Result<()> {
        self.say(others, &[], earlier)?;
        self.flush(0)?;
        self.say(std::slice::from_ref(last), &[], earlier)?;
        self.drain()?;
        self.flush(held.min(self.out.len().saturating_sub(1)))
    }

    /// Takes from TLS what it wants to write.
    fn drain(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        while tls.wants_write() {
            tls.write_tls(&mut self.out)?;
        }
        Ok(())
    }

    /// Gives the kernel what is written but for the last `held` bytes.
    fn flush(&mut self, held: usize) -> io::Result<()> {
        self.drain()?;
        let rest = self.out.split_off(self.out.len().saturating_sub(held));
        self.socket.write_all(&self.out)?;
        self.out = rest;
        Ok(())
    }
}

/// An answer of one result for each label; an empty one is no label.
fn answer(labels: &[String], is_success: bool) -> String {
    let (code, data) =
        if is_success { (0, r#"{"records":[{"elements":{"result":"success"}}]}"#) } else { (137, "[]") };
    let results: Vec<String> = labels
        .iter()
        .map(|label| {
            let echo = if label.is_empty() { String::new() } else { format!(r#""identifier":"{label}","#) };
            format!(r#"{{{echo}"status":{{"errorcode":{code}}},"data":{data}}}"#)
        })
        .collect();
    let top = if is_success { 200 } else { 400 };
    let results = results.join(",");
    let status = format!(r#"{{"code":{top},"errorcode":{code}}}"#);
    let body = format!(r#"{{"status":{status},"response":{{"results":[{results}]}}}}"#);
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The labels in a request, in order.
fn labels(request: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(request);
    let behind = text.split("\"identifier\":\"").skip(1);
    behind.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

fn is_whole(request: &[u8]) -> bool {
    request.ends_with(b"]}}")
}
