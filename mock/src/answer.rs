//! The API's answer as JSON. A success is the documented example, byte for byte but for what it repeats from the
//! request; errors come in the shapes that public sources show.

use crate::api_error::ApiError;
use crate::json::Json;
use crate::judgement::{Echo, JudgedAction};
use crate::record::Record;
use crate::style::{ErrorShape, Style};

impl Style {
    /// The answer to actions, each executed or refused.
    pub(crate) fn answer(self, actions: &[JudgedAction]) -> Json {
        let refused = actions.iter().find_map(|action| action.decision.as_ref().err());
        let results = actions.iter().map(|action| self.result(&action.echo, &action.decision));
        let top = match (refused, self.error_shape) {
            (None, _) | (_, ErrorShape::ActionOnly) => self.top(200, 0, "OK"),
            (Some(error), ErrorShape::Generic) => self.top(error.top(), 97, "Error in action"),
            (Some(error), ErrorShape::TopOnly) => return self.error(error),
            (Some(error), ErrorShape::Repeated) => self.top(error.top(), error.code, &error.message),
        };
        Json::object([
            ("status", top),
            ("response", Json::object([("results", Json::List(results.collect()))])),
        ])
    }

    /// The answer to a request that is refused whole.
    pub(crate) fn error(self, error: &ApiError) -> Json {
        Json::object([("status", self.top(error.top(), error.code, &error.message))])
    }

    fn result(self, echo: &Echo, decision: &Result<Record, ApiError>) -> Json {
        let (data, status) = match decision {
            Ok(_) => (success_data(), self.status(0, "OK")),
            // PHP's empty array, which is a list where a success has an object.
            Err(error) => (Json::List(Vec::new()), self.status(error.code, &error.message)),
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
