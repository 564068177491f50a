//! HTTP/1.1 on a connection: the head of a request, and an answer (RFC 9112). httparse knows its grammar; where a body
//! ends, and whether the connection is kept behind it, is said here.

use std::io::{self, BufRead, Read};
use std::mem::MaybeUninit;

use flate2::bufread::MultiGzDecoder;
use http::Uri;
use httparse::{EMPTY_HEADER, Header, ParserConfig, Status};

use super::deadline::Deadline;
use super::layer::{Layer, closed, invalid, too_long};
use super::tcp;

const USER_AGENT: &str = concat!("user-agent: oo_webhooks/", env!("CARGO_PKG_VERSION"));

/// The longest head of an answer.
const MAX_HEAD: usize = 16 * 1024;

/// Headers of an answer at most.
const MAX_HEADERS: usize = 128;

/// The largest answer, before and after decompression.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// Room that is made for an answer whose length is known beforehand; a longer one grows.
const MAX_ANNOUNCED: u64 = 64 * 1024;

/// What every request for `uri` has in its head.
fn common(method: &str, uri: &Uri) -> String {
    let (host, port) = tcp::host_and_port(uri);
    let is_usual = uri.port_u16().is_none() || port == tcp::port_of_scheme(uri);
    let port = if is_usual { String::new() } else { format!(":{port}") };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let root = if path.starts_with('/') { "" } else { "/" };
    // Answers are a few hundred bytes. One that comes compressed is decompressed all the same.
    format!(
        "{method} {root}{path} HTTP/1.1\r\nhost: {host}{port}\r\n{USER_AGENT}\r\n\
         accept: application/json\r\naccept-encoding: identity\r\n"
    )
}

/// The head of a POST of JSON, but for its length and its end.
pub(super) fn post(uri: &Uri) -> String {
    common("POST", uri) + "content-type: application/json\r\ncontent-length: "
}

/// The whole head of a GET.
pub(super) fn get(uri: &Uri) -> String {
    common("GET", uri) + "\r\n"
}

/// What asks a proxy for a tunnel to `target`, with the value of `Proxy-Authorization`.
pub(super) fn connect(target: &str, authorization: Option<&str>) -> String {
    // Old proxies look for the name as it was always written.
    let authorization =
        authorization.map_or(String::new(), |value| format!("Proxy-Authorization: {value}\r\n"));
    format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n{USER_AGENT}\r\n{authorization}\r\n")
}

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    framing: Framing,
    /// Neither the version nor a header says that the connection ends behind the answer.
    is_kept: bool,
    is_gzip: bool,
    /// The `Date` header.
    pub(super) date: Option<String>,
    /// The `Keep-Alive` header.
    pub(super) keep_alive: Option<String>,
}

/// Where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// After so many bytes.
    Length(u64),
    Chunked,
    /// Where the connection ends.
    UntilClose,
}

impl Head {
    /// Reads the head of an answer; those that are only informational, such as 103, are passed over.
    pub(super) fn read(layer: &mut dyn Layer, deadline: Deadline) -> io::Result<Self> {
        loop {
            let input = layer.input();
            let parsed = Self::parse(input)?;
            if parsed.as_ref().map_or(input.len(), |(length, _)| *length) > MAX_HEAD {
                return Err(invalid("its head is longer than 16 KiB"));
            }
            match parsed {
                Some((length, head)) => {
                    layer.consume(length);
                    if !matches!(head.status, 100 | 102..=199) {
                        return Ok(head);
                    }
                }
                None if layer.receive(deadline)? => {}
                None => return Err(closed()),
            }
        }
    }

