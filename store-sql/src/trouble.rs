//! A [`Trouble`]: what the database or the way to it refused, as a line for a person; and a [`Fault`], what a
//! driver reported and whether it is worth another try.

use std::fmt;

use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;

/// The outbox could not be read or written. Nothing was sent because of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    is_temporary: bool,
    message: String,
}

impl Trouble {
    /// One that does not pass by itself. The message is one line that names the thing and the cure.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { is_temporary: false, message: message.into() }
    }

    /// One that may pass by itself.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { is_temporary: true, message: message.into() }
    }

    /// Whether it may pass by itself: the database is away, restarts, is read-only after a failover or is
    /// too busy. What does not pass is a setting, a right or a table.
    pub fn is_temporary(&self) -> bool {
        self.is_temporary
    }

    /// One line that names the thing and the cure; never a password.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        Self::new(Status::OutboxFailed, trouble.message)
    }
}

/// What a driver reported.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A deadlock, a conflict or a wait for a lock: the transaction was rolled back and may be run again.
    Again(String),
    /// The connection is gone, or leads to a server that takes no writes: a new one may do better. Whether a
    /// commit that was under way counted is not known.
    Lost(String),
    /// Another try would fare alike.
    Refused(String),
}

/// A message in one line of bounded length.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(300).collect()
}
