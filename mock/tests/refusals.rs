//! What the mock refuses, with which code, and what advice it logs. Nothing that is refused may be in the ledger.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use oo_webhooks_mock::{
    Account, Clock, DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET, DEFAULT_TOKEN, Module, Protocol, Record, Settings,
};
use serde_json::{Value, json};
use support::{ACTION, Client, Lines, RESOURCE, action, good, now, post, request, sign, sign_text, start};

/// A mock, and its log.
fn mock() -> (oo_webhooks_mock::Mock, Lines) {
    with_log(false)
}

fn strict() -> (oo_webhooks_mock::Mock, Lines) {
    with_log(true)
}

fn with_log(strict: bool) -> (oo_webhooks_mock::Mock, Lines) {
    let lines = Lines::default();
    let unknown = [Module::Estate, Module::Address, Module::Task, Module::Calendar];
    let mock = start(Settings {
        protocol: Protocol::Http,
        strict,
        unknown_records: unknown.into_iter().map(|module| Record::new(module, 404)).collect(),
        log: Some(Box::new(lines.clone())),
        ..Settings::default()
    });
    (mock, lines)
}

/// A request with one field of its action replaced, or removed where `value` is absent.
fn with(field: &str, value: Option<Value>) -> Value {
    let mut action = action("address", "15005");
    let fields = action.as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(field.to_owned(), value),
        None => fields.remove(field),
    };
    request(vec![action])
}

/// A request that asks for something else, correctly signed.
fn asking(resourcetype: &str, actionid: &str) -> Value {
    let mut action = action("address", "15005");
    let text = format!("{}{DEFAULT_TOKEN}{resourcetype}{actionid}", action["timestamp"]);
    action["resourcetype"] = json!(resourcetype);
    action["actionid"] = json!(actionid);
    action["hmac"] = json!(sign_text(&text, DEFAULT_SECRET));
    request(vec![action])
}

#[test]
fn each_fault_of_an_action_has_its_code_and_advice() {
    let at = |seconds: i64| {
        let mut action = action("address", "15005");
        action["timestamp"] = json!(now() + seconds);
        action["hmac"] = json!(sign(now() + seconds, DEFAULT_TOKEN, DEFAULT_SECRET));
        request(vec![action])
    };
    let cases = [
        (with("actionid", None), 16, ""),
        (with("actionid", Some(json!(5))), 16, ""),
        (with("actionid", Some(json!(""))), 17, ""),
        (with("resourceid", None), 18, "as a string"),
        (with("resourceid", Some(json!(15005))), 18, "as a string"),
        (with("resourceid", Some(json!(1.5))), 18, "as a string"),
        (with("resourceid", Some(Value::Null)), 18, "as a string"),
        (with("resourcetype", None), 19, ""),
        (with("resourcetype", Some(json!([]))), 19, ""),
        (with("parameters", None), 20, ""),
        (with("parameters", Some(json!("module"))), 20, ""),
        (with("identifier", Some(json!(7))), 227, "a number"),
        (with("identifier", Some(Value::Null)), 227, "null"),
        (with("identifier", Some(json!([]))), 227, ""),
        (with("timestamp", None), 136, "timestamp is missing"),
        (with("timestamp", Some(json!("soon"))), 136, "a whole number"),
        (with("timestamp", Some(json!(1.5))), 136, "a whole number"),
        (at(-125), 136, "behind"),
        (at(125), 136, "ahead of"),
        (at(3600), 136, "time zone"),
        (at(now() * 999), 136, "milliseconds"),
        (with("hmac_version", None), 137, "hmac_version"),
        (with("hmac_version", Some(json!(1))), 137, "hmac_version"),
        (with("hmac", None), 137, "hmac is missing"),
        (with("hmac", Some(json!("AAAA"))), 137, "wrong secret"),
        (with("hmac", Some(json!("not base64!"))), 137, "wrong secret"),
        (asking(RESOURCE, "urn:onoffice-de-ns:smart:2.5:smartml:action:undo"), 23, ""),
        (asking(RESOURCE, "do"), 23, ""),
        (asking(RESOURCE, "urn:onoffice-de-ns:smart:2.5:smartml:action:read"), 25, "action do"),
        (asking("estate", ACTION), 25, "action do"),
        (with("parameters", Some(json!({}))), 167, ""),
        (with("parameters", Some(json!([]))), 167, ""),
        (with("parameters", Some(json!({"module": "Address"}))), 255, "lower case"),
        (with("parameters", Some(json!({"module": 5}))), 255, "lower case"),
        (with("resourceid", Some(json!(""))), 79, ""),
        (with("resourceid", Some(json!("0"))), 235, "positive decimal"),
        (with("resourceid", Some(json!("-5"))), 235, "positive decimal"),
        (with("resourceid", Some(json!("+5"))), 235, "positive decimal"),
        (with("resourceid", Some(json!(" 5"))), 235, "positive decimal"),
        (with("resourceid", Some(json!("005"))), 235, "positive decimal"),
        (with("resourceid", Some(json!("1e3"))), 235, "positive decimal"),
        (with("resourceid", Some(json!("9223372036854775808"))), 235, "positive decimal"),
        (request(vec![action("address", "404")]), 292, ""),
        (request(vec![action("estate", "404")]), 293, ""),
        (request(vec![action("task", "404")]), 80, ""),
        (request(vec![action("calendar", "404")]), 80, ""),
    ];
    for (body, code, advice) in cases {
        let (mock, lines) = strict();
        let answer = Client::connect(&mock).call(&body).json();
        assert_eq!(answer["response"]["results"][0]["status"]["errorcode"], code, "{body}");
        assert_eq!(
            answer["status"],
            json!({
                "code": 500,
                "errorcode": code,
                "message": answer["response"]["results"][0]["status"]["message"],
            })
        );
        assert_eq!(mock.ledger(), [], "{body}");
        assert_eq!(mock.counts().refused, 1);
        assert!(lines.text().contains(advice), "{} should say {advice}", lines.text());
    }
}

