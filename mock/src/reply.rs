//! One HTTP answer, before it is bytes, and how it goes out.

use std::io::{self, Write};
use std::time::Duration;

use crate::connections::Connections;
use crate::fault::Stray;
use crate::stream::{Ending, Stream};

pub(crate) struct Reply {
    /// Sent before the head.
    pub(crate) preface: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) framing: Framing,
    pub(crate) delivery: Delivery,
    /// Sent behind it.
    pub(crate) stray: Option<Stray>,
    pub(crate) after: After,
}

/// How the answer says where its body ends.
pub(crate) enum Framing {
    Length,
    /// Announces the true length plus this.
    WrongLength(i64),
    Chunked,
    /// Chunks without end.
    Endless,
    /// The answer to a HEAD: the length of the body, and no body.
    HeadOnly,
    /// The body is the whole answer: no head.
    Raw,
}

pub(crate) enum Delivery {
    Whole,
    Drip {
        bytes: usize,
        pause: Duration,
    },
    /// Only the first bytes; a negative number counts from the end.
    Cut(i64),
}

/// What becomes of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    /// Says `Connection: close` and does it.
    Close,
    /// The same, with the rest of the request still coming.
    Refuse,
    /// Ends without having said so.
    End(Ending),
    /// The same, at the first byte of the next request.
    EndOnNextRequest(Ending),
}

impl After {
    /// Whether the connection then waits for another request.
    pub(crate) fn keeps(self) -> bool {
        matches!(self, Self::Keep | Self::EndOnNextRequest(_))
    }
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            preface: Vec::new(),
            status,
            headers: vec![("Content-Type", content_type.to_owned())],
            body,
            framing: Framing::Length,
            delivery: Delivery::Whole,
            stray: None,
            after: After::Keep,
        }
    }

    /// Without a charset, as the real server was recorded.
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self::new(status, "application/json", body.into_bytes())
    }

    /// A page such as web servers and proxies send.
    pub(crate) fn html(status: u16) -> Self {
        let title = format!("{status} {}", reason(status));
        let page = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, "text/html; charset=utf-8", page.into_bytes())
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, "text/html; charset=utf-8", Vec::new())
    }

    pub(crate) fn send(&self, stream: &mut Stream, connections: &Connections) -> io::Result<()> {
        let bytes = self.encode();
        match self.delivery {
            Delivery::Whole => match &self.stray {
                Some(stray) => return stream.write_with(&bytes, stray),
                None => stream.write_all(&bytes)?,
            },
            Delivery::Drip { bytes: size, pause } => {
                for piece in bytes.chunks(size.max(1)) {
                    if connections.stopping() {
                        return Err(io::ErrorKind::ConnectionAborted.into());
                    }
                    stream.write_all(piece)?;
                    stream.flush()?;
                    connections.pause(pause);
                }
            }
            Delivery::Cut(at) => stream.write_all(cut(&bytes, at))?,
        }
        if let Framing::Endless = self.framing {
            send_spaces_for_ever(stream, connections)?;
        }
        stream.flush()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        if let Framing::Raw = self.framing {
            return self.body.clone();
        }
        let mut bytes = self.preface.clone();
        bytes.reserve(self.body.len() + 512);
        bytes.extend(format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status)).bytes());
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        if matches!(self.after, After::Close | After::Refuse) {
            bytes.extend(b"Connection: close\r\n");
        }
        match self.framing {
            Framing::Chunked | Framing::Endless => {
                bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in self.body.chunks(self.body.len().div_ceil(3).max(1)) {
                    push_chunk(&mut bytes, chunk);
                }
                if let Framing::Chunked = self.framing {
                    bytes.extend(b"0\r\n\r\n");
                }
            }
            _ => {
                bytes.extend(format!("Content-Length: {}\r\n\r\n", self.announced_length()).bytes());
                if !matches!(self.framing, Framing::HeadOnly) {
                    bytes.extend(&self.body);
                }
            }
        }
        bytes
    }

    /// Whether it is an answer of the API that repeats labels, so that it shows whose it is.
    pub(crate) fn echoes(&self) -> bool {
        const LABEL: &[u8] = b"\"identifier\":\"";
        self.body.windows(LABEL.len()).any(|window| window == LABEL)
    }

    fn announced_length(&self) -> i64 {
        let length = i64::try_from(self.body.len()).unwrap_or(i64::MAX);
        if let Framing::WrongLength(by) = self.framing { length.saturating_add(by).max(0) } else { length }
    }
}

fn push_chunk(bytes: &mut Vec<u8>, chunk: &[u8]) {
    bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
    bytes.extend(chunk);
    bytes.extend(b"\r\n");
}

fn cut(bytes: &[u8], at: i64) -> &[u8] {
    let distance = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
    let end = if at < 0 { bytes.len().saturating_sub(distance) } else { distance };
    bytes.get(..end).unwrap_or(bytes)
}

fn send_spaces_for_ever(stream: &mut Stream, connections: &Connections) -> io::Result<()> {
    let mut chunk = Vec::new();
    push_chunk(&mut chunk, &[b' '; 8 * 1024]);
    while !connections.stopping() {
        stream.write_all(&chunk)?;
    }
    Err(io::ErrorKind::ConnectionAborted.into())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