    /// The head that `bytes` begin with, and its length, if all of it is there.
    fn parse(bytes: &[u8]) -> io::Result<Option<(usize, Self)>> {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let parsed =
            ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let Status::Complete(length) = parsed.map_err(invalid)? else { return Ok(None) };
        let status = response.code.unwrap_or_default();
        let is_old = response.version == Some(0);
        if status < 100 {
            return Err(invalid("its status is none of HTTP's"));
        }
        let mut said = Said::default();
        for header in response.headers {
            said.add(header)?;
        }
        let has_no_body = matches!(status, 101..=199 | 204 | 304);
        let framing = match (said.coding, said.length) {
            _ if has_no_body => Framing::Length(0),
            (Some(Coding::Chunked), _) if !is_old => Framing::Chunked,
            (None, Some(length)) => Framing::Length(length),
            _ => Framing::UntilClose,
        };
        // Where both say where the body ends, one of them may have misled somebody on the way.
        let is_clear = said.coding.is_none() || said.length.is_none();
        let is_kept = is_clear && status != 101 && !said.closes && (!is_old || said.keeps);
        let Said { is_gzip, date, keep_alive, .. } = said;
        Ok(Some((length, Self { status, framing, is_kept, is_gzip, date, keep_alive })))
    }
}

/// What the headers of an answer say.
#[derive(Default)]
struct Said {
    length: Option<u64>,
    coding: Option<Coding>,
    closes: bool,
    keeps: bool,
    is_gzip: bool,
    date: Option<String>,
    keep_alive: Option<String>,
}

/// The last transfer coding.
#[derive(Clone, Copy)]
enum Coding {
    Chunked,
    Other,
}

impl Said {
    fn add(&mut self, header: &Header<'_>) -> io::Result<()> {
        let value = header.value.trim_ascii();
        let text = || str::from_utf8(value).ok().map(str::to_owned);
        let mut items = value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("content-length") {
            self.add_length(value)?;
        } else if is("transfer-encoding") {
            self.coding = match items.next_back() {
                Some(last) if last.eq_ignore_ascii_case(b"chunked") => Some(Coding::Chunked),
                // Of older servers: no coding.
                _ if value.eq_ignore_ascii_case(b"identity") && self.coding.is_none() => None,
                _ => Some(Coding::Other),
            };
        } else if is("connection") {
            for item in items {
                self.closes |= item.eq_ignore_ascii_case(b"close");
                self.keeps |= item.eq_ignore_ascii_case(b"keep-alive");
            }
        } else if is("content-encoding") {
            self.is_gzip = value.eq_ignore_ascii_case(b"gzip");
        } else if is("date") {
            self.date = text();
        } else if is("keep-alive") {
            self.keep_alive = text();
        }
        Ok(())
    }

    fn add_length(&mut self, digits: &[u8]) -> io::Result<()> {
        let number =
            str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(length) = number.and_then(|number| number.parse().ok()) else {
            return Err(invalid("its content-length is not a number"));
        };
        if self.length.is_some_and(|other| other != length) {
            return Err(invalid("it has two lengths"));
        }
        self.length = Some(length);
        Ok(())
    }
}

/// The body of an answer.
pub(super) struct Body {
    /// It may be cut, and then `broken` says why.
    pub(super) bytes: Vec<u8>,
    pub(super) broken: Option<io::Error>,
    /// Behind it the connection is there for the next request.
    pub(super) is_kept: bool,
}

impl Body {
    /// Reads the body behind `head`, which may be compressed.
    pub(super) fn read(head: &Head, layer: &mut dyn Layer, deadline: Deadline) -> Self {
        let mut reading = Reading { bytes: Vec::new(), layer, deadline };
        let mut read = reading.read(head.framing);
        let mut bytes = reading.bytes;
        if head.is_gzip && !bytes.is_empty() {
            let (plain, decompressed) = decompress(&bytes, deadline);
            bytes = plain;
            // What was cut cannot be decompressed to its end.
            read = read.and_then(|is_kept| decompressed.map(|()| is_kept));
        }
        let is_kept = head.is_kept && *read.as_ref().unwrap_or(&false);
        Self { bytes, broken: read.err(), is_kept }
    }
}

/// A body while it is read.
struct Reading<'a> {
    bytes: Vec<u8>,
    layer: &'a mut dyn Layer,
    deadline: Deadline,
}

