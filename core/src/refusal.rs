//! A [`Refusal`]: the caller's mistake, or what the outbox's disk refused, before anything was sent.

use std::fmt;

use crate::outcome::Status;

/// Why an argument, an option or a request was refused. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: Status,
    message: String,
}

impl Refusal {
    /// `status` is one of 1 to 9, or `OutboxFailed`; the message is one line that names the thing and the cure.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        debug_assert!(matches!(status.number(), 1..=9 | 40), "{status:?} refuses nothing");
        Self { status, message: message.into() }
    }

    /// One of the statuses 1 to 9, or `OutboxFailed`.
    pub fn status(&self) -> Status {
        self.status
    }

    /// One line that names the thing and the cure.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
