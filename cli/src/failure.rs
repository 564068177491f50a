//! A [`Failure`]: why the program ends without having done what it was asked for.

use std::fmt;

use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_store_sql::Trouble;

use crate::exit::{Code, FAILED, USAGE};

/// One line, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: Code,
}

impl Failure {
    /// Something went wrong at run time.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: FAILED }
    }

    /// The command line or a setting makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: USAGE }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal.status() {
            Status::OutboxFailed => Self::new(refusal.message()),
            _ => Self::usage(refusal.message()),
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble.message())
    }
}
