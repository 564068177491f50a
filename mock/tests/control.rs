//! What a test can ask and tell the mock, in process and over HTTP, and whom faults hit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::{Duration, Instant};

use oo_webhooks_mock::{Clock, Ending, Fault, FaultKind, Module, Protocol, Settings};
use serde_json::{Value, json};
use support::{Client, action, control, good, plain, request, start};

fn get(mock: &oo_webhooks_mock::Mock, target: &str) -> Value {
    control(mock, "GET", target, "").json()
}

#[test]
fn the_ledger_can_be_read_whole_in_part_and_counted() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    for id in [5, 6, 5] {
        client.call(&good(id));
    }
    client.call(&request(vec![action("estate", "5")]));
    let ledger = get(&mock, "/mock/ledger");
    assert_eq!(ledger["total"], 4);
    let first = &ledger["entries"][0];
    assert_eq!(
        json!([
            first["sequence"],
            first["module"],
            first["id"],
            first["token"],
            first["connection"],
            first["request"]
        ]),
        json!([1, "address", 5, "Mock", 1, 1])
    );
    assert!(first["time_ms"].as_i64().unwrap() / 1000 - first["timestamp"].as_i64().unwrap() < 5);
    let since = get(&mock, "/mock/ledger?since=3");
    assert_eq!(since["entries"].as_array().unwrap().len(), 1);
    assert_eq!(since["total"], 4);
    assert_eq!(get(&mock, "/mock/ledger?since=9")["entries"], json!([]));
    assert_eq!(get(&mock, "/mock/ledger/count"), json!({"total": 4}));
    assert_eq!(get(&mock, "/mock/ledger/count?module=address&id=5"), json!({"total": 2}));
    assert_eq!(get(&mock, "/mock/ledger/count?id=5"), json!({"total": 3}));
    assert_eq!(control(&mock, "GET", "/mock/ledger?since=x", "").status, 400);
}

