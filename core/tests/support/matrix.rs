//! The faults of the matrix, each with the one status that it may give.

use oo_webhooks_core::outcome::Status;
use oo_webhooks_mock::FaultKind::{self, *};
use oo_webhooks_mock::{CloseMoment, Contradiction, Ending, ErrorShape, Moment, StatusBody};
use serde_json::json;

/// Faults that hit a request, on any connection, and the one status that they must give.
pub fn faults_of_an_exchange(records: i64) -> Vec<(FaultKind, Status)> {
    [ends(), delays(), whole_answers(), strange_answers(), http_statuses(), error_codes(records)].concat()
}

/// The connection ends: before, in or after the request, executed or not, or in the answer.
fn ends() -> Vec<(FaultKind, Status)> {
    let mut faults = Vec::new();
    for how in [Ending::Close, Ending::Eof, Ending::Reset] {
        faults.extend([
            (DropBeforeReading { how }, Status::ConnectionLost),
            (DropAfterHead { how }, Status::ConnectionLost),
            (DropInBody { after: 100, how }, Status::ConnectionLost),
            (DropUnexecuted { how }, Status::ConnectionLost),
            (DropAfterExecuting { how }, Status::ConnectionLost),
            (CutAnswer { at: 1, how }, Status::ConnectionLost),
            (CutAnswer { at: 40, how }, Status::ConnectionLost),
            (CutAnswer { at: -1, how }, Status::ConnectionLost),
        ]);
    }
    faults
}

/// The answer is late, slow or never whole.
fn delays() -> Vec<(FaultKind, Status)> {
    let how = Ending::Stall;
    vec![
        (DropUnexecuted { how }, Status::Timeout),
        (DropAfterExecuting { how }, Status::Timeout),
        (CutAnswer { at: 0, how }, Status::Timeout),
        (CutAnswer { at: 40, how }, Status::Timeout),
        (CutAnswer { at: -1, how }, Status::Timeout),
        (StallBeforeReading, Status::Timeout),
        (Delay { ms: 60_000, before: Moment::Execute }, Status::Timeout),
        (Delay { ms: 60_000, before: Moment::Answer }, Status::Timeout),
        (Drip { bytes: 1, every_ms: 50 }, Status::Timeout),
    ]
}

/// Answers that come to the end of their JSON, on ways that are less usual. What breaks behind that
/// end, or never ends there, takes nothing back.
fn whole_answers() -> Vec<(FaultKind, Status)> {
    let mut faults = vec![
        (Delay { ms: 50, before: Moment::Answer }, Status::Ok),
        (Drip { bytes: 200, every_ms: 1 }, Status::Ok),
        (Chunked, Status::Ok),
        (Gzip, Status::Ok),
        (Continue100 { count: 3 }, Status::Ok),
        (CloseAfterAnswer { when: CloseMoment::AtOnce, how: Ending::Close }, Status::Ok),
        (WrongOrder, Status::Ok),
        (Oversized { bytes: 1 << 20, chunked: false }, Status::Ok),
        (Oversized { bytes: 11 << 20, chunked: false }, Status::Ok),
        (Oversized { bytes: 11 << 20, chunked: true }, Status::Ok),
        (EndlessAnswer, Status::Ok),
        (GzipBomb { megabytes: 11 }, Status::Ok),
    ];
    for how in [Ending::Close, Ending::Eof, Ending::Reset, Ending::Stall] {
        faults.push((WrongContentLength { by: 10, how }, Status::Ok));
    }
    for status in [200, 201, 301, 400, 401, 403, 404, 429, 500, 502, 503] {
        faults.push((HttpStatus { status, body: StatusBody::Api, execute: true }, Status::Ok));
    }
    faults
}

