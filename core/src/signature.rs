//! The signature of an action: HMAC version 2. Version 1 is not implemented.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::credentials::Credentials;

/// `base64(HMAC-SHA256(secret, timestamp ‖ token ‖ resource_type ‖ action_id))`, 44 characters.
///
/// The secret is used as text, whatever it looks like; the parts are joined without separators;
/// record, module and identifier are not signed. Source: the API's page "Action", section HMAC.
pub fn sign(credentials: &Credentials, timestamp: i64, resource_type: &str, action_id: &str) -> String {
    let signature = signature(credentials, timestamp, resource_type, action_id);
    wipe_the_stack_below();
    signature
}

#[inline(never)]
fn signature(credentials: &Credentials, timestamp: i64, resource_type: &str, action_id: &str) -> String {
    let mut mac = keyed(credentials.secret());
    mac.update(timestamp.to_string().as_bytes());
    mac.update(credentials.token().as_bytes());
    mac.update(resource_type.as_bytes());
    mac.update(action_id.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn keyed(secret: &str) -> Hmac<Sha256> {
    match Hmac::new_from_slice(secret.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of every length"),
    }
}

/// Overwrites the part of the stack that the call before has used: HMAC leaves a copy of its key there.
#[inline(never)]
fn wipe_the_stack_below() {
    let mut room = [0_u64; 512];
    room.zeroize();
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
