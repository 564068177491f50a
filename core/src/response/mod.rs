//! From an answer to one [`RecordResult`] a record. Pure: it sees bytes, never a connection.
//!
//! The one rule: `Ok` only when onOffice said success everywhere, `Rejected` and its kin only when
//! it said that it did not do it, and doubt for everything else.

mod document;

use std::sync::Arc;

use self::document::{Action, Code, Document, Echo, State};
use crate::error_code::{self, ERROR_IN_ACTION};
use crate::json;
use crate::outcome::{Outcome, Status};
use crate::record::Record;
use crate::request::{ACTION_ID, RESOURCE_TYPE, Request, SignedRequest};
use crate::result::{RecordResult, Response};
use crate::server_echo::ServerEcho;

/// The results of `request`'s records, in their order, from the answer to it.
///
/// `signed` is the request as it was sent, if known: its labels tell whether the answer is one to it
/// and which result is whose, it serves messages about clock and credentials, and keeps an echoed
/// token out of them.
pub fn parse(request: &Request, signed: Option<&SignedRequest>, response: Response) -> Vec<RecordResult> {
    read(request, signed, response, &ServerEcho::default())
}

/// [`parse`] for an answer from a server of whose echoes something is known, or becomes known.
pub(crate) fn read(
    request: &Request,
    signed: Option<&SignedRequest>,
    response: Response,
    echo: &ServerEcho,
) -> Vec<RecordResult> {
    let response = Arc::new(response);
    let reader = Reader::new(request, signed, &response, echo);
    match document::read(response.body()) {
        Some(document) => reader.results(&document),
        None => reader.all(&reader.not_understood("is not the API's JSON")),
    }
}

/// [`read`] for an answer behind which the exchange broke: `None` unless it is a JSON object to its
/// closing brace, since nothing behind that could change what it says.
pub(crate) fn read_cut(
    request: &Request,
    signed: &SignedRequest,
    response: Response,
    echo: &ServerEcho,
) -> Option<Vec<RecordResult>> {
    let response = Arc::new(response);
    let document = document::read(response.body()).filter(|_| response.body().first() == Some(&b'{'))?;
    Some(Reader::new(request, Some(signed), &response, echo).results(&document))
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
    response: &'a Arc<Response>,
    echo: &'a ServerEcho,
    /// What was known of its echoes before this answer.
    must_echo: bool,
}

impl<'a> Reader<'a> {
    fn new(
        request: &'a Request,
        signed: Option<&'a SignedRequest>,
        response: &'a Arc<Response>,
        echo: &'a ServerEcho,
    ) -> Self {
        Self { records: request.records(), signed, response, echo, must_echo: echo.was_seen() }
    }
}

