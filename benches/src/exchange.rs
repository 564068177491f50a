//! The exchange that every client makes: a signed request and the documented answer to it, for one record or
//! for many. Credentials are made up.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use memchr::memmem;
use sha2::Sha256;

pub const TOKEN: &str = "MockTokenMockTokenMockToken00001";
pub const SECRET: &str = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001";
pub const ACTION_ID: &str = "urn:onoffice-de-ns:smart:2.5:smartml:action:do";
pub const RESOURCE_TYPE: &str = "executeMarketplaceWebhooks";
pub const MODULE: &str = "address";
/// The first record of all, whose id has seven digits.
pub const FIRST_ID: usize = 1_000_000;

/// Signs with a key that was prepared once.
pub struct Signer(Hmac<Sha256>);

impl Signer {
    pub fn new() -> Signer {
        Signer(Hmac::new_from_slice(SECRET.as_bytes()).unwrap())
    }

    pub fn sign(&self, timestamp: u64) -> String {
        let mut mac = self.0.clone();
        for part in [timestamp.to_string().as_str(), TOKEN, RESOURCE_TYPE, ACTION_ID] {
            mac.update(part.as_bytes());
        }
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl Default for Signer {
    fn default() -> Self {
        Self::new()
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// The answer that the API documents for success, with the labels of `request`.
pub fn answer_to(request: &[u8]) -> Vec<u8> {
    const LABEL: &[u8] = b"\"identifier\":";
    const ID: &[u8] = b"\"resourceid\":";
    let mut answer =
        br#"{"status":{"code":200,"errorcode":0,"message":"OK"},"response":{"results":["#.to_vec();
    for (id, label) in texts_behind(ID, request).zip(texts_behind(LABEL, request)) {
        for part in [
            br#"{"actionid":""#,
            ACTION_ID.as_bytes(),
            br#"","resourceid":""#,
            id,
            br#"","resourcetype":""#,
            RESOURCE_TYPE.as_bytes(),
            br#"","cacheable":false,"identifier":""#,
            label,
            br#"","data":{"meta":{"cntabsolute":null},"records":[{"id":0,"type":"","elements":{"result":"success"}}]},"#,
            br#""status":{"errorcode":0,"message":"OK"}},"#,
        ] {
            answer.extend_from_slice(part);
        }
    }
    answer.pop();
    answer.extend_from_slice(b"]}}");
    answer
}

/// The texts that stand behind `key`, each to its closing quote.
fn texts_behind<'a>(key: &'a [u8], json: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    memmem::find_iter(json, key)
        .map(move |start| json[start + key.len()..].split(|byte| *byte == b'"').nth(1).unwrap_or_default())
}
