//! Token and secret show up nowhere: not in a message, a `Debug` text, the mock's log or on a
//! terminal, whatever goes wrong, and even when a server echoes what it was sent.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::{self, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};

use oo_webhooks_core::credentials::Credentials;
use oo_webhooks_core::options::Options;
use oo_webhooks_mock::{Account, Fault, FaultKind, Settings};
use serde_json::json;
use support::{addresses, mock_with, options};

const TOKEN: &str = "q7TokenMadeUpForThisTest0123456z";
const SECRET: &str = "x9SecretMadeUpForThisTestAlone0123456789012345678901234567890123";

#[test]
fn neither_token_nor_secret_is_in_any_message_or_log() {
    let log = Log::default();
    let mock = mock_with(Settings {
        accounts: vec![Account::ordinary(TOKEN, SECRET)],
        log: Some(Box::new(log.clone())),
        ..Settings::default()
    });
    let mut said = Vec::new();
    // Swapped credentials get other answers, and their own hint.
    for (token, secret) in [(TOKEN, SECRET), (SECRET, TOKEN)] {
        let mut options = options(&mock);
        options.set_credentials(token, secret).unwrap();
        options.set_timeout_ms(150).unwrap();
        let client = options.client().unwrap();
        said.push(format!("{client:?}"));
        for fault in faults() {
            mock.set_faults(vec![Fault::new(fault)]);
            let results = client.execute_request(&addresses(1..=2)).unwrap();
            said.extend(results.iter().map(|result| result.message().to_owned()));
        }
    }
    assert!(said.iter().any(|text| text.contains("[token]") && text.contains("[secret]")));
    let credentials = Credentials::new(TOKEN, SECRET).unwrap();
    said.push(format!("{credentials:?} {:?}", addresses([1]).sign(&credentials, 1).unwrap()));
    drop(mock);
    said.push(log.text());
    assert!(said.len() > 500 && said.iter().all(|text| !text.is_empty()));
    for text in said {
        assert!(!text.contains(TOKEN) && !text.contains(SECRET), "{text}");
    }
}

#[test]
fn refused_options_do_not_show_what_they_were_given() {
    let mut options = Options::new();
    for url in [format!("https://{TOKEN}:{SECRET}@host/"), format!("http://{SECRET}@host/")] {
        assert!(!options.set_url(&url).unwrap_err().message().contains(SECRET));
    }
    for proxy in [format!("socks5://{TOKEN}:{SECRET}@host:1"), format!("http://me:{SECRET}@:1")] {
        assert!(!options.set_proxy(&proxy).unwrap_err().message().contains(SECRET));
    }
}

/// A whole process of this test binary, with everything that it prints.
#[test]
fn the_library_prints_nothing() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "neither_token_nor_secret_is_in_any_message_or_log", "--nocapture", "--quiet"])
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("1 passed"), "{output:?}");
    assert!(!printed.contains(TOKEN) && !printed.contains(SECRET), "{printed}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// Every fault of the matrix, and answers that echo the request.
fn faults() -> Vec<FaultKind> {
    let echo = format!("<p>blocked: {{\"token\":\"{TOKEN}\"}} {SECRET}</p>");
    let error = json!({"status": {"code": 500, "errorcode": 255, "message": echo}});
    let mut faults = support::matrix::faults_of_an_exchange(2);
    faults.extend(support::matrix::faults_of_a_connection());
    let mut kinds: Vec<FaultKind> = faults.into_iter().map(|(kind, _)| kind).collect();
    kinds.push(FaultKind::RawAnswer { body: json!(echo), execute: true });
    kinds.push(FaultKind::RawAnswer { body: error, execute: false });
    kinds
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
