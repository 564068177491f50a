//! Any records, credentials and time: what is signed is JSON that says the same, each record once
//! and in the order in which they were added.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use oo_webhooks_core::credentials::Credentials;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::request::{MAX_RECORDS, Request};
use serde_json::{Value, json};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    token: &'a str,
    secret: &'a str,
    timestamp: i64,
    /// Small ids repeat themselves.
    records: Vec<(Name<'a>, i16, bool)>,
}

#[derive(Debug, Arbitrary)]
enum Name<'a> {
    Estate,
    Address,
    Task,
    Calendar,
    Other(&'a str),
}

fuzz_target!(|input: Input| {
    let mut request = Request::new();
    let mut model: Vec<(&str, i64)> = Vec::new();
    for (name, id, is_far) in &input.records {
        let (name, id) = (text(name), if *is_far { i64::MAX - i64::from(*id).abs() } else { i64::from(*id) });
        let is_known = ["estate", "address", "task", "calendar"].contains(&name);
        match Record::new(name, id) {
            Ok(record) => {
                assert!(is_known && id > 0);
                let is_new = !model.contains(&(name, id)) && model.len() < MAX_RECORDS;
                assert_eq!(request.add(record).is_ok(), is_new);
                if is_new {
                    model.push((name, id));
                }
            }
            Err(refusal) => {
                let expected = if is_known { Status::InvalidId } else { Status::InvalidModule };
                assert_eq!(refusal.status(), expected);
                assert!(!refusal.message().contains('\n'));
            }
        }
    }
    assert_eq!(request.records().len(), model.len());

    let credentials = Credentials::new(input.token, input.secret);
    assert_eq!(credentials.is_ok(), !input.token.is_empty() && !input.secret.is_empty());
    let Ok(credentials) = credentials else { return };
    let signed = request.sign(&credentials, input.timestamp);
    assert_eq!(signed.is_ok(), !model.is_empty() && input.timestamp >= 0);
    let Ok(signed) = signed else { return };

    let body: Value = serde_json::from_slice(signed.json()).unwrap();
    let hmac = &body["request"]["actions"][0]["hmac"];
    assert_eq!(hmac.as_str().map(str::len), Some(44));
    let label = body["request"]["actions"][0]["identifier"].as_str().unwrap();
    let random = label.strip_suffix('0').unwrap();
    assert_eq!(random.len(), 11);
    let actions: Vec<Value> = model
        .iter()
        .enumerate()
        .map(|(index, (module, id))| {
            json!({
                "actionid": "urn:onoffice-de-ns:smart:2.5:smartml:action:do",
                "resourceid": id.to_string(),
                "identifier": format!("{random}{index}"),
                "resourcetype": "executeMarketplaceWebhooks",
                "timestamp": input.timestamp,
                "hmac": hmac,
                "hmac_version": "2",
                "parameters": {"module": module},
            })
        })
        .collect();
    assert_eq!(body, json!({"token": input.token, "request": {"actions": actions}}));
});

fn text<'a>(name: &Name<'a>) -> &'a str {
    match name {
        Name::Estate => "estate",
        Name::Address => "address",
        Name::Task => "task",
        Name::Calendar => "calendar",
        Name::Other(other) => other,
    }
}
