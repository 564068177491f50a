//! The faults that are drawn: every kind that the mock has, and how often.

use std::time::Duration;

#[allow(clippy::enum_glob_use)] // the table below is their names
use oo_webhooks_mock::FaultKind::{self, *};
use oo_webhooks_mock::{
    CloseMoment, Contradiction, Ending, ErrorShape, Moment, Record, StatusBody, StrayContent, StrayGap,
};
use serde_json::{Value, json};

use crate::call::Fault;
use crate::draw::Draw;

/// Codes by which onOffice says that it did not do it.
const REJECTING: [u16; 7] = [22, 80, 136, 137, 235, 240, 255];
/// Codes that may come before or after the execution.
const FAILING: [u16; 7] = [1, 8, 56, 97, 177, 211, 9999];

type Make = fn(&mut Draw, &[Record], Duration) -> FaultKind;

/// Kinds by how often they are drawn. Those that cost a whole timeout, or megabytes, are rarer.
const KINDS: [(u64, Make); 33] = [
    (30, |draw, records, _| stray_behind(draw, records.len())),
    (15, |draw, records, _| stray_before(draw, records.len())),
    (60, |draw, _, _| CloseAfterAnswer { when: moment_of_closing(draw), how: orderly_or_not(draw) }),
    (40, |draw, _, timeout| Delay { ms: up_to(draw, 2 * timeout), before: moment(draw) }),
    (35, |draw, _, _| CutAnswer { at: draw.between(-40, 600), how: ending(draw) }),
    (30, |draw, _, _| error_code(draw, &REJECTING, false)),
    (25, |draw, _, _| DropAfterExecuting { how: ending(draw) }),
    (20, |draw, _, _| DropUnexecuted { how: ending(draw) }),
    (20, |draw, _, _| HttpStatus { status: http_status(draw), body: body(draw), execute: coin(draw) }),
    (15, |draw, _, _| DropBeforeReading { how: ending(draw) }),
    (15, |draw, _, _| DropAfterHead { how: ending(draw) }),
    (15, |draw, _, _| DropInBody { after: 100, how: ending(draw) }),
    (15, |_, _, _| Chunked),
    (15, |draw, _, _| WrongContentLength { by: draw.between(-20, 20), how: ending(draw) }),
    (10, |draw, _, _| error_code(draw, &FAILING, false)),
    (10, |draw, _, _| error_code(draw, &FAILING, true)),
    (10, |_, _, _| Gzip),
    (10, |draw, _, _| Drip { bytes: one_to(draw, 100), every_ms: draw.below(20) }),
    (10, |draw, _, _| raw_http(draw)),
    (10, |draw, records, _| close_delimited(draw, records)),
    (6, |draw, _, _| Redirect {
        status: redirect(draw),
        location: "https://example.test/".to_owned(),
        execute: coin(draw),
    }),
    (5, |draw, _, _| Continue100 { count: one_to(draw, 3) }),
    (5, |_, _, _| WronglyCompressed),
    (5, |draw, _, _| EmptyBody { execute: coin(draw) }),
    (5, |draw, _, _| Garbage { execute: coin(draw) }),
    (5, |draw, _, _| Html { execute: coin(draw) }),
    (5, |draw, _, _| WrongCount { results: one_to(draw, 8) - 1 }),
    (8, |draw, _, _| if coin(draw) { WrongOrder } else { WrongRecord }),
    (5, |draw, _, _| ElementsResult { value: result_value(draw) }),
    (5, |draw, _, _| FaultKind::Contradiction { between: contradiction(draw) }),
    (5, |draw, _, _| RawAnswer { body: raw_answer(draw), execute: coin(draw) }),
    (5, |_, _, _| StallBeforeReading),
    (4, |draw, _, _| large(draw)),
];

/// Out of a thousand faults, those whose answer is a lie.
const LIES: u64 = 10;

pub fn draw(draw: &mut Draw, records: &[Record], timeout: Duration) -> Fault {
    if draw.per_mille(LIES) {
        return Fault { kind: lie(draw), is_lie: true };
    }
    let make = *draw.weighted(&KINDS);
    Fault { kind: make(draw, records, timeout), is_lie: false }
}

