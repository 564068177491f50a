//! Why a request or an action was not executed: the API's code and message, and advice for the log.
//!
//! Codes and texts are those of the public list of 288 codes. Which of them the real API gives for this call is not
//! documented; where several would do, the one is taken whose text says most.

use crate::log::{printable, quoted, shortened};

#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) code: u16,
    pub(crate) message: String,
    /// What the caller should look at. It goes to the log, never into the answer.
    pub(crate) hint: String,
}

impl ApiError {
    fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The top-level `status.code`: 400 for "not authenticated", else 500.
    pub(crate) fn top(&self) -> i64 {
        if self.code == 22 { 400 } else { 500 }
    }

    /// As in a log line: `137 The HMAC is invalid. (read the clock once)`.
    pub(crate) fn describe(&self) -> String {
        let hint = if self.hint.is_empty() { String::new() } else { format!(" ({})", self.hint) };
        // A message may repeat what the client sent.
        format!("{} {}{hint}", self.code, printable(&shortened(&self.message)))
    }

    /// By the names of PHP's `json_last_error`: almost everything is a syntax error.
    pub(crate) fn json(error: &serde_json::Error, body: &[u8]) -> Self {
        let text = error.to_string();
        let (code, message) = if std::str::from_utf8(body).is_err() {
            (7, "Malformed UTF-8 characters, possibly incorrectly encoded")
        } else if text.starts_with("recursion limit") {
            (3, "The maximum stack depth has been exceeded")
        } else if text.starts_with("control character") {
            (5, "Control character error, possibly incorrectly encoded")
        } else {
            (6, "Syntax error")
        };
        Self::new(code, message).hint(format!("JSON: {text}"))
    }

    pub(crate) fn malformed() -> Self {
        Self::new(4, "Invalid or malformed JSON").hint("the body must be a JSON object")
    }

    pub(crate) fn empty() -> Self {
        Self::new(9, "Empty request")
    }

    pub(crate) fn token() -> Self {
        Self::new(13, "Missing or invalid element: token")
    }

    pub(crate) fn request() -> Self {
        Self::new(14, "Missing or invalid element: request")
    }

    pub(crate) fn actions() -> Self {
        Self::new(15, "Missing or invalid element: actions")
    }

    pub(crate) fn actionid() -> Self {
        Self::new(16, "Missing or invalid attribute: actionid")
    }

    pub(crate) fn empty_actionid() -> Self {
        Self::new(17, "Empty attribute: actionid")
    }

    pub(crate) fn resourceid() -> Self {
        Self::new(18, "Missing or invalid attribute: resourceid")
    }

    pub(crate) fn resourcetype() -> Self {
        Self::new(19, "Missing or invalid attribute: resourcetype")
    }

    pub(crate) fn parameters() -> Self {
        Self::new(20, "Missing or invalid element: parameters")
    }

    pub(crate) fn identifier() -> Self {
        Self::new(227, "Given element or parameter was expected to be a string: identifier")
    }

    pub(crate) fn authentication() -> Self {
        Self::new(22, "Not authenticated")
    }

    pub(crate) fn timestamp() -> Self {
        Self::new(136, "Your timestamp is too old or your server time is wrong.")
    }

    pub(crate) fn hmac() -> Self {
        Self::new(137, "The HMAC is invalid.")
    }

    pub(crate) fn unknown_action(actionid: &str) -> Self {
        Self::new(23, format!("Missing configuration for actionId \"{actionid}\""))
    }

    pub(crate) fn unknown_resourcetype(resourcetype: &str) -> Self {
        Self::new(25, format!("Missing configuration for resourceType \"{resourcetype}\""))
            .hint("the mock knows only action do of executeMarketplaceWebhooks")
    }

    pub(crate) fn provider() -> Self {
        Self::new(240, "Call for Marketplace Api-Users not allowed")
            .hint("marketplace providers cannot use this call: use the customer's own API user")
    }

    pub(crate) fn no_module() -> Self {
        Self::new(167, "Missing parameter \"module\"")
    }

    /// 255 and not 163 "Invalid name for module": it names the parameter.
    pub(crate) fn module() -> Self {
        Self::new(255, "Invalid value for parameter \"module\"")
            .hint("module is one of estate, address, task, calendar, in lower case")
    }

    pub(crate) fn no_record() -> Self {
        Self::new(79, "Missing record id")
    }

    /// 235 and not 80 or 279: it names the id, and it suits every module.
    pub(crate) fn record_id(text: &str) -> Self {
        Self::new(235, format!("Unknown record id {text}"))
            .hint(format!("{} is not a positive decimal: send the record number", quoted(text)))
    }

    pub(crate) fn unknown_address() -> Self {
        Self::new(292, format!("Unknown address record id. {NO_RECORD}"))
    }

    pub(crate) fn unknown_estate() -> Self {
        Self::new(293, format!("Unknown estate record id. {NO_RECORD}"))
    }

    /// Tasks and appointments have no code of their own.
    pub(crate) fn unknown_record() -> Self {
        Self::new(80, format!("Unknown record. {NO_RECORD}"))
    }

    pub(crate) fn fault(code: u16, message: &str) -> Self {
        Self::new(code, message)
    }
}

const NO_RECORD: &str =
    "Record may not exist or the permission rights are not set accordingly for this action.";
