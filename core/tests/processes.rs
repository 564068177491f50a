//! Forks, from Rust. More of it, in C, Python and PHP, is in tests/embedding.

#![allow(unsafe_code, clippy::unwrap_used)]

mod support;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use oo_webhooks_core::client::Client;
use oo_webhooks_core::default_client;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_mock::Mock;
use support::{address, client, hasty_client, mock};

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    fn alarm(seconds: u32) -> u32;
    fn _exit(status: i32) -> !;
}

/// A forked child, which must succeed within its time.
struct Child(i32);

impl Child {
    fn run(body: impl FnOnce()) -> Self {
        // SAFETY: the child runs `body` on its only thread and ends without going back to the tests.
        unsafe {
            let pid = fork();
            assert!(pid >= 0, "no child");
            if pid == 0 {
                alarm(60);
                _exit(i32::from(catch_unwind(AssertUnwindSafe(body)).is_err()));
            }
            Self(pid)
        }
    }

    fn join(self) {
        let mut status = 0;
        // SAFETY: the status outlives the call.
        let pid = unsafe { waitpid(self.0, &raw mut status, 0) };
        assert_eq!((pid, status), (self.0, 0), "14 is the alarm: it hung");
    }
}

fn execute(client: &Client, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        let result = client.execute(address(id));
        assert_eq!(result.status(), Status::Ok, "{}", result.message());
    }
}

/// Ids belong to the same process when they have the same thousands.
fn assert_that_no_connection_is_shared(mock: &Mock) {
    let mut process_of = HashMap::new();
    for entry in mock.ledger() {
        let process = process_of.entry(entry.connection).or_insert(entry.id / 1000);
        assert_eq!(*process, entry.id / 1000, "connection {}", entry.connection);
    }
}

#[test]
fn parent_child_and_grandchild_have_connections_of_their_own() {
    let mock = mock();
    let client = client(&mock);
    execute(&client, 1000..1010);
    let child = Child::run(|| {
        let grandchild = Child::run(|| execute(&client, 3000..3010));
        execute(&client, 2000..2010);
        grandchild.join();
    });
    execute(&client, 1010..1020);
    child.join();
    execute(&client, 1020..1030);
    assert_eq!(mock.ledger().len(), 50);
    assert_that_no_connection_is_shared(&mock);
    assert_eq!(mock.counts().connections, 3);
}

#[test]
fn a_connection_that_was_opened_ahead_stays_with_its_process() {
    let mock = mock();
    let client = client(&mock);
    client.connect(Duration::from_secs(20)).unwrap();
    Child::run(|| {
        client.connect(Duration::from_secs(20)).unwrap();
        execute(&client, 2000..2003);
    })
    .join();
    execute(&client, 1000..1003);
    assert_that_no_connection_is_shared(&mock);
    assert_eq!(mock.counts().connections, 2);
}

#[test]
fn a_child_works_whatever_its_parents_threads_were_doing() {
    let mock = mock();
    let client = client(&mock);
    let (done, next) = (AtomicBool::new(false), AtomicI64::new(1_000_000));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    execute(&client, [next.fetch_add(1, Ordering::Relaxed)]);
                }
            });
        }
        for child in 1..=50 {
            Child::run(|| execute(&client, child * 1000..child * 1000 + 3)).join();
        }
        done.store(true, Ordering::Relaxed);
    });
    let of_children = mock.ledger().into_iter().filter(|entry| entry.id < 1_000_000).count();
    assert_eq!(of_children, 150);
}

/// A child that is forked at any moment of a use or a change goes on with the one client or the other.
#[test]
fn a_child_has_a_default_client_whatever_its_parents_threads_do_with_it() {
    let mock = mock();
    let clients = [client(&mock), hasty_client(&mock, 20_000)];
    default_client::set(Some(clients[0].clone()));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for changes in [true, false] {
            let (clients, done) = (&clients, &done);
            scope.spawn(move || {
                for client in clients.iter().cycle().take_while(|_| !done.load(Ordering::Relaxed)) {
                    if changes {
                        default_client::set(Some(client.clone()));
                    } else {
                        default_client::get().unwrap();
                    }
                }
            });
        }
        for child in 1..=30 {
            Child::run(|| {
                execute(&default_client::get().unwrap(), [child]);
                default_client::set(Some(clients[0].clone()));
                execute(&default_client::get().unwrap(), [child]);
            })
            .join();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(mock.ledger().len(), 60);
}
