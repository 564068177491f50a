//! The default client among threads and forks: what was set is what is used, whoever reads the
//! environment at the same moment. The tests run in a process of their own that has one.

#![allow(unsafe_code, clippy::unwrap_used)]

use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, thread};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::default_client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;

const ROUNDS: usize = 3_000;

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    fn alarm(seconds: u32) -> u32;
    fn _exit(status: i32) -> !;
}

#[test]
fn a_first_use_does_not_replace_what_was_set_meanwhile() {
    in_a_process_of_its_own("first_use_against_set");
}

#[test]
fn a_use_between_two_sets_gets_one_of_them() {
    in_a_process_of_its_own("use_between_sets");
}

#[test]
fn a_child_goes_on_with_what_its_parent_had_and_never_hangs() {
    in_a_process_of_its_own("forks_between_sets");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn first_use_against_set() {
    for _ in 0..ROUNDS {
        default_client::set(None).unwrap();
        let together = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                together.wait();
                default_client::get().unwrap();
            });
            together.wait();
            default_client::set(Some(client("one"))).unwrap();
        });
        assert!(is(&default_client::get().unwrap(), "one"));
    }
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn use_between_sets() {
    default_client::set(Some(client("one"))).unwrap();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let both = [client("one"), client("two")];
            for client in both.iter().cycle().take(20 * ROUNDS) {
                default_client::set(Some(client.clone())).unwrap();
            }
            is_done.store(true, Ordering::Release);
        });
        while !is_done.load(Ordering::Acquire) {
            let used = default_client::get().unwrap();
            assert!(is(&used, "one") || is(&used, "two"), "{used:?}");
        }
    });
}

/// A child that is forked while a thread of its parent sets the default is refused, and has time to
/// say so; in all others the parent's client is there.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn forks_between_sets() {
    default_client::set(Some(client("one"))).unwrap();
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let both = [client("one"), client("two")];
            for client in both.iter().cycle() {
                if is_done.load(Ordering::Acquire) {
                    break;
                }
                default_client::set(Some(client.clone())).unwrap();
            }
        });
        for _ in 0..500 {
            let status = in_a_child(|| match default_client::get() {
                Ok(used) => is(&used, "one") || is(&used, "two"),
                Err(refusal) => {
                    refusal.status() == Status::NotConfigured && refusal.message().contains("forked")
                }
            });
            assert_eq!(status, 0, "14 is the alarm: it hung");
        }
        is_done.store(true, Ordering::Release);
    });
}

fn client(name: &str) -> Client {
    let mut options = Options::new();
    options.set_credentials("made-up-token", "made-up-secret").unwrap();
    options.set_url(&format!("https://{name}.test/")).unwrap();
    options.client().unwrap()
}

fn is(client: &Client, name: &str) -> bool {
    format!("{client:?}").contains(&format!("{name}.test"))
}

fn in_a_process_of_its_own(test: &str) {
    let done = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env("ON_OFFICE_TOKEN", "made-up-token")
        .env("ON_OFFICE_SECRET", "made-up-secret")
        .env("ON_OFFICE_URL", "https://environment.test/")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && output.contains("1 passed"), "{output}");
}

/// The child's wait status.
fn in_a_child(body: impl FnOnce() -> bool) -> i32 {
    // SAFETY: the child runs `body` on its only thread and ends without going back to the tests; the
    // status outlives the call.
    unsafe {
        let pid = fork();
        assert!(pid >= 0, "no child");
        if pid == 0 {
            alarm(20);
            _exit(i32::from(!body()));
        }
        let mut status = 0;
        assert_eq!(waitpid(pid, &raw mut status, 0), pid);
        status
    }
}
