//! How the program ends.

use std::process::ExitCode;

use oo_webhooks_core::outcome::{Outcome, Status};

/// What the help says about exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done; records: all executed
  1  it could not be done: an outbox, a database or a file refused it
  2  the command line or a setting makes no sense; nothing was done
  3  a record was rejected: not executed, and another try would fare alike
  4  a record was not sent: not executed, it may be tried again
  5  a record is in doubt: it may have been executed or not; look before you send it again
Of several records the highest of 3 to 5 counts. `status --check` has the codes of monitoring plugins.";

/// A code with which the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Code(u8);

/// Everything is as it was asked for.
pub(crate) const DONE: Code = Code(0);
/// An outbox, a database or a file refused it.
pub(crate) const FAILED: Code = Code(1);
/// The command line or a setting makes no sense. Clap ends with it too.
pub(crate) const USAGE: Code = Code(2);

/// The codes of monitoring plugins.
pub(crate) mod check {
    use super::Code;

    pub(crate) const OK: Code = Code(0);
    pub(crate) const WARNING: Code = Code(1);
    pub(crate) const CRITICAL: Code = Code(2);
    pub(crate) const UNKNOWN: Code = Code(3);
}

impl Code {
    /// What a record's status comes to.
    pub(crate) fn of(status: Status) -> Self {
        match status {
            Status::InvalidArgument
            | Status::InvalidModule
            | Status::InvalidId
            | Status::InvalidOption
            | Status::NotConfigured => USAGE,
            status => Self::of_outcome(status.outcome()),
        }
    }

    pub(crate) fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Executed => DONE,
            Outcome::Rejected => Self(3),
            Outcome::NotSent => Self(4),
            Outcome::InDoubt => Self(5),
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.0)
    }
}
