//! Options from the environment. Each case runs in a process of its own, since the environment is one a process.

#![allow(clippy::unwrap_used)]

mod support;

use std::env;
use std::process::Command;

use oo_webhooks_core::options::Options;
use oo_webhooks_mock::{DEFAULT_SECRET, DEFAULT_TOKEN};
use support::{CaFile, address, mock};

#[test]
fn every_variable_is_used() {
    let mock = mock();
    let ca = CaFile::of(mock.ca_pem());
    let url = mock.url();
    let result = execute_with(&[
        ("ON_OFFICE_TOKEN", DEFAULT_TOKEN),
        ("ON_OFFICE_SECRET", DEFAULT_SECRET),
        ("ON_OFFICE_URL", &url),
        ("ON_OFFICE_CA_FILE", ca.path()),
        ("ON_OFFICE_TIMEOUT_MS", "5000"),
        ("ON_OFFICE_PROXY", ""),
    ]);
    assert_eq!(result, "ok: address 1: executed");
    assert_eq!(mock.ledger().len(), 1);

    let through_nobody = execute_with(&[
        ("ON_OFFICE_TOKEN", DEFAULT_TOKEN),
        ("ON_OFFICE_SECRET", DEFAULT_SECRET),
        ("ON_OFFICE_URL", &url),
        ("ON_OFFICE_CA_FILE", ca.path()),
        ("ON_OFFICE_PROXY", "http://127.0.0.1:1"),
    ]);
    assert!(through_nobody.starts_with("proxy_failed: "), "{through_nobody}");
}

#[test]
fn what_is_wrong_is_named() {
    let credentials = [("ON_OFFICE_TOKEN", "t"), ("ON_OFFICE_SECRET", "s")];
    for (variables, expected) in [
        (
            &[][..],
            "not_configured: no credentials: set token and secret, or ON_OFFICE_TOKEN and ON_OFFICE_SECRET",
        ),
        (
            &[("ON_OFFICE_TOKEN", "t")],
            "not_configured: ON_OFFICE_TOKEN is set but ON_OFFICE_SECRET is not: set both",
        ),
        (
            &[("ON_OFFICE_SECRET", "s"), ("ON_OFFICE_TOKEN", "")],
            "not_configured: ON_OFFICE_SECRET is set but ON_OFFICE_TOKEN is not: set both",
        ),
    ] {
        assert_eq!(execute_with(variables), expected);
    }
    for (name, value, cause) in [
        ("ON_OFFICE_URL", "http://example.test/", "unencrypted"),
        ("ON_OFFICE_CA_FILE", "/does/not/exist", "no such file or directory"),
        ("ON_OFFICE_PROXY", "socks5://127.0.0.1:1", "other proxies are not supported"),
        ("ON_OFFICE_TIMEOUT_MS", "30s", "give milliseconds"),
        ("ON_OFFICE_TIMEOUT_MS", "0", "out of range"),
        ("ON_OFFICE_TIMEOUT_MS", "99999999999999999999", "give milliseconds"),
    ] {
        let message = execute_with(&[credentials[0], credentials[1], (name, value)]);
        assert!(message.starts_with(&format!("invalid_option: {name}: ")), "{message}");
        assert!(message.contains(cause), "{message}");
    }
}

/// Executes `address 1` in a process with only these variables: status and message.
fn execute_with(variables: &[(&str, &str)]) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "print_the_result_of_one_record", "--ignored", "--nocapture"])
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let line = printed.lines().find_map(|line| line.split_once("result> "));
    assert!(line.is_some(), "{printed}");
    line.unwrap().1.to_owned()
}

#[test]
#[ignore = "run by execute_with, in an environment of its own"]
fn print_the_result_of_one_record() {
    match Options::from_env().client() {
        Ok(client) => {
            let result = client.execute(address(1));
            println!("result> {}: {}", result.status().name(), result.message());
        }
        Err(refusal) => println!("result> {}: {}", refusal.status().name(), refusal.message()),
    }
}
