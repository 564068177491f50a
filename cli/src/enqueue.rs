//! `oo-webhooks enqueue`: saves records into an outbox.

use clap::Args;
use oo_webhooks_core::record::Record;

use crate::exit::{Code, DONE};
use crate::failure::Failure;
use crate::place::{Place, PlaceOptions};

/// Save records into an outbox, from which a worker executes their webhooks
///
/// It sends nothing. A record that waits already stays one; a record that is in doubt or has failed waits again.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: PlaceOptions,
    /// The account whose credentials are used, by the name that the worker knows; never a token. Only with a database
    #[arg(long, value_name = "NAME", default_value = "")]
    account: String,
    /// Return when the disk has it. Only with a folder; a database does so by itself
    #[arg(long)]
    fsync: bool,
    /// estate, address, task or calendar
    module: String,
    /// Ids of records
    #[arg(required = true, allow_negative_numbers = true)]
    id: Vec<i64>,
}

pub(crate) fn run(options: &Options) -> Result<Code, Failure> {
    let records: Vec<Record> =
        options.id.iter().map(|id| Record::new(&options.module, *id)).collect::<Result<_, _>>()?;
    if options.account.chars().count() > 64 {
        return Err(Failure::usage("the account's name is longer than 64 characters: use a shorter one"));
    }
    let mut place = options.place.open()?;
    if let Place::Folder(outbox) = &mut place {
        outbox.set_fsync(options.fsync);
    }
    for record in records {
        place.put(&options.account, record)?;
    }
    Ok(DONE)
}
