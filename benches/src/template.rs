//! The least that writes and reads the exchange: a signature a request, text put together by hand, and a look
//! for the word of success. It understands no other answer.

use std::fmt::Write;

use memchr::memmem;

use crate::exchange::{ACTION_ID, MODULE, RESOURCE_TYPE, Signer, TOKEN, now};

pub fn request(signer: &Signer, records: usize, first_id: usize, body: &mut String) {
    let timestamp = now();
    let hmac = signer.sign(timestamp);
    let before = format!(r#"{{"actionid":"{ACTION_ID}","resourceid":""#);
    let after = format!(
        r#"","resourcetype":"{RESOURCE_TYPE}","timestamp":{timestamp},"hmac":"{hmac}","hmac_version":"2","parameters":{{"module":"{MODULE}"}}}},"#
    );
    body.clear();
    body.push_str(r#"{"token":""#);
    body.push_str(TOKEN);
    body.push_str(r#"","request":{"actions":["#);
    for index in 0..records {
        body.push_str(&before);
        write!(body, r#"{}","identifier":"{index}"#, first_id + index).unwrap();
        body.push_str(&after);
    }
    body.pop();
    body.push_str("]}}");
}

pub fn all_executed(answer: &[u8], records: usize) -> bool {
    memmem::find_iter(answer, br#""result":"success""#).count() == records
}
