//! A [`RecordResult`]: what is known about one record after a call.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use crate::outcome::{Outcome, Status};
use crate::record::Record;

/// The longest message, in characters; what a server says beyond it is cut.
const MAX_MESSAGE: usize = 500;

/// What is known about one record: status, outcome, codes, message and the answer.
#[derive(Clone, Debug)]
pub struct RecordResult {
    record: Record,
    status: Status,
    error_code: i32,
    /// Made when it is asked for where the record was executed. Ends with a NUL that is not part of it, for readers
    /// in C.
    message: OnceLock<String>,
    response: Option<Arc<Response>>,
}

/// An answer as it was received. The results of one request share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    http_status: u16,
    /// Ends with a NUL that is not part of the body, for readers in C.
    body: Vec<u8>,
    /// Unix seconds of the `Date` header.
    date: Option<i64>,
}

impl Response {
    /// An answer: HTTP status, body after decompression and, when there was a `Date`, its Unix seconds.
    pub fn new(http_status: u16, mut body: Vec<u8>, date: Option<i64>) -> Self {
        // One byte more, not twice as many.
        body.reserve_exact(1);
        body.push(0);
        Self { http_status, body, date }
    }

    /// The HTTP status.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    /// The body, decompressed. In memory a NUL follows it, for readers in C.
    pub fn body(&self) -> &[u8] {
        self.body.strip_suffix(&[0]).unwrap_or_default()
    }

    pub(crate) fn date(&self) -> Option<i64> {
        self.date
    }
}

impl RecordResult {
    pub(crate) fn new(record: Record, status: Status, message: impl AsRef<str>) -> Self {
        let message = one_line(message.as_ref()) + "\0";
        Self { record, status, error_code: 0, message: message.into(), response: None }
    }

    /// Not sent, since the process has too little memory for a call.
    pub fn out_of_memory(record: Record) -> Self {
        let status = Status::OutOfMemory;
        Self::new(record, status, format!("{record}: not sent: there is not enough memory for the call"))
    }

    pub(crate) fn executed(record: Record, response: Arc<Response>) -> Self {
        let message = OnceLock::new();
        Self { record, status: Status::Ok, error_code: 0, message, response: Some(response) }
    }

    pub(crate) fn with_error_code(self, code: i64) -> Self {
        Self { error_code: i32::try_from(code).unwrap_or(0), ..self }
    }

    pub(crate) fn with_response(self, response: Option<Arc<Response>>) -> Self {
        Self { response, ..self }
    }

    /// The record this is about.
    pub fn record(&self) -> Record {
        self.record
    }

    /// What happened.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What the caller may do next.
    pub fn outcome(&self) -> Outcome {
        self.status.outcome()
    }

    /// onOffice's error code; 0 when it gave none.
    pub fn error_code(&self) -> i32 {
        self.error_code
    }

    /// One line for a log; never a token or secret. In memory a NUL follows it, for readers in C.
    pub fn message(&self) -> &str {
        let message = self.message.get_or_init(|| {
            let mut message = String::with_capacity("calendar 9223372036854775807: executed\0".len());
            let _ = write!(message, "{}: executed\0", self.record);
            message
        });
        message.strip_suffix('\0').unwrap_or_default()
    }

    /// The answer; `None` when none came.
    pub fn response(&self) -> Option<&Arc<Response>> {
        self.response.as_ref()
    }

    /// The HTTP status of the answer; 0 when none came.
    pub fn http_status(&self) -> u16 {
        self.response.as_ref().map_or(0, |response| response.http_status)
    }

    /// The answer's body as received, for all records of the request; `None` when none came.
    pub fn body(&self) -> Option<&[u8]> {
        self.response.as_deref().map(Response::body)
    }
}

/// `text` as one line: control characters become spaces, runs of space one, a long tail is cut.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(MAX_MESSAGE) + 1);
    for word in text.split(|character: char| character.is_whitespace() || character.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > MAX_MESSAGE {
            line = line.chars().take(MAX_MESSAGE).collect();
            line.push('…');
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        assert_eq!(one_line("a\r\n\tb\u{0}c  d"), "a b c d");
        assert_eq!(one_line(&"ü".repeat(10_000)).chars().count(), MAX_MESSAGE + 1);
    }

    #[test]
    fn a_code_beyond_an_int_is_left_to_the_message() {
        let record = Record::new("task", 1).unwrap();
        let result = RecordResult::new(record, Status::Rejected, "").with_error_code(1 << 40);
        assert_eq!(result.error_code(), 0);
    }
}
