//! Any answer to a request: one result a record, and `Ok` only where a second, naive reading of the
//! JSON finds success at all three levels too.
//!
//! The first four bytes choose the request and the HTTP status; the rest is the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oo_webhooks_core::credentials::Credentials;
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::record::Record;
use oo_webhooks_core::request::Request;
use oo_webhooks_core::response::parse;
use oo_webhooks_core::result::Response;
use serde_json::Value;

const TOKEN: &str = "TokenOfFuzzingTokenOfFuzzing0001";
const SECRET: &str = "SecretOfFuzzingSecretOfFuzzingSecretOfFuzzingSecretOfFuzzing0001";

/// As many records as bytes choose from, in this order.
const RECORDS: [(&str, i64); 4] = [("address", 1), ("estate", 1), ("task", 22), ("calendar", i64::MAX)];

fuzz_target!(|data: &[u8]| {
    let [count, is_signed, high, low, body @ ..] = data else { return };
    let request = request(usize::from(count % 4) + 1);
    let credentials = Credentials::new(TOKEN, SECRET).unwrap();
    let signed = (is_signed % 2 == 1).then(|| request.sign(&credentials, 1_700_000_000).unwrap());
    let labels = signed.as_ref().map(|signed| labels(signed.json()));
    let http_status = 100 + u16::from_be_bytes([*high, *low]) % 900;
    let date = (is_signed % 4 > 1).then_some(1_700_000_500);

    let results = parse(&request, signed.as_ref(), Response::new(http_status, body.to_vec(), date));

    assert_eq!(results.len(), request.records().len());
    for (index, (result, record)) in results.iter().zip(request.records()).enumerate() {
        assert_eq!(result.record(), *record);
        assert_eq!(result.http_status(), http_status);
        assert_eq!(result.body(), Some(body));
        assert_ne!(result.status(), Status::Internal);
        assert_ne!(result.outcome(), Outcome::NotSent, "there was an answer");
        let message = result.message();
        assert!(!message.is_empty() && message.chars().count() < 510, "{message:?}");
        assert!(!message.chars().any(char::is_control), "{message:?}");
        if signed.is_some() {
            assert!(!message.contains(TOKEN) && !message.contains(SECRET), "{message}");
        }
        match result.outcome() {
            Outcome::Executed => {
                assert!(says(body, &results_of(body), labels.as_deref(), index, *record, true));
            }
            Outcome::Rejected => {
                assert!(says(body, &results_of(body), labels.as_deref(), index, *record, false));
            }
            _ => {}
        }
    }
});

fn request(count: usize) -> Request {
    let mut request = Request::new();
    for (module, id) in RECORDS.into_iter().take(count) {
        request.add(Record::new(module, id).unwrap()).unwrap();
    }
    request
}

/// The JSON, or `Null` for what only serde refuses: numbers that are out of its range.
fn results_of(body: &[u8]) -> Value {
    match serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)) {
        Ok(value) => value,
        Err(error) => {
            assert!(error.to_string().contains("out of range"), "taken for JSON: {error}");
            Value::Null
        }
    }
}

/// The label of each action of a signed request.
fn labels(json: &[u8]) -> Vec<String> {
    let request: Value = serde_json::from_slice(json).unwrap();
    let actions = request["request"]["actions"].as_array().unwrap().iter();
    actions.map(|action| action["identifier"].as_str().unwrap().to_owned()).collect()
}

/// Whether a part of an answer can be read as success for a record, or as an error that leaves no doubt.
fn says(
    body: &[u8],
    answer: &Value,
    labels: Option<&[String]>,
    index: usize,
    record: Record,
    success: bool,
) -> bool {
    if answer.is_null() && !body.is_empty() {
        return true;
    }
    let top = &answer["status"];
    let top_code = code(&top["errorcode"]);
    let results = answer["response"]["results"].as_array().cloned().unwrap_or_default();
    let label = labels.map(|labels| labels[index].as_str());
    let is_error = |code: &Option<String>| code.as_deref().is_some_and(|code| code != "0");
    let top_says = is_error(&top_code) || matches!(code(&top["code"]).as_deref(), Some("400"));
    if !success && results.is_empty() {
        return top_says;
    }
    let failed_elsewhere = results.iter().any(|other| {
        let other = code(&other["status"]["errorcode"]);
        is_error(&other) && (other == top_code || top_code.as_deref() == Some("97"))
    });
    let top_agrees = (top_code.as_deref() == Some("0") && code(&top["code"]).as_deref() == Some("200"))
        || (top_code.as_deref() != Some("0") && failed_elsewhere);
    results.iter().any(|result| {
        let own_code = code(&result["status"]["errorcode"]);
        let done = text(&result["data"]["records"][0]["elements"]["result"]).as_deref() == Some("success");
        let echoes = [
            ("resourceid", Some(record.id().to_string())),
            ("identifier", label.map(str::to_owned)),
            ("resourcetype", Some("executeMarketplaceWebhooks".to_owned())),
            ("actionid", Some("urn:onoffice-de-ns:smart:2.5:smartml:action:do".to_owned())),
        ];
        let is_ours = echoes.iter().all(|(name, expected)| match &result[name] {
            Value::Null => true,
            echo => text(echo).is_some_and(|echo| {
                echo.is_empty() || expected.as_ref().is_none_or(|expected| echo == *expected)
            }),
        });
        if !success {
            return is_ours && !done && (is_error(&own_code) || top_says);
        }
        let is_one = result["data"]["records"].as_array().is_some_and(|records| records.len() == 1);
        is_ours && top_agrees && own_code.as_deref() == Some("0") && done && is_one
    })
}

/// A code as text, whether it came as a number or as text; nothing for everything else.
fn code(value: &Value) -> Option<String> {
    let text = text(value)?;
    let text = text.trim();
    let number = text.parse::<i64>().map_or_else(|_| text.to_owned(), |number| number.to_string());
    (!number.is_empty()).then_some(number)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
}
