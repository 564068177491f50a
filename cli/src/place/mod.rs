//! A [`Place`]: the outbox that a command is about, a folder or a database.

mod folder;

use std::env;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::Args;
use oo_webhooks_core::outbox::directory::{Held, Outbox};
use oo_webhooks_core::record::Record;
use oo_webhooks_store_sql::holdings::{Entry, Filter, Listing};
use oo_webhooks_store_sql::location::Location;
use oo_webhooks_store_sql::store::SqlStore;

use crate::failure::Failure;

/// For so long a command that a person waits for tries to reach a database.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the outbox is.
#[derive(Args, Clone)]
pub(crate) struct PlaceOptions {
    /// A folder; without it the variable OO_WEBHOOKS_OUTBOX
    #[arg(long, value_name = "DIR", conflicts_with = "database")]
    outbox: Option<PathBuf>,
    /// A database, such as mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock or postgres://worker@db/shop;
    /// without it the variable OO_WEBHOOKS_DATABASE. Its password belongs in OO_WEBHOOKS_DATABASE_PASSWORD:
    /// everybody on the machine can read a command line
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

/// Which outbox it is; nothing is opened yet.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    Folder(PathBuf),
    Database(Box<Location>),
}

impl PlaceOptions {
    /// Which outbox it is.
    pub(crate) fn address(&self) -> Result<Address, Failure> {
        let unnamed = || Err(Failure::usage("which outbox? use --outbox DIR or --database URL"));
        self.optional_address().unwrap_or_else(unnamed)
    }

    /// What the command line says; without it, what the environment says; `None` where neither names one.
    pub(crate) fn optional_address(&self) -> Option<Result<Address, Failure>> {
        self.given().or_else(from_env)
    }

    /// What the command line says.
    pub(crate) fn given(&self) -> Option<Result<Address, Failure>> {
        match (&self.outbox, &self.database) {
            (Some(folder), _) => Some(Ok(Address::Folder(folder.clone()))),
            (None, Some(url)) => Some(location(url).map(Address::Database)),
            (None, None) => None,
        }
    }

    /// The outbox, opened.
    pub(crate) fn open(&self) -> Result<Place, Failure> {
        self.address()?.open()
    }
}

fn from_env() -> Option<Result<Address, Failure>> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    match (variable("OO_WEBHOOKS_OUTBOX"), variable("OO_WEBHOOKS_DATABASE")) {
        (Some(folder), None) => Some(Ok(Address::Folder(folder.into()))),
        (None, Some(url)) => Some(location(&url.to_string_lossy()).map(Address::Database)),
        (Some(_), Some(_)) => Some(Err(Failure::usage(
            "OO_WEBHOOKS_OUTBOX and OO_WEBHOOKS_DATABASE are both set: unset one, or use --outbox or --database",
        ))),
        (None, None) => None,
    }
}

fn location(url: &str) -> Result<Box<Location>, Failure> {
    let mut location: Location = url.parse()?;
    if !location.has_password()
        && let Ok(password) = env::var("OO_WEBHOOKS_DATABASE_PASSWORD")
    {
        location.set_password(&password);
    }
    Ok(Box::new(location))
}

impl Address {
    pub(crate) fn open(&self) -> Result<Place, Failure> {
        match self {
            Self::Folder(path) => Ok(Place::Folder(Outbox::open(path)?)),
            Self::Database(location) => {
                let mut store = SqlStore::open(location)?;
                store.set_patience(PATIENCE);
                Ok(Place::Database(store))
            }
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => write!(formatter, "{}", path.display()),
            Self::Database(location) => write!(formatter, "{location}"),
        }
    }
}

/// An outbox. What it holds is asked for and changed in the same way wherever it is.
#[allow(clippy::large_enum_variant)] // There is one in a program.
pub(crate) enum Place {
    Folder(Outbox),
    Database(SqlStore),
}

/// How many records are in each state, and what else was found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    waiting: u64,
    sending: u64,
    doubt: u64,
    failed: u64,
    /// Files that are no record's; a database has none.
    pub(crate) corrupt: u64,
    /// Since when the record that waits longest has waited.
    pub(crate) oldest_waiting: Option<SystemTime>,
    /// The time by the clock of the outbox.
    pub(crate) now: Option<SystemTime>,
}

impl Counts {
    pub(crate) fn of(&self, state: Held) -> u64 {
        match state {
            Held::Waiting => self.waiting,
            Held::Sending => self.sending,
            Held::Doubt => self.doubt,
            Held::Failed => self.failed,
        }
    }
}

/// How many records a person's wish changed, and how many it left since they were not as they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) done: u64,
    pub(crate) left: u64,
}

impl Place {
    pub(crate) fn put(&mut self, account: &str, record: Record) -> Result<(), Failure> {
        match self {
            Self::Folder(_) if !account.is_empty() => Err(Failure::usage(
                "a folder is for one account: leave --account out, and give each account a folder of its own",
            )),
            Self::Folder(outbox) => Ok(outbox.put(record)?),
            Self::Database(store) => Ok(store.put(account, record)?),
        }
    }

    pub(crate) fn counts(&mut self) -> Result<Counts, Failure> {
        match self {
            Self::Folder(outbox) => folder::counts(outbox),
            Self::Database(store) => {
                let counts = store.counts()?;
                Ok(Counts {
                    waiting: counts.waiting,
                    sending: counts.sending,
                    doubt: counts.doubt,
                    failed: counts.failed,
                    corrupt: 0,
                    oldest_waiting: counts.oldest_waiting,
                    now: counts.now,
                })
            }
        }
    }

    /// The record whose last try was the last one of all and did not end well.
    pub(crate) fn last_error(&mut self) -> Result<Option<Entry>, Failure> {
        match self {
            Self::Folder(outbox) => Ok(outbox.last_error()?.map(folder::entry)),
            Self::Database(store) => Ok(store.last_error()?),
        }
    }

    /// Records, the oldest first, `most` at most.
    pub(crate) fn list(&mut self, filter: &Filter, most: usize) -> Result<Listing, Failure> {
        match self {
            Self::Folder(outbox) => folder::list(outbox, filter, most),
            Self::Database(store) => Ok(store.list(filter, most)?),
        }
    }

    /// Has records sent again that are in doubt or have failed, as they were at `at`, the time of a list.
    pub(crate) fn retry(&mut self, filter: &Filter, at: SystemTime) -> Result<Decided, Failure> {
        match self {
            Self::Folder(outbox) => {
                folder::decide(outbox, filter, at, &[Held::Doubt, Held::Failed], |entry| {
                    outbox.retry(entry.record, Some(entry.since))
                })
            }
            Self::Database(store) => Ok(Decided { done: store.retry(filter, at)?, left: 0 }),
        }
    }

    /// Has records forgotten that wait, are in doubt or have failed, as they were at `at`.
    pub(crate) fn remove(&mut self, filter: &Filter, at: SystemTime) -> Result<Decided, Failure> {
        let states = [Held::Waiting, Held::Doubt, Held::Failed];
        match self {
            Self::Folder(outbox) => folder::decide(outbox, filter, at, &states, |entry| {
                outbox.remove(entry.record, Some(entry.since))
            }),
            Self::Database(store) => Ok(Decided { done: store.remove(filter, at)?, left: 0 }),
        }
    }
}
