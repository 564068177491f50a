//! Any number of threads may call at a time, on one client or on clients that come and go. Made to
//! be run by `ThreadSanitizer` too: see `soak` in tests/embedding/Makefile.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use oo_webhooks_core::client::Client;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_mock::Mock;
use support::{address, client, mock, options};

const THREADS: i64 = 64;
/// Of each thread.
const CALLS: i64 = 10;

/// Runs `call` for every id of every thread, all threads at once.
fn from_all_threads(call: impl Fn(i64, i64) + Sync) {
    let start = Barrier::new(usize::try_from(THREADS).unwrap());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (call, start) = (&call, &start);
            scope.spawn(move || {
                start.wait();
                for id in thread * CALLS + 1..=(thread + 1) * CALLS {
                    call(thread, id);
                }
            });
        }
    });
}

fn execute(client: &Client, id: i64) {
    let result = client.execute(address(id));
    assert_eq!(result.status(), Status::Ok, "{}", result.message());
    let answer = String::from_utf8_lossy(result.body().unwrap()).into_owned();
    assert!(answer.contains(&format!("\"resourceid\":\"{id}\"")), "address {id}: {answer}");
}

fn assert_each_was_executed_once(mock: &Mock) {
    let ledger = mock.ledger();
    let ids: HashSet<u64> = ledger.iter().map(|entry| entry.id).collect();
    assert_eq!((ledger.len(), ids.len()), (640, 640));
}

#[test]
fn one_client_is_shared() {
    let mock = mock();
    let client = client(&mock);
    from_all_threads(|_, id| execute(&client, id));
    assert_each_was_executed_once(&mock);
}

#[test]
fn clients_come_and_go_while_others_call() {
    let mock = mock();
    let shared = client(&mock);
    from_all_threads(|thread, id| match thread % 2 {
        0 => execute(&shared, id),
        _ => execute(&client(&mock), id),
    });
    assert_each_was_executed_once(&mock);
}

/// More settings than pools are kept for: pools are let go while others use them.
#[test]
fn pools_come_and_go_while_others_call() {
    let mock = mock();
    let with_timeout_of_its_own = |milliseconds| {
        let mut options = options(&mock);
        options.set_timeout_ms(milliseconds).unwrap();
        options.client().unwrap()
    };
    from_all_threads(|_, id| execute(&with_timeout_of_its_own(30_000 + id % 40), id));
    assert_each_was_executed_once(&mock);
}
