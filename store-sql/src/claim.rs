//! What a worker does with a record: [`SqlStore::claim`] right before the call, [`SqlStore::finish`] after it,
//! and [`SqlStore::recover`] for those whose worker died.

use std::time::Duration;

use oo_webhooks_core::outbox::policy::{Due, Event, Next, State, WhenInDoubt, backoff, next};
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::record::Record;
use oo_webhooks_core::result::RecordResult;

use crate::collect::{Key, state, word};
use crate::connection::{Row, Value};
use crate::dialect::Dialect;
use crate::random::{random, token};
use crate::store::{Session, SqlStore};
use crate::tally::Tally;
use crate::trouble::{Fault, Trouble, one_line};

/// Records that one transaction of [`SqlStore::recover`] takes.
const BATCH: usize = 100;

/// For how long a claim is its worker's. After that the worker is taken for dead, and the record is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease(Duration);

impl Lease {
    /// What is left for the answers to be written when the calls took all their time.
    const MARGIN: Duration = Duration::from_secs(60);

    /// The lease of records that are sent in so many calls after each other, each with this timeout. A
    /// shorter one would make a call doubtful that is only slow, so there is no way to have one.
    pub fn of(timeout: Duration, calls: u32) -> Self {
        Self(timeout.saturating_mul(calls).saturating_add(Self::MARGIN))
    }

    fn microseconds(self) -> i64 {
        microseconds(self.0)
    }
}

/// A record that this worker may send now, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    account: String,
    record: Record,
    token: String,
    attempt: i64,
}

impl Claimed {
    /// The account whose record it is; a name, empty where there is only one.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The record.
    pub fn record(&self) -> Record {
        self.record
    }

    /// The how manyeth try this is since its last new reason, from 1.
    pub fn attempt(&self) -> i64 {
        self.attempt
    }
}

/// What became of a call, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    status: Status,
    error_code: i32,
    message: String,
}

impl Note {
    /// For what is known without a call, as that nobody has credentials for the account.
    pub fn new(status: Status, message: &str) -> Self {
        Self { status, error_code: 0, message: message.to_owned() }
    }

    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        self.status.outcome()
    }

    fn shown(&self) -> String {
        self.message.chars().take(510).collect()
    }
}

impl From<&RecordResult> for Note {
    fn from(result: &RecordResult) -> Self {
        Self {
            status: result.status(),
            error_code: result.error_code(),
            message: result.message().to_owned(),
        }
    }
}

/// What [`SqlStore::recover`] found.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// Records whose worker died while it sent them.
    pub expired: u64,
    /// What became of them.
    pub tally: Tally,
}

impl SqlStore {
    /// Claims the longest due records of an account, `most` at most. It counts, on every machine, before
    /// this returns. Nothing is locked afterwards: the lease says whose they are.
    ///
    /// Rows that name no record, which a stranger wrote, become failed instead.
    ///
    /// # Errors
    /// A [`Trouble`]. What was claimed and not returned, since the way to the database broke for too long, is in
    /// doubt after its lease.
    pub fn claim(&mut self, account: &str, most: usize, lease: Lease) -> Result<Vec<Claimed>, Trouble> {
        let token = token().ok_or_else(|| Trouble::unavailable("the system gives no random numbers"))?;
        let worker = self.worker.clone();
        let mut may_be_done = false;
        loop {
            let rows = self.persist(|session| {
                if may_be_done {
                    let rows = session.claimed(account, &token)?;
                    if !rows.is_empty() {
                        return Ok(rows);
                    }
                }
                may_be_done = true;
                session.claim(account, most, lease, &token, &worker)
            })?;
            may_be_done = false;
            let is_none = rows.is_empty();
            let mut claimed = Vec::with_capacity(rows.len());
            for row in rows {
                claimed.extend(self.checked(account, &token, row)?);
            }
            if is_none || !claimed.is_empty() {
                return Ok(claimed);
            }
        }
    }

    fn checked(&mut self, account: &str, token: &str, row: Candidate) -> Result<Option<Claimed>, Trouble> {
        let refusal = match Record::new(&row.module, row.id) {
            Ok(record) => {
                let (account, token) = (account.to_owned(), token.to_owned());
                return Ok(Some(Claimed { account, record, token, attempt: row.attempt }));
            }
            Err(refusal) => refusal,
        };
        let note = Note::new(refusal.status(), &format!("not sent: {refusal}"));
        let key = (account.to_owned(), row.module, row.id);
        self.settle(&key, token, Event::Rejected, &note)?;
        Ok(None)
    }

