//! From a save in a real database to the mock of the API and back.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../store-sql/tests/support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outbox::directory::{Held, Outbox};
use oo_webhooks_core::outbox::policy::Reason;
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::record::Record;
use oo_webhooks_core::result::RecordResult;
use oo_webhooks_mock::{
    DEFAULT_SECRET, DEFAULT_TOKEN, Ending, ErrorShape, Fault, FaultKind, Mock, Module, Moment,
    Settings as MockSettings,
};
use oo_webhooks_store_sql::holdings::{Entry, Filter};
use oo_webhooks_store_sql::store::SqlStore;
use oo_webhooks_worker::accounts::{Accounts, Others};
use oo_webhooks_worker::folders::Folders;
use oo_webhooks_worker::settings::Settings;
use oo_webhooks_worker::worker::{Report, Worker};

use support::{Client as App, DIALECTS, Database, Server};

fn client(mock: &Mock) -> Client {
    static FILES: AtomicU32 = AtomicU32::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let ca = std::env::temp_dir().join(format!("oo-webhooks-worker-{}-{number}.pem", process::id()));
    mock.write_ca(&ca).unwrap();
    let mut options = Options::new();
    options.set_url(&mock.url()).unwrap();
    options.set_credentials(DEFAULT_TOKEN, DEFAULT_SECRET).unwrap();
    options.set_ca_file(ca.to_str().unwrap()).unwrap();
    fs::remove_file(&ca).unwrap();
    options.client().unwrap()
}

fn once(worker: &Worker, database: &Database) {
    worker.run_once(|| SqlStore::open(&database.location())).unwrap();
}

fn worker(mock: &Mock, settings: Settings) -> Worker {
    Worker::new(Accounts::one(client(mock)), settings)
}

fn entries(database: &Database, state: Held) -> Vec<Entry> {
    let filter = Filter { state: Some(state), ..Filter::default() };
    database.store().list(&filter, 1000).unwrap().entries
}

fn save_for(app: &mut App, account: &str, id: i64) {
    app.run(&format!(
        "INSERT INTO oo_webhooks_outbox (account, module, record_id) VALUES ('{account}', 'address', {id})"
    ));
}

#[test]
fn every_saved_record_is_executed_once_by_several_threads() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let mock = Mock::start(MockSettings::default()).unwrap();
        let mut app = database.client();
        for id in 1..=40 {
            app.save("address", id % 20 + 1);
        }
        let worker = worker(&mock, Settings { threads: 4, ..Settings::default() });
        once(&worker, &database);
        for id in 1..=20 {
            assert_eq!(mock.executions(Module::Address, id), 1, "{dialect}: address {id}");
        }
        let metrics = worker.metrics();
        assert_eq!((metrics.outcomes(Outcome::Executed), metrics.calls()), (20, 20), "{dialect}");
        assert_eq!(metrics.reasons(Reason::Coalesced), 20, "{dialect}");
        assert!(entries(&database, Held::Waiting).is_empty());
        let text = metrics.prometheus(Some(&database.store().counts().unwrap()));
        assert!(text.contains("oo_webhooks_outcomes_total{outcome=\"executed\"} 20\n"), "{text}");
        assert!(text.contains("oo_webhooks_records{state=\"waiting\"} 0\n"), "{text}");
        assert!(text.contains("oo_webhooks_call_duration_seconds_count 20\n"), "{text}");
    }
}

#[test]
fn a_thread_that_finds_nothing_waits_for_the_one_that_collects() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let mock = Mock::start(MockSettings::default()).unwrap();
        mock.push_fault(Fault::new(FaultKind::Delay { ms: 100, before: Moment::default() }));
        let mut app = database.client();
        for id in 1..=40 {
            app.save("address", id);
        }
        once(&worker(&mock, Settings { threads: 4, ..Settings::default() }), &database);
        // A thread that sends needs a connection of its own.
        assert_eq!((mock.counts().executed, mock.counts().connections), (40, 4), "{dialect}");
    }
}

#[test]
fn each_outcome_ends_where_the_policy_says() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let mock = Mock::start(MockSettings::default()).unwrap();
        mock.push_fault(Fault::new(FaultKind::DropAfterExecuting { how: Ending::Reset }).once());
        let mut app = database.client();
        app.save("address", 1);
        let worker = worker(&mock, Settings::default());
        once(&worker, &database);
        once(&worker, &database);
        let doubts = entries(&database, Held::Doubt);
        assert_eq!((doubts.len(), doubts[0].status), (1, Some(Status::ConnectionLost)), "{dialect}");
        assert_eq!(mock.executions(Module::Address, 1), 1, "{dialect}: it was executed, and not again");
        assert_eq!(worker.metrics().reasons(Reason::Held), 1, "{dialect}");
    }
}