#[test]
fn each_fault_of_a_request_has_its_code_and_no_response() {
    let long = "x".repeat(64);
    let deep = "[".repeat(200);
    let cases = [
        ("", 9, ""),
        ("null", 9, ""),
        ("[]", 9, ""),
        ("5", 4, "JSON object"),
        ("{\"token\":", 6, "EOF"),
        ("{'token': 1}", 6, ""),
        ("{\"token\": \"a\nb\"}", 5, ""),
        (deep.as_str(), 3, ""),
        ("{}", 13, ""),
        (r#"{"token": 5}"#, 13, ""),
        (r#"{"token": ""}"#, 13, ""),
        (r#"{"token": "t"}"#, 14, ""),
        (r#"{"token": "t", "request": []}"#, 14, ""),
        (r#"{"token": "t", "request": {}}"#, 15, ""),
        (r#"{"token": "t", "request": {"actions": {}}}"#, 15, ""),
        (r#"{"token": "t", "request": {"actions": []}}"#, 15, "empty"),
        (r#"{"token": "t", "request": {"actions": [{}]}}"#, 22, "1 characters instead of 32"),
        (&format!(r#"{{"token": "{long}", "request": {{"actions": [{{}}]}}}}"#), 22, "swapped"),
        (&format!(r#"{{"token": "{DEFAULT_SECRET}", "request": {{"actions": [{{}}]}}}}"#), 22, "swapped"),
        (&format!(r#"{{"token": "{DEFAULT_TOKEN}\n", "request": {{"actions": [{{}}]}}}}"#), 22, "newline"),
    ];
    for (body, code, advice) in cases {
        let (mock, lines) = strict();
        let mut client = Client::connect(&mock);
        client.send(&post(body));
        let answer = client.read_answer();
        let json = answer.json();
        assert_eq!(answer.status, 200);
        assert_eq!(json["status"]["errorcode"], code, "{body}");
        assert_eq!(json["status"]["code"], if code == 22 { 400 } else { 500 });
        assert!(json.get("response").is_none());
        assert_eq!(mock.ledger(), []);
        assert!(lines.text().contains(advice), "{} should say {advice}", lines.text());
    }
}

#[test]
fn a_body_that_is_not_utf8_is_malformed() {
    let (mock, _) = strict();
    let mut client = Client::connect(&mock);
    client.send(b"POST /api/stable/api.php HTTP/1.1\r\nContent-Length: 14\r\n\r\n{\"token\": \"\xff\"}");
    assert_eq!(client.read_answer().json()["status"]["errorcode"], 7);
}

#[test]
fn get_is_refused() {
    let (mock, lines) = strict();
    let body = good(1).to_string();
    let mut client = Client::connect(&mock);
    let head = format!("GET /api/stable/api.php HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
    client.send((head + &body).as_bytes());
    assert_eq!(client.read_answer().json()["status"]["errorcode"], 9);
    assert_eq!(mock.ledger(), []);
    assert!(lines.text().contains("POST"));
    let counts = mock.counts();
    assert_eq!((counts.requests, counts.refused), (1, 1));
}

#[test]
fn a_provider_may_not_call() {
    let (mock, _) = strict();
    let mut body = good(15005);
    body["token"] = json!(DEFAULT_PROVIDER_TOKEN);
    let timestamp = body["request"]["actions"][0]["timestamp"].as_i64().unwrap();
    body["request"]["actions"][0]["hmac"] = json!(sign(timestamp, DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET));
    let answer = Client::connect(&mock).call(&body).json();
    assert_eq!(answer["response"]["results"][0]["status"]["errorcode"], 240);
    assert_eq!(mock.ledger(), []);
}

#[test]
fn a_strict_mock_refuses_unsorted_parameters_and_only_notes_unknown_fields() {
    let (mock, lines) = strict();
    let body = with("parameters", Some(json!({"module": "address"}))).to_string();
    let mut client = Client::connect(&mock);
    client.send(&post(&body.replace(r#"{"module":"address"}"#, r#"{"module":"address","extra":1}"#)));
    assert_eq!(client.read_answer().json()["status"]["errorcode"], 20);
    assert!(lines.text().contains("sorted"));

    client.send(&post(&body.replace(r#"{"module":"address"}"#, r#"{"extra":1,"module":"address"}"#)));
    assert!(client.read_answer().succeeded());
    assert!(lines.text().contains("unknown field 'extra'"));
}

#[test]
fn what_the_api_is_thought_to_take_is_noted_and_executed() {
    let two = json!({"module": "address", "alpha": 1});
    let cases = [
        ("identifier", Value::Null, "identifier is null"),
        ("identifier", json!(7), "identifier is a number"),
        ("resourceid", json!(15005), "resourceid is a number"),
        ("parameters", two, "not sorted"),
    ];
    for (field, value, note) in cases {
        let (mock, lines) = mock();
        // Text, because a `Value` sorts its keys.
        let body = with(field, Some(value.clone())).to_string();
        let body = body.replace(r#"{"alpha":1,"module":"address"}"#, r#"{"module":"address","alpha":1}"#);
        let mut client = Client::connect(&mock);
        client.send(&post(&body));
        let answer = client.read_answer();
        assert!(answer.succeeded(), "{}", answer.text());
        let result = &answer.json()["response"]["results"][0];
        assert_eq!(result["resourceid"], "15005", "a string, as in every documented answer");
        if field == "identifier" {
            assert_eq!(result["identifier"], value);
        }
        assert_eq!(mock.executions(Module::Address, 15005), 1);
        assert!(lines.text().contains(note), "{} should say {note}", lines.text());
    }
    for (field, value, code) in [
        ("identifier", json!({}), 227),
        ("identifier", json!(true), 227),
        ("resourceid", Value::Null, 18),
        ("resourceid", json!(1.5), 18),
        ("resourceid", json!(-5), 235),
        ("resourceid", json!(0), 235),
    ] {
        let (mock, _) = mock();
        let json = Client::connect(&mock).call(&with(field, Some(value))).json();
        assert_eq!(json["status"]["errorcode"], code, "{field}");
        assert_eq!(mock.ledger(), []);
    }
}

#[test]
fn nothing_that_a_client_sends_makes_a_line_of_the_log() {
    let (mock, lines) = mock();
    Client::connect(&mock).call(&asking(RESOURCE, "x\n17:00:00.000 1/1 executed address 5"));
    assert_eq!(lines.text().lines().count(), 1, "{}", lines.text());
}

#[test]
fn the_edge_of_the_clocks_tolerance_is_accepted() {
    for offset in [-120, 120] {
        let clock = Clock::Fixed(1_700_000_000);
        let mock = start(Settings { protocol: Protocol::Http, clock, ..Settings::default() });
        let mut body = good(1);
        body["request"]["actions"][0]["timestamp"] = json!(1_700_000_000 + offset);
        let hmac = sign(1_700_000_000 + offset, DEFAULT_TOKEN, DEFAULT_SECRET);
        body["request"]["actions"][0]["hmac"] = json!(hmac);
        assert!(Client::connect(&mock).call(&body).succeeded(), "{offset}");
    }
}

#[test]
fn numbers_may_be_strings_where_the_documentation_shows_both() {
    let (mock, _) = strict();
    let mut body = with("hmac_version", Some(json!(2)));
    let timestamp = body["request"]["actions"][0]["timestamp"].to_string();
    body["request"]["actions"][0]["timestamp"] = json!(timestamp);
    assert!(Client::connect(&mock).call(&body).succeeded());
}

#[test]
fn tenants_do_not_share_a_secret() {
    let mock = start(Settings {
        protocol: Protocol::Http,
        accounts: vec![Account::ordinary("first", "one"), Account::ordinary("second", "two")],
        ..Settings::default()
    });
    let mut client = Client::connect(&mock);
    for (token, secret, code) in [("first", "one", 0), ("second", "two", 0), ("first", "two", 137)] {
        let mut body = good(1);
        body["token"] = json!(token);
        let timestamp = body["request"]["actions"][0]["timestamp"].as_i64().unwrap();
        body["request"]["actions"][0]["hmac"] = json!(sign(timestamp, token, secret));
        assert_eq!(client.call(&body).json()["status"]["errorcode"], code, "{token} {secret}");
    }
    let callers: Vec<String> = mock.ledger().into_iter().map(|entry| entry.token).collect();
    assert_eq!(callers, ["firs", "seco"]);
}

#[test]
fn the_log_shows_neither_secret_nor_token_nor_hmac() {
    let (mock, lines) = strict();
    let mut client = Client::connect(&mock);
    let body = good(15005);
    client.call(&body);
    client.call(&with("hmac", Some(json!("AAAA"))));
    let log = lines.text();
    assert!(log.contains("executed address 15005"), "{log}");
    assert!(log.contains("refused address 15005: 137 The HMAC is invalid."), "{log}");
    let hmac = body["request"]["actions"][0]["hmac"].as_str().unwrap();
    for hidden in [DEFAULT_TOKEN, DEFAULT_SECRET, hmac, "AAAA", &DEFAULT_TOKEN[..5]] {
        assert!(!log.contains(hidden), "{log}");
    }
}
