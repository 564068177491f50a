//! From an answer to one [`RecordResult`] a record. Pure: it sees bytes, never a connection.
//!
//! The one rule: `Ok` only when onOffice said success everywhere, `Rejected` and its kin only when
//! it said that it did not do it, and doubt for everything else.

mod document;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use self::document::{Action, Code, Document, State};
use crate::error_code::{self, ERROR_IN_ACTION};
use crate::outcome::{Outcome, Status};
use crate::record::Record;
use crate::request::{ACTION_ID, RESOURCE_TYPE, Request, SignedRequest};
use crate::result::{Answer, RecordResult};

/// The results of `request`'s records, in their order, from the answer to it.
///
/// `signed` is the request as it was sent, if known: it serves messages about clock and credentials,
/// and keeps an echoed token out of them.
pub fn parse(request: &Request, signed: Option<&SignedRequest>, answer: Answer) -> Vec<RecordResult> {
    let answer = Arc::new(answer);
    let reader = Reader { records: request.records(), signed, answer: &answer };
    match document::read(answer.body()) {
        Some(document) => reader.results(&document),
        None => reader.all(|_| reader.not_understood("is not the API's JSON")),
    }
}

/// Whether `body` is a JSON object to its closing brace: nothing behind it could change what it says.
pub(crate) fn is_whole(body: &[u8]) -> bool {
    body.first() == Some(&b'{') && document::read(body).is_some()
}

/// What an answer says about a record, before it is tied to the record and the answer.
struct Verdict {
    status: Status,
    error_code: i64,
    message: String,
}

struct Reader<'a> {
    records: &'a [Record],
    signed: Option<&'a SignedRequest>,
    answer: &'a Arc<Answer>,
}

