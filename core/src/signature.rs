//! The signature of an action: HMAC version 2. Version 1 is not implemented.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{Context, HMAC_SHA256, Key};
use zeroize::zeroize_stack;

use crate::credentials::Credentials;

/// `base64(HMAC-SHA256(secret, timestamp ‖ token ‖ resource_type ‖ action_id))`, 44 characters.
///
/// The secret is used as text, whatever it looks like; the parts are joined without separators;
/// record, module and identifier are not signed. Source: the API's page "Action", section HMAC.
pub fn sign(credentials: &Credentials, timestamp: i64, resource_type: &str, action_id: &str) -> String {
    let signature = signature(credentials, timestamp, resource_type, action_id);
    // HMAC leaves copies of its key and of what it makes of it where it ran, and no key is kept elsewhere.
    zeroize_stack::<4096>();
    signature
}

#[inline(never)]
fn signature(credentials: &Credentials, timestamp: i64, resource_type: &str, action_id: &str) -> String {
    let mut mac = Context::with_key(&Key::new(HMAC_SHA256, credentials.secret().as_bytes()));
    for part in [&timestamp.to_string(), credentials.token(), resource_type, action_id] {
        mac.update(part.as_bytes());
    }
    STANDARD.encode(mac.sign())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_vector_is_met_and_no_common_mistake_is() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/hmac-v2.json")).unwrap();
        let text = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap().to_owned();
        let signed = |vector: &serde_json::Value| {
            let credentials = Credentials::new(&text(vector, "token"), &text(vector, "secret")).unwrap();
            let timestamp = vector["timestamp"].as_i64().unwrap();
            sign(&credentials, timestamp, &text(vector, "resourcetype"), &text(vector, "actionid"))
        };

        let all = vectors["vectors"].as_array().unwrap();
        assert_eq!(all.len(), 14);
        for vector in all {
            assert_eq!(signed(vector), text(vector, "hmac"), "vector {}", vector["name"]);
        }

        let wrong = vectors["wrong_answers_for_A1"].as_array().unwrap();
        assert_eq!(wrong.len(), 4);
        for answer in wrong {
            assert_ne!(signed(&all[0]), text(answer, "hmac"), "{}", answer["mistake"]);
        }
    }
}
