//! `oo-webhooks doctor`: looks at everything that can be wrong, at once, and says what cures it. It executes nothing.

mod credentials;
mod database;
mod finding;
mod folder;
mod languages;
mod library;
mod network;

use clap::Args;
use serde_json::{Value, json};

use self::finding::{Finding, Grade};
use crate::exit::{Code, DONE, FAILED};
use crate::failure::Failure;
use crate::place::{Address, PlaceOptions};
use crate::show::{self, Tone};

/// Look at everything that can be wrong, and say what cures it
///
/// Credentials, network, clock, library, PHP and Python; with --outbox or --database also the outbox. It asks the
/// API's server for a page, and executes nothing. It ends with 1 when something must be cured.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: PlaceOptions,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Result<Code, Failure> {
    let mut findings = credentials::look();
    findings.extend(network::look());
    findings.extend(library::look());
    findings.extend(languages::look());
    match options.place.optional_address() {
        None => findings
            .push(Finding::unknown("outbox", "none was named").cure("add --outbox DIR or --database URL")),
        Some(Err(failure)) => findings.push(Finding::bad("outbox", failure.message())),
        Some(Ok(Address::Folder(path))) => findings.extend(folder::look(&path)),
        Some(Ok(Address::Database(location))) => findings.extend(database::look(&location)),
    }
    let is_ill = findings.iter().any(|finding| finding.grade() == Grade::Bad);
    if options.json {
        show::print_json(&json_of(&findings, !is_ill))?;
    } else {
        for finding in &findings {
            show::print(&text_of(finding))?;
        }
        let (line, tone) = if is_ill {
            ("something must be cured", Tone::Bad)
        } else {
            ("nothing must be cured", Tone::Good)
        };
        show::print(&format!("\n{}\n", show::toned(line, tone)))?;
    }
    Ok(if is_ill { FAILED } else { DONE })
}

fn json_of(findings: &[Finding], is_well: bool) -> Value {
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "name": finding.name(),
                "grade": finding.grade().name(),
                "found": finding.found(),
                "cure": finding.its_cure(),
            })
        })
        .collect();
    json!({"ok": is_well, "findings": findings})
}

fn text_of(finding: &Finding) -> String {
    let tone = match finding.grade() {
        Grade::Good => Some(Tone::Good),
        Grade::Warning => Some(Tone::Warning),
        Grade::Bad => Some(Tone::Bad),
        Grade::Unknown => None,
    };
    let word = format!("{:<8}", finding.grade().name());
    let word = tone.map_or_else(|| word.clone(), |tone| show::toned(&word, tone));
    let mut text = format!("{word} {:<18} {}\n", finding.name(), show::plain(finding.found()));
    if let Some(cure) = finding.its_cure() {
        for line in cure.lines() {
            text += &format!("{:27} -> {}\n", "", show::plain(line));
        }
    }
    text
}
