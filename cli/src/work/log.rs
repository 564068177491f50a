//! What the worker tells of each record, a line each, on standard error.

use std::io::{self, Write};
use std::time::SystemTime;

use clap::ValueEnum;
use oo_webhooks_worker::worker::Report;
use serde_json::json;

use crate::{execute, show};

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Json,
    /// No lines
    Off,
}

impl Format {
    pub(super) fn reporter(self) -> impl Fn(&Report<'_>) + Send + Sync + 'static {
        move |report| {
            let line = match self {
                Self::Off => return,
                Self::Text => text(report),
                Self::Json => json(report),
            };
            if let Some(line) = line {
                // A log that nobody reads stops no work.
                let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
            }
        }
    }
}

/// journald and its like add the time.
fn text(report: &Report<'_>) -> Option<String> {
    let line = match report {
        Report::Sent { account, result } => with_account(account, result.message()),
        Report::Settled { account, record, result: None, .. } => {
            with_account(account, &format!("{record}: failed without a call"))
        }
        Report::Settled { account, record, next: None, .. } => with_account(
            account,
            &format!("{record}: its result came late: it was not this worker's any more"),
        ),
        Report::Settled { .. } => return None,
        Report::Trouble(trouble) => trouble.message().to_owned(),
    };
    Some(show::plain(&line))
}

fn with_account(account: &str, message: &str) -> String {
    if account.is_empty() { message.to_owned() } else { format!("{account}: {message}") }
}

fn json(report: &Report<'_>) -> Option<String> {
    let (event, line) = match report {
        Report::Sent { account, result } => {
            ("sent", show::joined(execute::json_of(result), json!({"account": account})))
        }
        Report::Settled { account, record, result, next } if result.is_none() || next.is_none() => {
            let event = if result.is_none() { "refused" } else { "late_result" };
            (event, json!({"account": account, "module": record.module().as_str(), "id": record.id()}))
        }
        Report::Settled { .. } => return None,
        Report::Trouble(trouble) => ("trouble", json!({"message": trouble.message()})),
    };
    let when = json!({"time": show::time(SystemTime::now()), "event": event});
    Some(show::joined(when, line).to_string())
}
