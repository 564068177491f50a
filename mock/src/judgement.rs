//! What the API would say to a request: which of its actions are in order, which are not, and why.

use crate::api_error::ApiError;
use crate::json::Json;
use crate::log::quoted;
use crate::record::Record;

/// What becomes of a request that is understood.
pub(crate) struct JudgedRequest {
    /// The first characters of the caller's token.
    pub(crate) token: String,
    /// One for each action, in order.
    pub(crate) actions: Vec<JudgedAction>,
    /// Things that the real API may let pass and a careful client should not send.
    pub(crate) notes: Vec<String>,
}

/// What becomes of one action.
#[derive(Clone)]
pub(crate) struct JudgedAction {
    /// The fields that the answer repeats.
    pub(crate) echo: Echo,
    /// The record it is about, as far as one can be told.
    pub(crate) record: Option<Record>,
    pub(crate) timestamp: i64,
    pub(crate) decision: Result<Record, ApiError>,
}

#[derive(Clone)]
pub(crate) struct Echo {
    pub(crate) actionid: Json,
    pub(crate) resourceid: Json,
    pub(crate) resourcetype: Json,
    pub(crate) identifier: Json,
}

impl JudgedAction {
    /// What the action is about, for a log line.
    pub(crate) fn subject(&self) -> String {
        match (self.record, self.echo.resourceid.as_text()) {
            (Some(record), _) => record.to_string(),
            (None, Some(id)) if !id.is_empty() => format!("an action on {}", quoted(id)),
            _ => "an action".to_owned(),
        }
    }

    /// The same action, refused for another reason.
    pub(crate) fn refused_with(&self, error: &ApiError) -> Self {
        Self { decision: Err(error.clone()), echo: self.echo.clone(), ..*self }
    }
}
