#![allow(clippy::needless_pass_by_value)] // `json!(..)` as an argument reads better without `&`

use serde_json::{Value, json};

use super::*;
use crate::credentials::Credentials;

fn request(records: &[(&str, i64)]) -> Request {
    let mut request = Request::new();
    for (module, id) in records {
        request.add(Record::new(module, *id).unwrap()).unwrap();
    }
    request
}

fn one() -> Request {
    request(&[("address", 15005)])
}

fn parsed(request: &Request, http_status: u16, body: impl AsRef<[u8]>) -> Vec<RecordResult> {
    parse(request, None, Response::new(http_status, body.as_ref().to_vec(), None))
}

fn parsed_one(http_status: u16, body: impl AsRef<[u8]>) -> RecordResult {
    parsed(&one(), http_status, body).remove(0)
}

/// The documented answer to `address 15005`, to be bent by the tests.
fn documented() -> Value {
    serde_json::from_str(include_str!("documented_answer.json")).unwrap()
}

fn action(resourceid: &str, errorcode: i64, result: Option<&str>) -> Value {
    let mut action = documented()["response"]["results"][0].clone();
    action["resourceid"] = json!(resourceid);
    action["status"]["errorcode"] = json!(errorcode);
    match result {
        Some(result) => action["data"]["records"][0]["elements"]["result"] = json!(result),
        None => action["data"] = json!([]),
    }
    action
}

fn answer(code: Value, errorcode: Value, results: Value) -> String {
    json!({"status": {"code": code, "errorcode": errorcode, "message": "m"}, "response": {"results": results}})
        .to_string()
}

#[test]
fn the_documented_answer_is_executed() {
    let result = parsed_one(200, documented().to_string());
    assert_eq!(result.status(), Status::Ok);
    assert_eq!(result.http_status(), 200);
    assert_eq!(result.error_code(), 0);
    assert_eq!(result.message(), "address 15005: executed");
}

#[test]
fn codes_may_be_numbers_or_strings_and_the_answer_may_begin_with_a_byte_order_mark() {
    let mut answer = documented();
    answer["status"]["code"] = json!("200");
    answer["status"]["errorcode"] = json!("0");
    answer["response"]["results"][0]["status"]["errorcode"] = json!("0");
    assert_eq!(parsed_one(200, answer.to_string()).status(), Status::Ok);
    assert_eq!(parsed_one(200, format!("\u{feff}{answer}")).status(), Status::Ok);
}

/// Every way to take a piece out of the documented answer, or to change it, must cost the success.
#[test]
fn nothing_less_than_the_documented_answer_is_executed() {
    type Bend = fn(&mut Value);
    let bends: [(&str, Bend); 19] = [
        ("no status", |a| drop(a.as_object_mut().unwrap().remove("status"))),
        ("status is a list", |a| a["status"] = json!([])),
        ("no top code", |a| drop(a["status"].as_object_mut().unwrap().remove("code"))),
        ("top code 201", |a| a["status"]["code"] = json!(201)),
        ("top code true", |a| a["status"]["code"] = json!(true)),
        ("no top errorcode", |a| drop(a["status"].as_object_mut().unwrap().remove("errorcode"))),
        ("top errorcode null", |a| a["status"]["errorcode"] = json!(null)),
        ("top errorcode 97", |a| a["status"]["errorcode"] = json!(97)),
        ("no action status", |a| {
            drop(a["response"]["results"][0].as_object_mut().unwrap().remove("status"));
        }),
        ("action errorcode empty", |a| a["response"]["results"][0]["status"]["errorcode"] = json!("")),
        ("action errorcode 0.0", |a| a["response"]["results"][0]["status"]["errorcode"] = json!(0.5)),
        ("data is a list", |a| a["response"]["results"][0]["data"] = json!([])),
        ("no record", |a| a["response"]["results"][0]["data"]["records"] = json!([])),
        ("elements is a list", |a| {
            a["response"]["results"][0]["data"]["records"][0]["elements"] = json!(["success"]);
        }),
        ("result true", |a| {
            a["response"]["results"][0]["data"]["records"][0]["elements"]["result"] = json!(true);
        }),
        ("result Success", |a| {
            a["response"]["results"][0]["data"]["records"][0]["elements"]["result"] = json!("Success");
        }),
        ("success instead of result", |a| {
            a["response"]["results"][0]["data"]["records"][0]["elements"] = json!({"success": "success"});
        }),
        ("result error", |a| {
            a["response"]["results"][0]["data"]["records"][0]["elements"]["result"] = json!("error");
        }),
        ("no results", |a| a["response"] = json!({})),
    ];
    for (name, bend) in bends {
        let mut answer = documented();
        bend(&mut answer);
        let result = parsed_one(200, answer.to_string());
        assert_eq!(result.outcome(), Outcome::InDoubt, "{name}: {}", result.message());
    }
}

