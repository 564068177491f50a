//! Stray bytes: what they say, when they go out, and in which TLS record.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::{Read, Write};
use std::thread;

use oo_webhooks_mock::FaultKind::{StrayBeforeAnswer, StrayBehindAnswer, StrayInBody, StrayWithHandshake};
use oo_webhooks_mock::{
    Fault, FaultKind, Mock, Module, Protocol, Settings, StrayContent, StrayGap, TlsVersions,
};
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use serde_json::Value;
use support::{Client, good, plain, plain_with, post, start, tcp, tls_config};

const VERSIONS: [TlsVersions; 2] = [TlsVersions::Tls12, TlsVersions::Tls13];

fn https_with(tls_versions: TlsVersions, fault: FaultKind) -> Mock {
    start(Settings { tls_versions, faults: vec![Fault::new(fault)], ..Settings::default() })
}

fn behind(gap: StrayGap, cut: Option<usize>) -> FaultKind {
    StrayBehindAnswer { content: StrayContent::Success, results: 1, gap, cut }
}

#[test]
fn they_say_success_or_refusal_without_an_echo_or_no_http_at_all() {
    for (content, code) in [(StrayContent::Success, 0), (StrayContent::Refusal, 137)] {
        let mock = plain_with(StrayBeforeAnswer { content, results: 2 });
        let mut client = Client::connect(&mock);
        let stray = client.call(&good(1));
        let json = stray.json();
        assert_eq!(json["status"]["errorcode"], code);
        let results = json["response"]["results"].as_array().unwrap();
        assert_eq!(results.len(), 2);
        for result in results {
            assert_eq!((&result["identifier"], &result["resourceid"]), (&Value::Null, &Value::Null));
            assert_eq!(result["status"]["errorcode"], code);
        }
        assert_eq!(stray.succeeded(), code == 0);
        assert!(client.read_answer().succeeded(), "the answer comes all the same");
        assert_eq!(mock.executions(Module::Address, 1), 1);
    }
    let mock = plain_with(StrayBeforeAnswer { content: StrayContent::Garbage, results: 1 });
    let mut client = Client::connect(&mock);
    client.send(&post(&good(1).to_string()));
    let mut begin = [0; 7];
    client.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"\x00\xffstray");
}

#[test]
fn they_can_be_the_last_answer_that_echoed_its_request() {
    let stray = || Fault::new(StrayBeforeAnswer { content: StrayContent::Earlier, results: 1 });
    let mock = plain();
    let mut client = Client::connect(&mock);
    let first = client.call(&good(1));
    let mut wrong = good(1);
    wrong["token"] = "of nobody".into();
    assert_eq!(client.call(&wrong).json().get("response"), None, "this one has no echo");
    mock.set_faults(vec![stray()]);
    let earlier = client.call(&good(2));
    assert_eq!((&earlier.head, &earlier.body), (&first.head, &first.body));
    assert_eq!(client.read_answer().json()["response"]["results"][0]["resourceid"], "2");

    let mock = start(Settings { protocol: Protocol::Http, faults: vec![stray()], ..Settings::default() });
    let mut client = Client::connect(&mock);
    client.send(&post(&good(1).to_string()));
    let mut begin = [0; 7];
    client.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"\x00\xffstray", "there was no earlier one");
}

#[test]
fn they_come_in_the_middle_of_a_body() {
    let fault = StrayInBody { after: 10, content: StrayContent::Success, results: 1 };
    let mock = plain_with(fault);
    let mut client = Client::connect(&mock);
    let request = post(&good(1).to_string());
    let head = request.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    client.send(&request[..head + 10]);
    assert!(client.read_answer().succeeded());
    assert_eq!(mock.executions(Module::Address, 1), 0);
    client.send(&request[head + 10..]);
    assert!(client.read_answer().succeeded());
    assert_eq!(mock.executions(Module::Address, 1), 1);
}

#[test]
fn they_share_the_answers_tls_record_or_have_one_of_their_own() {
    for version in VERSIONS {
        for (gap, records) in [
            (StrayGap::SameRecord, vec![true]),
            (StrayGap::SameSegment, vec![true, true]),
            (StrayGap::OwnSegment, vec![true, true]),
            (StrayGap::KeyUpdate, vec![true, false, true]),
        ] {
            let mock = https_with(version, behind(gap, None));
            let (seen, plain, _) = records_behind_a_request(&mock);
            let expected: Vec<bool> = match version {
                TlsVersions::Tls12 => records.into_iter().filter(|has_data| *has_data).collect(),
                _ => records,
            };
            assert_eq!(seen, expected, "{version:?} {gap:?}");
            assert_eq!(plain.matches("HTTP/1.1 200 OK").count(), 2, "{version:?} {gap:?}");
        }
    }
}