/// Stray bytes, and nothing else.
pub fn draw_stray(draw: &mut Draw, records: &[Record]) -> Fault {
    let kind = if draw.below(3) == 0 {
        stray_before(draw, records.len())
    } else {
        stray_behind(draw, records.len())
    };
    Fault { kind, is_lie: false }
}

/// A fault for whichever connection or request comes next, whosever it is.
pub fn draw_background(draw: &mut Draw) -> FaultKind {
    match draw.below(15) {
        0 => CloseOnAccept,
        1 => ResetOnAccept,
        2 => StallHandshake,
        3 => TlsAlert { alert: *draw.one_of(&[40, 70, 80]) },
        4 => PlainTextInsteadOfTls,
        5 | 6 => DropAfterHandshake { how: ending(draw) },
        7 | 8 => DropBeforeReading { how: ending(draw) },
        9 => DropAfterHead { how: ending(draw) },
        10 | 11 => StrayWithHandshake { content: known_content(draw), results: 1, cut: cut(draw) },
        12 => StrayInBody { after: one_to(draw, 100_000), content: known_content(draw), results: 1 },
        13 => DropInBody { after: one_to(draw, 100_000), how: ending(draw) },
        _ => StallBeforeReading,
    }
}

/// Whether this fault answers truly and in sound HTTP, if only late, in pieces or for the last time.
pub fn is_sound(kind: &FaultKind) -> bool {
    match kind {
        CloseAfterAnswer { .. }
        | Delay { .. }
        | Drip { .. }
        | Chunked
        | Gzip
        | Continue100 { .. }
        | StrayBehindAnswer { .. } => true,
        Oversized { bytes, .. } => *bytes <= LARGEST_ANSWER,
        _ => false,
    }
}

/// The largest answer that the library takes.
const LARGEST_ANSWER: usize = 10 << 20;

/// Whether this fault delivers the whole JSON of a true answer inside a broken HTTP message.
pub fn delivers_whole_json(kind: &FaultKind) -> bool {
    match kind {
        WrongContentLength { by, .. } => *by > 0,
        Oversized { .. } | EndlessAnswer | GzipBomb { .. } => true,
        RawHttp { bytes, .. } => bytes.starts_with(CLOSE_DELIMITED),
        _ => false,
    }
}

/// Whether this fault answers success without asking whether the record may be executed.
pub fn says_success(kind: &FaultKind) -> bool {
    matches!(kind, RawHttp { bytes, .. } if bytes.starts_with(CLOSE_DELIMITED))
}

fn lie(draw: &mut Draw) -> FaultKind {
    match draw.below(2) {
        0 => error_code(draw, &REJECTING, true),
        _ => FalseSuccess,
    }
}

fn error_code(draw: &mut Draw, codes: &[u16], execute: bool) -> FaultKind {
    let shapes = [ErrorShape::Repeated, ErrorShape::ActionOnly, ErrorShape::Generic, ErrorShape::TopOnly];
    ErrorCode {
        code: *draw.one_of(codes),
        message: "made up".to_owned(),
        shape: *draw.one_of(&shapes),
        execute,
    }
}

