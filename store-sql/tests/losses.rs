//! A database that goes away: killed connections, restarts, a failover to read-only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oo_webhooks_core::outbox::policy::{Reason, State};
use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::claim::{Claimed, Lease, Note};
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::store::SqlStore;

use support::{Client, DIALECTS, Server, from_now};

fn claim(store: &mut SqlStore) -> Vec<Claimed> {
    store.claim("", 1, Lease::of(Duration::from_secs(30), 1)).unwrap()
}

fn executed() -> Note {
    Note::new(Status::Ok, "executed")
}

/// Ends every other connection to the database.
fn end_connections(dialect: Dialect, admin: &mut Client) {
    match dialect {
        Dialect::PostgreSql => admin.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        ),
        _ => {
            for id in admin.rows("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()") {
                let _ = admin.try_run(&format!("KILL CONNECTION {id}"));
            }
        }
    }
}

#[test]
fn every_operation_outlives_its_connection() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut admin) = (database.store(), database.client());
        admin.save("task", 1);
        end_connections(dialect, &mut admin);
        assert_eq!(store.collect().unwrap().saves, 1, "{dialect}");
        end_connections(dialect, &mut admin);
        let claimed = claim(&mut store);
        assert_eq!(claimed.len(), 1, "{dialect}");
        end_connections(dialect, &mut admin);
        assert_eq!(store.recover().unwrap().expired, 0, "{dialect}");
        end_connections(dialect, &mut admin);
        assert_eq!(store.counts().unwrap().sending, 1, "{dialect}");
        end_connections(dialect, &mut admin);
        let next = store.finish(&claimed[0], &executed()).unwrap().unwrap();
        assert_eq!((next.state, next.count), (State::Gone, Some(Reason::Executed)), "{dialect}");
        assert_eq!(admin.value("SELECT COUNT(*) FROM oo_webhooks_record"), "0");
    }
}

#[test]
fn a_restart_loses_nothing_and_doubles_nothing() {
    for dialect in DIALECTS {
        let mut server = Server::start(dialect);
        let location = {
            let database = server.database();
            let mut app = database.client();
            for id in 1..=3 {
                app.save("task", id);
            }
            database.location()
        };
        let mut store = SqlStore::open(&location).unwrap();
        store.collect().unwrap();
        let claimed = claim(&mut store);

        // The call is under way; its result comes while the server is away.
        server.stop();
        store.set_patience(Duration::from_millis(100));
        let trouble = store.finish(&claimed[0], &executed()).unwrap_err();
        assert!(trouble.is_temporary(), "{trouble}");
        assert!(store.collect().unwrap_err().is_temporary());
        store.set_patience(Duration::from_secs(30));
        let (sender, receiver) = mpsc::channel();
        let waiting = thread::spawn(move || {
            sender.send(()).unwrap();
            store.finish(&claimed[0], &executed()).map(|next| (next, store))
        });
        receiver.recv().unwrap();
        server.run();
        let (next, mut store) = waiting.join().unwrap().unwrap();
        assert_eq!(next.map(|next| next.state), Some(State::Gone), "{dialect}");

        // A power cut between two calls: what was committed is there, what was sent is not sent again.
        let claimed = claim(&mut store);
        server.kill();
        server.run();
        assert_eq!(store.finish(&claimed[0], &executed()).unwrap().map(|next| next.state), Some(State::Gone));
        let last = claim(&mut store);
        assert_eq!((last.len(), last[0].attempt()), (1, 1), "{dialect}");
        store.finish(&last[0], &executed()).unwrap();
        assert!(claim(&mut store).is_empty(), "{dialect}");
    }
}

