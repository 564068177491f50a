//! HTTP/1.1 on a connection. `ureq-proto` knows the protocol, and does no input or output of its own.

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};
use ureq_proto::http::{HeaderValue, Request, Response, Uri, header};

use super::deadline::Deadline;
use super::layer::{Layer, closed, invalid};

pub(super) const USER_AGENT: &str = concat!("oo_webhooks/", env!("CARGO_PKG_VERSION"));

/// The longest head of an answer.
const MAX_HEAD: usize = 16 * 1024;

/// The largest answer, before and after decompression.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// Room that is made for an answer whose length is known beforehand; a longer one grows.
const MAX_ANNOUNCED: u64 = 64 * 1024;

/// A request to the API, without a body.
pub(super) fn request(uri: Uri) -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    // Answers are a few hundred bytes. One that comes compressed is decompressed all the same.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    request
}

/// A request that waits for its answer.
pub(super) type Asked = Call<RecvResponse>;

/// The head of a request as it is sent with a JSON of `length` bytes, 0 for none, and what reads the answer.
pub(super) fn write_head(request: Request<()>, length: usize) -> io::Result<(Vec<u8>, Asked)> {
    let mut head = vec![0; room_for(&request)];
    let mut call = Call::new(request).map_err(invalid)?;
    if length > 0 {
        let of_json = HeaderValue::from_static("application/json");
        call.header(header::CONTENT_TYPE, of_json).map_err(invalid)?;
        call.header(header::CONTENT_LENGTH, length).map_err(invalid)?;
    }
    let mut call = call.proceed();
    let mut written = 0;
    while !call.can_proceed() {
        written += call.write(head.get_mut(written..).unwrap_or_default()).map_err(invalid)?;
    }
    head.truncate(written);
    let asked = match call.proceed().map_err(invalid)? {
        Some(SendRequestResult::RecvResponse(call)) => Some(call),
        Some(SendRequestResult::SendBody(mut call)) => {
            call.consume_direct_write(length).map_err(invalid)?;
            call.proceed()
        }
        _ => None,
    };
    asked.map(|asked| (head, asked)).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// For the line of a request and its headers, those included that are added.
fn room_for(request: &Request<()>) -> usize {
    const ADDED: usize = "CONNECT  HTTP/1.1\r\nhost: \r\ncontent-type: application/json\r\n\
                          content-length: 18446744073709551615\r\n\r\n"
        .len();
    let uri = request.uri();
    let path = uri.path_and_query().map_or(1, |path| path.as_str().len() + 1);
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    ADDED + path + 2 * authority + headers
}

/// Reads the head of an answer.
pub(super) fn read_head(asked: &mut Asked, layer: &mut dyn Layer, deadline: Deadline) -> io::Result<Response<()>> {
    loop {
        let input = layer.input();
        let (taken, head) = asked.try_response(input, false).map_err(invalid)?;
        if taken.max(if head.is_none() { input.len() } else { 0 }) > MAX_HEAD {
            return Err(invalid("its head is longer than 16 KiB"));
        }
        layer.consume(taken);
        match head {
            Some(head) => return Ok(head),
            // Behind an answer that is only informational, such as 103.
            None if taken > 0 => {}
            None if layer.receive(deadline)? => {}
            None => return Err(closed()),
        }
    }
}

/// The body of an answer.
pub(super) struct Answered {
    /// It may be cut, and then `broken` says why.
    pub(super) body: Vec<u8>,
    pub(super) broken: Option<io::Error>,
    /// Neither side has said that the connection ends behind it.
    pub(super) is_kept: bool,
}

/// Reads the body behind `head`, which may be compressed.
pub(super) fn read_body(asked: Asked, head: &Response<()>, layer: &mut dyn Layer, deadline: Deadline) -> Answered {
    let mut body = Vec::new();
    let mut read = match asked.proceed() {
        Some(RecvResponseResult::RecvBody(mut call)) => {
            let read = read_into(&mut body, &mut call, layer, deadline);
            read.map(|is_whole| is_whole && keeps(call.proceed()))
        }
        Some(RecvResponseResult::Cleanup(call)) => Ok(!call.must_close_connection()),
        Some(RecvResponseResult::Redirect(call)) => Ok(!call.must_close_connection()),
        None => Err(io::ErrorKind::InvalidInput.into()),
    };
    if head.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value == "gzip") {
        let (plain, decompressed) = decompress(&body);
        body = plain;
        // What was cut cannot be decompressed to its end.
        read = read.and_then(|is_kept| decompressed.map(|()| is_kept));
    }
    let is_kept = *read.as_ref().unwrap_or(&false);
    Answered { body, broken: read.err(), is_kept }
}

