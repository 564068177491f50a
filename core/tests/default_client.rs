//! The default client while threads set it and others make it from the environment. Each case runs in
//! a process of its own, since default client and environment are one a process.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs, thread};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::default_client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;
use support::{CaFile, mock};

const OF_THE_ENVIRONMENT: &str = "https://environment.test/";
const SET: &str = "https://set.test/";

#[test]
fn a_client_that_is_set_while_the_environment_is_read_stays() {
    run("set_a_client_while_the_environment_is_read", &pipe());
}

#[test]
#[ignore = "run by `run`, in a process of its own"]
fn set_a_client_while_the_environment_is_read() {
    let first_use = first_use_while(|| default_client::set(Some(client(SET))));
    assert_is(&first_use.unwrap(), SET);
    assert_is(&default_client::get().unwrap(), SET);
}

#[test]
fn the_environment_is_read_anew_when_that_is_asked_for_while_it_is_read() {
    run("reset_while_the_environment_is_read", &pipe());
}

/// The second reading sees that the CA file is gone.
#[test]
#[ignore = "run by `run`, in a process of its own"]
fn reset_while_the_environment_is_read() {
    let first_use = first_use_while(|| {
        default_client::set(Some(client(SET)));
        default_client::set(None);
        fs::remove_file(env::var("ON_OFFICE_CA_FILE").unwrap()).unwrap();
    });
    assert_eq!(first_use.unwrap_err().status(), Status::InvalidOption);
}

#[test]
fn a_call_while_clients_are_set_never_uses_the_environment() {
    run("call_while_clients_are_set", &CaFile::of(mock().ca_pem()));
}

#[test]
#[ignore = "run by `run`, in a process of its own"]
fn call_while_clients_are_set() {
    const CALLS: u32 = 300_000;
    default_client::set(Some(client(SET)));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let replacement = client(SET);
                while !done.load(Ordering::Relaxed) {
                    default_client::set(Some(replacement.clone()));
                }
            });
        }
        let calls: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..CALLS).filter(|_| !is(&default_client::get().unwrap(), SET)).count()))
            .collect();
        let wrong: Vec<_> = calls.into_iter().map(|calls| calls.join().ok()).collect();
        done.store(true, Ordering::Relaxed);
        assert_eq!(wrong, [Some(0), Some(0)], "calls of {CALLS} used the environment");
    });
}

/// Runs a test of this file in a process that has credentials and this CA file in its environment.
fn run(test: &str, ca_file: &CaFile) {
    let output = Command::new("timeout")
        .arg("60")
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env("ON_OFFICE_TOKEN", "token")
        .env("ON_OFFICE_SECRET", "secret")
        .env("ON_OFFICE_URL", OF_THE_ENVIRONMENT)
        .env("ON_OFFICE_CA_FILE", ca_file.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

/// A CA file that is a pipe: who opens it to read waits for a writer, and the other way round.
fn pipe() -> CaFile {
    let file = CaFile::of("");
    fs::remove_file(file.path()).unwrap();
    assert!(Command::new("mkfifo").arg(file.path()).status().unwrap().success());
    file
}

/// What the first use gives when `meanwhile` is run after it began to read the environment and before
/// it is done with that.
fn first_use_while(meanwhile: impl FnOnce()) -> Result<Client, Refusal> {
    thread::scope(|scope| {
        let first_use = scope.spawn(default_client::get);
        let ca_file = env::var("ON_OFFICE_CA_FILE").unwrap();
        let mut written = fs::OpenOptions::new().write(true).open(ca_file).unwrap();
        meanwhile();
        written.write_all(mock().ca_pem().as_bytes()).unwrap();
        drop(written);
        first_use.join().unwrap()
    })
}

fn client(url: &str) -> Client {
    let mut options = Options::new();
    options.set_credentials("token", "secret").unwrap();
    options.set_url(url).unwrap();
    options.client().unwrap()
}

fn assert_is(client: &Client, url: &str) {
    assert!(is(client, url), "{client:?}");
}

/// A client shows nothing but its URL.
fn is(client: &Client, url: &str) -> bool {
    format!("{client:?}").contains(url)
}