    /// Writes down what became of a claimed record. `None` when it is not this claim's any more: it was
    /// written before, or the lease ended and somebody decided or saved the record since.
    ///
    /// An answer that comes after its lease still settles the doubt.
    ///
    /// # Errors
    /// A [`Trouble`]; then nothing is known of the record, and after its lease it is in doubt. A worker tries
    /// again as long as it can.
    pub fn finish(&mut self, claimed: &Claimed, note: &Note) -> Result<Option<Next>, Trouble> {
        let key = (claimed.account.clone(), claimed.record.module().as_str().to_owned(), claimed.record.id());
        let event = match note.outcome() {
            Outcome::Executed => {
                let unchanged = self.persist(|session| {
                    session.execute(
                        "DELETE FROM oo_webhooks_record WHERE account = ? AND module = ? AND record_id = ? \
                         AND token = ? AND state IN ('sending', 'doubt') AND generation = sent_generation",
                        &[&values(&key)[..], &[claimed.token.as_str().into()]].concat(),
                    )
                })?;
                if unchanged == 1 {
                    return Ok(next(State::Sending { saved: false }, Event::Executed, self.when_in_doubt));
                }
                Event::Executed
            }
            Outcome::Rejected => Event::Rejected,
            // It is given up when the database knows for how long it has failed.
            Outcome::NotSent => Event::NotSent,
            Outcome::InDoubt => Event::InDoubt,
        };
        self.settle(&key, &claimed.token, event, note)
    }

    /// Makes a claimed record failed that cannot be sent whatever is tried, as one of an account that nobody
    /// knows. `None` as for [`SqlStore::finish`].
    ///
    /// # Errors
    /// As for [`SqlStore::finish`].
    pub fn refuse(&mut self, claimed: &Claimed, note: &Note) -> Result<Option<Next>, Trouble> {
        let module = claimed.record.module().as_str().to_owned();
        let key = (claimed.account.clone(), module, claimed.record.id());
        self.settle(&key, &claimed.token, Event::Rejected, note)
    }

    fn settle(&mut self, key: &Key, token: &str, event: Event, note: &Note) -> Result<Option<Next>, Trouble> {
        let when_in_doubt = self.when_in_doubt;
        self.transact(|session| {
            let rows = session.query(
                "SELECT state, generation, sent_generation, MICROS[failing_since], MICROS[NOW()] \
                 FROM oo_webhooks_record WHERE account = ? AND module = ? AND record_id = ? AND token = ? \
                 AND state IN ('sending', 'doubt') FOR UPDATE",
                &[&values(key)[..], &[token.into()]].concat(),
            )?;
            let Some(row) = rows.first() else { return Ok(None) };
            let state = state(row.text(0)?, row.int(1)?, row.int(2)?)?;
            let failing = failing(row.optional_int(3)?, row.int(4)?);
            session.apply(key, state, event, when_in_doubt, failing, note).map(Some)
        })
    }

    /// Finds the records whose worker died while it sent them: those whose lease has ended. They are in
    /// doubt, or what the operator chose for that, but never simply sent again.
    ///
    /// # Errors
    /// A [`Trouble`]; those that were not found yet are found the next time.
    pub fn recover(&mut self) -> Result<Recovered, Trouble> {
        let when_in_doubt = self.when_in_doubt;
        let mut recovered = Recovered::default();
        loop {
            let (found, tally) = self.transact(|session| session.recover_batch(when_in_doubt))?;
            recovered.expired += found;
            recovered.tally.add_all(&tally);
            if found == 0 {
                return Ok(recovered);
            }
        }
    }

