//! [`Folders`]: outboxes that are folders, one for each account.

use std::path::Path;
use std::time::{Duration, Instant};

use oo_webhooks_core::outbox::directory::{Limits, Outbox};
use oo_webhooks_core::outbox::policy::Reason;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_store_sql::Trouble;

use crate::settings::Settings;
use crate::sweep::{Sweep, Swept};
use crate::worker::Shared;

/// After so long a thread looks whether the worker was stopped.
const TURN: Duration = Duration::from_secs(1);

/// Outboxes that are folders, one for each account. Each thread opens its own.
///
/// A folder sends one record a request: its records are locked one by one.
#[derive(Debug)]
pub struct Folders(Vec<(String, Outbox)>);

impl Folders {
    /// Opens a folder for each account. Where there is only one, its name is empty.
    ///
    /// # Errors
    /// A [`Trouble`] that names the folder and the cure.
    pub fn open<A: AsRef<str>, P: AsRef<Path>>(
        folders: impl IntoIterator<Item = (A, P)>,
        settings: &Settings,
    ) -> Result<Self, Trouble> {
        let open = |(account, path): (A, P)| {
            let mut outbox = Outbox::open(path.as_ref()).map_err(|refusal| refused(&refusal))?;
            outbox.set_when_in_doubt(settings.when_in_doubt);
            Ok((account.as_ref().to_owned(), outbox))
        };
        folders.into_iter().map(open).collect::<Result<_, _>>().map(Folders)
    }
}

impl Sweep for Folders {
    fn sweep(&mut self, shared: &Shared) -> Result<Swept, Trouble> {
        let mut swept = Swept::default();
        for (account, outbox) in &self.0 {
            let Some(client) = shared.accounts.client(account) else {
                return Err(Trouble::refused(format!(
                    "the outbox {} is of the account {account:?}, which nobody knows: give the worker its credentials",
                    outbox.path().display()
                )));
            };
            let host = client.url();
            // The limit is kept before a record is begun: one that waits for its turn is not being sent.
            let most = shared.limiter.burst();
            if shared.stop.is_stopped() || shared.outages.pauses(&host, Instant::now()) {
                continue;
            }
            if !shared.limiter.wait_for(most.unwrap_or(1), &shared.stop) {
                continue;
            }
            let limits = Limits { most: most.map(u64::from), deadline: Some(TURN) };
            let report = outbox.drain(limits, |record| {
                let begun = Instant::now();
                let result = client.execute(record);
                shared.outages.note(&host, result.status(), shared.settings.pause, Instant::now());
                shared.sent(account, begun.elapsed(), std::slice::from_ref(&result));
                result
            });
            swept.records += report.tried;
            shared.metrics.add_expired(report.dead_senders);
            shared.metrics.add_corrupt(report.corrupt);
            for reason in Reason::ALL {
                shared.add_reason(reason, report.count(reason));
            }
            if let Some(trouble) = report.trouble {
                shared.trouble(&refused(&trouble));
            }
        }
        Ok(swept)
    }
}

fn refused(refusal: &Refusal) -> Trouble {
    Trouble::refused(refusal.message())
}