impl Reader<'_> {
    fn results(&self, document: &Document) -> Vec<RecordResult> {
        let top = Top::of(&document.status);
        let actions = document.actions();
        if actions.is_empty() {
            return self.all(|_| match &top {
                Top::Error { status, code, message } => self.error_of_all(*status, code, message),
                Top::Success => self.not_understood("has no result"),
                Top::Silent => self.not_understood("has neither status nor results"),
            });
        }
        if actions.len() != self.records.len() {
            let what = format!("has {} results for {} records", actions.len(), self.records.len());
            return self.all(|_| self.not_understood(&what));
        }
        self.records
            .iter()
            .zip(self.in_order(actions))
            .map(|(record, action)| self.result(*record, &self.verdict(*record, action, &top, actions)))
            .collect()
    }

    /// The results in the order of the records: as the labels say when they name each record, else as they came.
    fn in_order<'a>(&self, actions: &'a [Action<'a>]) -> Vec<&'a Action<'a>> {
        let as_they_came = actions.iter().collect();
        if self.records.iter().zip(actions).all(|(record, action)| foreign(*record, action).is_none()) {
            return as_they_came;
        }
        let labelled = |record: &Record| {
            let is_its =
                |action: &&Action| action.identifier.as_deref().is_some_and(|label| is_label(label, *record));
            actions.iter().find(is_its)
        };
        self.records.iter().map(labelled).collect::<Option<_>>().unwrap_or(as_they_came)
    }

    fn verdict(&self, record: Record, action: &Action, top: &Top, all: &[Action]) -> Verdict {
        if let Some(other) = foreign(record, action) {
            return self.not_understood(&format!("is about {other:?}"));
        }
        let done = action.result() == Some("success");
        let (code, message) = (&action.status.errorcode, action.status.message());
        match (code, top) {
            (Code::Number(0), Top::Success) if done => executed(),
            // The failure on the top level belongs to another action of the same request.
            (Code::Number(0), Top::Error { code, .. }) if done && another_failed(code, all) => executed(),
            (Code::Number(0), Top::Success) => match action.result() {
                Some(value) => {
                    self.not_understood(&format!("gives the result {value:?} instead of \"success\""))
                }
                None => self.not_understood("does not say \"result\": \"success\""),
            },
            (Code::Number(0), _) => {
                self.not_understood("says success for the record but not on its top level")
            }
            _ if done => self.not_understood("says both error and success"),
            // No code, or "Error in action": the reason may stand on top.
            (Code::Missing | Code::Number(ERROR_IN_ACTION), Top::Error { status, code, message }) => {
                self.error_of_all(*status, code, message)
            }
            (Code::Missing, _) => self.not_understood("has no error code for the record"),
            (code, _) => self.error(code.status(), code, message),
        }
    }

    /// An error that stands on the top level alone. Nothing is documented about requests of which one
    /// action fails, so unless it must hold for all of them, it tells nothing about the others.
    fn error_of_all(&self, status: Status, code: &Code, message: &str) -> Verdict {
        let holds_for_all = match code {
            Code::Number(number) => error_code::holds_for_whole_request(*number),
            Code::Missing => status == Status::NotAuthenticated,
            Code::Text(_) => false,
        };
        if self.records.len() == 1 || holds_for_all || status.outcome() == Outcome::InDoubt {
            return self.error(status, code, message);
        }
        self.not_understood(&format!("gives an error, but not for which record: {code}: {message}"))
    }

    /// An error code of the API, with the API's own message and what we know about the cure.
    fn error(&self, status: Status, code: &Code, message: &str) -> Verdict {
        let number = match code {
            Code::Number(number) => *number,
            Code::Missing | Code::Text(_) => 0,
        };
        let in_doubt = status.outcome() == Outcome::InDoubt;
        let mut text = if in_doubt { "in doubt: onOffice failed" } else { "rejected by onOffice" }.to_owned();
        if *code != Code::Missing {
            text += &format!(": {code}");
        }
        if !message.is_empty() {
            text += &format!(": {message}");
        }
        for advice in [self.advice(status), error_code::cure(number).map(str::to_owned)].into_iter().flatten()
        {
            text += &format!("; {advice}");
        }
        Verdict { status, error_code: number, message: text }
    }

    fn advice(&self, status: Status) -> Option<String> {
        match status {
            Status::ClockSkew => self.clock_difference(),
            Status::NotAuthenticated => self.signed?.credentials().hint(),
            _ => None,
        }
    }

    /// How far this machine's clock is from the server's, by the `Date` of its answer.
    fn clock_difference(&self) -> Option<String> {
        let seconds = self.signed?.timestamp().saturating_sub(self.answer.date()?);
        let direction = if seconds < 0 { "behind" } else { "ahead of" };
        Some(format!("this machine's clock is {} s {direction} the server's", seconds.unsigned_abs()))
    }

    /// Doubt: the answer cannot be taken for one of the API's to this request.
    fn not_understood(&self, what: &str) -> Verdict {
        let http_status = self.answer.http_status();
        let status = if (200..300).contains(&http_status) { Status::BadResponse } else { Status::HttpError };
        let mut message = format!("in doubt: the answer (HTTP {http_status}) {what}");
        if let Some(start) = self.start_of_body() {
            message += &format!("; it begins {start:?}");
        }
        Verdict { status, error_code: 0, message }
    }

    /// A page may echo the request, and only known credentials can be kept out of a message.
    fn start_of_body(&self) -> Option<String> {
        let credentials = self.signed?.credentials();
        let body = self.answer.body();
        let text = credentials.redact(&String::from_utf8_lossy(body.get(..body.len().min(WINDOW))?));
        let start: String = text.trim().chars().take(SNIPPET).collect();
        (!start.is_empty()).then_some(start)
    }

    fn all(&self, verdict: impl Fn(Record) -> Verdict) -> Vec<RecordResult> {
        self.records.iter().map(|record| self.result(*record, &verdict(*record))).collect()
    }

    fn result(&self, record: Record, verdict: &Verdict) -> RecordResult {
        if verdict.status == Status::Ok {
            return RecordResult::executed(record, Arc::clone(self.answer));
        }
        let message = format!("{record}: {}", verdict.message);
        let message = match self.signed {
            Some(signed) => signed.credentials().redact(&message),
            None => message,
        };
        RecordResult::new(record, verdict.status, message)
            .with_error_code(verdict.error_code)
            .with_answer(Some(Arc::clone(self.answer)))
    }
}