impl Reader<'_> {
    fn results(&self, document: &Document) -> Vec<RecordResult> {
        let top = Top::of(&document.status);
        let actions = document.actions();
        if actions.is_empty() {
            return self.all(&match &top {
                Top::Error { status, code, message } => self.error_of_all(*status, code, message),
                Top::Success => self.not_understood("has no result"),
                Top::Silent => self.not_understood("has neither status nor results"),
            });
        }
        if actions.len() != self.records.len() {
            let what = format!("has {} results for {} records", actions.len(), self.records.len());
            return self.all(&self.not_understood(&what));
        }
        let verdict = |own| match own {
            Ok(action) => self.verdict(action, &top, actions),
            Err(what) => self.not_understood(what),
        };
        let own = self.own_actions(actions).into_iter();
        self.records.iter().zip(own).map(|(record, own)| self.result(*record, &verdict(own))).collect()
    }

    /// Each record's action, whose echo contradicts nothing, or why there is none: by position where no
    /// echo contradicts that, else the one that names the record, if exactly one does.
    fn own_actions<'a>(&self, actions: &'a [Action<'a>]) -> Vec<Result<&'a Action<'a>, &'static str>> {
        let in_order = self.records.iter().zip(actions).enumerate();
        let by_position: Vec<_> =
            in_order.map(|(index, (record, action))| self.own(index, *record, action)).collect();
        if by_position.iter().all(Result::is_ok) {
            return by_position;
        }
        let mut named: Vec<Named> = self.records.iter().map(|_| Named::Never).collect();
        for action in actions {
            let Echo::Text(label) = &action.identifier else { continue };
            let index = self.signed.and_then(|signed| signed.labels().index(label));
            if let Some(named) = index.and_then(|index| named.get_mut(index)) {
                *named = if matches!(named, Named::Never) { Named::Once(action) } else { Named::Twice };
            }
        }
        let records = self.records.iter().zip(by_position).zip(named).enumerate();
        records
            .map(|(index, ((record, by_position), named))| match named {
                Named::Once(action) => self.own(index, *record, action),
                Named::Never | Named::Twice => by_position.and(Err("does not name the record exactly once")),
            })
            .collect()
    }

    /// The action, unless its echo shows that it is not the one of this record in this request.
    fn own<'a>(
        &self,
        index: usize,
        record: Record,
        action: &'a Action<'a>,
    ) -> Result<&'a Action<'a>, &'static str> {
        if let Some(foreign) = self.foreign(index, record, action) {
            return Err(foreign);
        }
        if self.signed.is_some() && action.identifier != Echo::Missing {
            self.echo.note();
        }
        Ok(action)
    }

    /// What in the action's echo shows that it is not the one of this record in this request. A part
    /// that the server leaves out says nothing.
    fn foreign(&self, index: usize, record: Record, action: &Action) -> Option<&'static str> {
        let differs = |echo: &Echo, is_ours: &dyn Fn(&str) -> bool| match echo {
            Echo::Missing => false,
            Echo::Text(text) => !is_ours(text),
            Echo::Foreign => true,
        };
        let is_ours =
            |label: &str| self.signed.is_none_or(|signed| signed.labels().index(label) == Some(index));
        if differs(&action.resourceid, &|id| is_id(id, record)) {
            Some("is about another record")
        } else if differs(&action.identifier, &is_ours) {
            Some("is about another record or request")
        } else if differs(&action.resourcetype, &|name| name == RESOURCE_TYPE)
            || differs(&action.actionid, &|name| name == ACTION_ID)
        {
            Some("is about another call")
        } else {
            None
        }
    }

    fn verdict(&self, action: &Action, top: &Top, all: &[Action]) -> Verdict {
        let done = action.result() == Some("success");
        let (code, message) = (&action.status.errorcode, action.status.message());
        match (code, top) {
            _ if done && action.identifier == Echo::Missing && self.must_echo => {
                self.not_understood("says success without the request's label, which this server echoes")
            }
            (Code::Number(0), Top::Success) if done => executed(),
            // The failure on the top level belongs to another action of the same request.
            (Code::Number(0), Top::Error { code, .. }) if done && another_failed(code, all) => executed(),
            (Code::Number(0), Top::Success) => match action.result() {
                Some(value) => {
                    let value = self.quoted(value, SNIPPET);
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

    /// An error that stands only on the top level. Nothing is documented about requests of which one
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
        let (code, message) = (self.shown(code), self.quoted(message, MAX_QUOTE));
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
            text += &format!(": {}", self.shown(code));
        }
        let message = self.quoted(message, MAX_QUOTE);
        if !message.is_empty() {
            text += &format!(": {message}");
        }
        if in_doubt && number != ERROR_IN_ACTION && *code != Code::Missing {
            text += "; it is not known to come before an execution";
        }
        for advice in [self.advice(status), error_code::cure(number).map(str::to_owned)].into_iter().flatten()
        {
            text += &format!("; {advice}");
        }
        Verdict { status, error_code: number, message: text }
    }

    fn shown(&self, code: &Code) -> String {
        match code {
            Code::Number(number) => format!("error {number}"),
            Code::Text(name) => format!("error {:?}", self.quoted(name, SNIPPET)),
            Code::Missing => "error without a code".to_owned(),
        }
    }

    /// The begin of a text that a server sent, without credentials.
    fn quoted(&self, text: &str, length: usize) -> String {
        self.quoted_of(text, length, json::may_be_cut(text))
    }

    /// The same; `is_cut` where more of the text may have come.
    fn quoted_of(&self, text: &str, length: usize, is_cut: bool) -> String {
        let text = match self.signed.map(SignedRequest::credentials) {
            Some(credentials) if is_cut => credentials.redact_cut(text),
            Some(credentials) => credentials.redact(text),
            None => text.to_owned(),
        };
        text.chars().take(length).collect()
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
        let seconds = self.signed?.timestamp().saturating_sub(self.response.date()?);
        let direction = if seconds < 0 { "behind" } else { "ahead of" };
        Some(format!("this machine's clock is {} s {direction} the server's", seconds.unsigned_abs()))
    }

    /// Doubt: the answer cannot be taken for one of the API's to this request.
    fn not_understood(&self, what: &str) -> Verdict {
        let http_status = self.response.http_status();
        let status = if (200..300).contains(&http_status) { Status::BadResponse } else { Status::HttpError };
        let mut message = format!("in doubt: the answer (HTTP {http_status}) {what}");
        if let Some(start) = self.start_of_body() {
            message += &format!("; it begins {start:?}");
        }
        Verdict { status, error_code: 0, message }
    }

    /// A page may echo the request, and only known credentials can be kept out of a message.
    fn start_of_body(&self) -> Option<String> {
        self.signed?;
        let body = self.response.body();
        let window = String::from_utf8_lossy(body.get(..body.len().min(json::MAX_TEXT))?);
        let is_cut = body.len() > json::MAX_TEXT;
        let start = self.quoted_of(window.trim_start(), SNIPPET, is_cut).trim_end().to_owned();
        (!start.is_empty()).then_some(start)
    }

    /// The same for every record.
    fn all(&self, verdict: &Verdict) -> Vec<RecordResult> {
        self.records.iter().map(|record| self.result(*record, verdict)).collect()
    }

    fn result(&self, record: Record, verdict: &Verdict) -> RecordResult {
        if verdict.status == Status::Ok {
            return RecordResult::executed(record, Arc::clone(self.response));
        }
        let message = format!("{record}: {}", verdict.message);
        RecordResult::new(record, verdict.status, message)
            .with_error_code(verdict.error_code)
            .with_response(Some(Arc::clone(self.response)))
    }
}

fn executed() -> Verdict {
    Verdict { status: Status::Ok, error_code: 0, message: String::new() }
}

/// Characters of an answer that is not understood which its message quotes.
const SNIPPET: usize = 120;

/// Characters of the server's own message that are quoted.
const MAX_QUOTE: usize = 400;

/// How often labels name a record.
enum Named<'a> {
    Never,
    Once(&'a Action<'a>),
    Twice,
}

/// What the answer says about the request as a whole.
enum Top<'a> {
    Success,
    Error { status: Status, code: Code<'a>, message: &'a str },
    Silent,
}

impl<'a> Top<'a> {
    /// `status.errorcode` has the reason; `status.code` is documented as 200, 400 (not
    /// authenticated) or 500 (server error) and speaks where the reason is missing.
    fn of(state: &'a State<'a>) -> Self {
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

impl Code<'_> {
    /// What this code, which is not 0, means.
    fn status(&self) -> Status {
        match self {
            Code::Number(code) => error_code::status(*code),
            // A reason as text ("Syntax error") is seen in one old answer; nobody knows when it is decided.
            Code::Text(_) | Code::Missing => Status::ServerError,
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

/// Whether `text` is the record's id in decimal digits.
fn is_id(text: &str, record: Record) -> bool {
    text.starts_with(|first: char| ('1'..='9').contains(&first)) && text.parse() == Ok(record.id())
}

#[cfg(test)]
mod tests;
