//! Connections and HTTP: what is kept, counted, closed, resumed, restarted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use oo_webhooks_mock::{CertificateKind, Counts, Module, Protocol, Settings, TlsVersions};
use rustls::{ClientConfig, ProtocolVersion};
use support::{Client, End, Lines, good, https, plain, post, start, tcp, tls_config};

#[test]
fn requests_on_one_connection_are_counted_apart_from_connections_and_handshakes() {
    let mock = https();
    let mut client = Client::connect(&mock);
    for id in 1..=3 {
        assert!(client.call(&good(id)).succeeded());
    }
    let expected =
        Counts { connections: 1, open: 1, full_handshakes: 1, requests: 3, executed: 3, ..Counts::default() };
    assert_eq!(mock.counts(), expected);
    let places: Vec<(u64, u64)> = mock.ledger().iter().map(|it| (it.connection, it.request)).collect();
    assert_eq!(places, [(1, 1), (1, 2), (1, 3)]);
}

#[test]
fn sessions_are_resumed_across_a_restart_with_the_same_ca_and_port() {
    let mock = https();
    let (url, config) = (mock.url(), tls_config(&mock));
    let connect = |config: &Arc<ClientConfig>| Client::handshake(tcp(&mock), Arc::clone(config)).unwrap();
    let mut first = connect(&config);
    assert!(first.call(&good(1)).succeeded());
    mock.restart().unwrap();
    assert_eq!(mock.url(), url);
    assert_eq!(first.read_to_end(), (Vec::new(), End::Closed));
    let mut second = connect(&config);
    assert!(second.call(&good(2)).succeeded());
    assert!(second.is_resumed());
    let counts = mock.counts();
    assert_eq!((counts.full_handshakes, counts.resumed_handshakes, counts.executed), (1, 1, 2));
}

#[test]
fn a_stopped_mock_refuses_connections_and_keeps_its_port() {
    let mock = plain();
    let address = mock.address();
    mock.stop();
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    mock.resume().unwrap();
    assert_eq!(mock.address(), address);
    assert!(Client::connect(&mock).call(&good(1)).succeeded());
}

#[test]
fn idle_connections_can_be_closed() {
    let mock = https();
    let mut clients: Vec<Client> = (1..=5)
        .map(|id| {
            let mut client = Client::connect(&mock);
            assert!(client.call(&good(id)).succeeded());
            client
        })
        .collect();
    assert_eq!(mock.counts().open, 5);
    assert_eq!(mock.close_idle_connections(), 5);
    assert_eq!(mock.counts().open, 0);
    for client in &mut clients {
        assert_eq!(client.read_to_end(), (Vec::new(), End::Closed));
    }
    assert!(Client::connect(&mock).call(&good(6)).succeeded());
}

#[test]
fn a_silent_connection_is_closed_after_the_idle_timeout() {
    let idle_timeout = Duration::from_millis(50);
    let mock = start(Settings { idle_timeout, ..Settings::default() });
    let mut client = Client::connect(&mock);
    assert!(client.call(&good(1)).succeeded());
    assert_eq!(client.read_to_end(), (Vec::new(), End::Closed));
}

#[test]
fn without_keep_alive_the_answer_says_so_and_the_connection_ends() {
    let mock = start(Settings { keep_alive: false, ..Settings::default() });
    let mut client = Client::connect(&mock);
    assert_eq!(client.call(&good(1)).header("connection"), Some("close"));
    assert_eq!(client.read_to_end(), (Vec::new(), End::Closed));

    let mock = plain();
    let mut client = Client::connect(&mock);
    let body = good(1).to_string();
    let head =
        format!("POST /api/stable/api.php HTTP/1.1\r\nConnection: close\r\nContent-Length: {}", body.len());
    client.send(format!("{head}\r\n\r\n{body}").as_bytes());
    assert_eq!(client.read_answer().header("connection"), Some("close"));
    assert_eq!(client.read_to_end().1, End::Closed);
}

#[test]
fn a_request_may_be_chunked_in_pieces_and_pipelined() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    let body = good(1).to_string();
    let (start, rest) = body.split_at(100);
    client.send(b"POST /api/stable/api.php HTTP/1.1\r\nTransfer-");
    client.send(format!("Encoding: chunked\r\n\r\n{:x}\r\n{start}\r\n", start.len()).as_bytes());
    client.send(format!("{:X};ext=1\r\n{rest}\r\n0\r\nTrailer: x\r\n\r\n", rest.len()).as_bytes());
    assert!(client.read_answer().succeeded());

    let two = [post(&good(2).to_string()), post(&good(3).to_string())].concat();
    client.send(&two);
    assert!(client.read_answer().succeeded());
    assert!(client.read_answer().succeeded());
    assert_eq!(mock.counts().connections, 1);
}

