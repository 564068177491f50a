//! Reads HTTP/1.1 requests: bytes that arrived and are not used yet, the head, the body.

use std::io::{self, Read};

use crate::stream::{Stream, is_timeout};

const HEAD_LIMIT: usize = 64 * 1024;
/// PHP's default; the JSON in it takes many times that once it is read.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
const PIECE: usize = 16 * 1024;

#[derive(Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    used: usize,
}

/// The head of a request, as far as the mock cares.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// Path and query, whether or not the client wrote a whole URL.
    pub(crate) target: String,
    /// Name and port that the client asked for, as it wrote them.
    pub(crate) host: Option<String>,
    /// The web page that asks, when a browser does.
    pub(crate) origin: Option<String>,
    pub(crate) keep_alive: bool,
    pub(crate) wants_continue: bool,
    body: BodyLength,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyLength {
    Known(usize),
    Chunked,
}

/// Why no request came of it.
#[derive(Clone, Copy)]
pub(crate) enum Unread {
    /// The client closed, went away or was silent for too long.
    Gone,
    /// It is not HTTP as the mock takes it; the status to say so, and why.
    Bad(u16, &'static str),
}

impl From<io::Error> for Unread {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl Head {
    /// The head of what is left of a request after so many bytes of its body.
    pub(crate) fn without(&self, bytes: usize) -> Self {
        let mut rest = self.clone();
        if let BodyLength::Known(length) = &mut rest.body {
            *length -= bytes.min(*length);
        }
        rest
    }

    pub(crate) fn has_body(&self) -> bool {
        self.body != BodyLength::Known(0)
    }
}

impl Inbox {
    /// Waits for the first byte of a request.
    pub(crate) fn wait(&mut self, stream: &mut Stream) -> Result<(), Unread> {
        if self.unused().is_empty() { self.fill(stream) } else { Ok(()) }
    }

    pub(crate) fn read_head(&mut self, stream: &mut Stream) -> Result<Head, Unread> {
        loop {
            let parsed = parse_head(self.unused())?;
            let length = parsed.as_ref().map_or(self.unused().len(), |(_, length)| *length);
            if length > HEAD_LIMIT {
                return Err(Unread::Bad(431, "the head is longer than 64 KiB"));
            }
            if let Some((head, length)) = parsed {
                self.used += length;
                return Ok(head);
            }
            self.fill(stream)?;
        }
    }

    pub(crate) fn has_unused(&self) -> bool {
        !self.unused().is_empty()
    }

    /// Reads the body, or its first `enough` bytes.
    pub(crate) fn read_body(
        &mut self,
        stream: &mut Stream,
        head: &Head,
        enough: usize,
    ) -> Result<Vec<u8>, Unread> {
        match head.body {
            BodyLength::Known(length) if length > BODY_LIMIT => Err(TOO_LARGE),
            BodyLength::Known(length) => self.take(stream, length.min(enough)),
            BodyLength::Chunked => self.read_chunks(stream, enough),
        }
    }

    fn read_chunks(&mut self, stream: &mut Stream, enough: usize) -> Result<Vec<u8>, Unread> {
        const BAD: Unread = Unread::Bad(400, "the chunks of the body are malformed");
        let mut body = Vec::new();
        while body.len() < enough {
            let size = self.read_chunk_size(stream)?;
            if body.len().saturating_add(size) > BODY_LIMIT {
                return Err(TOO_LARGE);
            }
            if size == 0 {
                self.skip_trailers(stream)?;
                break;
            }
            let wanted = size.min(enough - body.len());
            body.extend(self.take(stream, wanted)?);
            if wanted == size && self.take(stream, 2)? != b"\r\n" {
                return Err(BAD);
            }
        }
        Ok(body)
    }

    fn read_chunk_size(&mut self, stream: &mut Stream) -> Result<usize, Unread> {
        loop {
            match httparse::parse_chunk_size(self.unused()) {
                Ok(httparse::Status::Complete((length, size))) => {
                    self.used += length;
                    return usize::try_from(size).map_err(|_| TOO_LARGE);
                }
                Ok(httparse::Status::Partial) if self.unused().len() < PIECE => self.fill(stream)?,
                _ => return Err(Unread::Bad(400, "the size of a chunk is malformed")),
            }
        }
    }

