//! What may be wrong with a database, for a doctor: version, rights, index, replication, durability.

use crate::connection::Value;
use crate::dialect::Dialect;
use crate::store::{Session, SqlStore};
use crate::trouble::{Fault, Trouble};

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What it is about: `version`.
    pub name: &'static str,
    /// What was found, in a few words.
    pub found: String,
    /// Why it is not good; `None` where it is.
    pub complaint: Option<Complaint>,
}

/// Why something is not good, and what cures it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Records can be lost, sent twice or not sent at all; otherwise only something to know.
    pub is_grave: bool,
    /// The cure.
    pub cure: String,
}

impl Observation {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, found: found.into(), complaint: None }
    }

    fn when(self, is_bad: bool, is_grave: bool, cure: &str) -> Self {
        let complaint = is_bad.then(|| Complaint { is_grave, cure: cure.to_owned() });
        Self { complaint, ..self }
    }
}

impl SqlStore {
    /// Looks at everything that can be wrong with the database. Changes nothing.
    ///
    /// # Errors
    /// A [`Trouble`] when the database is away.
    pub fn examine(&mut self) -> Result<Vec<Observation>, Trouble> {
        self.persist(|session| match session.dialect {
            Dialect::MariaDb | Dialect::MySql => mysql(session),
            Dialect::PostgreSql => postgresql(session),
        })
    }
}

const READ_ONLY: &str =
    "use the URL of the primary server: a worker writes, and a replica does not know yet what was claimed";
const SYNC: &str = "a commit that a failover loses lets a record be sent twice: let the primary wait for a replica, \
                    or know it";

fn mysql(session: &mut Session<'_>) -> Result<Vec<Observation>, Fault> {
    let version = session.text("SELECT VERSION()")?;
    let is_mariadb = version.contains("MariaDB");
    let least = if is_mariadb { [10, 6, 0] } else { [8, 0, 17] };
    let cure = "update it to MariaDB 10.6 or MySQL 8.0.17 at least: older ones have no SKIP LOCKED";
    let mut seen = vec![Observation::good("version", &version).when(numbers(&version) < least, true, cure)];

    let isolation = if is_mariadb { "@@session.tx_isolation" } else { "@@session.transaction_isolation" };
    let isolation = session.text(&format!("SELECT CAST({isolation} AS CHAR)"))?;
    let cure = "something between this program and the database changes sessions: connect without it";
    seen.push(Observation::good("isolation", &isolation).when(isolation != "READ-COMMITTED", true, cure));

    let read_only = session.text("SELECT @@global.read_only + 0")?;
    let found = if read_only == "0" { "it takes writes" } else { "it is read-only" };
    seen.push(Observation::good("primary", found).when(read_only != "0", true, READ_ONLY));

    let flush = session.text("SELECT @@global.innodb_flush_log_at_trx_commit + 0")?;
    let cure = "set innodb_flush_log_at_trx_commit = 1: a commit that a crash loses lets a record be sent twice, or \
                forgets a save";
    let found = format!("innodb_flush_log_at_trx_commit = {flush}");
    seen.push(Observation::good("durability", found).when(flush != "1", true, cure));

    let schema = if is_mariadb { "information_schema" } else { "performance_schema" };
    let wsrep = session.optional_text(&format!(
        "SELECT variable_value FROM {schema}.global_variables WHERE LOWER(variable_name) = 'wsrep_on'"
    ));
    // Where the variables may not be read, nothing is known.
    if let Ok(wsrep) = wsrep {
        let is_cluster = wsrep.is_some_and(|value| value == "ON");
        let found = if is_cluster { "a node of a Galera cluster" } else { "no Galera cluster" };
        let cure = "let all workers use the same node: another one learns of a claim only after its commit";
        seen.push(Observation::good("cluster", found).when(is_cluster, false, cure));
    }

    let columns = session.optional_text(
        "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics \
         WHERE table_schema = DATABASE() AND table_name = 'oo_webhooks_record' AND index_name = 'claim'",
    )?;
    seen.push(index(columns.as_deref(), "state,account,due_at,module,record_id"));
    seen.push(rights(session)?);
    Ok(seen)
}

