//! A claim reads one row of an index, however many records wait.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::single_match_else
)]

mod support;

use std::time::{Duration, Instant};

use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::claim::{Lease, Note};
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::store::SqlStore;

use support::{Client, DIALECTS, Database, Server};

/// Makes so many records wait, of one account and due for a while.
fn fill(database: &Database, records: u32) {
    let mut client = database.client();
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})";
    let numbers = numbers.replace("{}", &records.to_string());
    let columns = "account, module, record_id, state, due_at, changed_at, first_saved_at, last_saved_at";
    match database.dialect() {
        Dialect::PostgreSql => {
            client.run(&format!(
                "INSERT INTO oo_webhooks_record ({columns}) SELECT '', 'address', i, 'waiting', t, t, t, t \
                 FROM (SELECT i, now() - interval '1 day' + (i::bigint * 7919 % 65521) * interval '1 second' AS t \
                       FROM generate_series(1, {records}) i) s"
            ));
            client.run("ANALYZE oo_webhooks_record");
        }
        _ => {
            client.run(&format!("SET max_recursive_iterations = {records}"));
            client.run(&format!(
                "INSERT INTO oo_webhooks_record ({columns}) {numbers} SELECT '', 'address', i, 'waiting', t, t, t, t \
                 FROM (SELECT i, UTC_TIMESTAMP(6) - INTERVAL 1 DAY + INTERVAL (i * 7919 % 65521) SECOND AS t FROM n) s"
            ));
            client.run("ANALYZE TABLE oo_webhooks_record");
        }
    }
}

fn claim_and_finish(store: &mut SqlStore) -> Duration {
    let before = Instant::now();
    let claimed = store.claim("", 1, Lease::of(Duration::from_secs(30), 1)).unwrap();
    let time = before.elapsed();
    store.finish(&claimed[0], &Note::new(Status::Ok, "")).unwrap();
    time
}

/// The rows and index entries that the server has read.
fn reads(client: &mut Client, dialect: Dialect) -> u64 {
    match dialect {
        Dialect::PostgreSql => {
            // A session's numbers are there when it has ended.
            let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oo-webhooks'";
            let end = Instant::now() + Duration::from_secs(30);
            while client.value(sessions) != "0" {
                assert!(Instant::now() < end, "the sessions do not end");
            }
            let query = "SELECT (SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables) + \
                         (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)";
            client.value(query).parse().unwrap()
        }
        _ => client
            .rows("SHOW GLOBAL STATUS LIKE 'Innodb_rows_read'")
            .iter()
            .map(|row| row.split('|').next_back().unwrap().parse::<u64>().unwrap())
            .sum(),
    }
}

#[test]
fn a_claim_reads_a_few_rows_however_many_wait() {
    for dialect in DIALECTS {
        // The server counts for all its databases.
        let server = Server::start(dialect);
        let database = server.database();
        fill(&database, 20_000);
        let mut client = database.client();
        for _ in 0..20 {
            let mut store = database.store();
            claim_and_finish(&mut store);
        }
        let before = reads(&mut client, dialect);
        let mut store = database.store();
        for _ in 0..50 {
            claim_and_finish(&mut store);
        }
        drop(store);
        let all = reads(&mut client, dialect) - before;
        assert!(all < 50 * 20, "{dialect}: {all} rows were read for 50 claims of 20,000 that wait");
        let before = reads(&mut client, dialect);
        let mut store = database.store();
        store.accounts().unwrap();
        drop(store);
        let all = reads(&mut client, dialect) - before;
        assert!(all < 100, "{dialect}: {all} rows were read for one account");
    }
}

#[test]
#[ignore = "measures for minutes: run it with --release --ignored --nocapture"]
fn the_cost_of_a_claim() {
    for dialect in DIALECTS {
        for records in [1_000, 100_000, 1_000_000] {
            let database = Server::shared(dialect).database();
            fill(&database, records);
            let mut store = database.store();
            for _ in 0..50 {
                claim_and_finish(&mut store);
            }
            let begun = Instant::now();
            let mut times: Vec<Duration> = (0..500).map(|_| claim_and_finish(&mut store)).collect();
            let both = begun.elapsed() / 500;
            times.sort();
            println!(
                "{dialect}: {records} wait: claim p50 {:?}, p99 {:?}; claim and finish {:?} on average",
                times[250], times[495], both
            );
            println!("{}\n", plan(&database));
        }
    }
}

fn plan(database: &Database) -> String {
    let condition = "state = 'waiting' AND account = ''";
    let order = "ORDER BY due_at, module, record_id LIMIT 1 FOR UPDATE SKIP LOCKED";
    let mut client = database.client();
    let rows = match database.dialect() {
        Dialect::PostgreSql => client.rows(&format!(
            "EXPLAIN ANALYZE WITH due AS MATERIALIZED (SELECT account, module, record_id FROM oo_webhooks_record \
             WHERE {condition} AND due_at <= statement_timestamp() {order}) UPDATE oo_webhooks_record r \
             SET state = 'sending' FROM due WHERE r.account = due.account AND r.module = due.module \
             AND r.record_id = due.record_id RETURNING r.module"
        )),
        _ => client.rows(&format!(
            "ANALYZE SELECT module, record_id FROM oo_webhooks_record FORCE INDEX (claim) \
             WHERE {condition} AND due_at <= UTC_TIMESTAMP(6) {order}"
        )),
    };
    rows.join("\n")
}

#[test]
fn an_examination_finds_what_is_wrong() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let mut store = database.store();
        let complaints = |store: &mut SqlStore| -> Vec<&'static str> {
            let seen = store.examine().unwrap();
            assert!(seen.iter().any(|seen| seen.name == "version" && !seen.found.is_empty()));
            seen.iter().filter(|seen| seen.complaint.is_some()).map(|seen| seen.name).collect()
        };
        // The servers of the tests do not wait for the disk.
        assert_eq!(complaints(&mut store), ["durability"], "{dialect}");
        let mut admin = database.client();
        match dialect {
            Dialect::PostgreSql => admin.run("DROP INDEX oo_webhooks_record_claim"),
            _ => admin.run("ALTER TABLE oo_webhooks_record DROP KEY claim"),
        }
        assert_eq!(complaints(&mut store), ["durability", "index"], "{dialect}");
    }
}
