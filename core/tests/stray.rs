//! Bytes that nobody asked for never become an outcome, wherever they come: behind an answer, with the
//! handshake, in a request, before its answer; in the same TLS record and segment or not; cut anywhere.
//! What the client claims is compared with the mock's ledger.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use oo_webhooks_core::client::Client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::request::Request;
use oo_webhooks_mock::{
    Fault, FaultKind, Mock, Module, Protocol, Settings, StrayContent, StrayGap, TlsVersions,
};
use support::{address, addresses, mock_with, options};

const CONTENTS: [StrayContent; 4] =
    [StrayContent::Success, StrayContent::Refusal, StrayContent::Earlier, StrayContent::Garbage];

const GAPS: [StrayGap; 4] =
    [StrayGap::SameRecord, StrayGap::SameSegment, StrayGap::OwnSegment, StrayGap::KeyUpdate];

/// How the bytes travel: plain, TLS 1.2, TLS 1.3.
fn settings() -> [Settings; 3] {
    [
        Settings { protocol: Protocol::Http, ..Settings::default() },
        Settings { tls_versions: TlsVersions::Tls12, ..Settings::default() },
        Settings { tls_versions: TlsVersions::Tls13, ..Settings::default() },
    ]
}

/// The first call has its answer, and the stray bytes behind it are nobody's: the next call for the same
/// records has an answer of its own, on a connection of its own.
#[test]
fn what_comes_behind_an_answer_is_nobodys() {
    for settings in settings() {
        let mock = mock_with(settings);
        for records in [1, 3] {
            for content in CONTENTS {
                for gap in GAPS {
                    for cut in [None, Some(1), Some(4), Some(30), Some(100)] {
                        behind_an_answer(
                            &mock,
                            records,
                            FaultKind::StrayBehindAnswer { content, results: records, gap, cut },
                        );
                    }
                }
            }
        }
    }
}

fn behind_an_answer(mock: &Mock, records: usize, fault: FaultKind) {
    mock.reset();
    let name = format!("{fault:?}, {records} records");
    let client = client(mock);
    let request = request(records);
    mock.set_faults(vec![Fault::new(fault).times(1)]);
    for call in 1..=3 {
        let results = client.execute_request(&request).unwrap();
        for result in results {
            assert_eq!(result.status(), Status::Ok, "{name}, call {call}: {}", result.message());
            assert_eq!(executions(mock, result.record().id()), call, "{name}");
        }
        // An answer and stray bytes in a segment of their own may be apart by any time; here the client
        // looks when they are there.
        while mock.counts().strays == 0 {
            thread::yield_now();
        }
    }
    // Bytes that had not arrived when the first call ended were seen before the second.
    assert_eq!(mock.counts().connections, 2, "{name}");
}

/// With the handshake, before a byte of the request: nothing is sent on such a connection, and on the next
/// one it is.
#[test]
fn what_comes_with_the_handshake_is_nobodys() {
    for settings in settings() {
        let is_plain = settings.protocol == Protocol::Http;
        let is_tls12 = settings.tls_versions == TlsVersions::Tls12;
        let mock = mock_with(settings);
        for records in [1, 3] {
            for content in CONTENTS {
                for cut in [None, Some(1), Some(30)] {
                    let fault = FaultKind::StrayWithHandshake { content, results: records, cut };
                    with_the_handshake(&mock, records, fault, is_plain || is_tls12);
                }
            }
        }
    }
}

/// `is_race`: the client has its last word of the handshake before the stray bytes are written, so its
/// request may go out before they arrive. Then they are in the place of an answer, and only an echo tells.
fn with_the_handshake(mock: &Mock, records: usize, fault: FaultKind, is_race: bool) {
    mock.reset();
    let name = format!("{fault:?}, {records} records");
    // In a race, a cut record may end up before the answer, which then never becomes whole.
    let client = client_that_waits(mock, if is_race { 500 } else { PATIENT });

    mock.set_faults(vec![Fault::new(fault.clone())]);
    for result in client.execute_request(&others(records)).unwrap() {
        let executed = executions(mock, result.record().id());
        let message = result.message();
        match result.outcome() {
            Outcome::NotSent => assert_eq!((result.status(), executed), (Status::ConnectFailed, 0), "{name}"),
            _ => assert!(is_race, "{name}: {message}"),
        }
    }

    mock.set_faults(vec![Fault::new(fault).times(1)]);
    for result in client.execute_request(&others(records)).unwrap() {
        let executed = executions(mock, result.record().id());
        if !is_race {
            assert_eq!((result.status(), executed), (Status::Ok, 1), "{name}: {}", result.message());
        }
        assert!(executed <= 1, "{name}");
    }
}

