//! Faults that end or hold up a connection: what the client sees of them, and what the ledger says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::{Read, Write};

use oo_webhooks_mock::{CloseMoment, Ending, Fault, FaultKind, Mock, Module, Moment, Protocol, Settings};
use support::{Client, End, LIMIT, good, plain, plain_with, post, start, tcp, tls_config};

const ENDINGS: [(Ending, End); 3] =
    [(Ending::Close, End::Closed), (Ending::Eof, End::Truncated), (Ending::Reset, End::Reset)];

/// An HTTPS mock with one fault that hits once.
fn https_with(fault: FaultKind) -> Mock {
    start(Settings { faults: vec![Fault::new(fault).once()], ..Settings::default() })
}

/// The fault is over: the next connection is served.
fn works_again(mock: &Mock) -> bool {
    Client::connect(mock).call(&good(99)).succeeded() && mock.executions(Module::Address, 99) == 1
}

#[test]
fn a_connection_can_be_ended_on_accept() {
    for fault in [FaultKind::CloseOnAccept, FaultKind::ResetOnAccept] {
        let mock = https_with(fault.clone());
        assert!(Client::handshake(tcp(&mock), tls_config(&mock)).is_err(), "{fault:?}");
        assert_eq!(mock.counts().faults, 1);
        assert!(works_again(&mock));
    }
}

#[test]
fn a_handshake_can_stall_until_the_client_goes() {
    let mock = https_with(FaultKind::StallHandshake);
    let mut socket = tcp(&mock);
    socket.write_all(b"\x16\x03\x01\x00\x05hello").unwrap();
    assert!(Client::Plain(socket).hears_nothing());
    assert!(works_again(&mock));
}

#[test]
fn a_handshake_can_fail_with_an_alert() {
    let mock = https_with(FaultKind::TlsAlert { alert: 40 });
    let Err(error) = Client::handshake(tcp(&mock), tls_config(&mock)) else { panic!("no alert") };
    assert!(error.to_string().contains("HandshakeFailure"), "{error}");
    assert_eq!(mock.counts().failed_handshakes, 1);
    assert!(works_again(&mock));
}

#[test]
fn plain_text_can_come_instead_of_tls() {
    let mock = https_with(FaultKind::PlainTextInsteadOfTls);
    let mut socket = tcp(&mock);
    socket.write_all(b"\x16\x03\x01\x00\x05hello").unwrap();
    let (bytes, end) = Client::Plain(socket).read_to_end();
    assert!(bytes.starts_with(b"HTTP/1.1 400 "));
    assert_eq!(end, End::Closed);
    assert!(works_again(&mock));
}

#[test]
fn a_connection_can_end_at_every_point_before_execution() {
    for (how, seen) in ENDINGS {
        let kinds = [
            FaultKind::DropAfterHandshake { how },
            FaultKind::DropBeforeReading { how },
            FaultKind::DropAfterHead { how },
            FaultKind::DropInBody { after: 10, how },
            FaultKind::DropUnexecuted { how },
        ];
        for kind in kinds {
            let mock = https_with(kind.clone());
            let mut client = Client::connect(&mock);
            // After the handshake the connection may be gone before the client has sent anything.
            let _ = client.write_all(&post(&good(1).to_string())).and_then(|()| client.flush());
            let (bytes, end) = client.read_to_end();
            assert_eq!((bytes.as_slice(), &end), (&b""[..], &seen), "{kind:?}");
            assert_eq!(mock.ledger(), [], "{kind:?}");
            assert!(works_again(&mock));
        }
    }
}

#[test]
fn a_drop_in_the_body_needs_no_more_than_its_bytes() {
    let mock = plain_with(FaultKind::DropInBody { after: 10, how: Ending::Close });
    for head in
        ["Content-Length: 1000\r\n\r\n0123456789", "Transfer-Encoding: chunked\r\n\r\n64\r\n0123456789"]
    {
        let mut client = Client::connect(&mock);
        client.send(format!("POST /api/stable/api.php HTTP/1.1\r\n{head}").as_bytes());
        assert_eq!(client.read_to_end(), (Vec::new(), End::Closed));
    }
}

#[test]
fn a_connection_can_end_after_execution() {
    for (how, seen) in ENDINGS {
        let mock = https_with(FaultKind::DropAfterExecuting { how });
        let mut client = Client::connect(&mock);
        client.send(&post(&good(1).to_string()));
        assert_eq!(client.read_to_end(), (Vec::new(), seen));
        assert_eq!(mock.executions(Module::Address, 1), 1, "it is in the ledger before the client knows");
        assert!(works_again(&mock));
    }
}

#[test]
fn a_stall_says_nothing_until_the_mock_stops() {
    let cases = [
        (FaultKind::StallBeforeReading, 0),
        (FaultKind::DropUnexecuted { how: Ending::Stall }, 0),
        (FaultKind::DropAfterExecuting { how: Ending::Stall }, 1),
    ];
    for (kind, executed) in cases {
        let mock = plain_with(kind.clone());
        let mut client = Client::connect(&mock);
        client.send(&post(&good(1).to_string()));
        assert!(client.hears_nothing(), "{kind:?}");
        mock.stop();
        assert_eq!(client.read_to_end().0, b"");
        assert_eq!(mock.executions(Module::Address, 1), executed, "{kind:?}");
    }
}