#[test]
fn an_answer_about_another_record_or_call_leaves_doubt() {
    for (field, value) in [
        ("resourceid", json!("15006")),
        ("resourceid", json!(15006)),
        ("identifier", json!(["estate:15005"])),
        ("resourcetype", json!("estate")),
        ("actionid", json!("urn:onoffice-de-ns:smart:2.5:smartml:action:read")),
    ] {
        for errorcode in [0, 137] {
            let mut answer = documented();
            answer["response"]["results"][0][field] = value.clone();
            answer["response"]["results"][0]["status"]["errorcode"] = json!(errorcode);
            assert_eq!(parsed_one(200, answer.to_string()).status(), Status::BadResponse, "{field}");
        }
    }
}

#[test]
fn an_echo_may_be_a_number_empty_or_left_out() {
    let mut answer = documented();
    answer["response"]["results"][0]["resourceid"] = json!(15005);
    answer["response"]["results"][0]["identifier"] = json!("address:15005");
    assert_eq!(parsed_one(200, answer.to_string()).status(), Status::Ok);
    for field in ["resourceid", "identifier", "resourcetype", "actionid"] {
        answer["response"]["results"][0][field] = json!(null);
    }
    assert_eq!(parsed_one(200, answer.to_string()).status(), Status::Ok);
}

/// The error shapes of the API reference, section "where they appear".
#[test]
fn errors_are_found_wherever_they_stand() {
    let cases = [
        (
            "own code on top and on the action",
            answer(json!(500), json!(255), json!([action("15005", 255, None)])),
            Status::Rejected,
            255,
        ),
        (
            "97 on top",
            answer(json!(500), json!(97), json!([action("15005", 80, None)])),
            Status::UnknownRecord,
            80,
        ),
        (
            "only on the action",
            answer(json!(200), json!(0), json!([action("15005", 137, None)])),
            Status::NotAuthenticated,
            137,
        ),
        (
            "only on top, no response",
            json!({"status": {"code": 500, "errorcode": 41, "message": "Customer unknown!"}}).to_string(),
            Status::NotAuthenticated,
            41,
        ),
        ("on top as text", answer(json!(400), json!("22"), json!([])), Status::NotAuthenticated, 22),
        ("400 without a code", answer(json!(400), json!(0), json!([])), Status::NotAuthenticated, 0),
        (
            "words instead of a code",
            answer(json!(400), json!("Syntax error"), json!([])),
            Status::ServerError,
            0,
        ),
        ("500 without a code", answer(json!(500), json!(null), json!(null)), Status::ServerError, 0),
        ("97 and no more", answer(json!(500), json!(97), json!([])), Status::ServerError, 97),
        (
            "97 twice",
            answer(json!(500), json!(97), json!([action("15005", 97, None)])),
            Status::ServerError,
            97,
        ),
        (
            "97 on the action, reason on top",
            answer(json!(500), json!(240), json!([action("15005", 97, None)])),
            Status::NotAllowed,
            240,
        ),
        (
            "code of no list",
            answer(json!(200), json!(0), json!([action("15005", 4711, None)])),
            Status::ServerError,
            4711,
        ),
        (
            "code as text",
            answer(json!(200), json!(0), json!([{"status": {"errorcode": "136"}}])),
            Status::ClockSkew,
            136,
        ),
    ];
    for (name, body, status, code) in cases {
        let result = parsed_one(200, &body);
        assert_eq!((result.status(), result.error_code()), (status, code), "{name}: {body}");
    }
}

