//! Which records a command is about: state, account, module, id and age.

use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_store_sql::holdings::Filter;

use crate::failure::Failure;

/// Which records. Everything that is given must be so.
#[derive(Args)]
pub(crate) struct Selection {
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<StateName>,
    /// Only those of this account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Only those that have been in their state, or have waited, for at least so long: 90s, 15m, 2h, 1d
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    older_than: Option<Duration>,
    /// Only those of this module, which may be one that onOffice does not have
    #[arg(long = "module", value_name = "MODULE", conflicts_with = "module")]
    only_module: Option<String>,
    /// Only records of this module
    module: Option<String>,
    /// Only the records with these ids
    #[arg(requires = "module", allow_negative_numbers = true)]
    id: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StateName {
    Waiting,
    Sending,
    Doubt,
    Failed,
}

impl Selection {
    /// One filter for each id, or one for all.
    pub(crate) fn filters(&self) -> Vec<Filter> {
        let filter = Filter {
            state: self.state.map(Held::from),
            account: self.account.clone(),
            module: self.module.clone().or_else(|| self.only_module.clone()),
            id: None,
            older_than: self.older_than,
        };
        if self.id.is_empty() {
            return vec![filter];
        }
        self.id.iter().map(|id| Filter { id: Some(*id), ..filter.clone() }).collect()
    }

    /// Refuses a selection of everything that nobody asked for, and one of a state in which `what` has no meaning.
    pub(crate) fn check(&self, all: bool, what: &str, meaningful: &[Held]) -> Result<(), Failure> {
        let is_empty = self.filters() == [Filter::default()];
        if is_empty && !all {
            return Err(Failure::usage(format!(
                "{what} which records? name them (MODULE ID), select them with --state, --module, --account or \
                 --older-than, or say --all"
            )));
        }
        if !is_empty && all {
            return Err(Failure::usage("--all and a selection of some: leave one of them out"));
        }
        match self.state.map(Held::from) {
            Some(state) if !meaningful.contains(&state) => Err(Failure::usage(format!(
                "--state {}: {what} has no meaning for such records",
                state.as_str()
            ))),
            _ => Ok(()),
        }
    }
}

impl From<StateName> for Held {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Waiting => Self::Waiting,
            StateName::Sending => Self::Sending,
            StateName::Doubt => Self::Doubt,
            StateName::Failed => Self::Failed,
        }
    }
}

/// `90s`, `15m`, `1h 30m`.
pub(crate) fn parse_age(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}: write it as 90s, 15m, 2h or 1d"))
}

/// `2026-11-24T20:00:00.123Z`.
pub(crate) fn parse_time(text: &str) -> Result<SystemTime, String> {
    humantime::parse_rfc3339_weak(text)
        .map_err(|error| format!("{error}: write it as 2026-11-24T20:00:00.123Z, as `list` prints it"))
}