impl Reading<'_> {
    /// Reads to the end of the body; `false` where the connection ended with it.
    fn read(&mut self, framing: Framing) -> io::Result<bool> {
        match framing {
            Framing::Length(length) => {
                // What the server announces, within reason.
                make_room(&mut self.bytes, usize::try_from(length.min(MAX_ANNOUNCED)).unwrap_or(0))?;
                self.take(length)?;
                Ok(true)
            }
            Framing::Chunked => self.chunks(),
            Framing::UntilClose => loop {
                self.take_some(u64::MAX)?;
                // Only what was ended well ends here: a connection that breaks may have been about to say more.
                if !self.layer.receive(self.deadline)? {
                    return Ok(false);
                }
            },
        }
    }

    /// Takes `length` bytes.
    fn take(&mut self, mut length: u64) -> io::Result<()> {
        loop {
            length -= self.take_some(length)?;
            if length == 0 {
                return Ok(());
            }
            self.more()?;
        }
    }

    /// Takes of what is there, `most` bytes at the most; how many.
    fn take_some(&mut self, most: u64) -> io::Result<u64> {
        let input = self.layer.input();
        let piece = input.get(..usize::try_from(most).unwrap_or(usize::MAX)).unwrap_or(input);
        let taken = piece.len();
        let fitting = piece.get(..MAX_BODY.saturating_sub(self.bytes.len())).unwrap_or(piece);
        make_room(&mut self.bytes, fitting.len())?;
        self.bytes.extend_from_slice(fitting);
        let is_too_large = fitting.len() < taken;
        self.layer.consume(taken);
        if is_too_large { Err(too_large()) } else { Ok(taken as u64) }
    }

    fn chunks(&mut self) -> io::Result<bool> {
        loop {
            let length = self.chunk_length()?;
            if length == 0 {
                return self.trailers();
            }
            self.take(length)?;
            while self.layer.input().len() < 2 {
                self.more()?;
            }
            if !self.layer.input().starts_with(b"\r\n") {
                return Err(invalid("a chunk of it does not end where it should"));
            }
            self.layer.consume(2);
        }
    }

    fn chunk_length(&mut self) -> io::Result<u64> {
        loop {
            let input = self.layer.input();
            let begins_well = input.first().is_none_or(u8::is_ascii_hexdigit);
            match httparse::parse_chunk_size(input) {
                Ok(Status::Complete((line, length))) if begins_well => {
                    self.layer.consume(line);
                    return Ok(length);
                }
                Ok(Status::Partial) if begins_well && input.len() <= MAX_HEAD => self.more()?,
                Ok(Status::Partial) if begins_well => return Err(too_long()),
                _ => return Err(invalid("the length of a chunk of it is not a number")),
            }
        }
    }

    /// Passes over what is behind the last chunk. The body is whole whatever comes; `false` where it is not the end.
    fn trailers(&mut self) -> io::Result<bool> {
        loop {
            let mut headers = [EMPTY_HEADER; MAX_HEADERS];
            let input = self.layer.input();
            match httparse::parse_headers(input, &mut headers) {
                Ok(Status::Complete((length, _))) => {
                    self.layer.consume(length);
                    return Ok(true);
                }
                Ok(Status::Partial) if input.len() <= MAX_HEAD => {}
                _ => return Ok(false),
            }
            if !self.layer.receive(self.deadline).unwrap_or(false) {
                return Ok(false);
            }
        }
    }

    /// Waits for more, without which the body is cut.
    fn more(&mut self) -> io::Result<()> {
        if self.layer.receive(self.deadline)? { Ok(()) } else { Err(closed()) }
    }
}

/// Makes room for so many bytes more, or says that there is not enough memory. It grows by half of what there is, and
/// never beyond what an answer may have, with the NUL that comes behind it.
fn make_room(bytes: &mut Vec<u8>, more: usize) -> io::Result<()> {
    let needed = bytes.len() + more + 1;
    if needed > bytes.capacity() {
        let wanted = needed.max((bytes.capacity() * 3 / 2).min(MAX_BODY + 1));
        bytes
            .try_reserve_exact(wanted - bytes.len())
            .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    }
    Ok(())
}