#[test]
fn an_outage_costs_one_try_a_sweep_and_leaves_the_others_as_they_are() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let mock = Mock::start(MockSettings::default()).unwrap();
        let mut app = database.client();
        for id in 1..=30 {
            app.save("address", id);
        }
        let worker = worker(&mock, Settings::default());
        mock.stop();
        once(&worker, &database);
        assert_eq!(worker.metrics().outcomes(Outcome::NotSent), 1, "{dialect}");
        let tried = entries(&database, Held::Waiting).into_iter().filter(|entry| entry.status.is_some());
        assert_eq!(tried.count(), 1, "{dialect}");
        assert_eq!(entries(&database, Held::Waiting).len(), 30, "{dialect}");

        mock.restart().unwrap();
        until(|| {
            once(&worker, &database);
            entries(&database, Held::Waiting).is_empty()
        });
        assert_eq!(worker.metrics().outcomes(Outcome::Executed), 30, "{dialect}");
    }
}

#[test]
fn accounts_have_clients_of_their_own_and_a_wrong_name_is_seen() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let (north, south) =
            (Mock::start(MockSettings::default()).unwrap(), Mock::start(MockSettings::default()).unwrap());
        let mut app = database.client();
        for (account, id) in [("north", 1), ("south", 2), ("nroth", 3), ("north", 4)] {
            save_for(&mut app, account, id);
        }
        let mut accounts = Accounts::new();
        accounts.add("north", client(&north));
        accounts.add("south", client(&south));
        accounts.set_others(Others::Leave);
        // South's host is away: north does not wait for it.
        south.stop();
        once(&Worker::new(accounts.clone(), Settings::default()), &database);
        assert_eq!(
            north.executions(Module::Address, 1) + north.executions(Module::Address, 4),
            2,
            "{dialect}"
        );
        let waiting = entries(&database, Held::Waiting);
        assert_eq!(waiting.len(), 2, "{dialect}: south's, and the one that is left for another worker");

        accounts.set_others(Others::Fail);
        once(&Worker::new(accounts, Settings::default()), &database);
        let failed = entries(&database, Held::Failed);
        assert_eq!((failed.len(), failed[0].status), (1, Some(Status::NotConfigured)), "{dialect}");
        assert!(failed[0].message.contains("\"nroth\""), "{}", failed[0].message);
    }
}

#[test]
fn several_records_go_in_one_request_and_alone_where_it_is_refused() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let mock = Mock::start(MockSettings::default()).unwrap();
        let mut app = database.client();
        let worker = worker(&mock, Settings { batch: 10, ..Settings::default() });
        for id in 1..=10 {
            app.save("address", id);
        }
        once(&worker, &database);
        assert_eq!(
            (worker.metrics().calls(), worker.metrics().outcomes(Outcome::Executed)),
            (1, 10),
            "{dialect}"
        );

        mock.set_faults(vec![refuses_once()]);
        for id in 1..=10 {
            app.save("address", id);
        }
        once(&worker, &database);
        assert_eq!(worker.metrics().calls(), 12, "{dialect}: one for all, then one for each");
        for id in 1..=10 {
            assert_eq!(mock.executions(Module::Address, id), 2, "{dialect}");
        }
    }
}

/// The next request is refused as a whole, and nothing of it is executed.
fn refuses_once() -> Fault {
    let kind = FaultKind::ErrorCode {
        code: 193,
        message: "no".to_owned(),
        shape: ErrorShape::default(),
        execute: false,
    };
    Fault::new(kind).once()
}

#[test]
fn a_worker_that_is_stopped_finishes_its_call_and_claims_nothing_more() {
    for dialect in DIALECTS {
        let database = Server::shared(dialect).database();
        let mock = Mock::start(MockSettings::default()).unwrap();
        let mut app = database.client();
        for id in 1..=5 {
            app.save("address", id);
        }
        let mut worker = worker(&mock, Settings::default());
        let stop = worker.stop_handle();
        let settled = Arc::new(Mutex::new(Vec::new()));
        let (at, list) = (stop.clone(), Arc::clone(&settled));
        worker.set_reporter(move |report| {
            if let Report::Settled { record, result, .. } = report {
                list.lock().unwrap().push((record.id(), result.map(RecordResult::status)));
                at.stop();
            }
        });
        worker.run(|| SqlStore::open(&database.location())).unwrap();
        assert_eq!(*settled.lock().unwrap(), [(1, Some(Status::Ok))], "{dialect}");
        assert_eq!(entries(&database, Held::Waiting).len(), 4, "{dialect}");
        assert!(entries(&database, Held::Sending).is_empty(), "{dialect}");
    }
}