fn raw_http(draw: &mut Draw) -> FaultKind {
    let bytes = *draw.one_of(&[
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{\"status\":",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/2.0 200 OK\r\n\r\n{}",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ]);
    RawHttp { bytes: bytes.to_owned(), how: ending(draw), execute: coin(draw) }
}

/// What an answer without a length begins with.
const CLOSE_DELIMITED: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

/// A true answer whose end is that of the connection.
fn close_delimited(draw: &mut Draw, records: &[Record]) -> FaultKind {
    let results: Vec<Value> = records
        .iter()
        .map(|record| {
            json!({
                "resourceid": record.id.to_string(),
                "data": {"records": [{"elements": {"result": "success"}}]},
                "status": {"errorcode": 0, "message": "OK"},
            })
        })
        .collect();
    let answer = json!({"status": {"code": 200, "errorcode": 0}, "response": {"results": results}});
    RawHttp { bytes: format!("{CLOSE_DELIMITED}{answer}"), how: orderly_or_not(draw), execute: true }
}

/// Behind an answer that echoes nothing, stray bytes are told from the next answer only by when they come.
/// With a segment of their own they may come at any time, so there they have an echo or are no HTTP.
fn stray_behind(draw: &mut Draw, results: usize) -> FaultKind {
    let gap = *draw.one_of(&[StrayGap::SameRecord, StrayGap::SameSegment, StrayGap::OwnSegment]);
    let content = match gap {
        StrayGap::OwnSegment => known_content(draw),
        _ => *draw.one_of(&[
            StrayContent::Success,
            StrayContent::Refusal,
            StrayContent::Earlier,
            StrayContent::Garbage,
        ]),
    };
    StrayBehindAnswer { content, results, gap, cut: cut(draw) }
}

fn stray_before(draw: &mut Draw, results: usize) -> FaultKind {
    StrayBeforeAnswer { content: known_content(draw), results }
}

/// What shows by itself that it is no answer to any request that waits.
fn known_content(draw: &mut Draw) -> StrayContent {
    *draw.one_of(&[StrayContent::Earlier, StrayContent::Garbage])
}

fn cut(draw: &mut Draw) -> Option<usize> {
    coin(draw).then(|| one_to(draw, 600))
}

fn large(draw: &mut Draw) -> FaultKind {
    match draw.below(4) {
        0 => EndlessAnswer,
        1 => GzipBomb { megabytes: 12 },
        2 => Oversized { bytes: 1 << 20, chunked: coin(draw) },
        _ => Oversized { bytes: 11 << 20, chunked: coin(draw) },
    }
}

fn result_value(draw: &mut Draw) -> Value {
    let values =
        [json!("error"), json!("Success"), json!(""), json!(true), json!(1), json!(null), json!(["success"])];
    draw.one_of(&values).clone()
}

fn raw_answer(draw: &mut Draw) -> Value {
    let answers = [
        json!([]),
        json!({}),
        json!(null),
        json!("success"),
        json!({"response": {"results": []}}),
        json!({"status": {"code": 200, "errorcode": 0}, "response": {"results": []}}),
        json!({"status": {"code": 200, "errorcode": 0}}),
    ];
    draw.one_of(&answers).clone()
}

fn contradiction(draw: &mut Draw) -> Contradiction {
    *draw.one_of(&[Contradiction::ActionErrorAndSuccess, Contradiction::TopErrorAndSuccess])
}

fn http_status(draw: &mut Draw) -> u16 {
    *draw.one_of(&[201, 204, 304, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504])
}

fn redirect(draw: &mut Draw) -> u16 {
    *draw.one_of(&[301, 302, 303, 307, 308])
}

fn body(draw: &mut Draw) -> StatusBody {
    *draw.one_of(&[StatusBody::Html, StatusBody::Empty])
}

fn moment(draw: &mut Draw) -> Moment {
    *draw.one_of(&[Moment::Execute, Moment::Answer])
}

fn moment_of_closing(draw: &mut Draw) -> CloseMoment {
    *draw.one_of(&[CloseMoment::AtOnce, CloseMoment::OnNextRequest])
}

fn ending(draw: &mut Draw) -> Ending {
    *draw.weighted(&[(5, Ending::Close), (5, Ending::Eof), (5, Ending::Reset), (2, Ending::Stall)])
}

fn orderly_or_not(draw: &mut Draw) -> Ending {
    *draw.one_of(&[Ending::Close, Ending::Eof, Ending::Reset])
}

fn coin(draw: &mut Draw) -> bool {
    draw.below(2) == 0
}

fn one_to(draw: &mut Draw, last: u64) -> usize {
    usize::try_from(draw.below(last) + 1).unwrap_or(1)
}

fn up_to(draw: &mut Draw, longest: Duration) -> u64 {
    draw.below(u64::try_from(longest.as_millis()).unwrap_or(1) + 1)
}
