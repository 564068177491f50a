//! What webhooks are executed for: a module and a positive id.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The modules whose records have webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Module {
    /// A property.
    Estate,
    /// A contact.
    Address,
    /// A task.
    Task,
    /// An appointment.
    Calendar,
}

impl Module {
    /// The module of that name, as the API spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "estate" => Some(Self::Estate),
            "address" => Some(Self::Address),
            "task" => Some(Self::Task),
            "calendar" => Some(Self::Calendar),
            _ => None,
        }
    }

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Estate => "estate",
            Self::Address => "address",
            Self::Task => "task",
            Self::Calendar => "calendar",
        }
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One record of onOffice enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// Where it lives.
    pub module: Module,
    /// Its record number, from 1.
    pub id: u64,
}

impl Record {
    /// The record `id` of `module`.
    pub fn new(module: Module, id: u64) -> Self {
        Self { module, id }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.module, self.id)
    }
}

/// The id that `text` spells: a positive decimal without sign, spaces or leading zeros, at most `i64::MAX`.
pub(crate) fn parse_id(text: &str) -> Option<u64> {
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let id = text.parse::<u64>().ok()?;
    (decimal && i64::try_from(id).is_ok()).then_some(id)
}