    fn skip_trailers(&mut self, stream: &mut Stream) -> Result<(), Unread> {
        let mut line = Vec::new();
        loop {
            let byte = self.take(stream, 1)?;
            line.extend(byte);
            if line == b"\r\n" {
                return Ok(());
            }
            if line.ends_with(b"\r\n") {
                line.clear();
            }
            if line.len() > HEAD_LIMIT {
                return Err(Unread::Bad(431, "a trailer is longer than 64 KiB"));
            }
        }
    }

    fn take(&mut self, stream: &mut Stream, length: usize) -> Result<Vec<u8>, Unread> {
        while self.unused().len() < length {
            self.fill(stream)?;
        }
        let taken = self.unused().get(..length).unwrap_or_default().to_vec();
        self.used += length;
        Ok(taken)
    }

    fn unused(&self) -> &[u8] {
        self.bytes.get(self.used..).unwrap_or_default()
    }

    fn fill(&mut self, stream: &mut Stream) -> Result<(), Unread> {
        self.bytes.drain(..self.used.min(self.bytes.len()));
        self.used = 0;
        let mut piece = [0; PIECE];
        loop {
            match stream.read(&mut piece) {
                Ok(0) => return Err(Unread::Gone),
                Ok(length) => {
                    self.bytes.extend_from_slice(piece.get(..length).unwrap_or_default());
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => return Err(Unread::Gone),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

const TOO_LARGE: Unread = Unread::Bad(413, "the body is larger than 8 MiB");

fn parse_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, Unread> {
    const BAD: Unread = Unread::Bad(400, "this is not HTTP/1.1");
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Unread::Bad(431, "more than 64 headers")),
        Err(_) => return Err(BAD),
    };
    let (Some(method), Some(target)) = (request.method, request.path) else { return Err(BAD) };
    let values = |name: &str| -> Vec<&str> {
        let named = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        named.filter_map(|header| std::str::from_utf8(header.value).ok()).map(str::trim).collect()
    };
    let says = |name: &str, word: &str| {
        let values = values(name);
        values.iter().flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    let first = |name: &str| values(name).first().map(|value| (*value).to_owned());
    if values("host").len() > 1 {
        return Err(Unread::Bad(400, "more than one Host"));
    }
    let is_1_1 = request.version == Some(1);
    let head = Head {
        method: method.to_owned(),
        target: origin_form(target).to_owned(),
        host: split_url(target).map_or_else(|| first("host"), |(authority, _)| Some(authority.to_owned())),
        origin: first("origin"),
        keep_alive: if is_1_1 { !says("connection", "close") } else { says("connection", "keep-alive") },
        wants_continue: is_1_1 && says("expect", "100-continue"),
        body: body_length(&values("transfer-encoding"), &values("content-length"))?,
    };
    Ok(Some((head, length)))
}

/// Path and query of a target. A client that takes the mock for its proxy sends a whole URL, and HTTP/1.1 wants every
/// server to take it.
fn origin_form(target: &str) -> &str {
    match split_url(target) {
        Some((_, "")) => "/",
        Some((_, path)) => path,
        None => target,
    }
}

/// Authority and path of `http://host:port/path`; nothing for any other target.
fn split_url(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    known.then(|| rest.split_at(end))
}

fn body_length(encodings: &[&str], lengths: &[&str]) -> Result<BodyLength, Unread> {
    match (encodings, lengths) {
        ([], []) => Ok(BodyLength::Known(0)),
        ([encoding], []) if encoding.eq_ignore_ascii_case("chunked") => Ok(BodyLength::Chunked),
        ([], [length]) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(BodyLength::Known(length.parse().map_err(|_| TOO_LARGE)?))
        }
        _ => Err(Unread::Bad(400, "the length of the body is ambiguous")),
    }
}