fn keeps(ended: Option<RecvBodyResult>) -> bool {
    match ended {
        Some(RecvBodyResult::Cleanup(call)) => !call.must_close_connection(),
        Some(RecvBodyResult::Redirect(call)) => !call.must_close_connection(),
        None => false,
    }
}

/// Reads a body to its end; `false` where the end of the connection is that of the body.
fn read_into(
    body: &mut Vec<u8>,
    call: &mut Call<RecvBody>,
    layer: &mut dyn Layer,
    deadline: Deadline,
) -> io::Result<bool> {
    if let BodyMode::LengthDelimited(announced) = call.body_mode() {
        // What the server announces, within reason, and a NUL.
        body.reserve_exact(usize::try_from(announced.min(MAX_ANNOUNCED)).unwrap_or(0) + 1);
    }
    let ends_with_connection = matches!(call.body_mode(), BodyMode::CloseDelimited);
    loop {
        if !ends_with_connection && call.can_proceed() {
            return Ok(true);
        }
        let input = layer.input();
        let start = body.len();
        body.resize(start + input.len(), 0);
        let read = call.read(input, body.get_mut(start..).unwrap_or_default());
        let (taken, given) = read.as_ref().copied().unwrap_or_default();
        body.truncate(start + given);
        read.map_err(invalid)?;
        layer.consume(taken);
        if body.len() > MAX_BODY {
            body.truncate(MAX_BODY);
            return Err(too_large());
        }
        if taken == 0 && !receive(layer, deadline)? {
            let is_whole = ends_with_connection || call.is_ended_chunked();
            return if is_whole { Ok(false) } else { Err(closed()) };
        }
    }
}

/// As [`Layer::receive`]; a connection that broke has no more.
fn receive(layer: &mut dyn Layer, deadline: Deadline) -> io::Result<bool> {
    use io::ErrorKind as Kind;
    layer.receive(deadline).or_else(|error| match error.kind() {
        Kind::UnexpectedEof | Kind::ConnectionAborted | Kind::ConnectionReset => Ok(false),
        _ => Err(error),
    })
}

/// As much as there is in what may be cut, and whether that was all.
fn decompress(compressed: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let mut plain = Vec::new();
    let limit = MAX_BODY as u64 + 1;
    let read = MultiGzDecoder::new(compressed).take(limit).read_to_end(&mut plain);
    let is_too_large = plain.len() > MAX_BODY;
    plain.truncate(MAX_BODY);
    let read = match read {
        Ok(_) if is_too_large => Err(too_large()),
        Ok(_) => Ok(()),
        Err(error) => Err(invalid(format!("it cannot be decompressed: {error}"))),
    };
    (plain, read)
}

fn too_large() -> io::Error {
    invalid("it is larger than 10 MiB")
}

#[cfg(test)]
mod tests {
    use ureq_proto::http::Method;

    use super::*;

    #[test]
    fn room_is_made_for_every_head() {
        for uri in ["https://example.test", "https://[::1]:8443/a/long/path?with=a&query", "http://localhost/?query"] {
            for length in [0, usize::MAX] {
                let mut request = request(uri.parse().unwrap());
                *request.method_mut() = if length == 0 { Method::GET } else { Method::POST };
                let room = room_for(&request);
                let (head, _) = write_head(request, length).unwrap();
                assert!(head.ends_with(b"\r\n\r\n"));
                assert!(head.len() <= room, "{uri}: {} of {room}", head.len());
            }
        }
        let tunnel = Request::connect("example.test:443").body(()).unwrap();
        let (head, _) = write_head(tunnel, 0).unwrap();
        assert_eq!(head, b"CONNECT example.test:443 HTTP/1.1\r\nhost: example.test:443\r\n\r\n");
    }

    #[test]
    fn the_head_of_a_request_is_what_every_server_understands() {
        let mut request = request("https://example.test:8443/api.php?a=b".parse().unwrap());
        *request.method_mut() = Method::POST;
        let (head, _) = write_head(request, 12).unwrap();
        let head = String::from_utf8(head).unwrap();
        let mut lines: Vec<_> = head.trim_end().split("\r\n").collect();
        assert_eq!(lines.remove(0), "POST /api.php?a=b HTTP/1.1");
        lines.sort_unstable();
        let user_agent = format!("user-agent: {USER_AGENT}");
        assert_eq!(
            lines,
            [
                "accept-encoding: identity",
                "accept: application/json",
                "content-length: 12",
                "content-type: application/json",
                "host: example.test:8443",
                &user_agent,
            ]
        );
    }
}
