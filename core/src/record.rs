//! A [`Record`]: what webhooks are executed for. Holding one means that module and id are valid.

use std::fmt;
use std::str::FromStr;

use crate::outcome::Status;
use crate::refusal::Refusal;

/// The part of onOffice enterprise that a record belongs to.
///
/// These four are all that the API documents for `executeMarketplaceWebhooks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Every module.
    pub const ALL: [Self; 4] = [Self::Estate, Self::Address, Self::Task, Self::Calendar];

    /// The API's name of the module.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Estate => "estate",
            Self::Address => "address",
            Self::Task => "task",
            Self::Calendar => "calendar",
        }
    }
}

impl FromStr for Module {
    type Err = Refusal;

    fn from_str(name: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|module| module.as_str() == name).ok_or_else(|| {
            let shown: String = name.chars().take(40).collect();
            Refusal::new(
                Status::InvalidModule,
                format!("unknown module {shown:?}: use \"estate\", \"address\", \"task\" or \"calendar\""),
            )
        })
    }
}

impl fmt::Display for Module {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A module and a positive id.
///
/// The id is the record number ("Datensatznummer") of the API, not the customer number that
/// users see beside an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    module: Module,
    id: i64,
}

impl Record {
    /// # Errors
    /// `InvalidModule` for an unknown module, `InvalidId` for an id below 1.
    pub fn new(module: &str, id: i64) -> Result<Self, Refusal> {
        let module = module.parse()?;
        if id < 1 {
            let message = format!("invalid id {id} for {module}: a record id is 1 or more");
            return Err(Refusal::new(Status::InvalidId, message));
        }
        Ok(Self { module, id })
    }

    /// The module.
    pub fn module(self) -> Module {
        self.module
    }

    /// The id, 1 or more.
    pub fn id(self) -> i64 {
        self.id
    }
}

/// `address 15005`, as every message names a record.
impl fmt::Display for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.module, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_modules_of_the_api_are_known_by_their_exact_names() {
        for name in ["estate", "address", "task", "calendar"] {
            assert_eq!(Record::new(name, 1).unwrap().module().as_str(), name);
        }
        for name in ["", "Address", "address ", "adress", "agentslog"] {
            assert_eq!(Record::new(name, 1).unwrap_err().status(), Status::InvalidModule, "{name:?}");
        }
    }

    #[test]
    fn an_id_is_positive() {
        assert_eq!(Record::new("task", i64::MAX).unwrap().id(), i64::MAX);
        for id in [0, -1, i64::MIN] {
            let refusal = Record::new("task", id).unwrap_err();
            assert_eq!(refusal.status(), Status::InvalidId);
            assert!(refusal.message().contains(&id.to_string()));
        }
    }

    #[test]
    fn a_refused_module_is_named_in_one_short_line() {
        let refusal = Record::new(&"x\n".repeat(1000), 1).unwrap_err();
        assert!(refusal.message().len() < 200 && !refusal.message().contains('\n'));
    }
}
