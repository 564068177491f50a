//! What the mock answers, to the byte where the API documents it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use oo_webhooks_mock::{Clock, ErrorShape, Fault, FaultKind, Module, Protocol, Settings};
use serde_json::{Value, json};
use support::{Answer, Client, action, good, https, plain, request, start};

#[test]
fn a_success_is_the_documented_example() {
    let mock = https();
    let answer = Client::connect(&mock).call(&good(15005));
    let expected = concat!(
        r#"{"status":{"code":200,"errorcode":0,"message":"OK"},"response":{"results":[{"#,
        r#""actionid":"urn:onoffice-de-ns:smart:2.5:smartml:action:do","resourceid":"15005","#,
        r#""resourcetype":"executeMarketplaceWebhooks","cacheable":false,"identifier":"","#,
        r#""data":{"meta":{"cntabsolute":null},"records":[{"id":0,"type":"","elements":{"result":"success"}}]},"#,
        r#""status":{"errorcode":0,"message":"OK"}}]}}"#
    );
    assert_eq!(answer.text(), expected);
    assert_eq!(answer.status, 200);
    assert_eq!(mock.executions(Module::Address, 15005), 1);
}

#[test]
fn an_answer_has_the_headers_of_the_recorded_server() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    let cookies = |answer: &Answer| -> Vec<String> {
        let lines = answer.head.lines().filter_map(|line| line.strip_prefix("Set-Cookie: PHPSESSID="));
        lines.map(|value| value.strip_suffix("; path=/").unwrap().to_owned()).collect()
    };
    let mut sessions = Vec::new();
    for body in [good(1), good(2), json!({})] {
        let answer = client.call(&body);
        assert_eq!(answer.header("server"), Some("Apache"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(cookies(&answer).len(), 2);
        sessions.extend(cookies(&answer));
    }
    assert!(sessions.iter().all(|id| id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    sessions.sort_unstable();
    sessions.dedup();
    assert_eq!(sessions.len(), 6, "no session twice");

    mock.push_fault(Fault::new(FaultKind::Html { execute: false }));
    let page = client.call(&good(1));
    assert_eq!((page.header("server"), cookies(&page)), (None, vec![]), "a page is another server's");
}

#[test]
fn every_module_and_both_documented_paths_are_served() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    for module in [Module::Estate, Module::Address, Module::Task, Module::Calendar] {
        let body = request(vec![action(module.name(), "7")]).to_string();
        let length = body.len();
        let head = format!("POST /api/latest/api.php HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
        client.send((head + &body).as_bytes());
        assert!(client.read_answer().succeeded());
        assert_eq!(mock.executions(module, 7), 1);
    }
}

#[test]
fn texts_come_back_escaped_as_php_does() {
    let mock = plain();
    let mut action = action("address", "1");
    action["identifier"] = json!("a/b \"ü\" \u{1f600}\n\u{1}");
    let answer = Client::connect(&mock).call(&request(vec![action]));
    let escaped = r#""identifier":"a\/b \"\u00fc\" \ud83d\ude00\n\u0001""#;
    assert!(answer.text().contains(escaped), "{}", answer.text());
}

#[test]
fn results_come_in_the_order_of_the_actions_and_good_ones_are_executed_beside_bad_ones() {
    let mock = plain();
    let actions = vec![action("estate", "1"), action("garden", "2"), action("task", "3")];
    let json = Client::connect(&mock).call(&request(actions)).json();
    let results = json["response"]["results"].as_array().unwrap();
    let codes: Vec<&Value> = results.iter().map(|result| &result["status"]["errorcode"]).collect();
    assert_eq!(codes, [0, 255, 0]);
    let executed: Vec<u64> = mock.ledger().iter().map(|entry| entry.id).collect();
    assert_eq!(executed, [1, 3]);
}

#[test]
fn an_error_is_told_in_the_shape_that_was_chosen() {
    let data = json!([]);
    let cases = [
        (ErrorShape::Repeated, json!([500, 255]), json!(255)),
        (ErrorShape::ActionOnly, json!([200, 0]), json!(255)),
        (ErrorShape::Generic, json!([500, 97]), json!(255)),
        (ErrorShape::TopOnly, json!([500, 255]), Value::Null),
    ];
    for (error_shape, top, code) in cases {
        let mock = start(Settings { protocol: Protocol::Http, error_shape, ..Settings::default() });
        let actions = vec![action("garden", "1"), action("estate", "2")];
        let json = Client::connect(&mock).call(&request(actions)).json();
        assert_eq!(json!([json["status"]["code"], json["status"]["errorcode"]]), top, "{error_shape:?}");
        assert_eq!(json["response"]["results"][0]["status"]["errorcode"], code, "{error_shape:?}");
        if code.is_null() {
            assert!(json.get("response").is_none());
            assert_eq!(
                mock.ledger(),
                [],
                "an answer without results can only mean that nothing was executed"
            );
        } else {
            assert_eq!(json["response"]["results"][0]["data"], data);
            assert_eq!(mock.executions(Module::Estate, 2), 1);
        }
    }
}

#[test]
fn codes_are_strings_when_asked_for() {
    let mock = start(Settings { protocol: Protocol::Http, codes_as_strings: true, ..Settings::default() });
    let json = Client::connect(&mock).call(&request(vec![action("garden", "1")])).json();
    assert_eq!(json["status"]["errorcode"], "255");
    assert_eq!(json["response"]["results"][0]["status"]["errorcode"], "255");
}

#[test]
fn the_date_header_follows_the_mocks_clock() {
    let mock =
        start(Settings { protocol: Protocol::Http, clock: Clock::Fixed(784_111_777), ..Settings::default() });
    let mut client = Client::connect(&mock);
    assert_eq!(client.call(&good(1)).header("date"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    mock.set_clock(Clock::Fixed(1_709_210_096));
    assert_eq!(client.call(&good(1)).header("date"), Some("Thu, 29 Feb 2024 12:34:56 GMT"));
    let without = start(Settings { protocol: Protocol::Http, date_header: false, ..Settings::default() });
    assert_eq!(Client::connect(&without).call(&good(1)).header("date"), None);
}