/// Answers that are not the API's, or contradict the request or themselves.
fn strange_answers() -> Vec<(FaultKind, Status)> {
    let bad = |fault| (fault, Status::BadResponse);
    let mut faults = vec![
        bad(RawAnswer { body: json!({"padding": "x".repeat(11 << 20)}), execute: true }),
        bad(WronglyCompressed),
        bad(WrongContentLength { by: -10, how: Ending::Close }),
        bad(WrongCount { results: 0 }),
        bad(WrongCount { results: 7 }),
        bad(WrongRecord),
        bad(ElementsResult { value: json!("error") }),
        bad(ElementsResult { value: json!(true) }),
        bad(FaultKind::Contradiction { between: Contradiction::ActionErrorAndSuccess }),
        bad(FaultKind::Contradiction { between: Contradiction::TopErrorAndSuccess }),
    ];
    for execute in [true, false] {
        faults.extend([
            bad(EmptyBody { execute }),
            bad(Garbage { execute }),
            bad(Html { execute }),
            bad(RawAnswer { body: json!([]), execute }),
            bad(RawAnswer { body: json!({"response": {"results": []}}), execute }),
            bad(raw_http("HTTP/1.1 200 OK\r\n\r\n{\"status\":", execute)),
            bad(raw_http("SSH-2.0-OpenSSH_9.2\r\n\r\n", execute)),
            bad(raw_http("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", execute)),
            bad(raw_http("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", execute)),
            (raw_http("", execute), Status::ConnectionLost),
        ]);
    }
    faults
}

/// HTTP statuses without an answer of the API.
fn http_statuses() -> Vec<(FaultKind, Status)> {
    let mut faults = Vec::new();
    for execute in [true, false] {
        for status in [301, 302, 303, 307, 308] {
            let location = "https://example.test/".to_owned();
            faults.push((Redirect { status, location, execute }, Status::HttpError));
        }
        for (status, expected) in [(204, Status::BadResponse), (304, Status::HttpError)] {
            faults.push((HttpStatus { status, body: StatusBody::Empty, execute }, expected));
        }
        for status in [201, 400, 401, 403, 404, 413, 429, 500, 502, 503, 504] {
            let expected = if status == 201 { Status::BadResponse } else { Status::HttpError };
            for body in [StatusBody::Html, StatusBody::Empty] {
                faults.push((HttpStatus { status, body, execute }, expected));
            }
        }
    }
    faults
}

/// Error codes in each shape in which the API has been seen to give them. Codes that are not
/// known to be decided before an execution may come after it.
fn error_codes(records: i64) -> Vec<(FaultKind, Status)> {
    let mut faults = Vec::new();
    for shape in [ErrorShape::Repeated, ErrorShape::ActionOnly, ErrorShape::Generic, ErrorShape::TopOnly] {
        for code in [1, 8, 56, 97, 177, 199, 211, 9999] {
            for execute in [true, false] {
                faults.push((error_code(code, shape, execute), Status::ServerError));
            }
        }
        for (code, status) in [
            (22, Status::NotAuthenticated),
            (137, Status::NotAuthenticated),
            (136, Status::ClockSkew),
            (240, Status::NotAllowed),
            (235, Status::UnknownRecord),
            (255, Status::Rejected),
        ] {
            // Told once for several records, it tells of none which one it is about.
            let about_one = matches!(status, Status::UnknownRecord | Status::Rejected);
            let untold = records > 1 && shape == ErrorShape::TopOnly && about_one;
            let expected = if untold { Status::BadResponse } else { status };
            faults.push((error_code(code, shape, false), expected));
        }
    }
    faults
}

/// Faults while a connection is made: whatever happens, nothing was sent.
pub fn faults_of_a_connection() -> Vec<(FaultKind, Status)> {
    vec![
        (CloseOnAccept, Status::TlsFailed),
        (StallHandshake, Status::ConnectTimeout),
        (TlsAlert { alert: 40 }, Status::TlsFailed),
        (TlsAlert { alert: 70 }, Status::TlsFailed),
        (PlainTextInsteadOfTls, Status::TlsFailed),
    ]
}

fn raw_http(bytes: &str, execute: bool) -> FaultKind {
    RawHttp { bytes: bytes.to_owned(), how: Ending::Close, execute }
}

fn error_code(code: u16, shape: ErrorShape, execute: bool) -> FaultKind {
    ErrorCode { code, message: "made up".to_owned(), shape, execute }
}
