//! Any URL: one that is accepted is HTTPS, or plain HTTP to this machine by a second, naive reading,
//! and holds no credentials; a refusal shows none.

#![no_main]

use std::net::{Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;

fuzz_target!(|url: &str| {
    let mut options = Options::new();
    match options.set_url(url) {
        Ok(()) => check_accepted(url),
        Err(refusal) => {
            assert_eq!(refusal.status(), Status::InvalidOption);
            let message = without_example(refusal.message());
            assert!(!message.chars().any(char::is_control), "{message:?}");
            assert!(message.len() < 200 + url.len() && !message.contains('@'), "{message:?}");
        }
    }
    match options.set_proxy(url) {
        Ok(()) => {
            let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
            assert!(scheme == "http" || scheme == "https", "{url:?}");
        }
        Err(refusal) => assert!(!without_example(refusal.message()).contains('@'), "{refusal}"),
    }
});

/// A message without what it gives as the cure, whose password is nobody's.
fn without_example(message: &str) -> String {
    message.replace("http://user:password@host:port", "")
}

fn check_accepted(url: &str) {
    let (scheme, rest) = url.split_once("://").expect("an accepted URL has a scheme");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    assert!(!authority.contains('@'), "{url:?}");
    if scheme.eq_ignore_ascii_case("https") {
        assert!(!authority.is_empty(), "{url:?}");
        return;
    }
    assert!(scheme.eq_ignore_ascii_case("http"), "{url:?}");
    let is_this_machine = if let Some(rest) = authority.strip_prefix('[') {
        let address = rest.split(']').next().unwrap_or_default();
        address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
    } else {
        let host = authority.split(':').next().unwrap_or_default();
        host.eq_ignore_ascii_case("localhost")
            || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
    };
    assert!(is_this_machine, "{url:?}");
}