/// As much as there is in what may be cut, and whether that was all.
fn decompress(compressed: &[u8], deadline: Deadline) -> (Vec<u8>, io::Result<()>) {
    let mut plain = Vec::new();
    let mut decoder = MultiGzDecoder::new(InTime { left: compressed, deadline });
    let mut piece = vec![0; PIECE];
    let read = loop {
        match decoder.read(&mut piece) {
            Ok(0) => break Ok(()),
            Ok(amount) if plain.len() + amount > MAX_BODY => break Err(too_large()),
            Ok(amount) => match make_room(&mut plain, amount) {
                Ok(()) => plain.extend_from_slice(piece.get(..amount).unwrap_or_default()),
                Err(error) => break Err(error),
            },
            Err(error) if error.kind() == io::ErrorKind::TimedOut => break Err(error),
            Err(error) => break Err(invalid(format!("it cannot be decompressed: {error}"))),
        }
    };
    (plain, read)
}

/// What is decompressed at a time.
const PIECE: usize = 16 * 1024;

/// Bytes that are given in pieces for as long as there is time: a few of them can make much work.
struct InTime<'a> {
    left: &'a [u8],
    deadline: Deadline,
}

impl Read for InTime<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let amount = self.fill_buf()?.read(buffer)?;
        self.consume(amount);
        Ok(amount)
    }
}

impl BufRead for InTime<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.deadline.left()?;
        Ok(self.left.get(..PIECE).unwrap_or(self.left))
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.get(amount..).unwrap_or_default();
    }
}

