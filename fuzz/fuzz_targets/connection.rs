//! Whole connections: what a server sends before, in and behind requests, split anywhere, over TLS and
//! without, on new connections and on kept ones. Each claim is compared with what the server did.
//!
//! Every answer that the server makes carries a label, of this request or of an earlier one, so whatever
//! comes when, only an answer to the request itself may settle it.

#![no_main]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, process, thread};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use oo_webhooks_core::client::Client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Outcome;
use oo_webhooks_core::record::Record;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    is_tls: bool,
    calls: Vec<Call<'a>>,
}

#[derive(Debug, Arbitrary)]
struct Call<'a> {
    /// Written when a connection is new.
    at_once: Option<Piece<'a>>,
    /// Written when so many bytes of the request have been read.
    within: Option<(u16, Piece<'a>)>,
    /// Written when the request has been read; its own answer when there is nothing.
    behind: Vec<Piece<'a>>,
    /// The connection ends afterwards.
    ends: bool,
}

#[derive(Debug, Arbitrary)]
enum Piece<'a> {
    Raw(&'a [u8]),
    /// The answer to this request, cut where it is longer.
    Own {
        is_success: bool,
        cut: u16,
    },
    /// That to the request before.
    Earlier {
        is_success: bool,
        cut: u16,
    },
}

/// What the server is to do in this call, and what it has done.
#[derive(Default)]
struct Script {
    at_once: Vec<Written>,
    within: Option<(usize, Written)>,
    behind: Vec<Written>,
    ends: bool,
    /// Labels of this request, once it has been read, and of the one before.
    label: Option<String>,
    earlier: Option<String>,
    /// Bytes of the request that were read, and whether its own answer was written.
    read: usize,
    said_success: bool,
    said_refusal: bool,
}

#[derive(Clone)]
enum Written {
    Raw(Vec<u8>),
    Answer { is_own: bool, is_success: bool, cut: usize },
}

static SCRIPT: Mutex<Option<Script>> = Mutex::new(None);

static CLIENTS: LazyLock<[Client; 2]> = LazyLock::new(|| {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let ca_file = std::env::temp_dir().join(format!("oo-webhooks-fuzz-{}.pem", process::id()));
    fs::write(&ca_file, key.cert.pem()).unwrap();
    let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let clients = [None, Some(Arc::new(config))].map(|tls| {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut options = Options::new();
        options.set_url(&format!("{scheme}://{}/", listener.local_addr().unwrap())).unwrap();
        options.set_ca_file(ca_file.to_str().unwrap()).unwrap();
        options.set_credentials("made-up-token", "made-up-secret").unwrap();
        options.set_timeout_ms(150).unwrap();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let tls = tls.clone();
                thread::spawn(move || drop(serve(socket, tls)));
            }
        });
        options.client().unwrap()
    });
    fs::remove_file(&ca_file).unwrap();
    clients
});

fuzz_target!(|input: Input| {
    let client = &CLIENTS[usize::from(input.is_tls)];
    let mut earlier = None;
    for (number, call) in input.calls.iter().take(3).enumerate() {
        let is_known = play(call, earlier.take());
        let record = Record::new("task", i64::try_from(number).unwrap() + 1).unwrap();
        let result = client.execute(record);
        let done = script().take().unwrap_or_default();
        let claim = result.outcome();
        match claim {
            Outcome::Executed => assert!(done.said_success || !is_known, "{result:?}"),
            Outcome::Rejected => assert!(done.said_refusal || !is_known, "{result:?}"),
            Outcome::NotSent => assert_eq!(done.read, 0, "{result:?}"),
            Outcome::InDoubt => {}
        }
        earlier = done.label;
    }
    oo_webhooks_core::client::close_idle_connections();
});

