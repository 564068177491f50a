//! Every state and event, through the tables and through the table of the policy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_core::outbox::policy::{Due, Event, State, WhenInDoubt, next};
use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::claim::{Claimed, Lease, Note};
use oo_webhooks_store_sql::holdings::Filter;
use oo_webhooks_store_sql::store::SqlStore;

use support::{Client, DIALECTS, Server, from_now};

const STATES: [State; 6] = [
    State::Gone,
    State::Waiting,
    State::Sending { saved: false },
    State::Sending { saved: true },
    State::Doubt,
    State::Failed,
];

const EVENTS: [Event; 10] = [
    Event::Saved,
    Event::Begun,
    Event::Executed,
    Event::NotSent,
    Event::GivenUp,
    Event::Rejected,
    Event::InDoubt,
    Event::SenderDied,
    Event::Retried,
    Event::Dropped,
];

const POLICIES: [WhenInDoubt; 3] = [WhenInDoubt::Hold, WhenInDoubt::Resend, WhenInDoubt::Drop];

fn lease() -> Lease {
    Lease::of(Duration::from_secs(30), 1)
}

fn claim(store: &mut SqlStore) -> Claimed {
    let mut claimed = store.claim("", 10, lease()).unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

fn finish(store: &mut SqlStore, claimed: &Claimed, status: Status) {
    store.finish(claimed, &Note::new(status, "as the test says")).unwrap();
}

/// Brings a record into a state through the public functions; the last claim of it.
fn reach(state: State, store: &mut SqlStore, app: &mut Client) -> Claimed {
    app.save("address", 7);
    store.collect().unwrap();
    let earlier = claim(store);
    finish(store, &earlier, Status::Ok);
    if state == State::Gone {
        return earlier;
    }
    app.save("address", 7);
    store.collect().unwrap();
    if state == State::Waiting {
        return earlier;
    }
    let claimed = claim(store);
    match state {
        State::Sending { saved: true } => {
            app.save("address", 7);
            store.collect().unwrap();
        }
        State::Doubt => finish(store, &claimed, Status::Timeout),
        State::Failed => finish(store, &claimed, Status::UnknownRecord),
        _ => {}
    }
    claimed
}

/// Lets an event happen to the record.
fn happen(event: Event, claimed: &Claimed, store: &mut SqlStore, app: &mut Client) {
    let all = Filter::default();
    match event {
        Event::Saved => {
            app.save("address", 7);
            store.collect().unwrap();
        }
        Event::Begun => {
            store.claim("", 10, lease()).unwrap();
        }
        Event::Executed => finish(store, claimed, Status::Ok),
        Event::NotSent => finish(store, claimed, Status::ConnectFailed),
        Event::GivenUp => {
            let long_ago = from_now(store.location().dialect(), -25 * 3600);
            app.run(&format!("UPDATE oo_webhooks_record SET failing_since = {long_ago}"));
            finish(store, claimed, Status::ConnectFailed);
        }
        Event::Rejected => finish(store, claimed, Status::NotAllowed),
        Event::InDoubt => finish(store, claimed, Status::Timeout),
        Event::SenderDied => {
            let past = from_now(store.location().dialect(), -1);
            app.run(&format!("UPDATE oo_webhooks_record SET lease_until = {past} WHERE state = 'sending'"));
            store.recover().unwrap();
        }
        Event::Retried => {
            let at = store.list(&all, 10).unwrap().at;
            store.retry(&all, at).unwrap();
        }
        Event::Dropped => {
            let at = store.list(&all, 10).unwrap().at;
            store.remove(&all, at).unwrap();
        }
    }
}

/// The state of the only record, and when it is due.
fn look(app: &mut Client) -> (State, String) {
    let rows = app.rows(
        "SELECT state, CASE WHEN generation > sent_generation THEN 1 ELSE 0 END, due_at, \
         CASE WHEN due_at > changed_at THEN 'later' WHEN due_at = changed_at THEN 'now' ELSE 'before' END \
         FROM oo_webhooks_record",
    );
    let Some(row) = rows.first() else { return (State::Gone, String::new()) };
    let fields: Vec<&str> = row.split('|').collect();
    let state = match fields[0] {
        "waiting" => State::Waiting,
        "sending" => State::Sending { saved: fields[1] == "1" },
        "doubt" => State::Doubt,
        "failed" => State::Failed,
        other => panic!("state {other}"),
    };
    (state, format!("{} {}", fields[2], fields[3]))
}

#[test]
fn the_tables_obey_the_policy_in_every_state_and_event() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        for policy in POLICIES {
            for state in STATES {
                for event in EVENTS {
                    let case = format!("{dialect}: {event:?} in {state:?}, {policy:?}");
                    app.run("DELETE FROM oo_webhooks_record");
                    store.set_when_in_doubt(WhenInDoubt::Hold);
                    let claimed = reach(state, &mut store, &mut app);
                    if (state, event) == (State::Waiting, Event::Saved) {
                        let later = from_now(dialect, 3600);
                        app.run(&format!("UPDATE oo_webhooks_record SET due_at = {later}"));
                    }
                    let before = look(&mut app);
                    assert_eq!(before.0, state, "{case}");

                    store.set_when_in_doubt(policy);
                    happen(event, &claimed, &mut store, &mut app);

                    let after = look(&mut app);
                    let Some(expected) = next(state, event, policy) else {
                        assert_eq!(after, before, "{case}");
                        continue;
                    };
                    assert_eq!(after.0, expected.state, "{case}");
                    if expected.state == State::Waiting {
                        match expected.due {
                            Due::Unchanged => assert_eq!(after.1, before.1, "{case}"),
                            Due::Now => assert!(after.1.ends_with("now"), "{case}: {}", after.1),
                            Due::AfterPause => assert!(after.1.ends_with("later"), "{case}: {}", after.1),
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_counted_is_what_the_policy_says() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        for state in STATES {
            app.run("DELETE FROM oo_webhooks_record");
            reach(state, &mut store, &mut app);
            for _ in 0..3 {
                app.save("address", 7);
            }
            let collected = store.collect().unwrap();
            let mut expected = std::collections::HashMap::new();
            let mut at = state;
            for _ in 0..3 {
                let next = next(at, Event::Saved, WhenInDoubt::Hold).unwrap();
                *expected.entry(next.count).or_insert(0) += 1;
                at = next.state;
            }
            assert_eq!(collected.saves, 3);
            for reason in oo_webhooks_core::outbox::policy::Reason::ALL {
                let times = expected.get(&Some(reason)).copied().unwrap_or(0);
                assert_eq!(collected.tally.count(reason), times, "{dialect}: {reason:?} in {state:?}");
            }
        }
    }
}

#[test]
fn a_record_that_is_resent_in_doubt_for_a_day_is_held() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        store.set_when_in_doubt(WhenInDoubt::Resend);
        app.save("task", 1);
        store.collect().unwrap();
        let claimed = claim(&mut store);
        let long_ago = from_now(dialect, -25 * 3600);
        app.run(&format!("UPDATE oo_webhooks_record SET failing_since = {long_ago}"));
        finish(&mut store, &claimed, Status::Timeout);
        assert_eq!(look(&mut app).0, State::Doubt, "{dialect}");
    }
}

#[test]
fn the_last_result_is_written_down_for_people() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (mut store, mut app) = (database.store(), database.client());
        store.set_worker(&"w".repeat(100));
        app.save("task", 1);
        store.collect().unwrap();
        let claimed = claim(&mut store);
        let sending = store.list(&Filter::default(), 10).unwrap().entries.remove(0);
        assert_eq!((sending.state, sending.attempts), (Held::Sending, 1));
        assert_eq!(sending.worker, Some("w".repeat(64)));

        let long = "ü".repeat(2000);
        store.finish(&claimed, &Note::new(Status::NotAllowed, &long)).unwrap();
        let failed = store.list(&Filter::default(), 10).unwrap().entries.remove(0);
        assert_eq!((failed.state, failed.status), (Held::Failed, Some(Status::NotAllowed)), "{dialect}");
        assert!(long.starts_with(&failed.message) && failed.message.len() > 500);
        assert_eq!((failed.worker, failed.due), (None, None));
    }
}
