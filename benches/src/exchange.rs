//! The exchange that every client makes: one signed request and the documented answer to it, both
//! fixed, for one record or for many. Credentials are made up.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub const SECRET: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
pub const ACTION_ID: &str = "urn:onoffice-de-ns:smart:2.5:smartml:action:do";
pub const RESOURCE_TYPE: &str = "executeMarketplaceWebhooks";
pub const MODULE: &str = "address";
pub const FIRST_ID: u64 = 15005;
pub const PATH: &str = "/api/stable/api.php";

/// The ids of `records` records.
pub fn ids(records: u64) -> impl Iterator<Item = u64> {
    FIRST_ID..FIRST_ID + records
}

/// The body of the POST, signed now.
pub fn request(records: u64) -> String {
    let timestamp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let hmac = sign(timestamp);
    let actions: Vec<Value> = ids(records)
        .map(|id| {
            json!({
                "actionid": ACTION_ID,
                "resourceid": id.to_string(),
                "identifier": format!("{MODULE}:{id}"),
                "resourcetype": RESOURCE_TYPE,
                "timestamp": timestamp,
                "hmac": hmac,
                "hmac_version": "2",
                "parameters": {"module": MODULE},
            })
        })
        .collect();
    json!({"token": TOKEN, "request": {"actions": actions}}).to_string()
}

pub fn sign(timestamp: u64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    for part in [timestamp.to_string().as_str(), TOKEN, RESOURCE_TYPE, ACTION_ID] {
        mac.update(part.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The answer that the API documents for success.
pub fn answer(records: u64) -> String {
    let results: Vec<Value> = ids(records)
        .map(|id| {
            json!({
                "actionid": ACTION_ID,
                "resourceid": id.to_string(),
                "resourcetype": RESOURCE_TYPE,
                "cacheable": false,
                "identifier": format!("{MODULE}:{id}"),
                "data": {
                    "meta": {"cntabsolute": null},
                    "records": [{"id": 0, "type": "", "elements": {"result": "success"}}],
                },
                "status": {"errorcode": 0, "message": "OK"},
            })
        })
        .collect();
    json!({
        "status": {"code": 200, "errorcode": 0, "message": "OK"},
        "response": {"results": results},
    })
    .to_string()
}

/// What a client that does not parse the answer looks for in it.
pub fn says_success(answer: &[u8]) -> bool {
    let needle = b"\"result\":\"success\"";
    answer.windows(needle.len()).any(|window| window == needle)
}