#[test]
fn error_and_success_at_once_leave_doubt() {
    for (top_code, top, own) in [(200, 0, 80), (500, 80, 0), (500, 97, 0), (400, 22, 0), (500, 80, 80)] {
        let body = answer(json!(top_code), json!(top), json!([action("15005", own, Some("success"))]));
        assert_eq!(parsed_one(200, &body).outcome(), Outcome::InDoubt, "{body}");
    }
}

#[test]
fn bodies_that_are_not_the_apis_leave_doubt() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = "{\"status\":".repeat(100_000);
    let cut = documented().to_string();
    let twice = cut.replacen("\"status\"", "\"status\": {\"code\": 500}, \"status\"", 1);
    let bodies = [
        "",
        " ",
        "null",
        "[]",
        "{}",
        "\"success\"",
        "<html>Wartung</html>",
        "executed",
        &deep,
        &deep_objects,
        &twice,
        "{\"result\": \"success\"}",
        "\u{0}\u{0}",
    ];
    for body in bodies {
        let result = parsed_one(200, body);
        assert_eq!(result.status(), Status::BadResponse, "{}", result.message());
        let result = parsed_one(502, body);
        assert_eq!(result.status(), Status::HttpError, "{}", result.message());
    }
    assert_eq!(parsed_one(200, b"\xff\xfe\x00").status(), Status::BadResponse);
}

#[test]
fn an_answer_cut_at_any_byte_is_never_a_success() {
    let whole = documented().to_string();
    for end in 0..whole.len() {
        assert_eq!(parsed_one(200, &whole[..end]).status(), Status::BadResponse, "cut at {end}");
    }
}

#[test]
fn ten_megabytes_are_read() {
    let mut answer = documented();
    answer["padding"] = json!("x".repeat(10_000_000));
    let result = parsed_one(200, answer.to_string());
    assert_eq!(result.status(), Status::Ok);
    let result = parsed_one(200, "x".repeat(10_000_000));
    assert_eq!(result.status(), Status::BadResponse);
    assert!(result.message().len() < 1000);
}

#[test]
fn the_http_status_does_not_hide_an_answer_of_the_api() {
    let rejected = answer(json!(400), json!(22), json!([]));
    for http_status in [200, 302, 400, 401, 500, 503] {
        assert_eq!(parsed_one(http_status, documented().to_string()).status(), Status::Ok);
        assert_eq!(parsed_one(http_status, &rejected).status(), Status::NotAuthenticated);
    }
}

