//! `oo-webhooks work`: takes records from outboxes and executes their webhooks until it is stopped.

mod exporter;
mod log;
mod service;
mod signals;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use oo_webhooks_core::outbox::policy::WhenInDoubt;
use oo_webhooks_core::outcome::Outcome;
use oo_webhooks_core::request::MAX_RECORDS;
use oo_webhooks_store_sql::Trouble;
use oo_webhooks_store_sql::location::Location;
use oo_webhooks_store_sql::store::SqlStore;
use oo_webhooks_worker::folders::Folders;
use oo_webhooks_worker::metrics::Metrics;
use oo_webhooks_worker::settings::Settings;
use oo_webhooks_worker::worker::Worker;

use self::exporter::ExporterOptions;
use self::log::Format;
use self::service::Service;
use crate::accounts::{AccountOptions, Clients};
use crate::exit::{Code, DONE};
use crate::failure::Failure;
use crate::place::{Address, PlaceOptions};

/// Take records from an outbox and execute their webhooks, until SIGTERM
///
/// At most once: a record whose call may have been executed without an answer is in doubt and held for a person,
/// unless --when-in-doubt says otherwise. A record that was not sent is tried again for 24 hours, in growing
/// pauses, and has then failed; one that is rejected has failed at once. Any number of workers may share an outbox.
/// The first SIGTERM or SIGINT lets the calls that are under way end; a second one ends the program at once.
#[derive(Args)]
#[command(after_long_help = crate::exit::HELP)]
pub(crate) struct Options {
    #[command(flatten)]
    place: PlaceOptions,
    /// A further folder and the account that it is for, as NAME=DIR; may be repeated
    #[arg(long = "outbox-of", value_name = "NAME=DIR", value_parser = parse_folder, conflicts_with = "database")]
    folders: Vec<(String, PathBuf)>,
    #[command(flatten)]
    accounts: AccountOptions,
    /// Send what is due and end. The exit code tells of the records that were sent
    #[arg(long)]
    once: bool,
    /// Calls at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
    /// Records in a request. An answer that is lost then puts so many in doubt. Only with a database
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=MAX_RECORDS as i64))]
    batch: u16,
    /// Calls in a second, at most
    #[arg(long, value_name = "CALLS", value_parser = parse_rate)]
    rate: Option<f64>,
    /// The pause after a look that found nothing to send
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_pause)]
    pause: Duration,
    /// What becomes of a record that may have been executed or not
    #[arg(long, value_enum, default_value_t = Doubt::Hold)]
    when_in_doubt: Doubt,
    /// Lines about each record, to standard error
    #[arg(long, value_enum, default_value_t = Format::Text)]
    log: Format,
    #[command(flatten)]
    exporter: ExporterOptions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Doubt {
    /// It is held for a person: executed at most once
    Hold,
    /// It is sent again: executed at least once, perhaps twice
    Resend,
    /// It is forgotten: executed at most once, perhaps never
    Drop,
}

/// What it works on.
enum Places {
    Folders(Vec<(String, PathBuf)>),
    Database(Box<Location>),
}

pub(crate) fn run(options: &Options) -> Result<Code, Failure> {
    let clients = options.accounts.clients()?;
    let places = options.places(&clients)?;
    let settings = options.settings();
    let longest_call = clients.longest_call;
    let mut worker = Worker::new(clients.accounts, settings);
    worker.set_reporter(options.log.reporter());
    let metrics = worker.metrics();
    // Before anything is opened: a signal that comes early must not be lost.
    signals::stop_on(worker.stop_handle())?;
    let service = Service::start(&worker, longest_call, options.exporter.start(&places, &metrics)?)?;
    let done = match &places {
        Places::Folders(folders) => options.run_worker(&worker, || {
            Folders::open(folders.iter().map(|(name, path)| (name, path)), &settings)
        }),
        Places::Database(location) => options.run_worker(&worker, || open(location, &settings)),
    };
    service.end(&metrics)?;
    done?;
    Ok(if options.once { code_of(&metrics) } else { DONE })
}

impl Options {
    fn run_worker<S: oo_webhooks_worker::sweep::Sweep>(
        &self,
        worker: &Worker,
        open: impl Fn() -> Result<S, Trouble> + Sync,
    ) -> Result<(), Trouble> {
        if self.once { worker.run_once(open) } else { worker.run(open) }
    }

    fn settings(&self) -> Settings {
        Settings {
            threads: self.threads.into(),
            batch: self.batch.into(),
            calls_per_second: self.rate,
            pause: self.pause,
            when_in_doubt: match self.when_in_doubt {
                Doubt::Hold => WhenInDoubt::Hold,
                Doubt::Resend => WhenInDoubt::Resend,
                Doubt::Drop => WhenInDoubt::Drop,
            },
        }
    }

    fn places(&self, clients: &Clients) -> Result<Places, Failure> {
        let mut folders = self.folders.clone();
        if folders.is_empty() || self.place.given().is_some() {
            match self.place.address()? {
                Address::Database(location) => return Ok(Places::Database(location)),
                // Where there is only one account, the folder is that account's.
                Address::Folder(path) => {
                    let only = match clients.names.as_slice() {
                        [only] => only.clone(),
                        _ => String::new(),
                    };
                    folders.insert(0, (only, path));
                }
            }
        }
        if self.batch > 1 {
            return Err(Failure::usage("--batch: a folder sends one record in a request; leave it out"));
        }
        if let Some((name, path)) = folders.iter().find(|(name, _)| !clients.names.contains(name)) {
            return Err(Failure::usage(format!(
                "the outbox {} is of the account {name:?}, whose credentials are missing: name it in --accounts or with \
                 --account, or use --outbox-of NAME=DIR",
                path.display()
            )));
        }
        Ok(Places::Folders(folders))
    }
}

fn open(location: &Location, settings: &Settings) -> Result<SqlStore, Trouble> {
    let mut store = SqlStore::open(location)?;
    store.set_when_in_doubt(settings.when_in_doubt);
    store.set_worker(&name_of_this_worker());
    Ok(store)
}

/// `host 1234`: people see it beside what is being sent.
fn name_of_this_worker() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{} {}", host.trim(), std::process::id()).trim().to_owned()
}

/// The worst that became of a record.
fn code_of(metrics: &Arc<Metrics>) -> Code {
    let outcomes = [Outcome::Rejected, Outcome::NotSent, Outcome::InDoubt];
    let seen = outcomes.into_iter().filter(|outcome| metrics.outcomes(*outcome) > 0);
    seen.map(Code::of_outcome).max().unwrap_or(DONE)
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "it is not a number: give calls in a second".to_owned())?;
    if (0.001..=100_000.0).contains(&rate) {
        Ok(rate)
    } else {
        Err("give 0.001 to 100000 calls in a second".to_owned())
    }
}

fn parse_pause(text: &str) -> Result<Duration, String> {
    let pause = crate::selection::parse_age(text)?;
    let range = Duration::from_millis(10)..=Duration::from_secs(3600);
    if range.contains(&pause) { Ok(pause) } else { Err("give 10ms to 1h".to_owned()) }
}

fn parse_folder(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !path.is_empty() => Ok((name.to_owned(), path.into())),
        _ => Err("write it as NAME=DIR".to_owned()),
    }
}
