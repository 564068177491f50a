//! Writers, workers and deaths at the same time: what was saved is executed afterwards or is there to be
//! seen, nothing is executed without a save, and nothing in doubt is repeated.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use oo_webhooks_core::outbox::directory::Held;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_store_sql::claim::{Lease, Note};
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::holdings::Filter;
use oo_webhooks_store_sql::store::SqlStore;

use support::{Database, Server, from_now};

/// How large it is.
struct Size {
    writers: u64,
    workers: u64,
    saves: u64,
    records: i64,
}

/// What is known of a record whatever the tables say: `true` is a save, before its commit; `false` a
/// sending, before its call.
#[derive(Default)]
struct Truth {
    /// In the order in which they happened.
    last_save: HashMap<i64, u64>,
    last_sending: HashMap<i64, u64>,
    saves: HashMap<i64, u64>,
    sendings: HashMap<i64, u64>,
    /// Records of which one is being sent now.
    sending: HashMap<i64, bool>,
    doubts: u64,
}

/// A small generator, so that a seed gives the same storm.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn storm(dialect: Dialect, size: &Size) {
    let database = Server::shared(dialect).database();
    let truth = Mutex::new(Truth::default());
    let clock = AtomicU64::new(1);
    let is_over = AtomicBool::new(false);
    let deaths = AtomicU64::new(0);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..size.writers)
            .map(|number| {
                let (database, truth, clock) = (&database, &truth, &clock);
                scope.spawn(move || write(database, size, number, truth, clock))
            })
            .collect();
        for number in 0..size.workers {
            let (database, truth, clock, is_over, deaths) = (&database, &truth, &clock, &is_over, &deaths);
            scope.spawn(move || work(database, number, truth, clock, is_over, deaths));
        }
        for writer in writers {
            writer.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });

    // The last ones: everybody who died is found, everything that waits is sent.
    let (mut store, mut app) = (database.store(), database.client());
    store.recover().unwrap();
    while store.collect().unwrap().saves > 0 {}
    app.run(&format!(
        "UPDATE oo_webhooks_record SET due_at = {} WHERE state = 'waiting'",
        from_now(dialect, -1)
    ));
    while send_one(&database, &mut store, &truth, &clock, &mut Dice(99), None) {}

    let held: Vec<i64> = store
        .list(&Filter { state: Some(Held::Doubt), ..Filter::default() }, usize::MAX)
        .unwrap()
        .entries
        .iter()
        .map(|entry| entry.id)
        .collect();
    let counts = store.counts().unwrap();
    assert_eq!(
        (counts.waiting, counts.sending, counts.failed, counts.uncollected),
        (0, 0, 0, 0),
        "{dialect}"
    );
    let truth = truth.into_inner().unwrap();
    for (record, save) in &truth.last_save {
        let sending = truth.last_sending.get(record).copied().unwrap_or(0);
        assert!(sending > *save, "{dialect}: the last save of {record} is lost");
    }
    for (record, sendings) in &truth.sendings {
        let saves = truth.saves.get(record).copied().unwrap_or(0);
        assert!(*sendings <= saves, "{dialect}: {record} was sent {sendings} times for {saves} saves");
    }
    let all: u64 = truth.saves.values().sum();
    println!(
        "{dialect}: {all} saves, {} sendings, {} in doubt then, {} held now, {} deaths, 0 lost, 0 without a save",
        truth.sendings.values().sum::<u64>(),
        truth.doubts,
        held.len(),
        deaths.load(Ordering::SeqCst),
    );
}

