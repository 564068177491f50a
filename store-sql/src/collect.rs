//! [`SqlStore::collect`]: saves become records that wait.

use std::collections::BTreeMap;

use oo_webhooks_core::outbox::policy::{Event, Reason, State, WhenInDoubt, next};
use oo_webhooks_core::record::Record;

use crate::connection::Value;
use crate::dialect::Dialect;
use crate::store::{Session, SqlStore};
use crate::tally::Tally;
use crate::trouble::{Fault, Trouble};

/// Saves that one transaction takes.
const BATCH: usize = 500;

/// Batches that one call takes at most: a worker sends in between.
const MOST_BATCHES: usize = 20;

/// Records of one statement, below every server's limit of values.
const ROWS: usize = 100;

/// What was collected.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Saves.
    pub saves: u64,
    /// Saves that name no record that can be, as for a module that onOffice does not have. They are failed
    /// records now, with the reason.
    pub refused: u64,
    /// What the saves did to records that were there.
    pub tally: Tally,
    /// Whether there may be more.
    pub has_more: bool,
    /// Another worker collects at this moment.
    pub is_busy: bool,
}

/// Account, module and record id as somebody wrote them.
pub(crate) type Key = (String, String, i64);

struct Saves {
    count: u64,
    first: i64,
    last: i64,
}

/// What a batch makes of one record.
struct Change {
    key: Key,
    state: State,
    saves: Saves,
    refusal: Option<(i64, String)>,
}

impl SqlStore {
    /// Takes the saves of transactions that were committed and makes waiting records of them. One worker
    /// does so at a time; to the others it is busy.
    ///
    /// # Errors
    /// A [`Trouble`]; the saves that were not taken are still there.
    pub fn collect(&mut self) -> Result<Collected, Trouble> {
        let mut collected = Collected::default();
        for _ in 0..MOST_BATCHES {
            let batch = self.persist(|session| {
                if !session.lock_collector()? {
                    return Ok(Collected { is_busy: true, ..Collected::default() });
                }
                let batch = session.collect_batch();
                if batch.is_err() {
                    // Where this fails too, the connection is given up and the lock ends with it.
                    session.run("ROLLBACK")?;
                }
                session.unlock_collector()?;
                batch
            })?;
            collected.saves += batch.saves;
            collected.refused += batch.refused;
            collected.tally.add_all(&batch.tally);
            collected.has_more = batch.has_more;
            collected.is_busy = batch.is_busy;
            if batch.is_busy || !batch.has_more {
                break;
            }
        }
        Ok(collected)
    }
}