fn executed() -> Verdict {
    Verdict { status: Status::Ok, error_code: 0, message: String::new() }
}

/// Characters of an answer that is not understood which its message quotes, and the bytes that are
/// searched for credentials first, so that none is quoted cut in two.
const SNIPPET: usize = 120;
const WINDOW: usize = 4096;

/// What the answer says about the request as a whole.
enum Top<'a> {
    Success,
    Error { status: Status, code: Code<'a>, message: &'a str },
    Silent,
}

impl<'a> Top<'a> {
    /// `status.errorcode` has the reason; `status.code` is documented as 200, 400 (not
    /// authenticated) or 500 (server error) and speaks where the reason is missing.
    fn of(state: &'a State<'a>) -> Top<'a> {
        let error = |status, code| Top::Error { status, code, message: state.message() };
        match (&state.errorcode, &state.code) {
            (Code::Number(0), Code::Number(200)) => Top::Success,
            (Code::Missing, Code::Missing) => Top::Silent,
            (Code::Number(0) | Code::Missing, Code::Number(400)) => {
                error(Status::NotAuthenticated, Code::Missing)
            }
            (Code::Number(0) | Code::Missing, _) => error(Status::ServerError, Code::Missing),
            (code, _) => error(code.status(), code.clone()),
        }
    }
}

impl fmt::Display for Code<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::Number(number) => write!(formatter, "error {number}"),
            Code::Text(name) => write!(formatter, "error {name:?}"),
            Code::Missing => formatter.write_str("error without a code"),
        }
    }
}

impl Code<'_> {
    /// What this code, which is not 0, means.
    fn status(&self) -> Status {
        match self {
            Code::Number(code) => error_code::status(*code),
            // Older answers give the reason as text ("Syntax error"): an error code all the same.
            Code::Text(_) => Status::Rejected,
            Code::Missing => Status::ServerError,
        }
    }
}

/// Whether the top level's error is that of an action in `all`: either "look at the actions", or
/// one action's own code repeated. Both have been recorded.
fn another_failed(top: &Code, all: &[Action]) -> bool {
    let failed = |action: &&Action| !matches!(action.status.errorcode, Code::Number(0) | Code::Missing);
    all.iter()
        .filter(failed)
        .any(|action| *top == Code::Number(ERROR_IN_ACTION) || action.status.errorcode == *top)
}

/// What the action's echo names, when it is not this record and this call. A part that the server
/// leaves out, or leaves empty, says nothing.
fn foreign<'a>(record: Record, action: &'a Action) -> Option<&'a str> {
    let named = |echo: &'a Option<Cow<'_, str>>| echo.as_deref().filter(|echo| !echo.is_empty());
    named(&action.resourceid)
        .filter(|id| !is_id(id, record))
        .or_else(|| named(&action.identifier).filter(|label| !is_label(label, record)))
        .or_else(|| named(&action.resourcetype).filter(|name| *name != RESOURCE_TYPE))
        .or_else(|| named(&action.actionid).filter(|name| *name != ACTION_ID))
}

/// Whether `text` is the record's id in decimal digits.
fn is_id(text: &str, record: Record) -> bool {
    text.starts_with(|first: char| ('1'..='9').contains(&first)) && text.parse() == Ok(record.id())
}

/// Whether `text` is the record's [`identifier`](crate::request::identifier).
fn is_label(text: &str, record: Record) -> bool {
    text.split_once(':').is_some_and(|(module, id)| module == record.module().as_str() && is_id(id, record))
}

#[cfg(test)]
mod tests;