fn too_large() -> io::Error {
    invalid("it is larger than 10 MiB")
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::super::layer::Unasked;
    use super::*;

    #[test]
    fn the_heads_of_requests_are_what_every_server_understands() {
        let common = format!("{USER_AGENT}\r\naccept: application/json\r\naccept-encoding: identity\r\n");
        for (uri, line, host) in [
            ("https://example.test:8443/api.php?a=b", "/api.php?a=b", "example.test:8443"),
            ("https://example.test", "/", "example.test"),
            ("http://[::1]:80?a", "/?a", "[::1]"),
        ] {
            let uri = uri.parse().unwrap();
            assert_eq!(get(&uri), format!("GET {line} HTTP/1.1\r\nhost: {host}\r\n{common}\r\n"));
            let of_json = "content-type: application/json\r\ncontent-length: ";
            assert_eq!(post(&uri), format!("POST {line} HTTP/1.1\r\nhost: {host}\r\n{common}{of_json}"));
        }
        assert_eq!(
            connect("example.test:443", Some("Basic bWU6")),
            format!(
                "CONNECT example.test:443 HTTP/1.1\r\nhost: example.test:443\r\n{USER_AGENT}\r\n\
                 Proxy-Authorization: Basic bWU6\r\n\r\n"
            )
        );
    }

    fn framing(head: &str) -> (Framing, bool) {
        let head = format!("{head}\r\n\r\n");
        let (length, parsed) = Head::parse(head.as_bytes()).unwrap().unwrap();
        assert_eq!(length, head.len());
        (parsed.framing, parsed.is_kept)
    }

    #[test]
    fn a_head_says_where_the_body_ends_and_whether_the_connection_is_kept() {
        use Framing::*;
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5", (Length(5), true)),
            ("HTTP/1.1 200 OK\r\ncontent-length:5\r\nContent-Length: 5", (Length(5), true)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: Close", (Length(5), false)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: te, close", (Length(5), false)),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5", (Length(5), false)),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive", (Length(5), true)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", (Chunked, true)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked", (Chunked, true)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", (Chunked, false)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip", (UntilClose, true)),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", (UntilClose, false)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5", (Length(5), true)),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                (UntilClose, true),
            ),
            ("HTTP/1.1 200 OK", (UntilClose, true)),
            ("HTTP/1.1 204 No Content", (Length(0), true)),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5", (Length(0), true)),
            ("HTTP/1.1 101 Switching Protocols", (Length(0), false)),
        ] {
            assert_eq!(framing(head), expected, "{head}");
        }
        for (head, problem) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6", "two lengths"),
            ("HTTP/1.1 200 OK\r\nContent-Length: +5", "not a number"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5", "not a number"),
            ("HTTP/1.1 200 OK\r\nContent-Length:", "not a number"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999", "not a number"),
            ("HTTP/1.1 099 What", "status"),
            ("HTTP/2 200 OK", "version"),
            ("SSH-2.0-OpenSSH_9.2", "version"),
        ] {
            let error = Head::parse(format!("{head}\r\n\r\n").as_bytes()).unwrap_err();
            assert!(error.to_string().contains(problem), "{head}: {error}");
        }
    }

    /// Gives its pieces one after another, and then ends.
    struct Pieces {
        input: Vec<u8>,
        left: VecDeque<Vec<u8>>,
    }

    impl Layer for Pieces {
        fn input(&self) -> &[u8] {
            &self.input
        }

        fn consume(&mut self, amount: usize) {
            self.input.drain(..amount);
        }

        fn hold(&mut self, _: &[u8], _: &[u8]) -> io::Result<()> {
            Ok(())
        }

        fn held(&self) -> usize {
            0
        }

        fn send_at_once(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn send(&mut self, _: usize, _: Deadline) -> io::Result<()> {
            Ok(())
        }

        fn sent(&self) -> u64 {
            0
        }

        fn receive(&mut self, _: Deadline) -> io::Result<bool> {
            let next = self.left.pop_front();
            Ok(next.map(|bytes| self.input.extend(bytes)).is_some())
        }

        fn look(&mut self) -> Unasked {
            Unasked::Nothing
        }

        fn is_empty(&self) -> bool {
            self.input.is_empty()
        }
    }

    /// What becomes of an answer that comes in pieces of `size` bytes, and what is left behind it.
    fn read(answer: &[u8], size: usize) -> (io::Result<Head>, Option<Body>, usize) {
        let mut layer = Pieces { input: Vec::new(), left: answer.chunks(size).map(<[u8]>::to_vec).collect() };
        let deadline = Deadline::within(Duration::from_secs(20));
        let head = Head::read(&mut layer, deadline);
        let body = head.as_ref().ok().map(|head| Body::read(head, &mut layer, deadline));
        let rest = layer.input.len() + layer.left.iter().map(Vec::len).sum::<usize>();
        (head, body, rest)
    }

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        io::Write::write_all(&mut encoder, text).unwrap();
        encoder.finish().unwrap()
    }

    fn answer(head: &str, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat()
    }

    #[test]
    fn a_body_ends_where_its_head_says_however_it_comes() {
        let compressed = gzipped(b"hello");
        let of_gzip = format!("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}", compressed.len());
        let chunked = "200 OK\r\nTransfer-Encoding: chunked";
        for (answer, is_kept) in [
            (answer("200 OK\r\nContent-Length: 5", b"hello"), true),
            (
                answer("103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5", b"hello"),
                true,
            ),
            (answer(chunked, b"5\r\nhello\r\n0\r\n\r\n"), true),
            (answer(chunked, b"2;a=b\r\nhe\r\n003 \r\nllo\r\n0\r\nTrailer: a\r\n\r\n"), true),
            (answer(chunked, b"5\r\nhello\r\n0\r\n"), false),
            (answer("200 OK", b"hello"), false),
            (answer(&of_gzip, &compressed), true),
        ] {
            for size in [1, 2, 3, 7, 1000] {
                let (head, body, rest) = read(&answer, size);
                let (head, body) = (head.unwrap(), body.unwrap());
                let name = String::from_utf8_lossy(&answer);
                assert_eq!(
                    (head.status, body.bytes.as_slice(), rest),
                    (200, b"hello".as_slice(), 0),
                    "{name}"
                );
                assert!(body.broken.is_none(), "{name}: {:?}", body.broken);
                assert_eq!(body.is_kept, is_kept, "{name}");
            }
        }
    }

    #[test]
    fn what_is_behind_a_body_is_left_there() {
        for (head, expected) in [("200 OK\r\nContent-Length: 5", (5, 9)), ("204 No Content", (0, 14))] {
            let (_, body, rest) = read(&answer(head, b"hello and more"), 1000);
            assert_eq!((body.unwrap().bytes.len(), rest), expected);
        }
    }

    #[test]
    fn a_body_that_is_cut_or_wrong_gives_what_there_is_and_the_cause() {
        let compressed = gzipped(&b"hello ".repeat(1000));
        let of_gzip = format!("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}", compressed.len());
        let chunked = "200 OK\r\nTransfer-Encoding: chunked";
        for (answer, cause) in [
            (answer("200 OK\r\nContent-Length: 6", b"hello"), "closed"),
            (answer(chunked, b"6\r\nhello"), "closed"),
            (answer(chunked, b"5\r\nhello"), "closed"),
            (answer(chunked, b"5\r\nhello\r\n"), "closed"),
            (answer(chunked, b"5\r\nhelloo\r\n"), "does not end"),
            (answer(chunked, b"5\r\nhello\r\n\r\n"), "not a number"),
            (answer(chunked, b"5\r\nhello\r\nfffffffffffffffff\r\n"), "not a number"),
            (answer(chunked, &[b"5\r\nhello\r\n1;".as_slice(), &vec![b'a'; 20_000]].concat()), "too long"),
            (answer(&of_gzip, &compressed[..compressed.len() - 9]), "closed"),
        ] {
            let (_, body, _) = read(&answer, 100);
            let body = body.unwrap();
            assert!(body.bytes.starts_with(b"hello"), "{:?}", body.bytes);
            let broken = body.broken.unwrap().to_string();
            assert!(broken.contains(cause), "{broken}, and not {cause}");
            assert!(!body.is_kept);
        }
        let (_, body, _) =
            read(&answer("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5", b"hello"), 100);
        assert!(body.unwrap().broken.unwrap().to_string().contains("decompressed"));
    }

    /// Half a million of the smallest compressed parts, which are nothing, take seconds.
    #[test]
    fn decompression_ends_with_the_time() {
        let nothing = gzipped(b"").repeat(500_000);
        let begin = std::time::Instant::now();
        let (_, read) = decompress(&nothing, Deadline::within(Duration::from_millis(20)));
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(begin.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn room_grows_by_half_and_not_beyond_what_an_answer_may_have() {
        let mut bytes = Vec::new();
        while bytes.len() < MAX_BODY {
            let more = 1000.min(MAX_BODY - bytes.len());
            make_room(&mut bytes, more).unwrap();
            bytes.resize(bytes.len() + more, 0);
        }
        assert_eq!(bytes.capacity(), MAX_BODY + 1);
        assert_eq!(make_room(&mut bytes, usize::MAX / 2).unwrap_err().kind(), io::ErrorKind::OutOfMemory);
    }

    #[test]
    fn a_head_and_a_body_have_limits() {
        let long = answer(&format!("200 OK\r\na: {}\r\nContent-Length: 0", "a".repeat(MAX_HEAD)), b"");
        for size in [1000, 100_000] {
            assert!(read(&long, size).0.unwrap_err().to_string().contains("16 KiB"));
        }
        let many = answer(&format!("200 OK{}", "\r\na: b".repeat(MAX_HEADERS + 1)), b"");
        assert!(read(&many, 1000).0.unwrap_err().to_string().contains("headers"));
        let large = gzipped(&vec![b' '; MAX_BODY + 1]);
        let head = format!("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}", large.len());
        for answer in [answer("200 OK", &vec![b' '; MAX_BODY + 1]), answer(&head, &large)] {
            let body = read(&answer, 1 << 20).1.unwrap();
            assert_eq!(body.bytes.len(), MAX_BODY);
            assert!(body.broken.unwrap().to_string().contains("10 MiB"));
        }
    }

    #[test]
    fn no_answer_and_a_cut_head_are_told_as_such() {
        for cut in [0, 5, 20] {
            let whole = answer("200 OK\r\nContent-Length: 0", b"");
            assert!(read(&whole[..cut], 3).0.unwrap_err().to_string().contains("closed"));
        }
    }
}
