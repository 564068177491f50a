//! The commands around an outbox in a database, from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../store-sql/tests/support/mod.rs"]
mod server;
mod support;

use oo_webhooks_mock::{Module, Settings};
use oo_webhooks_store_sql::dialect::Dialect;
use serde_json::json;

use server::{DIALECTS, Server};
use support::{Done, World, bare};

#[test]
fn the_printed_schema_makes_the_tables_and_records_pass_through_them() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).empty_database();
        let url = database.url_as("root");
        let world = World::new();
        let on = |arguments: &[&str]| world.run(&[arguments, &["--database", &url]].concat());
        let missing = on(&["status"]);
        assert!(missing.code == 1 && missing.err.contains("schema"), "{dialect}: {missing:?}");

        let schema = Done::of(&mut bare(&["schema", "--dialect", dialect.as_str()])).ok().out;
        let mut app = database.client();
        app.run(&schema);
        on(&["enqueue", "task", "1", "2"]).ok();
        app.save("task", 3);
        let status = on(&["status", "--json"]).ok().json();
        assert_eq!(status["records"], json!({"waiting": 3, "sending": 0, "doubt": 0, "failed": 0}));
        on(&["work", "--once", "--threads", "2", "--batch", "2"]).ok();
        for id in 1..=3 {
            assert_eq!(world.mock.executions(Module::Task, id), 1, "{dialect}");
        }
        assert_eq!(on(&["list", "--json"]).ok().json(), json!([]));
        let newest = Done::of(&mut bare(&["schema", "--dialect", dialect.as_str(), "--from", "1"])).ok();
        assert_eq!(newest.out, "");
    }
}

#[test]
fn rows_that_nobody_of_ours_wrote_fail_with_their_reason_and_can_be_dropped() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let url = database.url_as("root");
        let world = World::new();
        let on = |arguments: &[&str]| world.run(&[arguments, &["--database", &url]].concat());
        database.client().run(
            "INSERT INTO oo_webhooks_outbox (account, module, record_id) VALUES \
             ('', 'house', 1), ('nobody', 'task', 2), ('', 'task', -3)",
        );
        on(&["work", "--once"]);
        let listed = on(&["list", "--state", "failed", "--json"]).ok().json();
        assert_eq!(listed.as_array().unwrap().len(), 3, "{dialect}: {listed}");
        for entry in listed.as_array().unwrap() {
            assert_ne!(entry["message"], "", "{dialect}: {entry}");
        }
        let table = on(&["list"]).ok().out;
        assert!(table.contains("ACCOUNT") && table.contains("nobody"), "{table}");
        assert_eq!(
            on(&["retry", "task", "2", "--account", "nobody"]).ok().out,
            "1 record sent again by the worker\n"
        );
        assert_eq!(on(&["drop", "--module", "house"]).ok().out, "1 record forgotten\n");
        assert_eq!(
            on(&["drop", "--state", "failed", "--older-than", "1h"]).ok().out,
            "0 records forgotten\n"
        );
        assert_eq!(on(&["drop", "--all"]).ok().out, "2 records forgotten\n");
        assert_eq!(world.mock.executions(Module::Task, 2), 0);
    }
}

#[test]
fn a_doubt_in_a_database_is_held_and_the_last_error_is_shown() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let url = database.url_as("root");
        let fault = r#"{"kind": "http_status", "status": 503, "body": "html", "times": 1}"#;
        let world = World::with(Settings {
            faults: vec![serde_json::from_str(fault).unwrap()],
            ..Settings::default()
        });
        let on = |arguments: &[&str]| world.run(&[arguments, &["--database", &url]].concat());
        on(&["enqueue", "address", "4"]).ok();
        assert_eq!(on(&["work", "--once", "--log", "off"]).code, 5, "{dialect}");
        let check = on(&["status", "--check"]);
        assert_eq!(check.code, 2, "{dialect}: {check:?}");
        let status = on(&["status", "--json"]).ok().json();
        assert_eq!(status["last_error"]["id"], 4, "{dialect}: {status}");
        on(&["retry", "address", "4"]).ok();
        on(&["work", "--once", "--log", "off"]).ok();
        assert_eq!(on(&["status", "--check"]).code, 0, "{dialect}");
    }
}

#[test]
fn a_password_stays_out_of_sight() {
    for (url, dialect) in [
        ("mariadb://u:geheim@127.0.0.1:1/d", Dialect::MariaDb),
        ("postgres://u:geheim@127.0.0.1:1/d", Dialect::PostgreSql),
    ] {
        let done = Done::of(&mut bare(&["status", "--database", url]));
        assert!(done.code == 1 && !done.err.contains("geheim"), "{dialect}: {done:?}");
        let mut command = bare(&["status"]);
        command
            .env("OO_WEBHOOKS_DATABASE", url.replace(":geheim", ""))
            .env("OO_WEBHOOKS_DATABASE_PASSWORD", "geheim");
        let done = Done::of(&mut command);
        assert!(done.code == 1 && !done.err.contains("geheim"), "{dialect}: {done:?}");
    }
}
