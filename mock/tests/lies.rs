//! Faults of the answer itself: broken HTTP, bodies that are no answer, answers that are wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::needless_pass_by_value)] // tests read better without the borrow

mod support;

use std::io::Read;

use flate2::read::GzDecoder;
use oo_webhooks_mock::{Contradiction, Ending, ErrorShape, Fault, FaultKind, Module, StatusBody};
use serde_json::{Value, json};
use support::{Answer, Client, End, action, good, plain, plain_with, post, request};

/// What a fault answers to a request for address 1, and whether that was executed.
fn answer_to(kind: FaultKind) -> (Answer, bool) {
    let mock = plain_with(kind.clone());
    let answer = Client::connect(&mock).call(&good(1));
    let executed = mock.executions(Module::Address, 1) == 1;
    assert_eq!(executed, kind.executes(), "{kind:?} does what it says");
    (answer, executed)
}

#[test]
fn an_answer_can_be_oversized() {
    for chunked in [false, true] {
        let (answer, _) = answer_to(FaultKind::Oversized { bytes: 11_000_000, chunked });
        assert_eq!(answer.body.len(), 11_000_000);
        assert_eq!(answer.header("transfer-encoding").is_some(), chunked);
        assert!(answer.succeeded());
    }
}

#[test]
fn an_answer_can_be_endless() {
    let mock = plain_with(FaultKind::EndlessAnswer);
    let mut client = Client::connect(&mock);
    client.send(&post(&good(1).to_string()));
    let mut bytes = vec![0; 5_000_000];
    client.read_exact(&mut bytes).unwrap();
    assert!(bytes.ends_with(b"    "));
    assert_eq!(mock.executions(Module::Address, 1), 1);
}

#[test]
fn an_answer_can_be_chunked() {
    let (answer, _) = answer_to(FaultKind::Chunked);
    assert_eq!(answer.header("content-length"), None);
    assert!(answer.succeeded());
}

#[test]
fn a_content_length_can_be_wrong() {
    let mock = plain_with(FaultKind::WrongContentLength { by: 5, how: Ending::Close });
    let mut client = Client::connect(&mock);
    client.send(&post(&good(1).to_string()));
    let (bytes, end) = client.read_to_end();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("Content-Length: {}", body.len() + 5)));
    assert_eq!(end, End::Closed);

    let (answer, _) = answer_to(FaultKind::WrongContentLength { by: -5, how: Ending::Close });
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
}

#[test]
fn an_answer_can_be_compressed_rightly_and_wrongly() {
    let (answer, _) = answer_to(FaultKind::Gzip);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(answer.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["status"]["code"], 200);

    let (answer, _) = answer_to(FaultKind::WronglyCompressed);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.succeeded());

    let (answer, _) = answer_to(FaultKind::GzipBomb { megabytes: 20 });
    assert!(answer.body.len() < 200_000);
    let unpacked = std::io::copy(&mut GzDecoder::new(answer.body.as_slice()), &mut std::io::sink()).unwrap();
    assert!(unpacked > 20_000_000);
}

#[test]
fn an_answer_can_come_after_several_continues() {
    let mock = plain_with(FaultKind::Continue100 { count: 3 });
    let mut client = Client::connect(&mock);
    client.send(&post(&good(1).to_string()));
    let statuses: Vec<u16> = (0..4).map(|_| client.read_answer().status).collect();
    assert_eq!(statuses, [100, 100, 100, 200]);
}

#[test]
fn a_client_can_be_sent_elsewhere() {
    let location = "https://elsewhere.invalid/".to_owned();
    let (answer, _) = answer_to(FaultKind::Redirect { status: 307, location, execute: false });
    assert_eq!((answer.status, answer.header("location")), (307, Some("https://elsewhere.invalid/")));
}

#[test]
fn any_http_status_can_come_with_or_without_execution() {
    for execute in [false, true] {
        let (answer, _) = answer_to(FaultKind::HttpStatus { status: 503, body: StatusBody::Html, execute });
        assert_eq!((answer.status, answer.header("content-type")), (503, Some("text/html; charset=utf-8")));
        assert!(answer.text().starts_with("<!DOCTYPE html>"));
        let (answer, _) = answer_to(FaultKind::HttpStatus { status: 429, body: StatusBody::Empty, execute });
        assert_eq!((answer.status, answer.body.len()), (429, 0));
    }
    let (answer, _) = answer_to(FaultKind::HttpStatus { status: 500, body: StatusBody::Api, execute: true });
    assert_eq!(answer.status, 500);
    assert!(answer.succeeded());
}