#[test]
fn every_record_of_a_request_gets_its_own_result() {
    let request = request(&[("address", 1), ("address", 2), ("address", 3)]);
    let good = |id| action(id, 0, Some("success"));
    let cases = [
        (
            answer(json!(200), json!(0), json!([good("1"), good("2"), good("3")])),
            [Status::Ok, Status::Ok, Status::Ok],
        ),
        // The top level says "look at the actions", or repeats the one that failed.
        (
            answer(json!(500), json!(97), json!([good("1"), action("2", 80, None), good("3")])),
            [Status::Ok, Status::UnknownRecord, Status::Ok],
        ),
        (
            answer(json!(500), json!(80), json!([good("1"), action("2", 80, None), good("3")])),
            [Status::Ok, Status::UnknownRecord, Status::Ok],
        ),
        // A top-level error that no action explains.
        (
            answer(json!(500), json!(41), json!([good("1"), action("2", 80, None), good("3")])),
            [Status::BadResponse, Status::UnknownRecord, Status::BadResponse],
        ),
        (
            // Without labels, two in another order make the first one's position worth nothing too.
            answer(json!(200), json!(0), json!([good("1"), good("3"), good("2")])),
            [Status::BadResponse; 3],
        ),
        (answer(json!(200), json!(0), json!([good("1"), good("2")])), [Status::BadResponse; 3]),
        (
            answer(json!(200), json!(0), json!([good("1"), good("2"), good("3"), good("4")])),
            [Status::BadResponse; 3],
        ),
        // Only top-level errors: who is refused is refused for all, a record's error may be one record's.
        (answer(json!(500), json!(240), json!([])), [Status::NotAllowed; 3]),
        (answer(json!(500), json!(80), json!([])), [Status::BadResponse; 3]),
        (answer(json!(500), json!(255), json!(null)), [Status::BadResponse; 3]),
        (answer(json!(500), json!(4711), json!(null)), [Status::ServerError; 3]),
        (answer(json!(500), json!("Syntax error"), json!([])), [Status::ServerError; 3]),
        (answer(json!(500), json!(97), json!([])), [Status::ServerError; 3]),
        (
            answer(json!(500), json!(80), json!([good("1"), action("2", 97, None), good("3")])),
            [Status::BadResponse, Status::BadResponse, Status::BadResponse],
        ),
        (answer(json!(400), json!(22), json!([])), [Status::NotAuthenticated; 3]),
        (
            answer(json!(200), json!(0), json!([good("1"), "text", 7])),
            [Status::Ok, Status::BadResponse, Status::BadResponse],
        ),
    ];
    for (body, expected) in cases {
        let statuses: Vec<_> = parsed(&request, 200, &body).iter().map(RecordResult::status).collect();
        assert_eq!(statuses, expected, "{body}");
    }
}

/// A signed request, and its labels as they went out.
fn signed(request: &Request) -> (SignedRequest, Vec<String>) {
    let credentials = Credentials::new("made-up-token", "made-up-secret").unwrap();
    let signed = request.sign(&credentials, 1).unwrap();
    let body: Value = serde_json::from_slice(signed.json()).unwrap();
    let actions = body["request"]["actions"].as_array().unwrap();
    let labels = actions.iter().map(|action| action["identifier"].as_str().unwrap().to_owned()).collect();
    (signed, labels)
}

fn labelled(label: &Value, mut action: Value) -> Value {
    action["identifier"] = label.clone();
    action
}

fn statuses(request: &Request, signed: &SignedRequest, body: &str) -> Vec<Status> {
    let answer = Response::new(200, body.as_bytes().to_vec(), None);
    parse(request, Some(signed), answer).iter().map(RecordResult::status).collect()
}

#[test]
fn labels_settle_only_what_they_name() {
    const OK: Status = Status::Ok;
    const NO: Status = Status::UnknownRecord;
    const DOUBT: Status = Status::BadResponse;
    let request = request(&[("address", 1), ("estate", 1), ("task", 3)]);
    let (signed, labels) = signed(&request);
    let (_, others) = self::signed(&request);
    let [first, second, third] = [0, 1, 2].map(|index: usize| json!(labels[index]));
    let good = |label: &Value, id: &str| labelled(label, action(id, 0, Some("success")));
    let bad = |label: &Value, id: &str| labelled(label, action(id, 80, None));
    let foreign = json!(others[0]);
    let none = json!("");
    for (name, results, expected) in [
        ("in order", json!([good(&first, "1"), bad(&second, "1"), good(&third, "3")]), [OK, NO, OK]),
        ("in another order", json!([good(&third, "3"), bad(&second, "1"), good(&first, "1")]), [OK, NO, OK]),
        ("turned", json!([bad(&second, "1"), good(&third, "3"), good(&first, "1")]), [OK, NO, OK]),
        ("without labels", json!([good(&none, "1"), bad(&none, "1"), good(&none, "3")]), [OK, NO, OK]),
        ("one left out", json!([good(&none, "1"), bad(&second, "1"), good(&third, "3")]), [OK, NO, OK]),
        (
            "one left out, turned",
            json!([good(&none, "3"), bad(&second, "1"), good(&first, "1")]),
            [OK, NO, DOUBT],
        ),
        ("one twice", json!([bad(&first, "1"), bad(&first, "1"), good(&third, "3")]), [DOUBT, DOUBT, OK]),
        ("all the same", json!([bad(&second, "1"), bad(&second, "1"), bad(&second, "1")]), [DOUBT; 3]),
        (
            "one of another request",
            json!([bad(&foreign, "1"), bad(&second, "1"), good(&third, "3")]),
            [DOUBT, NO, OK],
        ),
        (
            "all of another request",
            json!([good(&foreign, "1"), good(&json!(others[1]), "1"), good(&json!(others[2]), "3")]),
            [DOUBT; 3],
        ),
        (
            "a label with another's id",
            json!([good(&third, "1"), bad(&second, "1"), good(&first, "3")]),
            [DOUBT, NO, DOUBT],
        ),
    ] {
        let body = answer(json!(500), json!(97), results.clone());
        let failed = results.as_array().unwrap().iter().any(|result| result["status"]["errorcode"] != 0);
        let body = if failed { body } else { answer(json!(200), json!(0), results) };
        assert_eq!(statuses(&request, &signed, &body), expected, "{name}");
    }
}