    /// The accounts of which records are due.
    ///
    /// # Errors
    /// A [`Trouble`].
    pub fn accounts(&mut self) -> Result<Vec<String>, Trouble> {
        self.persist(|session| {
            // One look into the index for each account, however many records wait.
            let rows = match session.dialect {
                Dialect::MariaDb | Dialect::MySql => session.query(
                    "SELECT account FROM oo_webhooks_record FORCE INDEX (claim) WHERE state = 'waiting' \
                     GROUP BY account HAVING MIN(due_at) <= NOW()",
                    &[],
                )?,
                Dialect::PostgreSql => session.query(
                    "WITH RECURSIVE first AS ( \
                       (SELECT account, due_at FROM oo_webhooks_record WHERE state = 'waiting' \
                        ORDER BY account, due_at LIMIT 1) \
                       UNION ALL \
                       SELECT next.account, next.due_at FROM first, LATERAL ( \
                         SELECT r.account, r.due_at FROM oo_webhooks_record r WHERE r.state = 'waiting' \
                           AND r.account > first.account ORDER BY r.account, r.due_at LIMIT 1) next) \
                     SELECT account FROM first WHERE due_at <= NOW()",
                    &[],
                )?,
            };
            rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
        })
    }
}

/// A row that was claimed, before it is looked at.
struct Candidate {
    module: String,
    id: i64,
    attempt: i64,
}

impl Candidate {
    fn of(row: &Row) -> Result<Self, Fault> {
        Ok(Self { module: row.text(0)?.to_owned(), id: row.int(1)?, attempt: row.int(2)? })
    }
}

/// The claim of `MySQL` locks what it reads only if the index serves both the condition and the order. The
/// statement is public for those who want to see its plan.
pub(crate) const MYSQL_CANDIDATES: &str = "SELECT module, record_id, attempts + 1 FROM oo_webhooks_record FORCE INDEX (claim) \
     WHERE state = 'waiting' AND account = ? AND due_at <= NOW() ORDER BY due_at, module, record_id \
     LIMIT ? FOR UPDATE SKIP LOCKED";

/// Without MATERIALIZED the LIMIT might be applied more than once.
pub(crate) const POSTGRESQL_CLAIM: &str = "WITH due AS MATERIALIZED (SELECT account, module, record_id FROM oo_webhooks_record \
     WHERE state = 'waiting' AND account = ? AND due_at <= NOW() ORDER BY due_at, module, record_id \
     LIMIT ? FOR UPDATE SKIP LOCKED) \
     UPDATE oo_webhooks_record r SET state = 'sending', sent_generation = r.generation, changed_at = NOW(), \
       attempts = r.attempts + 1, token = ?, worker = ?, lease_until = AFTER(?) FROM due \
     WHERE r.account = due.account AND r.module = due.module AND r.record_id = due.record_id \
     RETURNING r.module, r.record_id, r.attempts";