/// Lays out the script; whether no raw bytes can pass for an answer that echoes nothing.
fn play(call: &Call, earlier: Option<String>) -> bool {
    let written = |piece: &Piece| match *piece {
        Piece::Raw(bytes) => Written::Raw(bytes.to_vec()),
        Piece::Own { is_success, cut } => Written::Answer { is_own: true, is_success, cut: usize::from(cut) },
        Piece::Earlier { is_success, cut } => {
            Written::Answer { is_own: false, is_success, cut: usize::from(cut) }
        }
    };
    let script_of_call = Script {
        at_once: call.at_once.iter().map(written).collect(),
        within: call.within.as_ref().map(|(after, piece)| (usize::from(*after), written(piece))),
        behind: call.behind.iter().take(4).map(written).collect(),
        ends: call.ends,
        earlier,
        ..Script::default()
    };
    let pieces = call.at_once.iter().chain(call.within.iter().map(|(_, piece)| piece)).chain(&call.behind);
    let is_known = pieces
        .into_iter()
        .all(|piece| !matches!(piece, Piece::Raw(bytes) if bytes.windows(6).any(|part| part == b"status")));
    *script() = Some(script_of_call);
    is_known
}

fn script() -> MutexGuard<'static, Option<Script>> {
    SCRIPT.lock().unwrap_or_else(PoisonError::into_inner)
}

trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

fn serve(socket: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut connection: Box<dyn Connection> = match tls {
        None => Box::new(socket),
        Some(config) => {
            let tls = ServerConnection::new(config).map_err(io::Error::other)?;
            Box::new(StreamOwned::new(tls, socket))
        }
    };
    let at_once = script().as_mut().map(|script| std::mem::take(&mut script.at_once)).unwrap_or_default();
    at_once.iter().try_for_each(|piece| write(&mut connection, piece))?;
    loop {
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !is_whole(&request) {
            let bytes = connection.read(&mut buffer)?;
            if bytes == 0 {
                return Ok(());
            }
            request.extend_from_slice(&buffer[..bytes]);
            let within = {
                let mut script = script();
                let Some(script) = script.as_mut() else { return Ok(()) };
                script.read = request.len();
                script.label = label(&request);
                script.within.take_if(|(after, _)| *after <= request.len())
            };
            if let Some((_, piece)) = within {
                write(&mut connection, &piece)?;
            }
        }
        let (mut behind, ends) = match script().as_mut() {
            Some(script) => (std::mem::take(&mut script.behind), script.ends),
            None => return Ok(()),
        };
        if behind.is_empty() {
            behind.push(Written::Answer { is_own: true, is_success: true, cut: usize::MAX });
        }
        behind.iter().try_for_each(|piece| write(&mut connection, piece))?;
        if ends {
            return Ok(());
        }
    }
}

fn write(connection: &mut Box<dyn Connection>, piece: &Written) -> io::Result<()> {
    let bytes = match piece {
        Written::Raw(bytes) => bytes.clone(),
        Written::Answer { is_own, is_success, cut } => {
            let label = {
                let mut script = script();
                let Some(script) = script.as_mut() else { return Ok(()) };
                let label = if *is_own { script.label.clone() } else { script.earlier.clone() };
                script.said_success |= *is_own && *is_success && label.is_some();
                script.said_refusal |= *is_own && !*is_success && label.is_some();
                // Without a label to echo it would be an answer that nobody can tell from the true one.
                label.unwrap_or_else(|| "unknown".to_owned())
            };
            let mut answer = answer(&label, *is_success).into_bytes();
            answer.truncate(*cut);
            answer
        }
    };
    connection.write_all(&bytes)?;
    connection.flush()
}

fn answer(label: &str, is_success: bool) -> String {
    let body = if is_success {
        format!(
            r#"{{"status":{{"code":200,"errorcode":0}},"response":{{"results":[{{"identifier":"{label}","status":{{"errorcode":0}},"data":{{"records":[{{"elements":{{"result":"success"}}}}]}}}}]}}}}"#
        )
    } else {
        format!(
            r#"{{"status":{{"code":500,"errorcode":80}},"response":{{"results":[{{"identifier":"{label}","status":{{"errorcode":80}},"data":[]}}]}}}}"#
        )
    };
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The label in a request, if it has arrived.
fn label(request: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(request);
    let (_, rest) = text.split_once("\"identifier\":\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn is_whole(request: &[u8]) -> bool {
    request.ends_with(b"]}}")
}