#[test]
fn counts_faults_clock_and_reset_work_over_http() {
    let mock = plain();
    let faults = r#"[{"kind": "html", "times": 1}, {"kind": "error_code", "code": 80, "records": [7]}]"#;
    assert_eq!(control(&mock, "POST", "/mock/faults", faults).json(), json!({"armed": 2}));
    let mut client = Client::connect(&mock);
    assert!(client.call(&good(1)).text().contains("<html>"));
    assert!(client.call(&good(1)).succeeded());
    assert_eq!(client.call(&good(7)).json()["status"]["errorcode"], 80);

    let listed = get(&mock, "/mock/faults");
    assert_eq!(json!([listed[0]["kind"], listed[0]["hits"]]), json!(["html", 1]));
    assert_eq!(control(&mock, "POST", "/mock/faults", &listed.to_string()).status, 200);
    assert_eq!(get(&mock, "/mock/counts")["faults"], 2);
    assert_eq!(get(&mock, "/mock/counts")["executed"], 2);

    control(&mock, "POST", "/mock/reset", "");
    assert_eq!(get(&mock, "/mock/ledger")["total"], 0);
    assert_eq!(get(&mock, "/mock/faults"), json!([]));
    control(&mock, "POST", "/mock/clock", r#"{"offset": 300}"#);
    assert_eq!(client.call(&good(1)).json()["status"]["errorcode"], 136);
    assert_eq!(get(&mock, "/mock/refusals")["total"], 1);

    control(&mock, "POST", "/mock/reset", "");
    assert!(client.call(&good(1)).succeeded(), "the clock is right again");
    assert_eq!(get(&mock, "/mock/refusals"), json!({"total": 0, "entries": []}));
}

#[test]
fn a_reset_sets_the_clock_as_the_settings_had_it() {
    let time = 1_700_000_000;
    let mock = start(Settings { protocol: Protocol::Http, clock: Clock::Fixed(time), ..Settings::default() });
    control(&mock, "POST", "/mock/clock", r#"{"offset": 0}"#);
    assert!(Client::connect(&mock).call(&good(1)).succeeded());
    mock.reset();
    let answer = control(&mock, "POST", "/api/stable/api.php", "{}");
    assert_eq!(answer.header("date"), Some("Tue, 14 Nov 2023 22:13:20 GMT"));
}

#[test]
fn web_pages_are_kept_out() {
    let names = vec!["mock.test".to_owned(), "*.example.test".to_owned()];
    let mock = start(Settings { protocol: Protocol::Http, names, ..Settings::default() });
    let ask = |target: &str, headers: &str| {
        let mut client = Client::connect(&mock);
        client.send(format!("POST {target} HTTP/1.1\r\n{headers}Content-Length: 0\r\n\r\n").as_bytes());
        client.read_answer()
    };
    for headers in [
        "",
        "Host: 127.0.0.1\r\n",
        "Host: 10.0.0.7:4711\r\n",
        "Host: [::1]:4711\r\n",
        "Host: LocalHost:4711\r\n",
        "Host: Mock.test\r\n",
        "Host: a.example.test\r\n",
        "Host: localhost:4711\r\nOrigin: http://localhost:4711\r\n",
    ] {
        let answer = ask("/mock/close-idle", headers);
        assert_eq!(answer.status, 200, "{headers} {}", answer.text());
    }
    for headers in [
        "Host: evil.test\r\n",
        "Host: evil.test:4711\r\nOrigin: http://evil.test:4711\r\n",
        "Host: localhost.evil.test\r\n",
        "Host: a.b.example.test\r\n",
        "Host: example.test\r\n",
        "Host: \r\n",
        "Host: localhost:4711\r\nOrigin: https://evil.test\r\n",
        "Host: localhost:4711\r\nOrigin: http://localhost:4712\r\n",
        "Host: localhost:4711\r\nOrigin: null\r\n",
        "Origin: https://evil.test\r\n",
        "Origin: null\r\n",
    ] {
        for target in ["/mock/stop", "/mock/nothing"] {
            let answer = ask(target, headers);
            assert_eq!(answer.status, 403, "{headers}");
            assert!(answer.text().contains("the mock does not"), "{}", answer.text());
        }
    }
    assert_eq!(ask("http://evil.test/mock/stop", "Host: localhost\r\n").status, 403);
    assert!(Client::connect(&mock).call(&good(1)).succeeded(), "the API is asked for by any name");
}

#[test]
fn refusals_tell_code_and_hint() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    let mut unsigned = action("address", "5");
    unsigned["hmac"] = json!("AAAA");
    client.call(&request(vec![action("estate", "1"), unsigned, action("task", "x\ny")]));
    client.send(&support::post("{}"));
    client.read_answer();

    let refusals = get(&mock, "/mock/refusals");
    let told: Vec<Value> = refusals["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["sequence"], it["code"], it["message"], it["module"], it["id"], it["request"]]))
        .collect();
    let expected = [
        json!([1, 137, "The HMAC is invalid.", "address", 5, 1]),
        json!([2, 235, "Unknown record id x\ny", null, null, 1]),
        json!([3, 13, "Missing or invalid element: token", null, null, 2]),
    ];
    assert_eq!(told, expected);
    assert_eq!(refusals["total"], 3);
    assert_eq!(refusals["entries"][0]["hint"], "wrong secret, or another text was signed");
    assert_eq!(get(&mock, "/mock/refusals?since=2")["entries"][0]["sequence"], 3);
    assert_eq!(control(&mock, "GET", "/mock/refusals?since=x", "").status, 400);
    assert_eq!(mock.refusals().len(), 3);
}

#[test]
fn of_many_refusals_the_newest_are_kept() {
    let mock = plain();
    let long = "9".repeat(100_000);
    let mut actions = vec![action("address", "0"); 1_001];
    actions.push(action("address", &long));
    Client::connect(&mock).call(&request(actions));
    let refusals = mock.refusals();
    assert_eq!((refusals.len(), refusals[0].sequence, mock.counts().refused), (1_000, 3, 1_002));
    assert!(refusals[999].message.len() < 300 && refusals[999].hint.len() < 300);
}

#[test]
fn idle_connections_can_be_closed_over_http() {
    let mock = plain();
    let mut client = Client::connect(&mock);
    client.call(&good(1));
    assert_eq!(control(&mock, "POST", "/mock/close-idle", "").json(), json!({"closed": 1}));
    assert_eq!(client.read_to_end().0, b"");
}

#[test]
fn a_stop_over_http_is_the_owners_to_carry_out() {
    let mock = plain();
    assert_eq!(control(&mock, "POST", "/mock/stop", "").status, 200);
    mock.wait();
    mock.stop();
}

#[test]
fn faults_that_make_no_sense_are_refused_with_a_reason() {
    let mock = plain();
    let cases = [
        ("[", "EOF"),
        ("{}", "invalid type"),
        (r#"[{"kind": "explode"}]"#, "unknown variant"),
        (r#"[{"kind": "delay"}]"#, "missing field `ms`"),
        (r#"[{"kind": "html", "time": 3}]"#, "fault html has no field time"),
        (r#"[{"kind": "close_on_accept", "how": "reset"}]"#, "has no field how"),
        (r#"[{"kind": "close_on_accept", "records": [5]}]"#, "before the record is known"),
        (r#"[{"kind": "drip", "bytes": 0, "every_ms": 1}]"#, "at least 1 byte"),
        (r#"[{"kind": "http_status", "status": 99}]"#, "not between"),
        (r#"[{"kind": "oversized", "bytes": 1000000001}]"#, "1000000000 bytes at most"),
        (r#"[{"kind": "gzip_bomb", "megabytes": 18446744073709551615}]"#, "10000 megabytes at most"),
        (r#"[{"kind": "continue_100", "count": 1000001}]"#, "1000000 at most"),
        (r#"[{"kind": "wrong_count", "results": 1000001}]"#, "1000000 results at most"),
        (r#"[{"kind": "cut_answer", "at": 1, "how": "gently"}]"#, "unknown variant"),
    ];
    for (faults, reason) in cases {
        let answer = control(&mock, "POST", "/mock/faults", faults);
        assert_eq!(answer.status, 400, "{faults}");
        assert!(answer.text().contains(reason), "{} should say {reason}", answer.text());
    }
    assert_eq!(control(&mock, "GET", "/mock/nothing", "").status, 404);
    assert_eq!(control(&mock, "DELETE", "/mock/ledger", "").status, 404);
}

/// One of each kind, with every field.
const KINDS: [&str; 42] = [
    r#"{"kind":"close_on_accept"}"#,
    r#"{"kind":"reset_on_accept"}"#,
    r#"{"kind":"stall_handshake"}"#,
    r#"{"kind":"tls_alert","alert":40}"#,
    r#"{"kind":"plain_text_instead_of_tls"}"#,
    r#"{"kind":"drop_after_handshake","how":"eof"}"#,
    r#"{"kind":"drop_before_reading","how":"close"}"#,
    r#"{"kind":"stall_before_reading"}"#,
    r#"{"kind":"drop_after_head","how":"reset"}"#,
    r#"{"kind":"drop_in_body","after":5,"how":"reset"}"#,
    r#"{"kind":"drop_unexecuted","how":"stall"}"#,
    r#"{"kind":"false_success"}"#,
    r#"{"kind":"drop_after_executing","how":"reset"}"#,
    r#"{"kind":"delay","ms":5,"before":"execute"}"#,
    r#"{"kind":"drip","bytes":5,"every_ms":1}"#,
    r#"{"kind":"cut_answer","at":-5,"how":"stall"}"#,
    r#"{"kind":"close_after_answer","when":"on_next_request","how":"close"}"#,
    r#"{"kind":"oversized","bytes":5,"chunked":true}"#,
    r#"{"kind":"endless_answer"}"#,
    r#"{"kind":"chunked"}"#,
    r#"{"kind":"wrong_content_length","by":-5,"how":"close"}"#,
    r#"{"kind":"gzip"}"#,
    r#"{"kind":"wrongly_compressed"}"#,
    r#"{"kind":"gzip_bomb","megabytes":5}"#,
    r#"{"kind":"continue_100","count":2}"#,
    r#"{"kind":"redirect","status":302,"location":"/","execute":false}"#,
    r#"{"kind":"http_status","status":503,"body":"html","execute":false}"#,
    r#"{"kind":"error_code","code":80,"message":"","shape":"generic","execute":true}"#,
    r#"{"kind":"empty_body","execute":true}"#,
    r#"{"kind":"garbage","execute":true}"#,
    r#"{"kind":"html","execute":false}"#,
    r#"{"kind":"wrong_count","results":0}"#,
    r#"{"kind":"wrong_record"}"#,
    r#"{"kind":"wrong_order"}"#,
    r#"{"kind":"elements_result","value":"error"}"#,
    r#"{"kind":"contradiction","between":"top_error_and_success"}"#,
    r#"{"kind":"raw_answer","body":{"a":1},"execute":true}"#,
    r#"{"kind":"stray_with_handshake","content":"success","results":1,"cut":5}"#,
    r#"{"kind":"stray_in_body","after":5,"content":"refusal","results":2}"#,
    r#"{"kind":"stray_before_answer","content":"earlier","results":1}"#,
    r#"{"kind":"stray_behind_answer","content":"garbage","results":1,"gap":"key_update","cut":null}"#,
    r#"{"kind":"raw_http","bytes":"x","how":"close","execute":true}"#,
];

#[test]
fn every_kind_of_fault_survives_json() {
    for json in KINDS {
        let kind: FaultKind = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&kind).unwrap(), json);
        let fault: Fault = serde_json::from_str(json).unwrap();
        assert_eq!(fault, Fault::new(kind));
    }
}

#[test]
fn the_faults_of_the_readme_are_all_there_are() {
    let readme = include_str!("../README.md");
    let cells = readme.lines().filter_map(|line| line.strip_prefix("| `{")?.split('`').next());
    let faults: Vec<Fault> = cells
        .map(|cell| serde_json::from_str(&format!("{{{cell}")).unwrap_or_else(|it| panic!("{cell}: {it}")))
        .collect();
    assert_eq!(faults.len(), KINDS.len());
    for kind in KINDS {
        let name = serde_json::from_str::<FaultKind>(kind).unwrap().name();
        assert!(faults.iter().any(|fault| fault.kind.name() == name), "the readme lacks {name}");
    }
}

#[test]
fn the_first_fault_that_matches_is_used() {
    let mock = plain();
    let error =
        |code| Fault::new(serde_json::from_value(json!({"kind": "error_code", "code": code})).unwrap());
    mock.set_faults(vec![
        error(1).id(5).times(1),
        error(2).ids(5, 9).skip(1).times(2),
        error(3).module(Module::Estate),
        error(4).skip(2),
    ]);
    let mut client = Client::connect(&mock);
    let mut code = |module: &str, id: &str| {
        client.call(&request(vec![action(module, id)])).json()["status"]["errorcode"].as_i64().unwrap()
    };
    assert_eq!(code("address", "5"), 1);
    assert_eq!(code("address", "5"), 0, "the second skips one, the fourth its first");
    assert_eq!(code("address", "9"), 2);
    assert_eq!(code("address", "10"), 0, "the fourth skips its second");
    assert_eq!(code("estate", "6"), 2);
    assert_eq!(code("estate", "6"), 3);
    assert_eq!(code("address", "6"), 4);
}

#[test]
fn an_error_code_for_some_records_refuses_only_their_actions() {
    let error = |shape: &str, execute: bool| {
        let kind = json!({"kind": "error_code", "code": 80, "shape": shape, "execute": execute});
        Fault::new(serde_json::from_value(kind).unwrap())
    };
    let cases = [
        (error("repeated", false).id(2), json!([0, 80, 0, 80]), vec![1, 3], 80),
        (error("action_only", false).ids(2, 3), json!([0, 80, 80, 80]), vec![1], 0),
        (error("generic", true).id(1), json!([80, 0, 0, 0]), vec![1, 2, 3, 2], 97),
        (error("repeated", false).module(Module::Task), json!([0, 0, 0, 80]), vec![1, 2, 3], 80),
        (error("top_only", false).id(2), Value::Null, vec![], 80),
        (error("repeated", false), json!([80, 80, 80, 80]), vec![], 80),
    ];
    for (fault, codes, executed, top) in cases {
        let mock =
            start(Settings { protocol: Protocol::Http, faults: vec![fault.clone()], ..Settings::default() });
        let mut actions: Vec<Value> = (1..=3).map(|id| action("address", &id.to_string())).collect();
        actions.push(action("task", "2"));
        let json = Client::connect(&mock).call(&request(actions)).json();
        let results = json["response"]["results"].as_array();
        let told =
            results.map(|them| them.iter().map(|it| it["status"]["errorcode"].clone()).collect::<Value>());
        assert_eq!(told.unwrap_or_default(), codes, "{fault:?}");
        assert_eq!(json["status"]["errorcode"], top, "{fault:?}");
        let ids: Vec<u64> = mock.ledger().iter().map(|entry| entry.id).collect();
        assert_eq!(ids, executed, "{fault:?}");
        assert_eq!(mock.counts().faults, 1);
    }
}

#[test]
fn an_action_that_a_fault_does_not_name_keeps_its_own_refusal() {
    let faults = vec![serde_json::from_str(r#"{"kind": "error_code", "code": 80, "records": [2]}"#).unwrap()];
    let mock = start(Settings { protocol: Protocol::Http, faults, ..Settings::default() });
    let actions = vec![action("garden", "1"), action("address", "2"), action("address", "3")];
    let json = Client::connect(&mock).call(&request(actions)).json();
    let codes: Vec<&Value> = json["response"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["status"]["errorcode"])
        .collect();
    assert_eq!(codes, [255, 80, 0]);
    assert_eq!(mock.ledger().len(), 1);
}

#[test]
fn a_plan_chooses_by_record() {
    let mock = plain();
    mock.set_plan(|record| match record.id % 3 {
        0 => Some(FaultKind::DropAfterExecuting { how: Ending::Close }),
        1 => Some(FaultKind::DropBeforeReading { how: Ending::Close }),
        _ => None,
    });
    for id in 1..=9 {
        let mut client = Client::connect(&mock);
        client.send(&support::post(&good(id).to_string()));
        if id % 3 == 2 {
            assert!(client.read_answer().succeeded());
        } else {
            assert_eq!(client.read_to_end().0, b"");
        }
        assert_eq!(mock.executions(Module::Address, id), usize::from(id % 3 != 1));
    }
    mock.clear_faults();
    assert!(Client::connect(&mock).call(&good(1)).succeeded());
}

#[test]
fn thousands_of_faults_and_entries_stay_fast() {
    let faults =
        (1..=20_000).map(|id| Fault::new(FaultKind::EmptyBody { execute: true }).id(id).once()).collect();
    let mock = start(Settings { protocol: Protocol::Http, faults, ..Settings::default() });
    let actions: Vec<Value> = (1..=5_000).map(|id| action("address", &id.to_string())).collect();
    let mut client = Client::connect(&mock);
    for _ in 0..4 {
        client.call(&request(actions.clone()));
    }
    assert_eq!(get(&mock, "/mock/ledger/count")["total"], 20_000);

    let begin = Instant::now();
    for id in 20_001..=20_200 {
        assert!(client.call(&good(id)).succeeded());
    }
    assert_eq!(get(&mock, "/mock/ledger?since=20190")["entries"].as_array().unwrap().len(), 10);
    assert!(begin.elapsed() < Duration::from_secs(5));
}
