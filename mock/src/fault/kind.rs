//! The kinds of fault, in the order in which they can hit an exchange.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::stray::{StrayContent, StrayGap};
use crate::stream::Ending;
use crate::style::ErrorShape;

/// What goes wrong. Each kind says whether the record is executed; where both make sense, `execute` chooses.
///
/// As JSON a kind is `{"kind": "cut_answer", "at": 20, "how": "reset"}`; every field but those without a sensible
/// default may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Accepts the connection and closes it, before any TLS. Not executed.
    CloseOnAccept,
    /// Accepts the connection and resets it. Not executed.
    ResetOnAccept,
    /// Accepts the connection and never answers the handshake. Not executed.
    StallHandshake,
    /// Answers the client's first bytes with a fatal TLS alert. Not executed.
    TlsAlert {
        /// The alert's number; 40 is `handshake_failure`.
        #[serde(default = "handshake_failure")]
        alert: u8,
    },
    /// Answers the client's first bytes with plain HTTP on the HTTPS port. Not executed.
    PlainTextInsteadOfTls,
    /// Sends stray bytes in one flight with the end of the handshake, before the client has said a word of HTTP: in
    /// TLS 1.3 before its last message, over plain HTTP at once. Then goes on as if nothing had happened.
    StrayWithHandshake {
        /// What they say.
        #[serde(default)]
        content: StrayContent,
        /// As an answer to so many actions.
        #[serde(default = "one")]
        results: usize,
        /// So many bytes of them at the most, counted behind TLS.
        #[serde(default)]
        cut: Option<usize>,
    },
    /// Ends the connection when the handshake is done. Not executed.
    DropAfterHandshake {
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// Ends the connection at the first byte of a request. Not executed.
    DropBeforeReading {
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// Stops reading at the first byte of a request and says nothing more. Not executed.
    StallBeforeReading,
    /// Ends the connection when the request's head has been read. Not executed.
    DropAfterHead {
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// Ends the connection when `after` bytes of the request's body have been read. Not executed.
    DropInBody {
        /// How many bytes, at most.
        after: usize,
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// Sends stray bytes when `after` bytes of the request's body have been read, then goes on as if nothing had
    /// happened.
    StrayInBody {
        /// How many bytes, at most.
        after: usize,
        /// What they say.
        #[serde(default)]
        content: StrayContent,
        /// As an answer to so many actions.
        #[serde(default = "one")]
        results: usize,
    },
    /// Ends the connection when the whole request has been read. Not executed.
    DropUnexecuted {
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// Ends the connection without an answer. Executed.
    DropAfterExecuting {
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// A correct answer, but late. Executed.
    Delay {
        /// How late, in milliseconds.
        ms: u64,
        /// What is late: the execution, and the answer with it, or only the answer.
        #[serde(default)]
        before: Moment,
    },
    /// A correct answer in small pieces. Executed.
    Drip {
        /// Bytes in each piece.
        bytes: usize,
        /// Milliseconds between the pieces.
        every_ms: u64,
    },
    /// A correct answer that stops in the middle. Executed.
    CutAnswer {
        /// How many bytes are sent, counted from the first of the head; a negative number counts from the end.
        at: i64,
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// A correct answer on a connection that says it is kept and is not. Executed.
    CloseAfterAnswer {
        /// When it ends.
        #[serde(default)]
        when: CloseMoment,
        /// The ending.
        #[serde(default)]
        how: Ending,
    },
    /// A valid answer, padded with spaces behind the JSON to a body of `bytes`. Executed.
    Oversized {
        /// Size of the body.
        bytes: usize,
        /// Sent chunked instead of with its length.
        #[serde(default)]
        chunked: bool,
    },
    /// A valid answer followed by chunks of spaces, for as long as the client listens. Executed.
    EndlessAnswer,
    /// A correct answer in several chunks. Executed. No fault of HTTP, but a different path through a client.
    Chunked,
    /// Announces a `Content-Length` that is wrong by `by` bytes. Where too many are announced the connection then
    /// ends as `how` says; where too few are, it is kept, with the rest as garbage on it. Executed.
    WrongContentLength {
        /// Announced minus sent.
        by: i64,
        /// The ending, when too many are announced.
        #[serde(default)]
        how: Ending,
    },
    /// A correct answer, compressed and marked as such whatever the client accepts. Executed.
    Gzip,
    /// Marked as gzip but not compressed. Executed.
    WronglyCompressed,
    /// A small gzip body that unpacks to a valid answer and so many megabytes of spaces. Executed.
    GzipBomb {
        /// Size unpacked.
        megabytes: usize,
    },
    /// One or more `100 Continue` before a correct answer. Executed.
    #[serde(rename = "continue_100")]
    Continue100 {
        /// How many.
        #[serde(default = "one")]
        count: usize,
    },
    /// Sends the client elsewhere.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        #[serde(default = "found")]
        status: u16,
        /// Where to.
        location: String,
        /// Executed all the same.
        #[serde(default)]
        execute: bool,
    },
    /// Any HTTP status.
    HttpStatus {
        /// The status.
        status: u16,
        /// What comes with it. `api` is the API's answer: a success when executed, else error 1.
        #[serde(default)]
        body: StatusBody,
        /// Executed all the same.
        #[serde(default)]
        execute: bool,
    },
    /// An error of the API for every action, or for those of the records that the fault names.
    ErrorCode {
        /// The code.
        code: u16,
        /// Its message.
        #[serde(default)]
        message: String,
        /// Where it is told.
        #[serde(default)]
        shape: ErrorShape,
        /// Executed all the same, so that the answer is a lie.
        #[serde(default)]
        execute: bool,
    },
    /// The answer of success, which is a lie. Not executed.
    FalseSuccess,
    /// Status 200 without a body.
    EmptyBody {
        /// Executed before.
        #[serde(default = "yes")]
        execute: bool,
    },
    /// Status 200 with bytes that are neither JSON nor UTF-8.
    Garbage {
        /// Executed before.
        #[serde(default = "yes")]
        execute: bool,
    },
    /// Status 200 with an HTML page.
    Html {
        /// Executed before.
        #[serde(default = "yes")]
        execute: bool,
    },
    /// Another number of results than actions: cut short, or the last one repeated. Executed.
    WrongCount {
        /// How many results.
        results: usize,
    },
    /// Results that name another resource id. Executed.
    WrongRecord,
    /// Results in reverse order. Executed. No different for a single action.
    WrongOrder,
    /// Another value for `elements.result`. Executed.
    ElementsResult {
        /// Any JSON; strings other than "success" are the interesting ones.
        value: Value,
    },
    /// An answer that contradicts itself. Executed.
    Contradiction {
        /// In what.
        between: Contradiction,
    },
    /// Status 200 with this JSON as the body.
    RawAnswer {
        /// The body.
        body: Value,
        /// Executed before.
        #[serde(default = "yes")]
        execute: bool,
    },
    /// Sends stray bytes before the answer, when the whole request has been read. Executed.
    StrayBeforeAnswer {
        /// What they say.
        #[serde(default)]
        content: StrayContent,
        /// As an answer to so many actions.
        #[serde(default = "one")]
        results: usize,
    },
    /// Sends stray bytes behind the answer. Executed.
    StrayBehindAnswer {
        /// What they say.
        #[serde(default)]
        content: StrayContent,
        /// As an answer to so many actions.
        #[serde(default = "one")]
        results: usize,
        /// What lies between.
        #[serde(default)]
        gap: StrayGap,
        /// So many bytes of them at the most; counted behind TLS where they have a record of their own.
        #[serde(default)]
        cut: Option<usize>,
    },
    /// These very bytes instead of an HTTP answer; then the connection ends.
    RawHttp {
        /// The bytes, as text.
        bytes: String,
        /// The ending.
        #[serde(default)]
        how: Ending,
        /// Executed before.
        #[serde(default = "yes")]
        execute: bool,
    },
}

/// What a delay comes before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Before the record is executed.
    Execute,
    /// After that and before the answer.
    #[default]
    Answer,
}

/// When a connection ends after its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseMoment {
    /// Right behind the answer.
    #[default]
    AtOnce,
    /// When the first byte of the next request arrives.
    OnNextRequest,
}

/// The body that comes with an HTTP status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusBody {
    /// The page of a web server or proxy.
    #[default]
    Html,
    /// What the API would answer.
    Api,
    /// Nothing.
    Empty,
}

/// What contradicts what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contradiction {
    /// The action has an error code, and `elements.result` is "success".
    ActionErrorAndSuccess,
    /// The top level has an error code, the action succeeded.
    TopErrorAndSuccess,
}

/// The points of an exchange at which faults are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    Accept,
    Handshake,
    FirstByte,
    Head,
    Body,
    Exchange,
}