#[test]
fn the_apis_own_answer_is_never_a_success_when_nothing_was_executed() {
    let (answer, executed) =
        answer_to(FaultKind::HttpStatus { status: 500, body: StatusBody::Api, execute: false });
    assert!(!executed);
    assert!(!answer.succeeded());
}

#[test]
fn any_error_code_can_come_in_any_shape() {
    let shapes = [
        (ErrorShape::Repeated, 170),
        (ErrorShape::ActionOnly, 0),
        (ErrorShape::Generic, 97),
        (ErrorShape::TopOnly, 170),
    ];
    for (shape, top) in shapes {
        let message = "No read permission".to_owned();
        let (answer, _) = answer_to(FaultKind::ErrorCode { code: 170, message, shape, execute: false });
        let json = answer.json();
        assert_eq!(json["status"]["errorcode"], top, "{shape:?}");
        assert_eq!(json.get("response").is_none(), shape == ErrorShape::TopOnly);
        assert!(answer.text().contains("No read permission"));
    }
}

#[test]
fn a_body_can_be_no_answer_at_all() {
    for execute in [false, true] {
        assert_eq!(answer_to(FaultKind::EmptyBody { execute }).0.body, b"");
        let (garbage, _) = answer_to(FaultKind::Garbage { execute });
        assert!(std::str::from_utf8(&garbage.body).is_err());
        let (page, _) = answer_to(FaultKind::Html { execute });
        assert_eq!(page.status, 200);
        assert!(page.text().contains("<html>"));
        let (raw, _) = answer_to(FaultKind::RawAnswer { body: json!({"a/b": [1]}), execute });
        assert_eq!(raw.json(), json!({"a/b": [1]}));
    }
}

#[test]
fn an_answer_can_be_no_http() {
    let bytes = "220 mail.example ESMTP\r\n".to_owned();
    let mock = plain_with(FaultKind::RawHttp { bytes, how: Ending::Reset, execute: true });
    let mut client = Client::connect(&mock);
    client.send(&post(&good(1).to_string()));
    assert_eq!(client.read_to_end(), (b"220 mail.example ESMTP\r\n".to_vec(), End::Reset));
    assert_eq!(mock.executions(Module::Address, 1), 1);
}

#[test]
fn results_can_be_too_few_too_many_or_in_another_order() {
    let batch = || request(vec![action("address", "1"), action("address", "2"), action("address", "3")]);
    let ids = |kind: FaultKind| -> Vec<String> {
        let mock = plain();
        mock.push_fault(Fault::new(kind));
        let json = Client::connect(&mock).call(&batch()).json();
        assert_eq!(mock.ledger().len(), 3);
        let results = json["response"]["results"].as_array().unwrap().clone();
        results.iter().map(|result| result["resourceid"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(FaultKind::WrongCount { results: 0 }), [""; 0]);
    assert_eq!(ids(FaultKind::WrongCount { results: 2 }), ["1", "2"]);
    assert_eq!(ids(FaultKind::WrongCount { results: 4 }), ["1", "2", "3", "3"]);
    assert_eq!(ids(FaultKind::WrongOrder), ["3", "2", "1"]);
    assert_eq!(ids(FaultKind::WrongRecord), ["10", "20", "30"]);
}

#[test]
fn a_result_can_be_something_else_than_success() {
    for value in [json!("error"), json!("Success"), json!(true), Value::Null] {
        let (answer, _) = answer_to(FaultKind::ElementsResult { value: value.clone() });
        let json = answer.json();
        assert_eq!(json["response"]["results"][0]["data"]["records"][0]["elements"]["result"], value);
        assert_eq!(json["status"]["errorcode"], 0);
    }
}

#[test]
fn an_answer_can_contradict_itself() {
    let (answer, _) = answer_to(FaultKind::Contradiction { between: Contradiction::ActionErrorAndSuccess });
    let result = &answer.json()["response"]["results"][0];
    assert_eq!(result["status"]["errorcode"], 80);
    assert_eq!(result["data"]["records"][0]["elements"]["result"], "success");

    let (answer, _) = answer_to(FaultKind::Contradiction { between: Contradiction::TopErrorAndSuccess });
    let json = answer.json();
    assert_eq!(json["status"]["code"], 500);
    assert_eq!(json["response"]["results"][0]["status"]["errorcode"], 0);
}
