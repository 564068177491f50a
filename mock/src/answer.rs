//! The API's answer as JSON. A success is the documented example, byte for byte but for what it repeats from the
//! request; errors come in the shapes that public sources show.

use crate::json::Json;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::style::{ErrorShape, Style};
use crate::verdict::{Echo, Verdict};

impl Style {
    /// The answer to actions, each executed or refused.
    pub(crate) fn answer(self, verdicts: &[Verdict]) -> Json {
        let refused = verdicts.iter().find_map(|verdict| verdict.decision.as_ref().err());
        let results = verdicts.iter().map(|verdict| self.result(&verdict.echo, &verdict.decision));
        let top = match (refused, self.error_shape) {
            (None, _) | (_, ErrorShape::ActionOnly) => self.top(200, 0, "OK"),
            (Some(refusal), ErrorShape::Generic) => self.top(refusal.top(), 97, "Error in action"),
            (Some(refusal), ErrorShape::TopOnly) => return self.refusal(refusal),
            (Some(refusal), ErrorShape::Repeated) => self.top(refusal.top(), refusal.code, &refusal.message),
        };
        Json::object([
            ("status", top),
            ("response", Json::object([("results", Json::List(results.collect()))])),
        ])
    }

    /// The answer to a request that is refused whole.
    pub(crate) fn refusal(self, refusal: &Refusal) -> Json {
        Json::object([("status", self.top(refusal.top(), refusal.code, &refusal.message))])
    }

    fn result(self, echo: &Echo, decision: &Result<Record, Refusal>) -> Json {
        let (data, status) = match decision {
            Ok(_) => (success_data(), self.status(0, "OK")),
            // PHP's empty array, which is a list where a success has an object.
            Err(refusal) => (Json::List(Vec::new()), self.status(refusal.code, &refusal.message)),
        };
        Json::object([
            ("actionid", echo.actionid.clone()),
            ("resourceid", echo.resourceid.clone()),
            ("resourcetype", echo.resourcetype.clone()),
            ("cacheable", Json::Bool(false)),
            ("identifier", echo.identifier.clone()),
            ("data", data),
            ("status", status),
        ])
    }

    pub(crate) fn top(self, http_like: i64, errorcode: u16, message: &str) -> Json {
        Json::object([
            ("code", http_like.into()),
            ("errorcode", self.code(errorcode)),
            ("message", message.into()),
        ])
    }

    pub(crate) fn status(self, errorcode: u16, message: &str) -> Json {
        Json::object([("errorcode", self.code(errorcode)), ("message", message.into())])
    }

    fn code(self, code: u16) -> Json {
        if self.codes_as_strings { Json::Text(code.to_string()) } else { i64::from(code).into() }
    }
}

/// The id is the number 0 and not the record's; the type is empty; the count is null.
fn success_data() -> Json {
    let elements = Json::object([("result", "success".into())]);
    let record = Json::object([("id", 0.into()), ("type", "".into()), ("elements", elements)]);
    Json::object([
        ("meta", Json::object([("cntabsolute", Json::Null)])),
        ("records", Json::List(vec![record])),
    ])
}
