//! Any settings in any order: a client is made exactly when the last word on every setting was
//! accepted, and a refusal is one line that holds no credentials.

#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;

#[derive(Debug, Arbitrary)]
enum Setting<'a> {
    Credentials(&'a str, &'a str),
    Url(&'a str),
    HttpsUrl(&'a str),
    LoopbackUrl(&'a str),
    CaFile(&'a str),
    Proxy(&'a str),
    HttpProxy(&'a str),
    ConnectTimeout(i64),
    Timeout(i64),
}

fuzz_target!(|settings: Vec<Setting>| {
    let mut options = Options::new();
    let mut refused = BTreeMap::new();
    for setting in &settings {
        let (name, set) = set(&mut options, setting);
        if let Err(refusal) = &set {
            assert_eq!(refusal.status(), Status::InvalidOption);
            check_message(refusal);
        }
        refused.insert(name, set.is_err());
    }
    let is_usable = refused.get("credentials") == Some(&false) && refused.values().all(|refused| !refused);
    assert_eq!(options.check().is_ok(), is_usable);
    match options.client() {
        Ok(client) => {
            assert!(is_usable);
            assert!(!format!("{client:?}").is_empty());
        }
        Err(refusal) => check_message(&refusal),
    }
});

fn set(options: &mut Options, setting: &Setting) -> (&'static str, Result<(), Refusal>) {
    match setting {
        Setting::Credentials(token, secret) => ("credentials", options.set_credentials(token, secret)),
        Setting::Url(url) => ("url", options.set_url(url)),
        Setting::HttpsUrl(rest) => ("url", options.set_url(&format!("https://{rest}"))),
        Setting::LoopbackUrl(rest) => ("url", options.set_url(&format!("http://127.0.0.1{rest}"))),
        // Only below a folder that does not exist: devices and pipes would be read for ever.
        Setting::CaFile(path) => ("CA file", options.set_ca_file(&format!("/does/not/exist/{path}"))),
        Setting::Proxy(url) => ("proxy", options.set_proxy(url)),
        Setting::HttpProxy(rest) => ("proxy", options.set_proxy(&format!("http://{rest}"))),
        Setting::ConnectTimeout(milliseconds) => {
            let set = options.set_connect_timeout_ms(*milliseconds);
            assert_eq!(set.is_ok(), (1..=86_400_000).contains(milliseconds));
            ("connect timeout", set)
        }
        Setting::Timeout(milliseconds) => {
            let set = options.set_timeout_ms(*milliseconds);
            assert_eq!(set.is_ok(), (1..=86_400_000).contains(milliseconds));
            ("timeout", set)
        }
    }
}

fn check_message(refusal: &Refusal) {
    let message = refusal.message();
    assert!(!message.is_empty() && !message.chars().any(char::is_control), "{message:?}");
}