#[test]
fn an_answer_can_be_cut_anywhere() {
    let whole = {
        let mock = plain();
        let answer = Client::connect(&mock).call(&good(1));
        answer.head.len() + answer.body.len()
    };
    for (at, sent) in [(0, 0), (1, 1), (20, 20), (-1, whole - 1), (-400, whole - 400), (100_000, whole)] {
        for (how, seen) in ENDINGS {
            let mock = https_with(FaultKind::CutAnswer { at, how });
            let mut client = Client::connect(&mock);
            client.send(&post(&good(1).to_string()));
            let (bytes, end) = client.read_to_end();
            assert_eq!((bytes.len(), end), (sent, seen), "{at} {how:?}");
            assert_eq!(mock.executions(Module::Address, 1), 1);
        }
    }
}

#[test]
fn a_cut_answer_can_stall() {
    let mock = plain_with(FaultKind::CutAnswer { at: 15, how: Ending::Stall });
    let mut client = Client::connect(&mock);
    client.send(&post(&good(1).to_string()));
    let mut start = [0; 15];
    client.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    assert!(client.hears_nothing());
}

#[test]
fn a_kept_connection_can_end_unannounced() {
    for (how, seen) in ENDINGS {
        let mock = https_with(FaultKind::CloseAfterAnswer { when: CloseMoment::AtOnce, how });
        let mut client = Client::connect(&mock);
        let answer = client.call(&good(1));
        assert!(answer.succeeded());
        assert_eq!(answer.header("connection"), None);
        assert_eq!(client.read_to_end(), (Vec::new(), seen));
        assert!(works_again(&mock));
    }
}

#[test]
fn a_kept_connection_can_end_when_it_is_used_again() {
    for (how, seen) in ENDINGS {
        let mock = https_with(FaultKind::CloseAfterAnswer { when: CloseMoment::OnNextRequest, how });
        let mut client = Client::connect(&mock);
        assert!(client.call(&good(1)).succeeded());
        client.send(&post(&good(2).to_string()));
        assert_eq!(client.read_to_end(), (Vec::new(), seen));
        assert_eq!(mock.executions(Module::Address, 2), 0);
        assert!(works_again(&mock));
    }
}

#[test]
fn a_delay_comes_before_the_execution_or_before_the_answer() {
    for (before, executed) in [(Moment::Execute, 0), (Moment::Answer, 1)] {
        // Longer than any test waits: only the stop ends it.
        let mock = plain_with(FaultKind::Delay { ms: 3_600_000, before });
        let mut client = Client::connect(&mock);
        client.send(&post(&good(1).to_string()));
        assert!(client.hears_nothing());
        assert_eq!(mock.executions(Module::Address, 1), executed, "{before:?}");
        mock.stop();
        assert!(client.read_answer().succeeded(), "a request in progress is finished");
    }
}

#[test]
fn a_drip_is_a_whole_answer_in_the_end() {
    let mock = plain_with(FaultKind::Drip { bytes: 50, every_ms: 1 });
    let mut client = Client::connect(&mock);
    assert!(client.call(&good(1)).succeeded());
    assert!(client.call(&good(2)).succeeded());
    assert_eq!(mock.counts().connections, 1);
}

#[test]
fn a_stop_ends_every_kind_of_wait() {
    let kinds = [
        FaultKind::StallHandshake,
        FaultKind::StallBeforeReading,
        FaultKind::Delay { ms: 3_600_000, before: Moment::Answer },
        FaultKind::Drip { bytes: 1, every_ms: 3_600_000 },
        FaultKind::EndlessAnswer,
        FaultKind::CutAnswer { at: 3, how: Ending::Stall },
        FaultKind::CloseAfterAnswer { when: CloseMoment::OnNextRequest, how: Ending::Close },
    ];
    for kind in kinds {
        let mock = start(Settings {
            protocol: Protocol::Http,
            faults: vec![Fault::new(kind.clone())],
            ..Settings::default()
        });
        let mut client = Client::connect(&mock);
        client.send(&post(&good(1).to_string()));
        let begin = std::time::Instant::now();
        drop(mock);
        assert!(begin.elapsed() < LIMIT, "{kind:?}");
    }
}

#[test]
fn faults_do_not_reach_the_control_port() {
    let mock = start(Settings {
        control: Some("127.0.0.1:0".parse().unwrap()),
        faults: vec![Fault::new(FaultKind::CloseOnAccept)],
        ..Settings::default()
    });
    let url = mock.control_url().unwrap();
    let socket = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let mut client = Client::Plain(socket);
    client.send(b"GET /mock/counts HTTP/1.1\r\n\r\n");
    assert_eq!(client.read_answer().json()["connections"], 0);
}
