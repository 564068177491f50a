//! What the worker tells of each record, a line each, on standard error.

use std::io::{self, Write};
use std::time::SystemTime;

use clap::ValueEnum;
use oo_webhooks_worker::worker::Report;
use serde_json::json;

use crate::show;

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
    let time = show::time(SystemTime::now());
    let value = match report {
        Report::Sent { account, result } => json!({
            "time": time,
            "event": "sent",
            "account": account,
            "module": result.record().module().as_str(),
            "id": result.record().id(),
            "outcome": result.outcome().name(),
            "status": result.status().name(),
            "http_status": result.http_status(),
            "error_code": result.error_code(),
            "message": result.message(),
        }),
        Report::Settled { account, record, result, next } if result.is_none() || next.is_none() => json!({
            "time": time,
            "event": if result.is_none() { "refused" } else { "late_result" },
            "account": account,
            "module": record.module().as_str(),
            "id": record.id(),
        }),
        Report::Settled { .. } => return None,
        Report::Trouble(trouble) => json!({"time": time, "event": "trouble", "message": trouble.message()}),
    };
    Some(value.to_string())
}
