//! `oo-webhooks schema`: the statements that make the tables of an outbox in a database.

use clap::Args;
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::schema::{VERSION, migrations};

use crate::exit::{Code, DONE};
use crate::failure::Failure;
use crate::show;

/// Print the SQL that makes the tables of an outbox in a database
///
/// Somebody who may create tables runs it once, and gives the app the right to INSERT into the first table and
/// the worker those that the comments name. It changes nothing by itself.
#[derive(Args)]
pub(crate) struct Options {
    /// mariadb (10.6 and later), mysql (8.0.17 and later) or postgresql (12 and later)
    #[arg(long, value_name = "DIALECT", value_parser = parse_dialect)]
    dialect: Dialect,
    /// Only what brings the tables from this version to the newest; 0 is a database without them
    #[arg(long, value_name = "VERSION", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=i64::from(VERSION)))]
    from: u32,
}

pub(crate) fn run(options: &Options) -> Result<Code, Failure> {
    let statements = migrations(options.dialect, options.from);
    if statements.is_empty() {
        eprintln!("oo-webhooks: version {VERSION} is the newest: there is nothing to do");
    }
    show::print(&statements)?;
    Ok(DONE)
}

fn parse_dialect(name: &str) -> Result<Dialect, String> {
    name.parse().map_err(|refusal: oo_webhooks_core::refusal::Refusal| refusal.message().to_owned())
}
