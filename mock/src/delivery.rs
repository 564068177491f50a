//! One call of a webhook: a GET over a connection of its own, bounded in time and size, to loopback and nowhere else.
//! Whatever is answered, nothing more follows from it: no redirect, no second try.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::record::Module;
use crate::stream::is_timeout;
use crate::webhook::{Endpoint, Event};

/// How long a receiver may take for all of it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How much of an answer is read; the status is at its beginning.
const ANSWER_LIMIT: usize = 64 * 1024;

/// A call of a webhook that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Counts from 1, without gaps, in the order in which they ended.
    pub sequence: u64,
    /// The sequence of the ledger's entry that it was called for.
    pub execution: u64,
    /// The record's module.
    pub module: Module,
    /// The record's id.
    pub id: u64,
    /// What the webhook was registered for.
    pub event: Event,
    /// Its URL, as it was registered.
    pub url: String,
    /// The HTTP status of the answer; 0 when there was none.
    pub status: u16,
    /// Why there was none; empty otherwise.
    pub error: String,
    /// The mock's true time at the end, Unix milliseconds.
    pub time_ms: i64,
}

/// Calls a webhook and returns the status of the answer, or why there is none. `opened` is given the connection, to end
/// it from another thread.
pub(crate) fn call(endpoint: &Endpoint, target: &str, opened: impl Fn(&TcpStream)) -> Result<u16, String> {
    let end = Instant::now() + TIMEOUT;
    let mut stream = connect(&endpoint.addresses).map_err(|error| format!("cannot connect: {error}"))?;
    opened(&stream);
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {}\r\nUser-Agent: oo-webhooks-mock\r\nConnection: close\r\n\r\n",
        endpoint.authority
    );
    let sent = stream.set_write_timeout(Some(TIMEOUT)).and_then(|()| stream.write_all(request.as_bytes()));
    sent.map_err(|error| format!("cannot send: {error}"))?;
    let mut answer = Vec::new();
    let mut status = None;
    while answer.len() < ANSWER_LIMIT {
        match read(&mut stream, end) {
            Ok(bytes) if bytes.is_empty() => break,
            Ok(bytes) => answer.extend(bytes),
            Err(_) if status.is_some() => break,
            Err(error) if is_timeout(&error) => return Err(format!("no answer within {TIMEOUT:?}")),
            Err(error) => return Err(format!("no answer: {error}")),
        }
        match parsed(&answer)? {
            Some((code, true)) => return Ok(code),
            Some((code, false)) => status = Some(code),
            None => {}
        }
    }
    status.ok_or_else(|| "the connection ended before the head of an answer".to_owned())
}

fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses.iter().filter(|address| address.ip().is_loopback()) {
        match TcpStream::connect_timeout(address, TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn read(stream: &mut TcpStream, end: Instant) -> io::Result<Vec<u8>> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    stream.set_read_timeout(Some(left))?;
    let mut piece = vec![0; 4096];
    loop {
        match stream.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => {
                piece.truncate(other?);
                return Ok(piece);
            }
        }
    }
}

/// The status of an answer whose head is there, and whether nothing of its body is missing, as far as its length is
/// told. A head that says `100 Continue` or the like is passed over.
fn parsed(answer: &[u8]) -> Result<Option<(u16, bool)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(answer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(format!("the answer is not HTTP/1.1: {error}")),
    };
    let rest = answer.get(length..).unwrap_or_default();
    let status = response.code.unwrap_or_default();
    if (100..200).contains(&status) {
        return parsed(rest);
    }
    let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let body = header.and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse().ok());
    Ok(Some((status, body.is_some_and(|body: usize| rest.len() >= body))))
}
