//! From the app's transaction to a record that waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::claim::{Claimed, Lease, Note};
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::holdings::Filter;
use oo_webhooks_store_sql::schema::{VERSION, migrations, schema};
use oo_webhooks_store_sql::store::SqlStore;

use support::{DIALECTS, Server};

fn claim(store: &mut SqlStore, account: &str) -> Vec<Claimed> {
    store.claim(account, 100, Lease::of(Duration::from_secs(30), 100)).unwrap()
}

fn ids(claimed: &[Claimed]) -> Vec<i64> {
    claimed.iter().map(|claimed| claimed.record().id()).collect()
}

#[test]
fn a_save_that_is_rolled_back_leaves_nothing() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        app.run("BEGIN");
        app.save("address", 1);
        assert_eq!(store.collect().unwrap().saves, 0, "{dialect}");
        app.run("ROLLBACK");
        assert_eq!(store.collect().unwrap().saves, 0, "{dialect}");
        assert!(claim(&mut store, "").is_empty() && store.accounts().unwrap().is_empty());
    }
}

#[test]
fn a_save_that_is_committed_late_is_found_though_its_number_is_lower() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut slow, mut app) = (database.store(), database.client(), database.client());
        slow.run("BEGIN");
        slow.save("address", 1);
        app.save("address", 2);
        assert_eq!(store.collect().unwrap().saves, 1, "{dialect}");
        assert_eq!(ids(&claim(&mut store, "")), [2]);
        slow.run("COMMIT");
        assert_eq!(store.collect().unwrap().saves, 1, "{dialect}");
        assert_eq!(ids(&claim(&mut store, "")), [1]);
    }
}

#[test]
fn saves_neither_wait_for_each_other_nor_for_a_worker() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut one, mut other) = (database.store(), database.client(), database.client());
        for client in [&mut one, &mut other] {
            match dialect {
                Dialect::PostgreSql => client.run("SET lock_timeout = '1s'"),
                _ => client.run("SET innodb_lock_wait_timeout = 1, tx_isolation = 'REPEATABLE-READ'"),
            }
            client.run("BEGIN");
        }
        one.save("address", 1);
        other.save("address", 1);
        store.collect().unwrap();
        one.save("address", 1);
        other.run("COMMIT");
        store.collect().unwrap();
        let claimed = claim(&mut store, "");
        assert_eq!(ids(&claimed), [1], "{dialect}");
        one.run("COMMIT");
        store.collect().unwrap();
        store.finish(&claimed[0], &Note::new(Status::Ok, "")).unwrap();
        assert_eq!(ids(&claim(&mut store, "")), [1], "{dialect}: the saves that came while it was sent");
    }
}

#[test]
fn many_saves_of_a_record_are_sent_once_and_the_longest_due_first() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        for id in [3, 1, 2] {
            app.save("estate", id);
            store.collect().unwrap();
        }
        let values: Vec<String> = (0..1200).map(|n| format!("('estate', {})", n % 3 + 1)).collect();
        app.run(&format!("INSERT INTO oo_webhooks_outbox (module, record_id) VALUES {}", values.join(", ")));
        let collected = store.collect().unwrap();
        assert_eq!((collected.saves, collected.has_more), (1200, false), "{dialect}");
        assert_eq!(ids(&claim(&mut store, "")), [3, 1, 2], "{dialect}");
        assert_eq!(app.value("SELECT COUNT(*) FROM oo_webhooks_outbox"), "0");
    }
}

#[test]
fn one_worker_collects_at_a_time_and_its_death_frees_the_others() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut other) = (database.store(), database.client());
        database.client().save("task", 1);
        match dialect {
            Dialect::PostgreSql => {
                other.run("BEGIN; SELECT pg_advisory_xact_lock(1869575013, 'oo_webhooks_outbox'::regclass::oid::int)");
            }
            _ => other.run("SELECT GET_LOCK(CONCAT('oo_webhooks.', MD5(DATABASE())), 0)"),
        }
        let collected = store.collect().unwrap();
        assert!(collected.is_busy && collected.saves == 0, "{dialect}");
        drop(other);
        let end = std::time::Instant::now() + Duration::from_secs(10);
        while store.collect().unwrap().is_busy {
            assert!(std::time::Instant::now() < end, "{dialect}");
        }
        assert_eq!(ids(&claim(&mut store, "")), [1], "{dialect}");
    }
}

#[test]
fn the_lock_is_free_again_after_a_collect_that_failed() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut other, mut app) = (database.store(), database.store(), database.client());
        app.save("task", 1);
        app.run("ALTER TABLE oo_webhooks_record ADD CONSTRAINT full_up CHECK (record_id > 1)");
        let trouble = store.collect().unwrap_err();
        assert!(trouble.message().contains("full_up"), "{trouble}");
        app.run("ALTER TABLE oo_webhooks_record DROP CONSTRAINT full_up");
        assert_eq!(other.collect().unwrap().saves, 1, "{dialect}");
    }
}

#[test]
fn accounts_are_apart() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        for account in ["south", "north", "North", "north "] {
            app.run(&format!(
                "INSERT INTO oo_webhooks_outbox (account, module, record_id) VALUES ('{account}', 'task', 1)"
            ));
        }
        store.collect().unwrap();
        let mut accounts = store.accounts().unwrap();
        accounts.sort();
        assert_eq!(accounts, ["North", "north", "north ", "south"], "{dialect}");
        assert!(claim(&mut store, "").is_empty());
        let claimed = claim(&mut store, "north");
        assert_eq!((claimed.len(), claimed[0].account()), (1, "north"), "{dialect}");
        assert_eq!(store.accounts().unwrap().len(), 3, "{dialect}");
    }
}

