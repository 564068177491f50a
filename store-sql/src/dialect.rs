//! A [`Dialect`]: which database it is.

use std::fmt;
use std::str::FromStr;

use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `MariaDB` 10.6 and later.
    MariaDb,
    /// `MySQL` 8.0.17 and later.
    MySql,
    /// `PostgreSQL` 12 and later.
    PostgreSql,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 3] = [Self::MariaDb, Self::MySql, Self::PostgreSql];

    /// Its name in options: `mariadb`, `mysql` or `postgresql`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MariaDb => "mariadb",
            Self::MySql => "mysql",
            Self::PostgreSql => "postgresql",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = Refusal;

    fn from_str(name: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == name).ok_or_else(|| {
            let shown: String = name.chars().take(40).collect();
            let message = format!("unknown dialect {shown:?}: use \"mariadb\", \"mysql\" or \"postgresql\"");
            Refusal::new(Status::InvalidOption, message)
        })
    }
}