impl Session<'_> {
    /// Begins a transaction with the collector's lock. `PostgreSQL`'s is the transaction's, so that it works
    /// behind a pooler too; `MySQL`'s is the connection's.
    fn lock_collector(&mut self) -> Result<bool, Fault> {
        let got = match self.dialect {
            Dialect::PostgreSql => {
                self.run("BEGIN")?;
                self.query(
                    "SELECT CASE WHEN pg_try_advisory_xact_lock(1869575013, \
                     'oo_webhooks_outbox'::regclass::oid::int) THEN 1 ELSE 0 END::bigint",
                    &[],
                )?
            }
            Dialect::MariaDb | Dialect::MySql => {
                self.query("SELECT GET_LOCK(CONCAT('oo_webhooks.', MD5(DATABASE())), 0)", &[])?
            }
        };
        let got = got.first().map(|row| row.optional_int(0)).transpose()?.flatten() == Some(1);
        match (self.dialect, got) {
            (Dialect::PostgreSql, false) => self.run("ROLLBACK")?,
            (Dialect::MariaDb | Dialect::MySql, true) => self.run("BEGIN")?,
            _ => {}
        }
        Ok(got)
    }

    fn unlock_collector(&mut self) -> Result<(), Fault> {
        match self.dialect {
            Dialect::PostgreSql => Ok(()),
            Dialect::MariaDb | Dialect::MySql => {
                self.query("SELECT RELEASE_LOCK(CONCAT('oo_webhooks.', MD5(DATABASE())))", &[]).map(drop)
            }
        }
    }

    fn collect_batch(&mut self) -> Result<Collected, Fault> {
        // Never "id > last": a lower id may be committed later. MySQL's may be above what a bigint holds.
        let rows = self.query(
            &format!(
                "SELECT CAST(id AS SIGNED), account, module, record_id, SAVED[saved_at] FROM oo_webhooks_outbox \
                 ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"
            ),
            &[],
        )?;
        let mut collected = Collected { has_more: rows.len() == BATCH, ..Collected::default() };
        let mut ids = Vec::with_capacity(rows.len());
        let mut by_record: BTreeMap<Key, Saves> = BTreeMap::new();
        for row in &rows {
            ids.push(row.int(0)?);
            let key = (row.text(1)?.to_owned(), row.text(2)?.to_owned(), row.int(3)?);
            let saved = row.int(4)?;
            let entry = by_record.entry(key).or_insert(Saves { count: 0, first: saved, last: saved });
            entry.count += 1;
            entry.first = entry.first.min(saved);
            entry.last = entry.last.max(saved);
        }
        if ids.is_empty() {
            self.run("COMMIT")?;
            return Ok(collected);
        }
        let before = self.states_of(by_record.keys())?;
        let mut changes = Vec::with_capacity(by_record.len());
        for (key, saves) in by_record {
            collected.saves += saves.count;
            let state = before.get(&key).copied().unwrap_or(State::Gone);
            let change = change(key, state, saves, &mut collected)?;
            changes.push(change);
        }
        for changes in changes.chunks(ROWS) {
            self.write(changes)?;
        }
        self.delete_saves(&ids)?;
        self.run("COMMIT")?;
        Ok(collected)
    }

    /// The states of those that are there, which stay as they are until the end of the transaction. Nobody
    /// else makes new ones: that is the collector's.
    fn states_of<'a>(&mut self, keys: impl Iterator<Item = &'a Key>) -> Result<BTreeMap<Key, State>, Fault> {
        let mut groups: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
        for (account, module, id) in keys {
            groups.entry((account, module)).or_default().push(*id);
        }
        let mut states = BTreeMap::new();
        for ((account, module), ids) in groups {
            let rows = self.query_in(
                "SELECT record_id, state, generation, sent_generation FROM oo_webhooks_record \
                 WHERE account = ? AND module = ? AND record_id",
                "ORDER BY record_id FOR UPDATE",
                &[account.into(), module.into()],
                &ids,
            )?;
            for row in rows {
                let key = (account.to_owned(), module.to_owned(), row.int(0)?);
                states.insert(key, state(row.text(1)?, row.int(2)?, row.int(3)?)?);
            }
        }
        Ok(states)
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), Fault> {
        let update = |then: &dyn Fn(&str) -> String, now: &str| {
            // What stays in its state keeps all that belongs to it.
            let columns = ["due_at", "changed_at", "first_saved_at", "failing_since", "attempts", "token"];
            let more = ["worker", "lease_until", "status", "error_code", "message"];
            let kept: Vec<String> = columns
                .iter()
                .chain(&more)
                .map(|column| {
                    format!(
                        "{column} = CASE WHEN {now}.state = {} THEN {now}.{column} ELSE {} END",
                        then("state"),
                        then(column)
                    )
                })
                .collect();
            format!(
                "{}, generation = {now}.generation + {}, last_saved_at = GREATEST({now}.last_saved_at, {}), state = {}",
                kept.join(", "),
                then("generation"),
                then("last_saved_at"),
                then("state")
            )
        };
        let columns = "account, module, record_id, state, generation, due_at, changed_at, first_saved_at, \
                       last_saved_at, status, message";
        match self.dialect {
            Dialect::MariaDb | Dialect::MySql => {
                let row = "(?, ?, ?, ?, ?, NOW(), NOW(), TIME(?), TIME(?), NULLIF(?, 0), ?)";
                let rows = vec![row; changes.len()].join(", ");
                let update = update(&|column| format!("VALUES({column})"), "oo_webhooks_record");
                let statement = format!(
                    "INSERT INTO oo_webhooks_record ({columns}) VALUES {rows} ON DUPLICATE KEY UPDATE {update}"
                );
                let mut values = Vec::with_capacity(changes.len() * 9);
                for change in changes {
                    values.extend(change.values());
                }
                self.execute(&statement, &values)?;
            }
            Dialect::PostgreSql => {
                let update = update(&|column| format!("excluded.{column}"), "r");
                let statement = format!(
                    "INSERT INTO oo_webhooks_record AS r ({columns}) \
                     SELECT account, module, record_id, state, saves, NOW(), NOW(), \
                       'epoch'::timestamptz + first * interval '1 microsecond', \
                       'epoch'::timestamptz + last * interval '1 microsecond', NULLIF(status, 0)::int, message \
                     FROM unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], \
                       ?::bigint[], ?::bigint[], ?::text[]) \
                       AS c (account, module, record_id, state, saves, first, last, status, message) \
                     ON CONFLICT (account, module, record_id) DO UPDATE SET {update}"
                );
                let rows: Vec<[Value; 9]> = changes.iter().map(Change::values).collect();
                let lists: Vec<Value> = (0..9).map(|column| list(&rows, column)).collect();
                self.execute(&statement, &lists)?;
            }
        }
        Ok(())
    }

    fn delete_saves(&mut self, ids: &[i64]) -> Result<(), Fault> {
        match self.dialect {
            Dialect::PostgreSql => {
                self.execute(
                    "DELETE FROM oo_webhooks_outbox WHERE id = ANY(?)",
                    &[Value::Ints(ids.to_vec())],
                )?;
            }
            Dialect::MariaDb | Dialect::MySql => {
                #[allow(clippy::cast_sign_loss)] // As they are there: they were cast to be read.
                let ids: Vec<String> = ids.iter().map(|id| (*id as u64).to_string()).collect();
                self.run(&format!("DELETE FROM oo_webhooks_outbox WHERE id IN ({})", ids.join(", ")))?;
            }
        }
        Ok(())
    }

    fn query_in(
        &mut self,
        before: &str,
        after: &str,
        values: &[Value],
        ids: &[i64],
    ) -> Result<Vec<crate::connection::Row>, Fault> {
        let mut values = values.to_vec();
        match self.dialect {
            Dialect::PostgreSql => {
                values.push(Value::Ints(ids.to_vec()));
                self.query(&format!("{before} = ANY(?) {after}"), &values)
            }
            Dialect::MariaDb | Dialect::MySql => {
                self.query(&format!("{before} IN ({}) {after}", joined(ids)), &values)
            }
        }
    }
}

