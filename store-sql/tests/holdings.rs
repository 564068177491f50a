//! What people see, and what they may do about it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::claim::{Lease, Note};
use oo_webhooks_store_sql::holdings::Filter;
use oo_webhooks_store_sql::store::SqlStore;

use support::{Client, DIALECTS, Database, Server, from_now};

/// 1 and 2 wait, 3 is being sent, 4 and 5 are in doubt, 6 and 7 failed; 8 is saved and not collected.
fn filled(database: &Database) -> (SqlStore, Client) {
    let (mut store, mut app) = (database.store(), database.client());
    for id in 3..=7 {
        app.save(if id % 2 == 0 { "address" } else { "task" }, id);
        store.collect().unwrap();
        let claimed = store.claim("", 1, Lease::of(Duration::from_secs(30), 1)).unwrap();
        let status = match id {
            3 => continue,
            4 | 5 => Status::Timeout,
            _ => Status::UnknownRecord,
        };
        store.finish(&claimed[0], &Note::new(status, &format!("about {id}"))).unwrap();
    }
    for id in [1, 2] {
        app.save("estate", id);
        store.collect().unwrap();
    }
    app.save("estate", 8);
    (store, app)
}

fn ids(store: &mut SqlStore, filter: &Filter) -> Vec<i64> {
    store.list(filter, 100).unwrap().entries.iter().map(|entry| entry.id).collect()
}

fn in_state(state: Held) -> Filter {
    Filter { state: Some(state), ..Filter::default() }
}

#[test]
fn counts_say_what_will_become_of_every_save() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = filled(&database);
        let counts = store.counts().unwrap();
        let numbers = [counts.waiting, counts.sending, counts.doubt, counts.failed, counts.uncollected];
        assert_eq!(numbers, [3, 1, 2, 2, 1], "{dialect}");

        // One of each is saved again, some twice, and nobody collects.
        for (module, id) in
            [("estate", 1), ("task", 3), ("task", 3), ("address", 4), ("address", 6), ("estate", 8)]
        {
            app.save(module, id);
        }
        let before = store.counts().unwrap();
        let numbers = [before.waiting, before.sending, before.doubt, before.failed, before.uncollected];
        assert_eq!(numbers, [5, 1, 1, 1, 7], "{dialect}");
        store.collect().unwrap();
        let after = store.counts().unwrap();
        assert_eq!([after.waiting, after.sending, after.doubt, after.failed], [5, 1, 1, 1], "{dialect}");
        assert_eq!(after.uncollected, 0);
        assert_eq!(after.oldest_waiting, before.oldest_waiting, "{dialect}");

        app.run("DELETE FROM oo_webhooks_record");
        let none = store.counts().unwrap();
        assert_eq!((none.waiting, none.oldest_waiting), (0, None), "{dialect}");
    }
}

#[test]
fn the_list_is_filtered_by_state_module_account_id_and_age() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = filled(&database);
        assert_eq!(ids(&mut store, &Filter::default()), [3, 4, 5, 6, 7, 1, 2, 8], "{dialect}");
        assert_eq!(ids(&mut store, &in_state(Held::Waiting)), [1, 2, 8], "{dialect}");
        assert_eq!(ids(&mut store, &in_state(Held::Sending)), [3], "{dialect}");
        assert_eq!(ids(&mut store, &in_state(Held::Doubt)), [4, 5], "{dialect}");
        assert_eq!(ids(&mut store, &in_state(Held::Failed)), [6, 7], "{dialect}");
        let module = Filter { module: Some("task".to_owned()), ..in_state(Held::Failed) };
        assert_eq!(ids(&mut store, &module), [7], "{dialect}");
        assert_eq!(ids(&mut store, &Filter { id: Some(8), ..Filter::default() }), [8], "{dialect}");
        let other = Filter { account: Some("other".to_owned()), ..Filter::default() };
        assert!(ids(&mut store, &other).is_empty(), "{dialect}");

        let hour_ago = from_now(dialect, -3600);
        app.run(&format!(
            "UPDATE oo_webhooks_record SET changed_at = {hour_ago} WHERE record_id IN (3, 5, 6)"
        ));
        app.run(&format!(
            "UPDATE oo_webhooks_record SET first_saved_at = {hour_ago} WHERE record_id IN (2, 7)"
        ));
        let old = Filter { older_than: Some(Duration::from_secs(1800)), ..Filter::default() };
        let mut old_ids = ids(&mut store, &old);
        old_ids.sort_unstable();
        assert_eq!(old_ids, [2, 3, 5, 6], "{dialect}");

        let listing = store.list(&in_state(Held::Doubt), 1).unwrap();
        let entry = &listing.entries[0];
        assert_eq!((listing.entries.len(), entry.status), (1, Some(Status::Timeout)), "{dialect}");
        assert_eq!((entry.message.as_str(), entry.due), ("about 5", None));
        assert!(entry.since < listing.at);
    }
}