#[test]
fn a_client_that_expects_it_gets_a_continue() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    let body = good(1).to_string();
    let length = body.len();
    let head = format!(
        "POST /api/stable/api.php HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
    );
    client.send(head.as_bytes());
    assert_eq!(client.read_answer().status, 100);
    client.send(body.as_bytes());
    assert!(client.read_answer().succeeded());
}

#[test]
fn what_is_not_http_as_the_mock_takes_it_gets_a_page_and_the_end() {
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(70_000));
    let cases = [
        ("hello\r\n\r\n", 400),
        ("POST /api/stable/api.php HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST /api/stable/api.php HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /api/stable/api.php HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        ("GET /mock/counts HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n", 400),
        ("POST /api/stable/api.php HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        (&long, 431),
    ];
    let mock = plain();
    for (request, status) in cases {
        let mut client = Client::connect(&mock);
        client.send(request.as_bytes());
        let answer = client.read_answer();
        assert_eq!(answer.status, status, "{request:.80}");
        assert_eq!(client.read_to_end(), (Vec::new(), End::Closed));
    }
    assert_eq!(mock.ledger(), []);
}

#[test]
fn a_body_may_have_8_mebibytes() {
    let mock = plain();
    let body = good(1).to_string();
    let fits = format!("{body}{}", " ".repeat(8 * 1024 * 1024 - body.len()));
    assert!(Client::connect(&mock).call_text(&fits).succeeded());
    let mut client = Client::connect(&mock);
    client.send(b"POST /api/stable/api.php HTTP/1.1\r\nContent-Length: 8388609\r\n\r\n");
    assert_eq!(client.read_answer().status, 413);
    let mut client = Client::connect(&mock);
    client.send(b"POST /mock/faults HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n800001\r\n");
    assert_eq!(client.read_answer().status, 413);
}

#[test]
fn a_connection_more_than_allowed_is_closed_at_once() {
    let lines = Lines::default();
    let log = Some(Box::new(lines.clone()) as Box<_>);
    let mock = start(Settings { protocol: Protocol::Http, max_connections: 2, log, ..Settings::default() });
    let mut clients = [Client::connect(&mock), Client::connect(&mock)];
    for client in &mut clients {
        assert!(client.call(&good(1)).succeeded());
    }
    assert_eq!(Client::connect(&mock).read_to_end(), (Vec::new(), End::Closed));
    assert!(lines.text().contains("3/0 closed at once: 2 connections are open"), "{}", lines.text());
    assert_eq!(mock.close_idle_connections(), 2);
    assert!(Client::connect(&mock).call(&good(2)).succeeded());
}

#[test]
fn other_paths_are_not_found() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    client.send(b"POST /api/v3/api.php HTTP/1.1\r\n\r\n");
    assert_eq!(client.read_answer().status, 404);
    assert!(client.call(&good(1)).succeeded());
}

#[test]
fn bad_certificates_are_noticed_by_a_client_that_checks() {
    let cases = [
        (CertificateKind::Expired, "certificate expired"),
        (CertificateKind::WrongHost, "not valid for name"),
        (CertificateKind::UnknownCa, "UnknownIssuer"),
    ];
    for (certificate, reason) in cases {
        let lines = Lines::default();
        let log = Some(Box::new(lines.clone()) as Box<_>);
        let mock = start(Settings { certificate, log, ..Settings::default() });
        let Err(error) = Client::handshake(tcp(&mock), tls_config(&mock)) else { panic!("{certificate:?}") };
        assert!(error.to_string().contains(reason), "{error}");
        mock.stop();
        assert_eq!(mock.counts().failed_handshakes, 1);
        assert!(lines.text().contains("tls handshake failed"), "{}", lines.text());
    }
}

#[test]
fn a_certificate_can_have_further_names() {
    let names = ["api.example.test", "*.mock.test", "192.0.2.7"].map(str::to_owned).to_vec();
    let mock = start(Settings { names: names.clone(), ..Settings::default() });
    let known = |name: &str| Client::handshake_as(name, tcp(&mock), tls_config(&mock)).is_ok();
    for name in ["api.example.test", "a.mock.test", "192.0.2.7", "localhost", "127.0.0.1"] {
        assert!(known(name), "{name}");
    }
    for name in ["example.test", "mock.test", "192.0.2.8"] {
        assert!(!known(name), "{name}");
    }
    let wrong = start(Settings { names, certificate: CertificateKind::WrongHost, ..Settings::default() });
    assert!(Client::handshake_as("api.example.test", tcp(&wrong), tls_config(&wrong)).is_err());

    for name in ["", "a b", "a..b", "*", "a.*.b", "https://a", "a:1", "ü.test"] {
        let settings = Settings { names: vec![name.to_owned()], ..Settings::default() };
        let Err(error) = oo_webhooks_mock::Mock::start(settings) else { panic!("{name}") };
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("neither a host name nor an IP address"), "{error}");
    }
}

