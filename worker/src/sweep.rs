//! One thread's sweep: collect, and send of every account in turn what is due.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::outbox::policy::{Next, Reason};
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::record::Record;
use oo_webhooks_core::request::Request;
use oo_webhooks_core::result::RecordResult;
use oo_webhooks_store_sql::Trouble;
use oo_webhooks_store_sql::claim::{Lease, Note};

use crate::accounts::Others;
use crate::outages::is_of_the_network;
use crate::store::{Claim, Store};
use crate::worker::{Report, Shared};

/// After SIGTERM a result is tried to be written for so long.
const LAST_WORDS: Duration = Duration::from_secs(60);

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Swept {
    /// Records that were sent, or refused.
    pub(crate) records: u64,
    /// There may be more at once.
    pub(crate) has_more: bool,
}

/// What a thread of a worker works on: any [`Store`], or [`Folders`](crate::folders::Folders).
pub trait Sweep {
    /// Sends what is due.
    #[doc(hidden)]
    fn sweep(&mut self, shared: &Shared) -> Result<Swept, Trouble>;
}

impl<S: Store> Sweep for S {
    fn sweep(&mut self, shared: &Shared) -> Result<Swept, Trouble> {
        sweep(self, shared)
    }
}

/// One sweep over the accounts, one call for each in turn, until none has anything due.
fn sweep<S: Store>(store: &mut S, shared: &Shared) -> Result<Swept, Trouble> {
    let mut swept = Swept::default();
    let recovered = store.recover()?;
    shared.metrics.add_expired(recovered.expired);
    let collected = store.collect()?;
    shared.metrics.add_collected(&collected);
    for reason in Reason::ALL {
        shared.add_reason(reason, recovered.tally.count(reason) + collected.tally.count(reason));
    }
    let accounts = store.accounts()?;
    let mut idle = HashSet::new();
    while idle.len() < accounts.len() {
        for account in &accounts {
            if shared.stop.is_stopped() {
                return Ok(swept);
            }
            if idle.contains(account) {
                continue;
            }
            let sent = send(store, account, shared)?;
            swept.records += sent;
            if sent == 0 {
                idle.insert(account.clone());
            }
        }
        // Saves that come in while others are sent do not wait for the end of a long sweep.
        if swept.records >= 500 {
            swept.has_more = true;
            break;
        }
    }
    swept.has_more |= collected.has_more;
    Ok(swept)
}

/// Sends what is due of an account, in one call; how many records there were.
fn send<S: Store>(store: &mut S, account: &str, shared: &Shared) -> Result<u64, Trouble> {
    let Some(client) = shared.accounts.client(account) else { return refuse(store, account, shared) };
    let host = client.url();
    if shared.outages.pauses(&host, Instant::now()) || !shared.limiter.wait(&shared.stop) {
        return Ok(0);
    }
    let batch = shared.settings.batch.clamp(1, oo_webhooks_core::request::MAX_RECORDS);
    // A batch that is refused is sent one by one.
    let calls = if batch == 1 { 1 } else { u32::try_from(batch).unwrap_or(u32::MAX).saturating_add(1) };
    let claimed = store.claim(account, batch, Lease::of(client.timeout(), calls))?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let records: Vec<Record> = claimed.iter().map(Claim::record).collect();
    let mut sent: Vec<Sent> =
        execute(client, account, &records, shared).into_iter().map(Sent::from).collect();
    if records.len() > 1 && sent.iter().all(Sent::is_refused) {
        sent = one_by_one(client, account, &records, shared);
    }
    let worst = Status::worst(sent.iter().filter_map(Sent::status));
    shared.outages.note(&host, worst, shared.settings.pause, Instant::now());
    for (claimed, sent) in claimed.iter().zip(&sent) {
        let next = surely(shared, || store.finish(claimed, &sent.note))?;
        settled(shared, account, claimed.record(), sent.result.as_ref(), next);
    }
    Ok(claimed.len() as u64)
}