#[test]
fn a_person_retries_and_drops_what_was_listed() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, _) = filled(&database);
        let at = store.list(&Filter::default(), 100).unwrap().at;
        assert_eq!(store.retry(&in_state(Held::Waiting), at).unwrap(), 0, "{dialect}: it waits already");
        assert_eq!(store.retry(&in_state(Held::Sending), at).unwrap(), 0, "{dialect}: it is being sent");
        assert_eq!(store.remove(&in_state(Held::Sending), at).unwrap(), 0, "{dialect}");
        let module = Filter { module: Some("task".to_owned()), ..Filter::default() };
        assert_eq!(store.retry(&module, at).unwrap(), 2, "{dialect}: 5 and 7, not 3, which is being sent");
        assert_eq!(ids(&mut store, &in_state(Held::Waiting)).len(), 5, "{dialect}");
        assert_eq!(store.remove(&Filter { id: Some(6), ..Filter::default() }, at).unwrap(), 1, "{dialect}");
        assert!(ids(&mut store, &in_state(Held::Failed)).is_empty(), "{dialect}");
        let at = store.list(&Filter::default(), 100).unwrap().at;
        assert_eq!(
            store.remove(&Filter::default(), at).unwrap(),
            6,
            "{dialect}: all but the one that is sent"
        );
        assert_eq!(ids(&mut store, &Filter::default()), [3], "{dialect}");
    }
}

#[test]
fn what_is_newer_than_the_list_is_left_as_it_is() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = filled(&database);
        store.collect().unwrap();
        let at = store.list(&Filter::default(), 100).unwrap().at;

        // Since the list: 1 was saved again and 2 too but not collected, 9 is new, 4 was retried by somebody
        // else and is in doubt again.
        app.save("estate", 1);
        store.collect().unwrap();
        app.save("estate", 2);
        app.save("estate", 9);
        let estates = Filter { module: Some("estate".to_owned()), ..in_state(Held::Waiting) };
        assert_eq!(store.remove(&estates, at).unwrap(), 1, "{dialect}: only 8, which was not saved again");
        let now = store.list(&Filter::default(), 100).unwrap().at;
        store.retry(&Filter { id: Some(4), ..Filter::default() }, now).unwrap();
        loop {
            let claimed = store.claim("", 1, Lease::of(Duration::from_secs(30), 1)).unwrap().remove(0);
            if claimed.record().id() == 4 {
                store.finish(&claimed, &Note::new(Status::Timeout, "again")).unwrap();
                break;
            }
            store.finish(&claimed, &Note::new(Status::ConnectFailed, "")).unwrap();
        }
        assert_eq!(store.retry(&in_state(Held::Doubt), at).unwrap(), 1, "{dialect}: only 5");
        let waiting = Filter { module: Some("estate".to_owned()), ..Filter::default() };
        store.remove(&waiting, at).unwrap();
        let mut left = ids(&mut store, &waiting);
        left.sort_unstable();
        assert!(left.starts_with(&[1, 2]) && left.ends_with(&[9]), "{dialect}: {left:?}");
        assert_eq!(store.remove(&in_state(Held::Doubt), at).unwrap(), 0, "{dialect}");
        assert_eq!(ids(&mut store, &in_state(Held::Doubt)), [4], "{dialect}");
    }
}

#[test]
fn thousands_are_decided_at_once() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        let values: Vec<String> = (1..=2500).map(|id| format!("('adress', {id})")).collect();
        app.run(&format!("INSERT INTO oo_webhooks_outbox (module, record_id) VALUES {}", values.join(", ")));
        while store.collect().unwrap().has_more {}
        let at = store.list(&Filter::default(), 1).unwrap().at;
        assert_eq!(store.retry(&in_state(Held::Failed), at).unwrap(), 2500, "{dialect}");
        let at = store.list(&Filter::default(), 1).unwrap().at;
        assert_eq!(store.remove(&in_state(Held::Waiting), at).unwrap(), 2500, "{dialect}");
        assert_eq!(store.counts().unwrap().waiting, 0, "{dialect}");
    }
}

#[test]
fn a_save_that_is_being_collected_is_counted_and_listed_all_the_time() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        std::thread::scope(|scope| {
            let collector = scope.spawn(|| {
                let mut store = database.store();
                for id in 1..=300 {
                    app.save("task", id);
                    assert_eq!(store.collect().unwrap().saves, 1);
                }
            });
            let mut before = 0;
            while !collector.is_finished() {
                let counted = store.counts().unwrap().waiting;
                let listed = store.list(&in_state(Held::Waiting), 1000).unwrap().entries.len() as u64;
                for (found, before) in [(counted, before), (listed, counted)] {
                    assert!(found >= before, "{dialect}: {found} wait, and {before} did");
                }
                before = listed;
            }
        });
    }
}
