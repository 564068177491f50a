//! What the outbox holds, for people and monitors, and what a person may do about it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_core::outbox::policy::{Event, Next, State, WhenInDoubt, next};
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::record::Record;

use crate::connection::{Row, Value};
use crate::dialect::Dialect;
use crate::store::SqlStore;
use crate::trouble::{Fault, Trouble};

/// Records that one statement of [`SqlStore::retry`] or [`SqlStore::remove`] changes.
const BATCH: u64 = 1000;

/// How many records are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that will be sent, now or after a pause; also those whose saves were not collected yet.
    pub waiting: u64,
    /// Records that are being sent.
    pub sending: u64,
    /// Records that a person must decide about.
    pub doubt: u64,
    /// Records that are not tried again.
    pub failed: u64,
    /// Saves that were not collected yet.
    pub uncollected: u64,
    /// Since when the record that waits longest has waited.
    pub oldest_waiting: Option<SystemTime>,
    /// The database's time.
    pub now: Option<SystemTime>,
}

/// Which records. Everything that is set must be so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<Held>,
    /// Of this account.
    pub account: Option<String>,
    /// Of this module, which may be one that onOffice does not have.
    pub module: Option<String>,
    /// With this id.
    pub id: Option<i64>,
    /// In their state, or waiting, for at least so long.
    pub older_than: Option<Duration>,
}

/// Records, the oldest first.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The database's time when they were read. [`SqlStore::retry`] and [`SqlStore::remove`] take it, so that they
    /// change only what was to be seen.
    pub at: SystemTime,
    /// The records.
    pub entries: Vec<Entry>,
}

/// A record that the outbox holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its account; empty where there is only one.
    pub account: String,
    /// Its module, as it was saved: perhaps one that onOffice does not have.
    pub module: String,
    /// Its id, as it was saved.
    pub id: i64,
    /// Its state.
    pub state: Held,
    /// Waiting: its first save that was not executed. Otherwise: when it got into this state.
    pub since: SystemTime,
    /// When it is due, while it waits.
    pub due: Option<SystemTime>,
    /// Tries since its last new reason.
    pub attempts: i64,
    /// The status of the last try; `None` before the first.
    pub status: Option<Status>,
    /// onOffice's error code; 0 when it gave none.
    pub error_code: i32,
    /// One line about the last try; empty before the first. Never a token or a secret.
    pub message: String,
    /// Who is sending it.
    pub worker: Option<String>,
}

impl SqlStore {
    /// How many records are in each state. Locks nothing; reads every row.
    ///
    /// # Errors
    /// A [`Trouble`].
    pub fn counts(&mut self) -> Result<Counts, Trouble> {
        self.persist(|session| {
            let mut counts = Counts::default();
            // One statement, which sees one moment: a save that is collected between two would be in neither.
            // What was not collected yet will wait, unless it is being sent.
            let rows = session.query(
                "SELECT 'record', state, COUNT(*), CAST(0 AS SIGNED), MICROS[MIN(first_saved_at)] FROM oo_webhooks_record \
                 GROUP BY state \
                 UNION ALL \
                 SELECT 'save', COALESCE(r.state, 'gone'), COUNT(*), CAST(SUM(o.saves) AS SIGNED), \
                   SAVED[MIN(o.first)] \
                 FROM (SELECT account, module, record_id, COUNT(*) AS saves, MIN(saved_at) AS first \
                       FROM oo_webhooks_outbox GROUP BY account, module, record_id) o \
                 LEFT JOIN oo_webhooks_record r ON r.account = o.account AND r.module = o.module \
                   AND r.record_id = o.record_id GROUP BY COALESCE(r.state, 'gone')",
                &[],
            )?;
            let (by_state, uncollected): (Vec<_>, Vec<_>) =
                rows.iter().partition(|row| row.text(0).is_ok_and(|kind| kind == "record"));
            let mut oldest: Option<i64> = None;
            for row in by_state {
                *counts.of(held(row.text(1)?)?) = count(row, 2)?;
                if row.text(1)? == "waiting" {
                    oldest = row.optional_int(4)?;
                }
            }
            for row in uncollected {
                let records = count(row, 2)?;
                counts.uncollected += count(row, 3)?;
                match row.text(1)? {
                    "waiting" | "sending" => {}
                    "gone" => counts.waiting += records,
                    state => {
                        counts.waiting += records;
                        let before = counts.of(held(state)?);
                        *before = before.saturating_sub(records);
                    }
                }
                oldest = [oldest, row.optional_int(4)?].into_iter().flatten().min();
            }
            counts.oldest_waiting = oldest.map(time);
            counts.now = Some(time(session.now()?));
            Ok(counts)
        })
    }