#[test]
fn a_result_is_written_down_though_the_database_restarts_during_the_call() {
    for dialect in DIALECTS {
        let mut server = Server::start(dialect);
        let location = {
            let database = server.database();
            database.client().save("address", 1);
            database.location()
        };
        let mock = Mock::start(MockSettings::default()).unwrap();
        let gate = Arc::new((Mutex::new(false), std::sync::Condvar::new()));
        let called = Arc::new(Mutex::new(false));
        let (seen, open) = (Arc::clone(&called), Arc::clone(&gate));
        // The call hangs until the server is gone.
        mock.set_plan(move |_| {
            *seen.lock().unwrap() = true;
            let guard = open.0.lock().unwrap();
            drop(open.1.wait_timeout_while(guard, Duration::from_secs(25), |is_open| !*is_open).unwrap());
            None
        });
        let worker = worker(&mock, Settings { pause: Duration::from_millis(20), ..Settings::default() });
        let stop = worker.stop_handle();
        let open_store = || {
            let mut store = SqlStore::open(&location)?;
            store.set_patience(Duration::from_millis(50));
            Ok(store)
        };
        thread::scope(|scope| {
            let running = scope.spawn(|| worker.run(open_store));
            until(|| *called.lock().unwrap());
            server.kill();
            *gate.0.lock().unwrap() = true;
            gate.1.notify_all();
            until(|| worker.metrics().troubles() > 0);
            server.run();
            until(|| worker.metrics().reasons(Reason::Executed) == 1);
            stop.stop();
            running.join().unwrap().unwrap();
        });
        assert_eq!(mock.executions(Module::Address, 1), 1, "{dialect}");
        let mut store = SqlStore::open(&location).unwrap();
        assert!(store.list(&Filter::default(), 10).unwrap().entries.is_empty(), "{dialect}");
    }
}

fn until(mut is_true: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_true() {
        assert!(Instant::now() < end, "it does not become true");
        thread::yield_now();
    }
}

#[test]
fn what_does_not_pass_by_itself_ends_the_worker() {
    let database = Server::shared(DIALECTS[0]).empty_database();
    let mock = Mock::start(MockSettings::default()).unwrap();
    let worker = worker(&mock, Settings { threads: 3, ..Settings::default() });
    let trouble = worker.run(|| SqlStore::open(&database.location())).unwrap_err();
    assert!(trouble.message().contains("oo-webhooks schema"), "{trouble}");
}

/// A folder for an outbox, which goes with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("oo-webhooks-worker-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn outbox(&self) -> Outbox {
        Outbox::open(&self.0).unwrap()
    }

    fn waiting(&self) -> u64 {
        self.outbox().counts().unwrap().waiting
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn save_in(folder: &Folder, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        folder.outbox().put(Record::new("address", id).unwrap()).unwrap();
    }
}

#[test]
fn folders_are_worked_on_by_threads_too_each_for_its_account() {
    let (north, south) = (Folder::new("north"), Folder::new("south"));
    save_in(&north, 1..=20);
    save_in(&south, 21..=30);
    let mock = Mock::start(MockSettings::default()).unwrap();
    let away = Mock::start(MockSettings::default()).unwrap();
    let mut accounts = Accounts::new();
    accounts.add("north", client(&mock));
    accounts.add("south", client(&away));
    away.stop();
    let worker = Worker::new(accounts, Settings { threads: 3, ..Settings::default() });
    let open = || Folders::open([("north", &north.0), ("south", &south.0)], &Settings::default());
    worker.run_once(open).unwrap();
    for id in 1..=20 {
        assert_eq!(mock.executions(Module::Address, id), 1);
    }
    assert_eq!((north.waiting(), south.waiting()), (0, 10));
    let metrics = worker.metrics();
    assert_eq!((metrics.reasons(Reason::Executed), metrics.outcomes(Outcome::Executed)), (20, 20));
    assert!((1..=3).contains(&metrics.outcomes(Outcome::NotSent)), "one try, or one of each thread at once");

    away.restart().unwrap();
    until(|| {
        worker.run_once(open).unwrap();
        south.waiting() == 0
    });
    assert_eq!(metrics.outcomes(Outcome::Executed), 30);
}

#[test]
fn a_folder_whose_account_has_no_client_or_that_is_missing_ends_the_worker_with_the_cure() {
    let folder = Folder::new("alone");
    save_in(&folder, [1]);
    let mock = Mock::start(MockSettings::default()).unwrap();
    let worker = Worker::new(Accounts::one(client(&mock)), Settings::default());
    let trouble =
        worker.run_once(|| Folders::open([("nroth", &folder.0)], &Settings::default())).unwrap_err();
    assert!(trouble.message().contains("\"nroth\""), "{trouble}");
    let nowhere = folder.0.join("nowhere");
    let worker = Worker::new(Accounts::one(client(&mock)), Settings::default());
    let trouble = worker.run_once(|| Folders::open([("", &nowhere)], &Settings::default())).unwrap_err();
    assert!(trouble.message().contains("mkdir"), "{trouble}");
    assert_eq!(folder.waiting(), 1);
}

#[test]
fn a_worker_that_is_stopped_leaves_what_it_did_not_begin_in_the_folder() {
    let folder = Folder::new("stopped");
    save_in(&folder, 1..=5);
    let mock = Mock::start(MockSettings::default()).unwrap();
    let limited = Settings { calls_per_second: Some(1.0), ..Settings::default() };
    let mut worker = Worker::new(Accounts::one(client(&mock)), limited);
    let stop = worker.stop_handle();
    worker.set_reporter(move |_| stop.stop());
    worker.run(|| Folders::open([("", &folder.0)], &limited)).unwrap();
    assert_eq!((folder.waiting(), worker.metrics().calls()), (4, 1));
}