impl Session<'_> {
    fn claim(
        &mut self,
        account: &str,
        most: usize,
        lease: Lease,
        token: &str,
        worker: &str,
    ) -> Result<Vec<Candidate>, Fault> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let claim: [Value; 3] = [token.into(), worker.into(), lease.microseconds().into()];
        if self.dialect == Dialect::PostgreSql {
            let values = [&[account.into(), most.into()], &claim[..]].concat();
            return self.query(POSTGRESQL_CLAIM, &values)?.iter().map(Candidate::of).collect();
        }
        self.run("BEGIN")?;
        let rows = self.query(MYSQL_CANDIDATES, &[account.into(), most.into()])?;
        let candidates: Vec<Candidate> = rows.iter().map(Candidate::of).collect::<Result<_, _>>()?;
        for candidate in &candidates {
            let key = (account.to_owned(), candidate.module.clone(), candidate.id);
            self.execute(
                "UPDATE oo_webhooks_record SET state = 'sending', sent_generation = generation, \
                   changed_at = NOW(), attempts = attempts + 1, token = ?, worker = ?, lease_until = AFTER(?) \
                 WHERE account = ? AND module = ? AND record_id = ?",
                &[&claim[..], &values(&key)].concat(),
            )?;
        }
        self.run("COMMIT")?;
        Ok(candidates)
    }

    /// What a claim of which no answer came did after all.
    fn claimed(&mut self, account: &str, token: &str) -> Result<Vec<Candidate>, Fault> {
        let rows = self.query(
            "SELECT module, record_id, attempts FROM oo_webhooks_record WHERE state = 'sending' \
             AND account = ? AND token = ?",
            &[account.into(), token.into()],
        )?;
        rows.iter().map(Candidate::of).collect()
    }

    fn recover_batch(&mut self, when_in_doubt: WhenInDoubt) -> Result<(u64, Tally), Fault> {
        let hint = match self.dialect {
            Dialect::MariaDb | Dialect::MySql => "FORCE INDEX (claim)",
            Dialect::PostgreSql => "",
        };
        let rows = self.query(
            &format!(
                "SELECT account, module, record_id, state, generation, sent_generation, \
                   MICROS[failing_since], MICROS[NOW()] FROM oo_webhooks_record {hint} \
                 WHERE state = 'sending' AND (lease_until IS NULL OR lease_until < NOW()) \
                 LIMIT {BATCH} FOR UPDATE SKIP LOCKED"
            ),
            &[],
        )?;
        let mut tally = Tally::default();
        for row in &rows {
            let key = (row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?);
            let state = state(row.text(3)?, row.int(4)?, row.int(5)?)?;
            let failing = failing(row.optional_int(6)?, row.int(7)?);
            let message = format!("{} {}: in doubt: its sender ended while it was sending", key.1, key.2);
            let note = Note::new(Status::ConnectionLost, &one_line(&message));
            let next = self.apply(&key, state, Event::SenderDied, when_in_doubt, failing, &note)?;
            tally.add(next.count, 1);
        }
        Ok((rows.len() as u64, tally))
    }

    /// Makes of a record what the table says. `failing` is for how long its tries have failed.
    fn apply(
        &mut self,
        key: &Key,
        state: State,
        event: Event,
        when_in_doubt: WhenInDoubt,
        failing: Duration,
        note: &Note,
    ) -> Result<Next, Fault> {
        let pause = backoff(failing, random());
        let event = if event == Event::NotSent && pause.is_none() { Event::GivenUp } else { event };
        let expected = |when_in_doubt| {
            next(state, event, when_in_doubt)
                .ok_or_else(|| Fault::Refused(format!("{event:?} has no place in {state:?}")))
        };
        let next = match expected(when_in_doubt)? {
            // Sent again and again for a day, and still in doubt.
            Next { due: Due::AfterPause, .. } if pause.is_none() => expected(WhenInDoubt::Hold)?,
            next => next,
        };
        if next.state == State::Gone {
            self.execute(
                "DELETE FROM oo_webhooks_record WHERE account = ? AND module = ? AND record_id = ?",
                &values(key),
            )?;
            return Ok(next);
        }
        // A new reason to send begins the count of failures anew.
        let (reset, keep, start) = (0, 1, 2);
        let failing_since: i64 = match next.due {
            Due::Now => reset,
            Due::AfterPause => start,
            Due::Unchanged => keep,
        };
        let pause = if next.due == Due::AfterPause { pause.unwrap_or_default() } else { Duration::ZERO };
        let keeps_token = next.state == State::Doubt;
        let is_executed = event == Event::Executed;
        let changed: [Value; 10] = [
            word(next.state).into(),
            microseconds(pause).into(),
            i64::from(is_executed).into(),
            failing_since.into(),
            failing_since.into(),
            failing_since.into(),
            i64::from(keeps_token).into(),
            i64::from(note.status.number()).into(),
            i64::from(note.error_code).into(),
            note.shown().as_str().into(),
        ];
        self.execute(
            "UPDATE oo_webhooks_record SET state = ?, due_at = AFTER(?), changed_at = NOW(), \
               first_saved_at = CASE WHEN ? = 1 THEN last_saved_at ELSE first_saved_at END, \
               failing_since = CASE WHEN ? = 0 THEN NULL WHEN ? = 2 THEN COALESCE(failing_since, NOW()) \
                 ELSE failing_since END, \
               attempts = CASE WHEN ? = 0 THEN 0 ELSE attempts END, \
               token = CASE WHEN ? = 1 THEN token END, worker = NULL, lease_until = NULL, \
               status = ?, error_code = ?, message = ? \
             WHERE account = ? AND module = ? AND record_id = ?",
            &[&changed[..], &values(key)].concat(),
        )?;
        Ok(next)
    }
}

fn values(key: &Key) -> [Value; 3] {
    [key.0.as_str().into(), key.1.as_str().into(), key.2.into()]
}

/// A clock that was set back does not make a record wait for ever.
fn failing(since: Option<i64>, now: i64) -> Duration {
    let microseconds = since.map_or(0, |since| now.saturating_sub(since));
    Duration::from_micros(u64::try_from(microseconds).unwrap_or(0))
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