    /// Records, the oldest first, `most` at most. Locks nothing.
    ///
    /// # Errors
    /// A [`Trouble`].
    pub fn list(&mut self, filter: &Filter, most: usize) -> Result<Listing, Trouble> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.persist(|session| {
            let at = time(session.now()?);
            let mut records = Conditions::of(filter, "r");
            records.states(filter, &Held::ALL);
            // Saves that were not collected yet, of records that are not there.
            let mut saves = Conditions::of(filter, "o");
            let age = saves.age(filter, "MIN(o.saved_at)");
            if filter.state.is_some_and(|state| state != Held::Waiting) {
                saves.texts.push("1 = 0".to_owned());
            }
            // One statement, which sees one moment: a save that is collected between two would be in neither.
            let rows = session.query(
                &format!(
                    "SELECT * FROM (\
                       (SELECT account, module, record_id, state, MICROS[{SINCE}] AS since, MICROS[due_at] AS due, \
                          attempts, status, error_code, message, worker FROM oo_webhooks_record r WHERE {} \
                        ORDER BY {SINCE} LIMIT ?) \
                     UNION ALL \
                       (SELECT o.account, o.module, o.record_id, 'waiting', SAVED[MIN(o.saved_at)], \
                          SAVED[MIN(o.saved_at)], 0, NULL, 0, '', NULL FROM oo_webhooks_outbox o \
                        LEFT JOIN oo_webhooks_record r ON r.account = o.account AND r.module = o.module \
                          AND r.record_id = o.record_id WHERE r.account IS NULL AND {} \
                        GROUP BY o.account, o.module, o.record_id HAVING {age} ORDER BY MIN(o.saved_at) LIMIT ?)\
                     ) listed ORDER BY since LIMIT ?",
                    records.text(),
                    saves.text()
                ),
                &[records.and(most), saves.and(most), vec![most.into()]].concat(),
            )?;
            let entries = rows.iter().map(entry).collect::<Result<_, _>>()?;
            Ok(Listing { at, entries })
        })
    }

    /// The record whose last try was the last one of all and did not end well; `None` where there is none.
    /// Locks nothing; reads every row.
    ///
    /// # Errors
    /// A [`Trouble`].
    pub fn last_error(&mut self) -> Result<Option<Entry>, Trouble> {
        self.persist(|session| {
            let rows = session.query(
                &format!(
                    "SELECT account, module, record_id, state, MICROS[{SINCE}], MICROS[due_at], attempts, \
                       status, error_code, message, worker FROM oo_webhooks_record \
                     WHERE status IS NOT NULL AND state <> 'sending' ORDER BY changed_at DESC LIMIT 1"
                ),
                &[],
            )?;
            rows.first().map(entry).transpose()
        })
    }

    /// Saves that `record` is to be sent, as an app does. The account is a name, never a token; empty where
    /// there is only one.
    ///
    /// # Errors
    /// A [`Trouble`]: it is not saved or, where the connection was lost, perhaps saved, which costs nothing: a
    /// record that is saved twice is sent once.
    pub fn put(&mut self, account: &str, record: Record) -> Result<(), Trouble> {
        self.persist(|session| {
            session.execute(
                "INSERT INTO oo_webhooks_outbox (account, module, record_id) VALUES (?, ?, ?)",
                &[account.into(), record.module().as_str().into(), record.id().into()],
            )
        })
        .map(drop)
    }

    /// Has records that are in doubt or have failed sent again, which executes those twice that were
    /// executed. Only those that are as they were at `at`, the time of a [`Listing`]. How many there were.
    ///
    /// # Errors
    /// A [`Trouble`]; some of them may be done.
    pub fn retry(&mut self, filter: &Filter, at: SystemTime) -> Result<u64, Trouble> {
        self.decide(
            filter,
            at,
            Event::Retried,
            "UPDATE oo_webhooks_record SET state = 'waiting', due_at = NOW(), changed_at = NOW(), \
             failing_since = NULL, attempts = 0, token = NULL, worker = NULL, lease_until = NULL",
        )
    }

    /// Has records that wait, are in doubt or have failed forgotten. Only those that are as they were at `at`,
    /// the time of a [`Listing`]. How many there were.
    ///
    /// # Errors
    /// A [`Trouble`]; some of them may be done.
    pub fn remove(&mut self, filter: &Filter, at: SystemTime) -> Result<u64, Trouble> {
        self.decide(filter, at, Event::Dropped, "DELETE FROM oo_webhooks_record")
    }

    fn decide(
        &mut self,
        filter: &Filter,
        at: SystemTime,
        event: Event,
        change: &str,
    ) -> Result<u64, Trouble> {
        // What was saved since the list is then there to be seen, and left as it is.
        self.collect()?;
        let mut conditions = Conditions::of(filter, "oo_webhooks_record");
        conditions.states(filter, &states_in_which(event));
        conditions.add("changed_at <= TIME(?)", micros(at).into());
        conditions.add("last_saved_at <= TIME(?)", micros(at).into());
        let (text, values) = (conditions.text(), conditions.values);
        let mut all = 0;
        loop {
            let done = self.persist(|session| {
                let statement = match session.dialect {
                    Dialect::MariaDb | Dialect::MySql => format!("{change} WHERE {text} LIMIT {BATCH}"),
                    Dialect::PostgreSql => format!(
                        "{change} WHERE (account, module, record_id) IN (SELECT account, module, record_id \
                         FROM oo_webhooks_record WHERE {text} LIMIT {BATCH} FOR UPDATE)"
                    ),
                };
                session.execute(&statement, &values)
            })?;
            all += done;
            if done < BATCH {
                return Ok(all);
            }
        }
    }
}