#[test]
fn a_server_that_became_read_only_is_waited_for() {
    for dialect in DIALECTS {
        let server = Server::start(dialect);
        let database = server.database();
        let (mut store, mut app) = (database.store(), database.client());
        let name = format!("worker_{}", database.name());
        if dialect != Dialect::PostgreSql {
            // The administrator may write on a read-only server; a worker may not.
            app.run(&format!("CREATE USER {name}@localhost"));
            app.run(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO {name}@localhost"));
            store = SqlStore::open(&database.location_as(&name)).unwrap();
        }
        app.save("task", 1);
        store.collect().unwrap();
        let claimed = claim(&mut store);
        app.save("task", 2);

        let (off, on) = match dialect {
            Dialect::PostgreSql => (
                "ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf()",
                "SET default_transaction_read_only = off; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; \
                 ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf()",
            ),
            _ => ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0"),
        };
        for statement in off.split("; ") {
            app.run(statement);
        }
        store.set_patience(Duration::from_millis(300));
        let trouble = until_err(|| store.collect().map(drop));
        assert!(trouble.is_temporary() && trouble.message().contains("read-only"), "{dialect}: {trouble}");
        let trouble = store.finish(&claimed[0], &executed()).unwrap_err();
        assert!(trouble.is_temporary() && trouble.message().contains("read-only"), "{dialect}: {trouble}");

        for statement in on.split("; ") {
            app.run(statement);
        }
        store.set_patience(Duration::from_secs(30));
        let next = store.finish(&claimed[0], &executed()).unwrap().unwrap();
        assert_eq!(next.state, State::Gone, "{dialect}");
        store.collect().unwrap();
        assert_eq!(claim(&mut store)[0].record().id(), 2, "{dialect}");
    }
}

/// A setting of `PostgreSQL` reaches its sessions a moment later.
fn until_err<T: std::fmt::Debug>(
    mut attempt: impl FnMut() -> Result<T, oo_webhooks_store_sql::Trouble>,
) -> oo_webhooks_store_sql::Trouble {
    let end = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        match attempt() {
            Err(trouble) => return trouble,
            Ok(_) => assert!(std::time::Instant::now() < end),
        }
    }
}

#[test]
fn a_worker_that_died_leaves_a_doubt_and_its_late_answer_settles_it() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut dead, mut other, mut app) = (database.store(), database.store(), database.client());
        app.save("task", 1);
        dead.collect().unwrap();
        let claimed = claim(&mut dead);
        assert_eq!(other.recover().unwrap().expired, 0, "{dialect}: its lease holds");
        assert!(claim(&mut other).is_empty());

        app.run(&format!("UPDATE oo_webhooks_record SET lease_until = {}", from_now(dialect, -1)));
        let recovered = other.recover().unwrap();
        assert_eq!((recovered.expired, recovered.tally.count(Reason::Held)), (1, 1), "{dialect}");
        assert!(claim(&mut other).is_empty(), "{dialect}: never sent again by itself");

        let next = dead.finish(&claimed[0], &executed()).unwrap().unwrap();
        assert_eq!(next.state, State::Gone, "{dialect}");
        assert_eq!(dead.finish(&claimed[0], &executed()).unwrap(), None, "{dialect}: written once");
    }
}

#[test]
fn a_late_answer_does_not_touch_what_was_saved_or_claimed_since() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut slow, mut other, mut app) = (database.store(), database.store(), database.client());
        app.save("task", 1);
        slow.collect().unwrap();
        let claimed = claim(&mut slow);
        app.run(&format!("UPDATE oo_webhooks_record SET lease_until = {}", from_now(dialect, -1)));
        other.recover().unwrap();
        app.save("task", 1);
        other.collect().unwrap();
        assert_eq!(slow.finish(&claimed[0], &executed()).unwrap(), None, "{dialect}: the new save waits");
        let again = claim(&mut other);
        assert_eq!(again.len(), 1, "{dialect}");
        assert_eq!(slow.finish(&claimed[0], &executed()).unwrap(), None, "{dialect}: it is another's now");
        let next = other.finish(&again[0], &executed()).unwrap().unwrap();
        assert_eq!(next.state, State::Gone, "{dialect}");
    }
}
