//! `oo-webhooks execute`: one call, now.

use clap::Args;
use oo_webhooks_core::options::Options as ClientOptions;
use oo_webhooks_core::outcome::Outcome;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::request::Request;
use oo_webhooks_core::result::RecordResult;
use serde_json::{Value, json};

use crate::exit::{Code, DONE};
use crate::failure::Failure;
use crate::show::{self, Tone};

/// Execute the webhooks of records now, and wait for the answer
///
/// At most once: nothing is repeated after a byte of the request went out. Several ids go in one request.
/// Credentials and URL are those of ON_OFFICE_TOKEN, ON_OFFICE_SECRET and ON_OFFICE_URL.
#[derive(Args)]
#[command(after_long_help = crate::exit::HELP)]
pub(crate) struct Options {
    /// estate, address, task or calendar
    module: String,
    /// Ids of records
    #[arg(required = true, allow_negative_numbers = true)]
    id: Vec<i64>,
    /// Print a JSON array with one object a record
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Result<Code, Failure> {
    let mut request = Request::new();
    for id in &options.id {
        request.add(Record::new(&options.module, *id)?)?;
    }
    let results = ClientOptions::from_env().client()?.execute_request(&request)?;
    if options.json {
        show::print_json(&results.iter().map(json_of).collect())?;
    } else {
        for result in &results {
            show::print(&line(result))?;
        }
    }
    Ok(results.iter().map(|result| Code::of(result.status())).max().unwrap_or(DONE))
}

/// A result as JSON, here and in the worker's log.
pub(crate) fn json_of(result: &RecordResult) -> Value {
    json!({
        "module": result.record().module().as_str(),
        "id": result.record().id(),
        "outcome": result.outcome().name(),
        "status": result.status().name(),
        "http_status": result.http_status(),
        "error_code": result.error_code(),
        "message": result.message(),
    })
}

fn line(result: &RecordResult) -> String {
    let tone = match result.outcome() {
        Outcome::Executed => Tone::Good,
        Outcome::NotSent => Tone::Warning,
        Outcome::Rejected | Outcome::InDoubt => Tone::Bad,
    };
    format!("{}\n", show::toned(&show::plain(result.message()), tone))
}