/// The answer to an earlier request for the same records, a success without their labels from a server that echoes
/// labels, or no HTTP, in the place of the answer: in doubt, and the records were executed.
#[test]
fn an_answer_to_another_request_for_the_same_record_is_known_by_its_labels() {
    for settings in settings() {
        let mock = mock_with(settings);
        for records in [1, 3, 500] {
            for content in [StrayContent::Success, StrayContent::Earlier, StrayContent::Garbage] {
                for fault in [
                    FaultKind::StrayBeforeAnswer { content, results: records },
                    FaultKind::StrayInBody { after: 0, content, results: records },
                    FaultKind::StrayInBody { after: 40_000, content, results: records },
                ] {
                    mock.reset();
                    let (client, request) = (client(&mock), others(records));
                    assert_eq!(client.execute_request(&request).unwrap()[0].status(), Status::Ok);
                    mock.set_faults(vec![Fault::new(fault.clone()).times(1)]);
                    for result in client.execute_request(&request).unwrap() {
                        let message = result.message();
                        assert_eq!(result.status(), Status::BadResponse, "{fault:?}, {records}: {message}");
                    }
                    // What is held back never outlives its call, and what was left over answers no other.
                    for result in client.execute_request(&request).unwrap() {
                        let executed = executions(&mock, result.record().id());
                        assert_eq!(result.status(), Status::Ok, "{fault:?}, {records}: {}", result.message());
                        assert!((2..=3).contains(&executed), "{fault:?}: {executed}");
                    }
                }
            }
        }
    }
}

/// An answer that comes while the server cannot have the whole request is no answer to it, even if it
/// echoes nothing. The request is so long that the kernel cannot take it before the server reads.
#[test]
fn an_answer_before_the_whole_request_is_none() {
    const SUCCESS: &str = r#"{"status":{"code":200,"errorcode":0},"response":{"results":[{"status":{"errorcode":0},"data":{"records":[{"elements":{"result":"success"}}]}}]}}"#;
    const TOKEN: usize = 40 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut buffer = vec![0; 1 << 16];
        socket.read_exact(&mut buffer[..100]).unwrap();
        write!(socket, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{SUCCESS}", SUCCESS.len()).unwrap();
        let mut taken = 100;
        while let Ok(bytes) = socket.read(&mut buffer) {
            taken += bytes;
            if bytes == 0 {
                break;
            }
        }
        taken
    });
    let mut options = Options::new();
    options.set_url(&format!("http://{server}/")).unwrap();
    options.set_credentials(&"t".repeat(TOKEN), "made-up-secret").unwrap();
    options.set_timeout_ms(20_000).unwrap();
    let result = options.client().unwrap().execute(address(1));
    assert_eq!(result.status(), Status::BadResponse, "{}", result.message());
    assert!(result.message().contains("before the request was whole"), "{}", result.message());
    let taken = serving.join().unwrap();
    assert!(taken < TOKEN + 1000, "all of it went out all the same: {taken}");
}

/// Longer than a busy machine takes for a call that is answered.
const PATIENT: i64 = 20_000;

fn client(mock: &Mock) -> Client {
    client_that_waits(mock, PATIENT)
}

/// A client with connections of its own: no other has these settings.
fn client_that_waits(mock: &Mock, milliseconds: i64) -> Client {
    static NUMBER: AtomicI64 = AtomicI64::new(0);
    let mut options = options(mock);
    options.set_timeout_ms(milliseconds).unwrap();
    options.set_connect_timeout_ms(30_000 + NUMBER.fetch_add(1, Ordering::Relaxed)).unwrap();
    options.client().unwrap()
}

fn request(records: usize) -> Request {
    addresses(1..=i64::try_from(records).unwrap())
}

/// Records that no other call has: the mock may still be busy with those that a client gave up.
fn others(records: usize) -> Request {
    static NEXT: AtomicI64 = AtomicI64::new(10_000);
    let records = i64::try_from(records).unwrap();
    let first = NEXT.fetch_add(records, Ordering::Relaxed);
    addresses(first..first + records)
}

fn executions(mock: &Mock, id: i64) -> usize {
    mock.executions(Module::Address, u64::try_from(id).unwrap())
}
