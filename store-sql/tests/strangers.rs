//! Rows that nobody of ours wrote: whatever an app can insert is collected once, and holds nothing else up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::{Duration, SystemTime};

use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::claim::{Lease, Note};
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::holdings::{Entry, Filter};

use support::{DIALECTS, Database, Server};

/// Has these rows of (id, account, module, record id, time) inserted before a good one. All must be collected,
/// listed and dropped, and the good one sent; the entries of the others.
fn after(database: &Database, rows: &[&str]) -> Vec<Entry> {
    let (mut store, mut app) = (database.store(), database.client());
    if database.dialect() != Dialect::PostgreSql {
        app.run("SET SESSION sql_mode = ''");
    }
    let overriding = if database.dialect() == Dialect::PostgreSql { "OVERRIDING SYSTEM VALUE" } else { "" };
    for row in rows {
        app.run(&format!(
            "INSERT INTO oo_webhooks_outbox (id, account, module, record_id, saved_at) {overriding} VALUES ({row})"
        ));
    }
    app.save("task", 1);
    let before = store.counts().unwrap();
    assert_eq!((before.uncollected, before.waiting), (rows.len() as u64 + 1, before.uncollected), "{rows:?}");
    assert_eq!(store.list(&Filter::default(), 1000).unwrap().entries.len(), rows.len() + 1, "{rows:?}");

    assert_eq!(store.collect().unwrap().saves, rows.len() as u64 + 1, "{rows:?}");
    assert_eq!(store.collect().unwrap().saves, 0, "{rows:?}: they were collected");
    assert_eq!(app.value("SELECT COUNT(*) FROM oo_webhooks_outbox"), "0");
    let listing = store.list(&Filter::default(), 1000).unwrap();
    let oldest = store.counts().unwrap().oldest_waiting.unwrap();
    assert!(oldest <= SystemTime::now(), "{rows:?}");
    assert_eq!(store.remove(&Filter::default(), listing.at).unwrap(), rows.len() as u64 + 1, "{rows:?}");

    app.save("task", 1);
    store.collect().unwrap();
    let claimed = store.claim("", 100, Lease::of(Duration::from_secs(30), 100)).unwrap();
    assert_eq!(claimed.len(), 1, "{rows:?}: {claimed:?}");
    store.finish(&claimed[0], &Note::new(Status::Ok, "")).unwrap();
    assert_eq!(store.counts().unwrap().waiting, 0);
    listing.entries.into_iter().filter(|entry| entry.module != "task" || entry.id != 1).collect()
}

#[test]
fn names_and_ids_that_cannot_be_end_as_failed_with_the_reason() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let now = "CURRENT_TIMESTAMP";
        let mut rows = vec![
            format!("DEFAULT, '', '', 5, {now}"),
            format!("DEFAULT, '', 'task ', 5, {now}"),
            format!("DEFAULT, '', '{}', 5, {now}", "ü".repeat(64)),
            format!("DEFAULT, '', '''; DROP TABLE oo_webhooks_record; --', 5, {now}"),
            format!("DEFAULT, '', 'task', 0, {now}"),
            format!("DEFAULT, '', 'task', -5, {now}"),
            format!("DEFAULT, '', 'task', -9223372036854775808, {now}"),
        ];
        rows.push(match dialect {
            Dialect::PostgreSql => format!("DEFAULT, '', E'task\\x1b[31m\\n', 5, {now}"),
            _ => format!("DEFAULT, '', CONCAT('task', CHAR(0), CHAR(27), '[31m\\n'), 5, {now}"),
        });
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let entries = after(&database, &rows);
        assert_eq!(entries.len(), rows.len(), "{dialect}: {entries:?}");
        for entry in entries {
            assert_eq!(entry.state, Held::Failed, "{dialect}: {entry:?}");
            assert!(
                !entry.message.is_empty() && !entry.message.contains(char::is_control),
                "{dialect}: {entry:?}"
            );
        }
    }
}

#[test]
fn times_that_cannot_be_hold_nothing_up() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let times: &[&str] = match dialect {
            Dialect::PostgreSql => {
                &["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'294276-12-31'", "'1969-12-31'"]
            }
            _ => &["'2038-01-19 03:14:07'", "'1970-01-02'", "0"],
        };
        for time in times {
            let entries = after(&database, &[&format!("DEFAULT, '', 'address', 5, {time}")]);
            assert_eq!(
                (entries.len(), entries[0].state),
                (1, Held::Waiting),
                "{dialect} {time}: {entries:?}"
            );
            assert!(entries[0].since <= SystemTime::now(), "{dialect} {time}: {entries:?}");
        }
    }
}

/// Each save of a row that stays would be one more sending, without end.
#[test]
fn rows_with_numbers_of_their_own_are_taken_once() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let numbers: &[&str] = match dialect {
            Dialect::PostgreSql => &["-5", "-9223372036854775808", "9223372036854775807"],
            // Those that come afterwards have higher ones still.
            _ => &["9223372036854775807", "9223372036854775809", "18446744073709551000"],
        };
        for number in numbers {
            let row = format!("{number}, '', 'address', 5, CURRENT_TIMESTAMP");
            assert_eq!(after(&database, &[&row]).len(), 1, "{dialect} {number}");
        }
    }
}

#[test]
fn text_that_is_not_utf8_holds_nothing_up() {
    let database = Server::shared(Dialect::PostgreSql)
        .database_with("ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    let rows = [
        "DEFAULT, '', convert_from('\\xff7461736b', 'SQL_ASCII'), 5, now()",
        "DEFAULT, '', convert_from('\\xe2', 'SQL_ASCII'), 5, now()",
        "DEFAULT, '', convert_from('\\xc3', 'SQL_ASCII'), 6, now()",
    ];
    let entries = after(&database, &rows);
    assert!(entries.iter().all(|entry| entry.state == Held::Failed), "{entries:?}");
    assert_eq!(entries.len(), 3, "{entries:?}");
}
