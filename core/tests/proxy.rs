//! Through a proxy: a tunnel is asked for, and nothing of the request goes out before there is one.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::result::RecordResult;
use oo_webhooks_mock::Mock;
use support::{address, mock, options};

#[test]
fn a_tunnel_carries_the_call_and_is_kept() {
    let (mock, proxy) = (mock(), Proxy::start(Manner::Tunnel));
    for id in 1..=3 {
        let result = execute(&mock, &proxy.url(), id);
        assert_eq!(result.status(), Status::Ok, "{}", result.message());
    }
    assert_eq!(mock.ledger().len(), 3);
    assert_eq!(proxy.heads().len(), 1);
    assert!(proxy.heads()[0].starts_with(&format!("CONNECT {} HTTP/1.1\r\n", mock.address())));
}

#[test]
fn a_tunnel_can_be_opened_ahead() {
    let (mock, proxy) = (mock(), Proxy::start(Manner::Tunnel));
    let mut options = options(&mock);
    options.set_proxy(&proxy.url()).unwrap();
    let client = options.client().unwrap();
    for _ in 0..2 {
        client.connect(Duration::from_secs(20)).unwrap();
    }
    while mock.counts().full_handshakes == 0 {
        thread::yield_now();
    }
    assert_eq!(mock.counts().requests, 0);
    assert_eq!(client.execute(address(1)).status(), Status::Ok);
    assert_eq!((mock.counts().connections, proxy.heads().len()), (1, 1));
}

#[test]
fn the_proxy_gets_its_own_credentials_and_nothing_of_the_request() {
    let (mock, proxy) = (mock(), Proxy::start(Manner::Tunnel));
    let url = proxy.url().replace("http://", "http://me:made-up-word@");
    assert_eq!(execute(&mock, &url, 1).status(), Status::Ok);
    let head = proxy.heads().remove(0);
    assert!(head.contains("Proxy-Authorization: Basic bWU6bWFkZS11cC13b3Jk\r\n"), "{head}");
    assert!(!head.contains(oo_webhooks_mock::DEFAULT_TOKEN));
}

/// Without TLS the proxy would read token and signature.
#[test]
fn a_proxy_and_a_url_without_tls_are_refused_together() {
    let mut both = Options::new();
    both.set_credentials("made-up-token", "made-up-secret").unwrap();
    both.set_url("http://127.0.0.1:1/").unwrap();
    both.set_proxy("http://127.0.0.1:2").unwrap();
    let refusal = both.client().err().unwrap();
    assert_eq!(refusal.status(), Status::InvalidOption);
    assert!(refusal.message().contains("http://") && refusal.message().contains("proxy"), "{refusal}");
    both.set_url("https://127.0.0.1:1/").unwrap();
    assert!(both.client().is_ok());
}

#[test]
fn a_proxy_that_gives_no_tunnel_means_not_sent() {
    for manner in [Manner::Refuse, Manner::Hang, Manner::Close, Manner::Garbage] {
        let (mock, proxy) = (mock(), Proxy::start(manner));
        let result = execute(&mock, &proxy.url(), 1);
        assert_eq!(result.status(), Status::ProxyFailed, "{manner:?}: {}", result.message());
        assert!(result.message().contains(&proxy.address.to_string()), "{}", result.message());
        assert!(mock.ledger().is_empty());
    }
}

#[test]
fn a_proxy_that_is_not_there_means_not_sent() {
    let mock = mock();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let result = execute(&mock, &format!("http://me:made-up-word@{nobody}"), 1);
    assert_eq!(result.status(), Status::ProxyFailed, "{}", result.message());
    assert!(!result.message().contains("made-up-word"), "{}", result.message());
}

#[test]
fn a_failed_handshake_in_the_tunnel_is_the_hosts() {
    let (mock, other, proxy) = (mock(), mock(), Proxy::start(Manner::Tunnel));
    let mut options = options(&other);
    options.set_url(&mock.url()).unwrap();
    options.set_proxy(&proxy.url()).unwrap();
    let result = options.client().unwrap().execute(address(1));
    assert_eq!(result.status(), Status::TlsFailed, "{}", result.message());
}

#[test]
fn proxies_named_by_the_environment_are_not_used() {
    let test = std::env::current_exe().unwrap();
    let output = std::process::Command::new(test)
        .args(["--exact", "one_record_is_executed_without_a_proxy", "--ignored"])
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("ALL_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}

#[test]
#[ignore = "run by proxies_named_by_the_environment_are_not_used, in an environment of its own"]
fn one_record_is_executed_without_a_proxy() {
    let mock = mock();
    assert_eq!(support::client(&mock).execute(address(1)).status(), Status::Ok);
}

fn execute(mock: &Mock, proxy: &str, id: i64) -> RecordResult {
    let mut options = options(mock);
    options.set_proxy(proxy).unwrap();
    options.set_connect_timeout_ms(500).unwrap();
    options.client().unwrap().execute(address(id))
}

/// What a proxy does when it is asked for a tunnel.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Tunnel,
    Refuse,
    Hang,
    Close,
    Garbage,
}

struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Its threads end with the connections that they serve, or with the test's process.
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || serve(socket, manner, &seen));
            }
        });
        Self { address, heads }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(mut client: TcpStream, manner: Manner, heads: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    heads.lock().unwrap().push(head.clone());
    match manner {
        Manner::Tunnel => {
            let target = TcpStream::connect(head.split(' ').nth(1).unwrap())?;
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            let (mut from_target, mut to_client) = (target.try_clone()?, client.try_clone()?);
            let back = thread::spawn(move || io::copy(&mut from_target, &mut to_client));
            let _ = io::copy(&mut client, &mut &target);
            target.shutdown(std::net::Shutdown::Write)?;
            let _ = back.join();
        }
        Manner::Refuse => client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")?,
        Manner::Hang => drop(client.read(&mut [0])?),
        Manner::Close => {}
        Manner::Garbage => client.write_all(b"\x00\x01\x02 what?\r\n\r\n")?,
    }
    Ok(())
}
