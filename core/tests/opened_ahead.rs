//! A connection that is opened ahead: it is one the next call uses, and nothing of a request goes out on it.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use oo_webhooks_core::client::Client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_mock::{Fault, FaultKind, Mock, Protocol, Settings, TlsVersions};
use support::{address, client, mock, mock_with, options};

const PATIENCE: Duration = Duration::from_secs(20);

fn settings() -> [Settings; 3] {
    [
        Settings { protocol: Protocol::Http, ..Settings::default() },
        Settings { tls_versions: TlsVersions::Tls12, ..Settings::default() },
        Settings { tls_versions: TlsVersions::Tls13, ..Settings::default() },
    ]
}

/// The handshake is whole on the server's side too, without a request.
fn wait_for_handshakes(mock: &Mock, number: u64) {
    while mock.counts().full_handshakes < number {
        thread::yield_now();
    }
}

#[test]
fn the_next_call_uses_it_and_it_carries_no_request_before() {
    for settings in settings() {
        let is_tls = settings.protocol != Protocol::Http;
        let mock = mock_with(settings);
        let client = client(&mock);
        client.connect(PATIENCE).unwrap();
        if is_tls {
            wait_for_handshakes(&mock, 1);
        }
        assert_eq!(mock.counts().requests, 0);
        assert_eq!(client.execute(address(1)).status(), Status::Ok);
        let counts = mock.counts();
        assert_eq!((counts.connections, counts.requests), (1, 1));
    }
}

#[test]
fn one_that_waits_already_is_enough() {
    let mock = mock();
    let client = client(&mock);
    for _ in 0..5 {
        client.connect(PATIENCE).unwrap();
    }
    assert_eq!(client.execute(address(1)).status(), Status::Ok);
    client.connect(PATIENCE).unwrap();
    let counts = mock.counts();
    assert_eq!((counts.connections, counts.requests), (1, 1));
}

#[test]
fn one_that_was_closed_meanwhile_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = plain_client(&listener);
    for _ in 0..3 {
        client.connect(PATIENCE).unwrap();
        // Blocks until there is a new one.
        drop(listener.accept().unwrap());
    }
    client.connect(PATIENCE).unwrap();
    let (_open, _) = listener.accept().unwrap();
    client.connect(PATIENCE).unwrap();
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "the one that is open is enough");
}

/// Not a byte, not even of a head, comes before the call; then the whole request comes at once.
#[test]
fn a_server_sees_no_byte_before_the_call() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = plain_client(&listener);
    client.connect(PATIENCE).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    server.set_nonblocking(true).unwrap();
    let silence = server.read(&mut [0]).unwrap_err();
    assert_eq!(silence.kind(), std::io::ErrorKind::WouldBlock);
    server.set_nonblocking(false).unwrap();
    thread::scope(|scope| {
        let call = scope.spawn(|| client.execute(address(1)));
        let mut head = [0; 4];
        server.read_exact(&mut head).unwrap();
        assert_eq!(&head, b"POST");
        drop(server);
        assert_eq!(call.join().unwrap().outcome(), Outcome::InDoubt);
    });
}

/// What a server sends on it is an answer to nothing: the call is put on another connection.
#[test]
fn an_answer_that_waits_on_it_is_nobodys() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = plain_client(&listener);
    client.connect(PATIENCE).unwrap();
    let (mut first, _) = listener.accept().unwrap();
    first.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    thread::scope(|scope| {
        let call = scope.spawn(|| client.execute(address(1)));
        let (mut second, _) = listener.accept().unwrap();
        second.read_exact(&mut [0; 4]).unwrap();
        drop(second);
        assert_eq!(call.join().unwrap().outcome(), Outcome::InDoubt);
    });
    let mut rest = Vec::new();
    let _ = first.read_to_end(&mut rest);
    assert_eq!(rest, b"");
}

#[test]
fn the_status_says_why_there_is_none() {
    let (mock, other) = (mock(), mock());
    let status = |client: Client| client.connect(PATIENCE).unwrap_err().status();

    mock.set_faults(vec![Fault::new(FaultKind::TlsAlert { alert: 40 })]);
    assert_eq!(status(client(&mock)), Status::TlsFailed);

    let mut stranger = options(&other);
    stranger.set_url(&mock.url()).unwrap();
    assert_eq!(status(stranger.client().unwrap()), Status::TlsFailed);

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut refused = options(&mock);
    refused.set_url(&format!("https://{nobody}/")).unwrap();
    assert_eq!(status(refused.clone().client().unwrap()), Status::ConnectFailed);
    refused.set_proxy(&format!("http://{nobody}")).unwrap();
    assert_eq!(status(refused.client().unwrap()), Status::ProxyFailed);

    let mut nameless = options(&mock);
    nameless.set_url("https://no-such-host.invalid/").unwrap();
    let failure = nameless.client().unwrap().connect(PATIENCE).unwrap_err();
    assert_eq!(failure.status(), Status::DnsFailed);
    assert!(failure.message().contains("no-such-host.invalid"), "{failure}");
    assert_eq!(mock.counts().requests, 0);
}

/// The shorter of the caller's time and the client's connect timeout.
#[test]
fn it_takes_no_longer_than_it_may() {
    let mock = mock();
    mock.set_faults(vec![Fault::new(FaultKind::StallHandshake)]);
    let failure = client(&mock).connect(Duration::from_millis(50)).unwrap_err();
    assert_eq!(failure.status(), Status::ConnectTimeout);
    let mut hasty = options(&mock);
    hasty.set_connect_timeout_ms(50).unwrap();
    let failure = hasty.client().unwrap().connect(PATIENCE).unwrap_err();
    assert_eq!(failure.status(), Status::ConnectTimeout);
}

fn plain_client(listener: &TcpListener) -> Client {
    let mut options = Options::new();
    options.set_url(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    options.set_credentials("made-up-token", "made-up-secret").unwrap();
    options.client().unwrap()
}