impl Counts {
    fn of(&mut self, state: Held) -> &mut u64 {
        match state {
            Held::Waiting => &mut self.waiting,
            Held::Sending => &mut self.sending,
            Held::Doubt => &mut self.doubt,
            Held::Failed => &mut self.failed,
        }
    }
}

/// Since when a record waits, or is in its state.
const SINCE: &str = "CASE WHEN state = 'waiting' THEN first_saved_at ELSE changed_at END";

/// The states in which a person's wish has a meaning.
fn states_in_which(event: Event) -> Vec<Held> {
    let has_meaning = |state: &Held| {
        let state = match state {
            Held::Waiting => State::Waiting,
            Held::Sending => State::Sending { saved: false },
            Held::Doubt => State::Doubt,
            Held::Failed => State::Failed,
        };
        matches!(next(state, event, WhenInDoubt::Hold), Some(Next { .. }))
    };
    Held::ALL.into_iter().filter(has_meaning).collect()
}

struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn of(filter: &Filter, table: &str) -> Self {
        let mut conditions = Self { texts: vec!["1 = 1".to_owned()], values: Vec::new() };
        if let Some(account) = &filter.account {
            conditions.add(&format!("{table}.account = ?"), account.as_str().into());
        }
        if let Some(module) = &filter.module {
            conditions.add(&format!("{table}.module = ?"), module.as_str().into());
        }
        if let Some(id) = filter.id {
            conditions.add(&format!("{table}.record_id = ?"), id.into());
        }
        conditions
    }

    fn add(&mut self, text: &str, value: Value) {
        self.texts.push(text.to_owned());
        self.values.push(value);
    }

    /// Those of `states` that the filter lets through, and the filter's age.
    fn states(&mut self, filter: &Filter, states: &[Held]) {
        let words: Vec<String> = states
            .iter()
            .filter(|state| filter.state.is_none_or(|wanted| wanted == **state))
            .map(|state| format!("'{}'", state.as_str()))
            .collect();
        self.texts.push(if words.is_empty() {
            "1 = 0".to_owned()
        } else {
            format!("state IN ({})", words.join(", "))
        });
        let age = self.age(filter, SINCE);
        self.texts.push(age);
    }

    fn age(&mut self, filter: &Filter, since: &str) -> String {
        let Some(age) = filter.older_than else { return "1 = 1".to_owned() };
        let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
        self.values.push((-age).into());
        format!("{since} <= AFTER(?)")
    }

    fn text(&self) -> String {
        self.texts.join(" AND ")
    }

    fn and(&self, most: i64) -> Vec<Value> {
        [&self.values[..], &[most.into()]].concat()
    }
}

impl crate::store::Session<'_> {
    fn now(&mut self) -> Result<i64, Fault> {
        let rows = self.query("SELECT MICROS[NOW()]", &[])?;
        rows.first()
            .map_or_else(|| Err(Fault::Refused("the database tells no time".to_owned())), |row| row.int(0))
    }
}

fn entry(row: &Row) -> Result<Entry, Fault> {
    let state = held(row.text(3)?)?;
    let status = row.optional_int(7)?.and_then(|number| i32::try_from(number).ok());
    Ok(Entry {
        account: row.text(0)?.to_owned(),
        module: row.text(1)?.to_owned(),
        id: row.int(2)?,
        state,
        since: time(row.int(4)?),
        due: Some(time(row.int(5)?)).filter(|_| state == Held::Waiting),
        attempts: row.int(6)?,
        status: status.and_then(Status::from_number),
        error_code: i32::try_from(row.int(8)?).unwrap_or(0),
        message: row.text(9)?.to_owned(),
        worker: row.optional_text(10)?.map(str::to_owned),
    })
}

fn held(word: &str) -> Result<Held, Fault> {
    Held::ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| {
        let shown: String = word.chars().take(40).collect();
        Fault::Refused(format!("a record has the unknown state {shown:?}: check the tables"))
    })
}

fn count(row: &Row, index: usize) -> Result<u64, Fault> {
    Ok(u64::try_from(row.int(index)?).unwrap_or(0))
}

fn time(microseconds: i64) -> SystemTime {
    let since_1970 = Duration::from_micros(u64::try_from(microseconds).unwrap_or(0));
    UNIX_EPOCH.checked_add(since_1970).unwrap_or(UNIX_EPOCH)
}

fn micros(time: SystemTime) -> i64 {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
}