#[test]
fn the_answer_to_another_request_for_the_same_record_leaves_doubt() {
    let request = one();
    let ((signed, own), (_, other)) = (signed(&request), signed(&request));
    for (label, success, refusal) in [
        (json!(own[0]), Status::Ok, Status::NotAuthenticated),
        (json!(other[0]), Status::BadResponse, Status::BadResponse),
        (json!("address:15005"), Status::BadResponse, Status::BadResponse),
        (json!(format!("{}0", own[0])), Status::BadResponse, Status::BadResponse),
        (json!(null), Status::Ok, Status::NotAuthenticated),
        (json!(""), Status::Ok, Status::NotAuthenticated),
    ] {
        let good = labelled(&label, action("15005", 0, Some("success")));
        let bad = labelled(&label, action("15005", 137, None));
        assert_eq!(
            statuses(&request, &signed, &answer(json!(200), json!(0), json!([good]))),
            [success],
            "{label}"
        );
        assert_eq!(
            statuses(&request, &signed, &answer(json!(400), json!(137), json!([bad]))),
            [refusal],
            "{label}"
        );
    }
}

#[test]
fn an_echo_of_an_unexpected_type_is_not_ours() {
    let request = request(&[("address", 2)]);
    let (signed, labels) = signed(&request);
    let good = labelled(&json!(labels[0]), action("2", 0, Some("success")));
    for field in ["resourceid", "identifier", "resourcetype", "actionid"] {
        for value in ["2e0", "2.0", "[2]", "[\"2\"]", "{}", "true", "18446744073709551615", "1e400"] {
            let text = good
                .to_string()
                .replace(&format!("\"{field}\":{}", good[field]), &format!("\"{field}\":{value}"));
            let body = format!(
                "{{\"status\":{{\"code\":200,\"errorcode\":0}},\"response\":{{\"results\":[{text}]}}}}"
            );
            assert_eq!(statuses(&request, &signed, &body), [Status::BadResponse], "{body}");
        }
    }
}

/// Of what a server sends, little is kept: the text of a message, and no more results than needed.
#[test]
fn long_texts_are_cut_before_they_are_used_and_hide_no_secret() {
    let request = request(&(1..=500).map(|id| ("task", id)).collect::<Vec<_>>());
    let (signed, _) = signed(&request);
    for length in [4000, 4080, 4095, 4096, 100_000] {
        for word in ["made-up-token", "made-up-secret"] {
            let message = format!("{}{word}{}", " ".repeat(length - word.len() / 2), "x".repeat(5000));
            let echo = word.repeat(length / word.len() + 400);
            for message in [message, echo] {
                let body = json!({"status": {"code": 500, "errorcode": 8, "message": message}}).to_string();
                let results = parse(&request, Some(&signed), Response::new(200, body.into_bytes(), None));
                for result in &results {
                    let message = result.message();
                    assert!(!message.contains("made-up") && message.len() < 2000, "{message}");
                }
            }
        }
    }
}