fn write(database: &Database, size: &Size, number: u64, truth: &Mutex<Truth>, clock: &AtomicU64) {
    let mut dice = Dice(1000 + number);
    let mut app = database.client();
    let mut saved = 0;
    while saved < size.saves / size.writers {
        app.run("BEGIN");
        let record = i64::try_from(dice.roll(size.records.unsigned_abs())).unwrap() + 1;
        app.save("address", record);
        if dice.roll(10) == 0 {
            app.run("ROLLBACK");
            continue;
        }
        // A save that is perhaps not visible yet may be sent: it counts as a reason from here on.
        *truth.lock().unwrap().saves.entry(record).or_default() += 1;
        let before = clock.fetch_add(1, Ordering::SeqCst);
        app.run("COMMIT");
        let mut truth = truth.lock().unwrap();
        let last = truth.last_save.entry(record).or_default();
        *last = (*last).max(before);
        saved += 1;
    }
}

fn work(
    database: &Database,
    number: u64,
    truth: &Mutex<Truth>,
    clock: &AtomicU64,
    is_over: &AtomicBool,
    deaths: &AtomicU64,
) {
    let mut dice = Dice(2000 + number);
    let mut store = database.store();
    loop {
        let is_last = is_over.load(Ordering::SeqCst);
        let collected = store.collect().unwrap();
        if dice.roll(20) == 0 {
            store.recover().unwrap();
        }
        let mut sent = 0;
        while sent < 50 && send_one(database, &mut store, truth, clock, &mut dice, Some(deaths)) {
            sent += 1;
        }
        if dice.roll(10) == 0 {
            // A new process in the place of one that was killed.
            store = database.store();
        }
        if is_last && sent == 0 && !collected.is_busy && collected.saves == 0 {
            return;
        }
    }
}

/// Whether there was one to send.
fn send_one(
    database: &Database,
    store: &mut SqlStore,
    truth: &Mutex<Truth>,
    clock: &AtomicU64,
    dice: &mut Dice,
    deaths: Option<&AtomicU64>,
) -> bool {
    let claimed = store.claim("", 1, Lease::of(Duration::from_secs(30), 1)).unwrap();
    let Some(claimed) = claimed.first() else { return false };
    let record = claimed.record().id();
    {
        let mut truth = truth.lock().unwrap();
        assert!(truth.sending.insert(record, true).is_none(), "two send {record} at a time");
        let now = clock.fetch_add(1, Ordering::SeqCst);
        truth.last_sending.insert(record, now);
        *truth.sendings.entry(record).or_default() += 1;
    }
    let fate = if deaths.is_some() { dice.roll(100) } else { 100 };
    if let Some(deaths) = deaths
        && fate < 3
    {
        // Dead after the call, and its lease ends.
        deaths.fetch_add(1, Ordering::SeqCst);
        truth.lock().unwrap().sending.remove(&record);
        let past = from_now(store.location().dialect(), -1);
        // As every statement in this crowd, it may be the victim of a deadlock.
        let expire = format!(
            "UPDATE oo_webhooks_record SET lease_until = {past} WHERE state = 'sending' AND account = '' \
             AND module = 'address' AND record_id = {record}"
        );
        let mut client = database.client();
        while let Err(why) = client.try_run(&expire) {
            assert!(why.contains("eadlock"), "{why}");
        }
        return true;
    }
    truth.lock().unwrap().sending.remove(&record);
    let status = if fate < 6 { Status::Timeout } else { Status::Ok };
    if status == Status::Timeout {
        truth.lock().unwrap().doubts += 1;
    }
    store.finish(claimed, &Note::new(status, "")).unwrap();
    true
}

#[test]
fn a_short_storm_on_mariadb_loses_and_doubles_nothing() {
    storm(Dialect::MariaDb, &Size { writers: 4, workers: 4, saves: 1200, records: 60 });
}

#[test]
fn a_short_storm_on_postgresql_loses_and_doubles_nothing() {
    storm(Dialect::PostgreSql, &Size { writers: 4, workers: 4, saves: 1200, records: 60 });
}

#[test]
#[ignore = "takes minutes: run it with --ignored --nocapture"]
fn a_long_storm_loses_and_doubles_nothing() {
    for dialect in support::DIALECTS {
        storm(dialect, &Size { writers: 8, workers: 6, saves: 100_000, records: 300 });
    }
}