#[test]
fn a_cut_leaves_a_part_of_a_tls_record_in_the_air() {
    for version in VERSIONS {
        for gap in [StrayGap::SameSegment, StrayGap::OwnSegment] {
            let mock = https_with(version, behind(gap, Some(7)));
            let (seen, plain, rest) = records_behind_a_request(&mock);
            assert_eq!((seen, plain.matches("HTTP/1.1").count()), (vec![true], 1), "{version:?} {gap:?}");
            let announced = u16::from_be_bytes([rest[3], rest[4]]);
            assert_eq!(rest[..3], [23, 3, 3]);
            assert!(usize::from(announced) > rest.len(), "{version:?} {gap:?}: the record is whole");
        }
        let mock = https_with(version, behind(StrayGap::SameRecord, Some(7)));
        let (seen, plain, _) = records_behind_a_request(&mock);
        assert_eq!(seen, [true]);
        assert!(plain.ends_with("HTTP/1."), "{plain}");
    }
}

/// TLS 1.3: the client has not sent its last message of the handshake.
#[test]
fn they_come_with_the_handshake() {
    let fault = StrayWithHandshake { content: StrayContent::Success, results: 1, cut: None };
    let mock = https_with(TlsVersions::Tls13, fault.clone());
    let mut socket = tcp(&mock);
    let mut tls = connection(&mock);
    tls.write_tls(&mut socket).unwrap();
    let mut plain = String::new();
    while !plain.contains("success") {
        assert!(tls.read_tls(&mut socket).unwrap() > 0);
        let waiting = tls.process_new_packets().unwrap().plaintext_bytes_to_read();
        let mut bytes = vec![0; waiting];
        tls.reader().read_exact(&mut bytes).unwrap();
        plain += std::str::from_utf8(&bytes).unwrap();
    }
    assert!(plain.starts_with("HTTP/1.1 200 OK"));
    assert_eq!(mock.counts().full_handshakes, 0, "the server still waits for the client");

    let mock = https_with(TlsVersions::Tls12, fault);
    let mut client = Client::connect(&mock);
    assert!(client.read_answer().succeeded());
    assert!(client.call(&good(1)).succeeded());
}

fn connection(mock: &Mock) -> ClientConnection {
    ClientConnection::new(tls_config(mock), ServerName::try_from("127.0.0.1").unwrap()).unwrap()
}

/// The TLS records that come after a request and before the mock's goodbye: whether each has data; their
/// data; and what is left, the goodbye included, where a record is not whole.
fn records_behind_a_request(mock: &Mock) -> (Vec<bool>, String, Vec<u8>) {
    let mut socket = tcp(mock);
    let mut tls = connection(mock);
    while tls.is_handshaking() {
        tls.complete_io(&mut socket).unwrap();
    }
    tls.writer().write_all(&post(&good(1).to_string())).unwrap();
    while tls.wants_write() {
        tls.write_tls(&mut socket).unwrap();
    }
    while mock.counts().strays == 0 {
        thread::yield_now();
    }
    mock.stop();
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();

    let (mut seen, mut plain, mut rest) = (Vec::new(), Vec::new(), bytes.as_slice());
    while let Some(length) = record_length(rest).filter(|length| *length <= rest.len()) {
        let (mut record, behind) = rest.split_at(length);
        while !record.is_empty() {
            tls.read_tls(&mut record).unwrap();
        }
        let Ok(state) = tls.process_new_packets() else { break };
        if state.peer_has_closed() {
            break;
        }
        let data = plain.len();
        plain.resize(data + state.plaintext_bytes_to_read(), 0);
        tls.reader().read_exact(&mut plain[data..]).unwrap();
        // Session tickets come before all data, and are not asked about.
        if plain.len() > data || !seen.is_empty() {
            seen.push(plain.len() > data);
        }
        rest = behind;
    }
    (seen, String::from_utf8(plain).unwrap(), rest.to_vec())
}

fn record_length(bytes: &[u8]) -> Option<usize> {
    let [_, _, _, high, low, ..] = bytes else { return None };
    Some(5 + usize::from(u16::from_be_bytes([*high, *low])))
}