#[test]
fn an_answer_behind_which_the_exchange_broke_counts_only_as_a_closed_object() {
    let request = one();
    let (signed, _) = signed(&request);
    let is_whole = |body: &[u8]| {
        let response = Response::new(200, body.to_vec(), None);
        read_cut(&request, &signed, response, &ServerEcho::default()).is_some()
    };
    let answer = documented().to_string();
    assert!(is_whole(answer.as_bytes()));
    assert!(is_whole(format!("{answer}  \n ").as_bytes()));
    for end in 0..answer.len() {
        assert!(!is_whole(&answer.as_bytes()[..end]), "cut at {end}");
    }
    for body in ["", " ", "null", "7", "[]", "{} {}", "<html>"] {
        assert!(!is_whole(body.as_bytes()), "{body}");
    }
}

#[test]
fn a_server_that_echoes_labels_is_not_believed_without_one() {
    let request = one();
    let echo = ServerEcho::default();
    let call = |code: i64, has_label: bool| {
        let (signed, labels) = signed(&request);
        let mut action = action("15005", code, (code == 0).then_some("success"));
        action["identifier"] = json!(if has_label { labels[0].as_str() } else { "" });
        let body = answer(json!(200), json!(0), json!([action]));
        read(&request, Some(&signed), Response::new(200, body.into_bytes(), None), &echo).remove(0)
    };
    assert_eq!(call(0, false).status(), Status::Ok, "a server of which nothing is known");
    assert_eq!(call(0, true).status(), Status::Ok);
    let result = call(0, false);
    assert_eq!(result.status(), Status::BadResponse);
    assert!(result.message().contains("without the request's label"), "{}", result.message());
    // Whether the API echoes labels with its errors is not known.
    assert_eq!(call(137, false).status(), Status::NotAuthenticated);
    assert_eq!(call(0, true).status(), Status::Ok);
}

#[test]
fn the_message_has_code_reason_and_cure() {
    let body = answer(json!(200), json!(0), json!([action("15005", 240, None)]));
    let message = parsed_one(200, body).message().to_owned();
    assert!(message.starts_with("address 15005: rejected by onOffice: error 240: OK; "), "{message}");
    assert!(message.contains("marketplace providers cannot make this call"), "{message}");
}

#[test]
fn a_clock_error_tells_by_how_much_and_a_bad_signature_what_looks_wrong() {
    let credentials = Credentials::new(&"t".repeat(64), &"s".repeat(32)).unwrap();
    let request = one();
    let signed = request.sign(&credentials, 1_700_000_258).unwrap();
    let message = |code: i64, date| {
        let body = answer(json!(200), json!(0), json!([action("15005", code, None)]));
        let answer = Response::new(200, body.into_bytes(), date);
        parse(&request, Some(&signed), answer).remove(0).message().to_owned()
    };
    assert!(message(136, Some(1_700_000_000)).contains("258 s ahead of"));
    assert!(message(136, Some(1_700_007_458)).contains("7200 s behind"));
    assert!(message(136, None).contains("set this machine's clock"));
    assert!(message(137, None).contains("swapped"));
}

#[test]
fn an_echoed_token_does_not_reach_the_message() {
    let credentials = Credentials::new("made-up-token", "made-up-secret").unwrap();
    let request = one();
    let signed = request.sign(&credentials, 1).unwrap();
    let echo = Response::new(403, b"<p>blocked: made-up-token made-up-secret".to_vec(), None);
    let message = parse(&request, Some(&signed), echo).remove(0).message().to_owned();
    assert!(!message.contains("made-up-token") && !message.contains("made-up-secret"), "{message}");
}

#[test]
fn a_token_at_the_end_of_what_is_looked_at_does_not_reach_the_message() {
    let credentials = Credentials::new("made-up-token", "made-up-secret").unwrap();
    let request = one();
    let signed = request.sign(&credentials, 1).unwrap();
    for blanks in 4070..4100 {
        let page = format!("{}<p>made-up-token</p>", " ".repeat(blanks));
        let echo = Response::new(403, page.into_bytes(), None);
        let message = parse(&request, Some(&signed), echo).remove(0).message().to_owned();
        assert!(!message.contains("<p>made"), "{blanks}: {message}");
    }
}