fn postgresql(session: &mut Session<'_>) -> Result<Vec<Observation>, Fault> {
    let version = session.text("SELECT current_setting('server_version')")?;
    let cure = "update it to PostgreSQL 12 at least";
    let mut seen =
        vec![Observation::good("version", &version).when(numbers(&version) < [12, 0, 0], true, cure)];

    let isolation = session.text("SELECT current_setting('transaction_isolation')")?;
    let cure = "something between this program and the database changes sessions: connect without it";
    seen.push(Observation::good("isolation", &isolation).when(isolation != "read committed", true, cure));

    let recovery = session.text("SELECT pg_is_in_recovery()::text")?;
    let found = if recovery == "false" { "it takes writes" } else { "it is a replica" };
    seen.push(Observation::good("primary", found).when(recovery != "false", true, READ_ONLY));

    let (fsync, commit) = (
        session.text("SELECT current_setting('fsync')")?,
        session.text("SELECT current_setting('synchronous_commit')")?,
    );
    let cure = "set fsync = on and synchronous_commit = on: a commit that a crash loses lets a record be sent twice, \
                or forgets a save";
    let is_bad = fsync != "on" || commit == "off";
    let found = format!("fsync = {fsync}, synchronous_commit = {commit}");
    seen.push(Observation::good("durability", found).when(is_bad, true, cure));

    // Only those who may see it do.
    if let Ok(Some(replicas)) = session.optional_text(
        "SELECT string_agg(DISTINCT sync_state, ',') FROM pg_stat_replication WHERE sync_state IS NOT NULL",
    ) {
        let found = format!("replicas: {replicas}");
        seen.push(Observation::good("cluster", found).when(replicas == "async", false, SYNC));
    }

    let columns = session.optional_text(
        "SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indexrelid \
         CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (column_number, place) \
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.column_number \
         WHERE i.indrelid = 'oo_webhooks_record'::regclass AND c.relname = 'oo_webhooks_record_claim' AND i.indisvalid",
    )?;
    seen.push(index(columns.as_deref(), "account,due_at,module,record_id"));
    seen.push(rights(session)?);
    Ok(seen)
}

fn index(columns: Option<&str>, expected: &str) -> Observation {
    let found = columns.map_or_else(|| "missing".to_owned(), |columns| format!("({columns})"));
    let cure =
        format!("make the index for claims again, over ({expected}), as `oo-webhooks schema` prints it");
    Observation::good("index", found).when(columns != Some(expected), true, &cure)
}

/// Asks for each right with a statement that touches no row.
fn rights(session: &mut Session<'_>) -> Result<Observation, Fault> {
    let mut missing = Vec::new();
    for (right, statement) in [
        ("SELECT on oo_webhooks_outbox", "SELECT COUNT(*) FROM oo_webhooks_outbox WHERE 1 = 0"),
        ("UPDATE on oo_webhooks_outbox", "UPDATE oo_webhooks_outbox SET module = module WHERE 1 = 0"),
        ("DELETE on oo_webhooks_outbox", "DELETE FROM oo_webhooks_outbox WHERE 1 = 0"),
        (
            "INSERT on oo_webhooks_record",
            "INSERT INTO oo_webhooks_record SELECT * FROM oo_webhooks_record WHERE 1 = 0",
        ),
        ("UPDATE on oo_webhooks_record", "UPDATE oo_webhooks_record SET state = state WHERE 1 = 0"),
        ("DELETE on oo_webhooks_record", "DELETE FROM oo_webhooks_record WHERE 1 = 0"),
    ] {
        match session.run(statement) {
            Ok(()) => {}
            Err(Fault::Refused(_)) => missing.push(right),
            Err(fault) => return Err(fault),
        }
    }
    let cure = format!("GRANT {}", missing.join(", "));
    let found = if missing.is_empty() { "all that the worker needs" } else { "some are missing" };
    Ok(Observation::good("rights", found).when(!missing.is_empty(), true, &cure))
}

impl Session<'_> {
    fn text(&mut self, query: &str) -> Result<String, Fault> {
        self.optional_text(query)?.ok_or_else(|| Fault::Refused(format!("no answer to {query}")))
    }

    fn optional_text(&mut self, query: &str) -> Result<Option<String>, Fault> {
        let rows = self.query(query, &[])?;
        Ok(match rows.first().and_then(|row| row.0.first()) {
            Some(Value::Text(text)) => Some(text.clone()),
            Some(Value::Int(number)) => Some(number.to_string()),
            _ => None,
        })
    }
}

/// The first three numbers of a version.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = [0; 3];
    let parts = version.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
    for (number, part) in numbers.iter_mut().zip(parts) {
        *number = part.parse().unwrap_or(0);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(numbers("10.11.14-MariaDB-0+deb12u2"), [10, 11, 14]);
        assert_eq!(numbers("15.14 (Debian 15.14-0+deb12u1)"), [15, 14, 15]);
        assert!(
            numbers("8.0.17") >= [8, 0, 17] && numbers("8.0.4") < [8, 0, 17] && numbers("9.1") > [8, 0, 17]
        );
    }
}