impl FaultKind {
    pub(crate) fn stage(&self) -> Stage {
        match self {
            Self::CloseOnAccept
            | Self::ResetOnAccept
            | Self::StallHandshake
            | Self::TlsAlert { .. }
            | Self::PlainTextInsteadOfTls
            | Self::StrayWithHandshake { .. } => Stage::Accept,
            Self::DropAfterHandshake { .. } => Stage::Handshake,
            Self::DropBeforeReading { .. } | Self::StallBeforeReading => Stage::FirstByte,
            Self::DropAfterHead { .. } => Stage::Head,
            Self::DropInBody { .. } | Self::StrayInBody { .. } => Stage::Body,
            _ => Stage::Exchange,
        }
    }

    /// Whether a record that is in order is executed.
    pub fn executes(&self) -> bool {
        match self {
            Self::Redirect { execute, .. }
            | Self::HttpStatus { execute, .. }
            | Self::ErrorCode { execute, .. }
            | Self::EmptyBody { execute }
            | Self::Garbage { execute }
            | Self::Html { execute }
            | Self::RawAnswer { execute, .. }
            | Self::RawHttp { execute, .. } => *execute,
            Self::DropUnexecuted { .. } | Self::FalseSuccess => false,
            _ => self.stage() == Stage::Exchange,
        }
    }

    /// How the connection ends, for the kinds that do nothing else.
    pub(crate) fn drops(&self) -> Option<Ending> {
        match self {
            Self::ResetOnAccept => Some(Ending::Reset),
            Self::StallHandshake | Self::StallBeforeReading => Some(Ending::Stall),
            Self::DropAfterHandshake { how }
            | Self::DropBeforeReading { how }
            | Self::DropAfterHead { how }
            | Self::DropInBody { how, .. }
            | Self::DropUnexecuted { how }
            | Self::DropAfterExecuting { how } => Some(*how),
            // A plan can give the last two once the request is read; what is left of them then is the end.
            Self::CloseOnAccept | Self::TlsAlert { .. } | Self::PlainTextInsteadOfTls => Some(Ending::Close),
            _ => None,
        }
    }

    /// The name in JSON and in the log.
    pub fn name(&self) -> String {
        let json = serde_json::to_value(self).unwrap_or_default();
        json.get("kind").and_then(Value::as_str).unwrap_or("fault").to_owned()
    }
}

fn handshake_failure() -> u8 {
    40
}

fn one() -> usize {
    1
}

fn found() -> u16 {
    302
}

fn yes() -> bool {
    true
}