#[test]
fn the_tls_version_can_be_chosen() {
    let cases = [
        (TlsVersions::Tls12, ProtocolVersion::TLSv1_2),
        (TlsVersions::Tls13, ProtocolVersion::TLSv1_3),
        (TlsVersions::Both, ProtocolVersion::TLSv1_3),
    ];
    for (tls_versions, spoken) in cases {
        let mock = start(Settings { tls_versions, ..Settings::default() });
        let mut client = Client::connect(&mock);
        assert!(client.call(&good(1)).succeeded());
        let Client::Tls(tls) = &client else { panic!("not TLS") };
        assert_eq!(tls.conn.protocol_version(), Some(spoken));
    }
}

#[test]
fn ipv6_is_served_where_the_machine_has_it() {
    let listen = "[::1]:0".parse().unwrap();
    let settings = Settings { listen, protocol: Protocol::Http, ..Settings::default() };
    let Ok(mock) = oo_webhooks_mock::Mock::start(settings) else {
        eprintln!("not tested: this machine has no ::1");
        return;
    };
    assert!(mock.url().starts_with("http://[::1]:"));
    assert!(Client::connect(&mock).call(&good(1)).succeeded());
}

#[test]
fn many_clients_at_once_all_get_into_the_ledger_once() {
    let mock = https();
    let config = tls_config(&mock);
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (mock, config) = (&mock, Arc::clone(&config));
            scope.spawn(move || {
                let mut client = Client::handshake(tcp(mock), config).unwrap();
                for id in 1..=25 {
                    assert!(client.call(&good(thread * 100 + id)).succeeded());
                }
            });
        }
    });
    let ledger = mock.ledger();
    assert_eq!(ledger.len(), 400);
    assert!(ledger.iter().zip(1..).all(|(entry, sequence)| entry.sequence == sequence));
    for id in ledger.iter().map(|entry| entry.id) {
        assert_eq!(mock.executions(Module::Address, id), 1);
    }
}

#[test]
fn a_head_is_answered_without_a_body() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    for (path, status) in [("/mock/counts", 200), ("/api/stable/api.php", 200), ("/nothing", 404)] {
        client.send(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes());
        let get = client.read_answer();
        client.send(format!("HEAD {path} HTTP/1.1\r\n\r\n").as_bytes());
        let head = client.read_head();
        assert_eq!((head.status, get.status), (status, status), "{path}");
        assert!(head.header("content-length").is_some_and(|length| length != "0"), "{path}: {}", head.head);
        assert!(client.hears_nothing(), "{path}");
    }
    client.send(b"HEAD /mock/counts HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
    assert_eq!(client.read_head().status, 400);
    assert_eq!(client.read_to_end(), (Vec::new(), End::Closed));
}

#[test]
fn a_target_may_be_a_whole_url() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    let body = good(1).to_string();
    let length = body.len();
    for (start, id) in [("http://localhost:1", 1), ("HTTPS://127.0.0.1", 2)] {
        let head = format!("POST {start}/api/stable/api.php HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
        client.send((head + &body).as_bytes());
        assert!(client.read_answer().succeeded());
        client.send(
            format!("GET {start}/mock/ledger/count?id=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").as_bytes(),
        );
        assert_eq!(client.read_answer().json()["total"], id);
    }
    for target in ["http://127.0.0.1", "http://127.0.0.1?x", "ftp://127.0.0.1/mock/ledger", "*"] {
        client.send(format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes());
        assert_eq!(client.read_answer().status, 404, "{target}");
    }
}

#[test]
fn a_client_that_cannot_speak_http_1_1_is_told_so_by_an_alert() {
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let mock = start(Settings { tls_versions: versions, ..Settings::default() });
        let speaking = |protocols: &[&[u8]]| {
            let mut config = (*tls_config(&mock)).clone();
            config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
            Client::handshake(tcp(&mock), Arc::new(config))
        };
        let Err(error) = speaking(&[b"h2", b"http/1.0"]) else { panic!("accepted") };
        assert!(error.to_string().contains("NoApplicationProtocol"), "{versions:?}: {error}");
        assert!(speaking(&[b"h2", b"http/1.1"]).unwrap().call(&good(1)).succeeded());
        mock.stop();
        assert_eq!(mock.counts().failed_handshakes, 1);
    }
}