impl Change {
    fn values(&self) -> [Value; 9] {
        let (account, module, id) = &self.key;
        let (status, message) = self.refusal.clone().unwrap_or_default();
        [
            account.as_str().into(),
            module.as_str().into(),
            (*id).into(),
            word(self.state).into(),
            i64::try_from(self.saves.count).unwrap_or(i64::MAX).into(),
            self.saves.first.into(),
            self.saves.last.into(),
            status.into(),
            message.as_str().into(),
        ]
    }
}

/// What the table says of so many saves, each of which may have found the record in another state.
fn change(key: Key, mut state: State, saves: Saves, collected: &mut Collected) -> Result<Change, Fault> {
    let refusal = Record::new(&key.1, key.2).err();
    if let Some(refusal) = refusal {
        collected.refused += saves.count;
        collected.tally.add(Some(Reason::Rejected), 1);
        let refusal = (refusal.status().number().into(), format!("not sent: {refusal}"));
        return Ok(Change { key, state: State::Failed, saves, refusal: Some(refusal) });
    }
    for _ in 0..saves.count {
        let after = next(state, Event::Saved, WhenInDoubt::Hold);
        let after = after.ok_or_else(|| Fault::Refused(format!("a save has no place in {state:?}")))?;
        collected.tally.add(after.count, 1);
        state = after.state;
    }
    Ok(Change { key, state, saves, refusal: None })
}

/// The state of a row.
pub(crate) fn state(word: &str, generation: i64, sent_generation: i64) -> Result<State, Fault> {
    match word {
        "waiting" => Ok(State::Waiting),
        "sending" => Ok(State::Sending { saved: generation > sent_generation }),
        "doubt" => Ok(State::Doubt),
        "failed" => Ok(State::Failed),
        other => {
            let shown: String = other.chars().take(40).collect();
            Err(Fault::Refused(format!("a record has the unknown state {shown:?}: check the tables")))
        }
    }
}

/// The word of a state in a row.
pub(crate) fn word(state: State) -> &'static str {
    match state {
        State::Gone => "gone",
        State::Waiting => "waiting",
        State::Sending { .. } => "sending",
        State::Doubt => "doubt",
        State::Failed => "failed",
    }
}

fn list(rows: &[[Value; 9]], column: usize) -> Value {
    let mut numbers = Vec::new();
    let mut texts = Vec::new();
    for row in rows {
        match row.get(column) {
            Some(Value::Int(number)) => numbers.push(*number),
            Some(Value::Text(text)) => texts.push(text.clone()),
            _ => {}
        }
    }
    if texts.is_empty() { Value::Ints(numbers) } else { Value::Texts(texts) }
}

fn joined(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}