#[test]
fn what_names_no_record_ends_in_failed_with_the_reason_and_breaks_no_save() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        let modules = [
            "adress",
            "Address",
            "address ",
            "",
            "ümlaut",
            "a'b\"c\\d",
            "x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x",
        ];
        for module in modules {
            let module = module.replace('\\', "").replace('\'', "''");
            app.save(&module, 5);
        }
        for id in [0, -1, i64::MIN] {
            app.save("address", id);
        }
        app.save("address", 5);
        let collected = store.collect().unwrap();
        assert_eq!((collected.saves, collected.refused), (11, 10), "{dialect}");
        assert_eq!(ids(&claim(&mut store, "")), [5], "{dialect}: the good one is not among them");

        let filter = Filter { state: Some(Held::Failed), ..Filter::default() };
        let failed = store.list(&filter, 100).unwrap().entries;
        assert_eq!(failed.len(), 10, "{dialect}");
        for entry in &failed {
            let expected = if entry.module == "address" { Status::InvalidId } else { Status::InvalidModule };
            assert_eq!(entry.status, Some(expected), "{entry:?}");
            assert!(entry.message.starts_with("not sent: "), "{entry:?}");
        }
        // Once more, and retried by a person: it fails again, with the reason.
        app.save("adress", 5);
        store.collect().unwrap();
        let at = store.list(&filter, 100).unwrap().at;
        assert_eq!(store.retry(&filter, at).unwrap(), 10, "{dialect}");
        assert!(claim(&mut store, "").is_empty(), "{dialect}");
        assert_eq!(store.list(&filter, 100).unwrap().entries.len(), 10, "{dialect}");
    }
}

#[test]
fn an_app_needs_the_right_to_insert_and_no_other() {
    for dialect in DIALECTS {
        let server = Server::shared(dialect);
        let database = server.database();
        let mut admin = database.client();
        let worker = [
            "SELECT, UPDATE, DELETE ON oo_webhooks_outbox",
            "SELECT, INSERT, UPDATE, DELETE ON oo_webhooks_record",
            "SELECT ON oo_webhooks_schema",
        ];
        let (app_name, worker_name) =
            (format!("app_{}", database.name()), format!("worker_{}", database.name()));
        for name in [&app_name, &worker_name] {
            match dialect {
                Dialect::PostgreSql => admin.run(&format!("CREATE ROLE {name} LOGIN")),
                _ => admin.run(&format!("CREATE USER {name}@localhost")),
            }
        }
        let host = if dialect == Dialect::PostgreSql { "" } else { "@localhost" };
        admin.run(&format!("GRANT INSERT ON oo_webhooks_outbox TO {app_name}{host}"));
        for rights in worker {
            admin.run(&format!("GRANT {rights} TO {worker_name}{host}"));
        }

        let mut app = database.client_as(&app_name);
        app.save("address", 1);
        for refused in [
            "SELECT * FROM oo_webhooks_outbox",
            "DELETE FROM oo_webhooks_outbox",
            "SELECT * FROM oo_webhooks_record",
            "UPDATE oo_webhooks_record SET state = 'waiting'",
        ] {
            let why = app.try_run(refused).unwrap_err();
            assert!(why.contains("denied"), "{refused}: {why}");
        }

        let mut store = SqlStore::open(&database.location_as(&worker_name)).unwrap();
        store.recover().unwrap();
        assert_eq!(store.collect().unwrap().saves, 1);
        let claimed = claim(&mut store, "");
        store.finish(&claimed[0], &Note::new(Status::Timeout, "")).unwrap();
        let at = store.list(&Filter::default(), 10).unwrap().at;
        assert_eq!(store.retry(&Filter::default(), at).unwrap(), 1);
        assert_eq!(store.counts().unwrap().waiting, 1);

        let trouble = SqlStore::open(&database.location_as(&app_name)).unwrap_err();
        assert!(!trouble.is_temporary() && trouble.message().contains("grant"), "{trouble}");
    }
}

#[test]
fn tables_that_are_missing_or_of_another_version_are_named_with_the_cure() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).empty_database();
        let mut admin = database.client();
        let trouble = SqlStore::open(&database.location()).unwrap_err();
        assert!(!trouble.is_temporary() && trouble.message().contains("oo-webhooks schema"), "{trouble}");

        admin.run(&schema(dialect));
        assert!(SqlStore::open(&database.location()).is_ok());
        assert_eq!(migrations(dialect, VERSION), "");

        admin.run("DELETE FROM oo_webhooks_schema");
        let trouble = SqlStore::open(&database.location()).unwrap_err();
        assert!(trouble.message().contains("version 0"), "{trouble}");
        admin.run("INSERT INTO oo_webhooks_schema (version) VALUES (99)");
        let trouble = SqlStore::open(&database.location()).unwrap_err();
        assert!(
            trouble.message().contains("version 99") && trouble.message().contains("update"),
            "{trouble}"
        );
    }
}

#[test]
fn a_server_that_is_not_there_and_one_that_refuses_are_told_apart() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let nowhere = match dialect {
            Dialect::PostgreSql => "postgres://root:geheim@/shop?host=/nowhere",
            _ => "mariadb://root:geheim@/shop?socket=/nowhere/socket",
        };
        let trouble = SqlStore::open(&nowhere.parse().unwrap()).unwrap_err();
        assert!(trouble.is_temporary() && trouble.message().contains("/nowhere"), "{trouble}");
        assert!(!format!("{trouble} {trouble:?}").contains("geheim"));
        let trouble = SqlStore::open(&database.location_as("nobody_there")).unwrap_err();
        assert!(!trouble.is_temporary() && trouble.message().contains("nobody_there"), "{trouble}");
    }
}
