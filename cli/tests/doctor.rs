//! `oo-webhooks doctor` from outside: what is wrong is found, with its cure, and nothing is executed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../store-sql/tests/support/mod.rs"]
mod server;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use oo_webhooks_mock::{CertificateKind, Clock, DEFAULT_SECRET, DEFAULT_TOKEN, Settings};

use server::{DIALECTS, Server};
use support::{Done, World, bare};

/// The grade of something, and what it says.
fn grade(done: &Done, name: &str) -> (String, String) {
    let findings = done.json();
    let finding = findings["findings"].as_array().unwrap().iter().find(|finding| finding["name"] == name);
    let finding = finding.unwrap_or_else(|| panic!("{name}: {findings:#}"));
    let text =
        format!("{} {}", finding["found"].as_str().unwrap(), finding["cure"].as_str().unwrap_or_default());
    (finding["grade"].as_str().unwrap().to_owned(), text)
}

#[test]
fn a_healthy_set_up_is_said_to_be_one_and_nothing_is_executed() {
    let world = World::new();
    let done = world.on_outbox(&["doctor", "--json"]);
    for name in ["token", "secret", "url", "name", "connection", "clock", "outbox", "outbox files"] {
        assert_eq!(grade(&done, name).0, "ok", "{name}: {done:?}");
    }
    assert!(world.mock.ledger().is_empty());
    // It makes nothing: the outbox is still an empty folder.
    assert_eq!(fs::read_dir(world.outbox()).unwrap().count(), 0);

    let text = world.on_outbox(&["doctor"]);
    for done in [&done, &text] {
        assert!(!done.out.contains(DEFAULT_TOKEN) && !done.out.contains(DEFAULT_SECRET), "{done:?}");
        assert!(!done.out.contains('\u{1b}'), "{done:?}");
    }
}

#[test]
fn what_is_wrong_with_the_way_to_the_api_is_found() {
    let world = World::with(Settings { clock: Clock::Offset(600), ..Settings::default() });
    let done = world.run(&["doctor", "--json"]);
    let (clock, text) = grade(&done, "clock");
    assert!(done.code == 1 && clock == "bad" && text.contains("NTP"), "{text}");

    let mut swapped = world.command(&["doctor", "--json"]);
    swapped.env("ON_OFFICE_TOKEN", DEFAULT_SECRET).env("ON_OFFICE_SECRET", DEFAULT_TOKEN);
    let (_, text) = grade(&Done::of(&mut swapped), "credentials");
    assert!(text.contains("exchange"), "{text}");

    world.mock.stop();
    let done = world.run(&["doctor", "--json"]);
    assert_eq!((done.code, grade(&done, "connection").0.as_str()), (1, "bad"));

    let stranger = World::with(Settings { certificate: CertificateKind::UnknownCa, ..Settings::default() });
    let (certificate, text) = grade(&stranger.run(&["doctor", "--json"]), "connection");
    assert!(certificate == "bad" && text.contains("ON_OFFICE_CA_FILE"), "{text}");

    let mut nowhere = bare(&["doctor", "--json"]);
    nowhere.env("ON_OFFICE_URL", "https://name.invalid/").env("HTTPS_PROXY", "http://127.0.0.1:1");
    let done = Done::of(&mut nowhere);
    assert_eq!(grade(&done, "name").0, "bad");
    assert_eq!(grade(&done, "token").0, "bad");
    let (proxy, text) = grade(&done, "proxy");
    assert!(proxy == "warning" && text.contains("ON_OFFICE_PROXY"), "{text}");

    let mut odd = bare(&["doctor", "--json"]);
    let done = Done::of(odd.env("ON_OFFICE_URL", "ftp://h/"));
    assert!(grade(&done, "settings").1.contains("https://"), "{done:?}");
}

#[test]
fn what_is_wrong_with_a_folder_is_found() {
    let world = World::new();
    world.on_outbox(&["enqueue", "task", "1"]).ok();
    let outbox = world.outbox();
    let look = |name: &str| grade(&world.on_outbox(&["doctor", "--json"]), name);
    assert_eq!(look("outbox rights").0, "ok");
    fs::set_permissions(&outbox, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(look("outbox rights").1.contains("chmod o-w"));
    fs::set_permissions(&outbox, fs::Permissions::from_mode(0o755)).unwrap();

    fs::remove_dir(format!("{outbox}/retry")).unwrap();
    std::os::unix::fs::symlink("/tmp", format!("{outbox}/retry")).unwrap();
    assert_eq!(look("outbox files").0, "bad");
    fs::write(format!("{outbox}/version"), "7\n").unwrap();
    assert_eq!(look("outbox format").0, "bad");
    // Nobody writes into that pipe, and nobody could read all of that file.
    fs::remove_file(format!("{outbox}/version")).unwrap();
    assert!(Command::new("mkfifo").arg(format!("{outbox}/version")).status().unwrap().success());
    assert_eq!(look("outbox format").0, "bad");
    fs::remove_file(format!("{outbox}/version")).unwrap();
    fs::File::create(format!("{outbox}/version")).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(look("outbox format").0, "bad");
    let missing = world.run(&["doctor", "--json", "--outbox", &world.folder.path("nowhere")]);
    assert!(grade(&missing, "outbox").1.contains("mkdir"), "{missing:?}");
}

#[test]
fn what_is_wrong_with_a_database_is_found() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let url = database.url_as("root");
        let world = World::new();
        let look = |name: &str| grade(&world.run(&["doctor", "--json", "--database", &url]), name);
        for name in ["database", "database version", "database primary", "database index", "database rights"]
        {
            assert_eq!(look(name).0, "ok", "{dialect}: {name}");
        }
        // The servers of the tests do not wait for the disk.
        let (durability, text) = look("database durability");
        assert!(durability == "bad" && text.contains("sent twice"), "{dialect}: {text}");
        database.client().run("DROP TABLE oo_webhooks_schema");
        assert_eq!(look("database").0, "bad", "{dialect}");
    }
}
