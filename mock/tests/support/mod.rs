//! A client made by hand: it sends exactly the bytes it is told to, and shows exactly what came back.

#![allow(dead_code)] // each test file uses its own part
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::needless_pass_by_value)] // tests read better without the borrow

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use oo_webhooks_mock::{DEFAULT_SECRET, DEFAULT_TOKEN, Fault, FaultKind, Mock, Protocol, Settings};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use sha2::Sha256;

/// No test waits longer than this for anything.
pub const LIMIT: Duration = Duration::from_secs(10);

/// A mock without TLS, for tests that are not about it.
pub fn plain() -> Mock {
    start(Settings { protocol: Protocol::Http, ..Settings::default() })
}

pub fn https() -> Mock {
    start(Settings::default())
}

pub fn start(settings: Settings) -> Mock {
    Mock::start(settings).unwrap()
}

/// A mock without TLS that has one fault.
pub fn plain_with(fault: FaultKind) -> Mock {
    start(Settings { protocol: Protocol::Http, faults: vec![Fault::new(fault)], ..Settings::default() })
}

pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

pub const ACTION: &str = "urn:onoffice-de-ns:smart:2.5:smartml:action:do";
pub const RESOURCE: &str = "executeMarketplaceWebhooks";

pub fn sign(timestamp: i64, token: &str, secret: &str) -> String {
    sign_text(&format!("{timestamp}{token}{RESOURCE}{ACTION}"), secret)
}

pub fn sign_text(text: &str, secret: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A signed action of the default account.
pub fn action(module: &str, id: &str) -> Value {
    let timestamp = now();
    json!({
        "actionid": ACTION,
        "resourceid": id,
        "resourcetype": RESOURCE,
        "identifier": "",
        "timestamp": timestamp,
        "hmac": sign(timestamp, DEFAULT_TOKEN, DEFAULT_SECRET),
        "hmac_version": "2",
        "parameters": {"module": module},
    })
}

pub fn request(actions: Vec<Value>) -> Value {
    json!({"token": DEFAULT_TOKEN, "request": {"actions": actions}})
}

/// A request that is in order.
pub fn good(id: u64) -> Value {
    request(vec![action("address", &id.to_string())])
}

pub fn post(body: &str) -> Vec<u8> {
    format!("POST /api/stable/api.php HTTP/1.1\r\nHost: mock\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn succeeded(&self) -> bool {
        let json = self.json();
        let result = &json["response"]["results"][0];
        json["status"]["errorcode"] == 0
            && result["status"]["errorcode"] == 0
            && result["data"]["records"][0]["elements"]["result"] == "success"
    }
}

/// How a connection ended, seen from the client.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// `close_notify` and FIN, or only FIN without TLS.
    Closed,
    /// FIN without `close_notify`.
    Truncated,
    Reset,
}

pub enum Client {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Client {
    /// Connects as the mock's URL says.
    pub fn connect(mock: &Mock) -> Self {
        let stream = tcp(mock);
        if mock.url().starts_with("https") {
            Self::handshake(stream, tls_config(mock)).unwrap()
        } else {
            Self::Plain(stream)
        }
    }

    pub fn handshake(stream: TcpStream, config: Arc<ClientConfig>) -> io::Result<Self> {
        Self::handshake_as("127.0.0.1", stream, config)
    }

    pub fn handshake_as(name: &str, mut stream: TcpStream, config: Arc<ClientConfig>) -> io::Result<Self> {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let mut tls = ClientConnection::new(config, name).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut stream)?;
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(tls, stream))))
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.write_all(bytes).unwrap();
        self.flush().unwrap();
    }

    pub fn call(&mut self, body: &Value) -> Answer {
        self.call_text(&body.to_string())
    }

    pub fn call_text(&mut self, body: &str) -> Answer {
        self.send(&post(body));
        self.read_answer()
    }

    /// Reads the head of an answer.
    pub fn read_head(&mut self) -> Answer {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.read_exact(&mut byte).unwrap();
            bytes.extend(byte);
        }
        let head = String::from_utf8(bytes).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: Vec::new() }
    }

    /// Reads one answer with a `Content-Length` or chunks.
    pub fn read_answer(&mut self) -> Answer {
        let mut answer = self.read_head();
        if let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse().unwrap()];
            self.read_exact(&mut answer.body).unwrap();
        } else if answer.header("transfer-encoding").is_some() {
            while let Some(chunk) = self.read_chunk() {
                answer.body.extend(chunk);
            }
        }
        answer
    }

    pub fn read_chunk(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            self.read_exact(&mut byte).unwrap();
            line.extend(byte);
        }
        let size = usize::from_str_radix(String::from_utf8(line).unwrap().trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        self.read_exact(&mut chunk).unwrap();
        chunk.truncate(size);
        (size > 0).then_some(chunk)
    }

    /// Everything until the end of the connection.
    pub fn read_to_end(&mut self) -> (Vec<u8>, End) {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            match self.read(&mut piece) {
                Ok(0) => return (bytes, End::Closed),
                Ok(length) => bytes.extend(&piece[..length]),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return (bytes, End::Truncated),
                // A reset that a write has met already is a broken pipe for what follows.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return (bytes, End::Reset);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// That nothing comes for a while. The one place where a test can only wait.
    pub fn hears_nothing(&mut self) -> bool {
        self.tcp().set_read_timeout(Some(Duration::from_millis(150))).unwrap();
        let silence = self.read(&mut [0]);
        self.tcp().set_read_timeout(Some(LIMIT)).unwrap();
        silence.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    pub fn is_resumed(&self) -> bool {
        let Self::Tls(tls) = self else { return false };
        tls.conn.handshake_kind() == Some(rustls::HandshakeKind::Resumed)
    }

    pub fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(tls) => &tls.sock,
        }
    }
}

impl Read for Client {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Client {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

pub fn tcp(mock: &Mock) -> TcpStream {
    let stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Trusts only the mock's CA.
pub fn tls_config(mock: &Mock) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(mock.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

/// A control request on a connection of its own.
pub fn control(mock: &Mock, method: &str, target: &str, body: &str) -> Answer {
    let mut client = Client::connect(mock);
    let length = body.len();
    client.send(format!("{method} {target} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes());
    client.read_answer()
}

/// Keeps what a mock logs.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