/// What became of a claimed record.
struct Sent {
    note: Note,
    /// `None` where it was not tried.
    result: Option<RecordResult>,
}

impl From<RecordResult> for Sent {
    fn from(result: RecordResult) -> Self {
        Self { note: Note::from(&result), result: Some(result) }
    }
}

impl Sent {
    fn status(&self) -> Option<Status> {
        self.result.as_ref().map(RecordResult::status)
    }

    /// Refused for a reason that may be its request's and not its own.
    fn is_refused(&self) -> bool {
        self.status()
            .is_some_and(|status| status.outcome() == Outcome::Rejected && !is_of_the_network(status))
    }
}

fn execute(client: &Client, account: &str, records: &[Record], shared: &Shared) -> Vec<RecordResult> {
    let begun = Instant::now();
    let results = match records {
        [record] => vec![client.execute(*record)],
        records => {
            let mut request = Request::new();
            let added = records.iter().try_for_each(|record| request.add(*record));
            match added.and_then(|()| client.execute_request(&request)) {
                Ok(results) => results,
                // A request that cannot be made was not sent: each record tells for itself.
                Err(_) => records.iter().map(|record| client.execute(*record)).collect(),
            }
        }
    };
    shared.sent(account, begun.elapsed(), &results);
    results
}

/// Sends each record by itself after their request was refused, until one fares as all would.
fn one_by_one(client: &Client, account: &str, records: &[Record], shared: &Shared) -> Vec<Sent> {
    let mut all = Vec::with_capacity(records.len());
    let mut is_over = false;
    for record in records {
        is_over = is_over || !shared.limiter.wait(&shared.stop);
        if is_over {
            let message = format!(
                "{record}: not sent: the request with others was refused, and it was not tried after"
            );
            all.push(Sent { note: Note::new(Status::ConnectFailed, &message), result: None });
            continue;
        }
        let sent = execute(client, account, &[*record], shared).into_iter().map(Sent::from);
        all.extend(sent);
        is_over = all.last().and_then(Sent::status).is_some_and(is_of_the_network);
    }
    all
}

/// The records of an account that has no client here.
fn refuse<S: Store>(store: &mut S, account: &str, shared: &Shared) -> Result<u64, Trouble> {
    if shared.accounts.others() == Others::Leave {
        return Ok(0);
    }
    let claimed = store.claim(account, 100, Lease::of(Duration::ZERO, 1))?;
    for claimed in &claimed {
        let shown: String = account.chars().take(64).collect();
        let message = format!(
            "{}: not sent: nobody knows the account {shown:?}: give the worker its credentials, or correct the name",
            claimed.record()
        );
        let note = Note::new(Status::NotConfigured, &message);
        let next = surely(shared, || store.refuse(claimed, &note))?;
        settled(shared, account, claimed.record(), None, next);
    }
    Ok(claimed.len() as u64)
}

fn settled(
    shared: &Shared,
    account: &str,
    record: Record,
    result: Option<&RecordResult>,
    next: Option<Next>,
) {
    match next {
        Some(Next { count: Some(reason), .. }) => shared.add_reason(reason, 1),
        Some(_) => {}
        None => shared.metrics.add_late_result(),
    }
    shared.report(&Report::Settled { account, record, result, next });
}

/// Writes a result down for as long as it takes: it is known only here. After the worker was stopped, for a
/// minute more.
fn surely<T>(shared: &Shared, mut write: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let mut end: Option<Instant> = None;
    loop {
        match write() {
            Err(trouble) if trouble.is_temporary() => {
                shared.trouble(&trouble);
                if shared.stop.is_stopped() {
                    let end = *end.get_or_insert_with(|| Instant::now() + LAST_WORDS);
                    if Instant::now() >= end {
                        return Err(trouble);
                    }
                    thread::sleep(Duration::from_millis(200));
                } else {
                    shared.stop.wait(shared.settings.pause);
                }
            }
            written => return written,
        }
    }
}
