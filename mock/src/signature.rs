//! HMAC version 2, checked independently of the library: base64 of HMAC-SHA256, keyed with the secret as text, over
//! timestamp, token, resourcetype and actionid without separators. And what a wrong one was probably made of.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What is signed. The record is not: one signature is good for every record in its second.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) timestamp: i64,
    pub(crate) token: &'a str,
    pub(crate) resourcetype: &'a str,
    pub(crate) actionid: &'a str,
}

pub(crate) struct Key {
    secret: String,
    prepared: Option<Hmac<Sha256>>,
}

impl Key {
    pub(crate) fn new(secret: &str) -> Self {
        Self { secret: secret.to_owned(), prepared: Hmac::new_from_slice(secret.as_bytes()).ok() }
    }

    /// Whether `hmac` signs `signed`, compared in constant time.
    pub(crate) fn verifies(&self, signed: Signed<'_>, hmac: &str) -> bool {
        let (Some(mut mac), Ok(digest)) = (self.prepared.clone(), STANDARD.decode(hmac)) else {
            return false;
        };
        mac.update(signed.timestamp.to_string().as_bytes());
        for part in [signed.token, signed.resourcetype, signed.actionid] {
            mac.update(part.as_bytes());
        }
        mac.verify_slice(&digest).is_ok()
    }

    pub(crate) fn is(&self, secret: &str) -> bool {
        self.secret == secret
    }

    /// The mistake that leads to `hmac`, as advice; nothing when it is none of the known ones.
    pub(crate) fn mistake(&self, signed: Signed<'_>, hmac: &str) -> Option<&'static str> {
        let time = signed.timestamp.to_string();
        let Signed { token, resourcetype, actionid, .. } = signed;
        let message = |time: i64| format!("{time}{token}{resourcetype}{actionid}");
        let right = message(signed.timestamp);
        let labelled = format!("timestamp{time}token{token}resourcetype{resourcetype}actionid{actionid}");
        let reordered = format!("{actionid}{resourcetype}{time}{token}");
        let swapped = format!("{time}{}{resourcetype}{actionid}", self.secret);
        let secret = self.secret.as_bytes();

        if spellings(secret, &right).is_some_and(|spellings| spellings.hex == hmac) {
            return Some("the hmac is the hex digest: send base64 of the raw 32 bytes");
        }
        let mistakes = [
            (secret, &right, "the hmac is base64 of the hex digest: encode the raw 32 bytes"),
            (secret, &labelled, "the hmac matches the labelled variant: concatenate without labels"),
            (&hex_decoded(&self.secret), &right, "the secret was hex-decoded: use its text as the key"),
            (secret, &reordered, "wrong order: sign timestamp, token, resourcetype, actionid"),
            (token.as_bytes(), &swapped, "token and secret look swapped in what was signed"),
        ];
        let matches = |key: &[u8], message: &str| spellings(key, message).is_some_and(|it| it.include(hmac));
        if let Some((_, _, advice)) = mistakes.into_iter().find(|(key, message, _)| matches(key, message)) {
            return Some(advice);
        }
        let near = [-2, -1, 1, 2].map(|seconds| message(signed.timestamp.saturating_add(seconds)));
        let other_second = near.iter().any(|message| matches(secret, message));
        other_second.then_some("another second was signed than sent: read the clock once")
    }
}

/// A digest as text: the right spelling and the two that people get wrong.
struct Spellings {
    base64: String,
    hex: String,
    base64_of_hex: String,
}

impl Spellings {
    fn include(&self, hmac: &str) -> bool {
        [&self.base64, &self.hex, &self.base64_of_hex].into_iter().any(|spelling| spelling == hmac)
    }
}

fn spellings(key: &[u8], message: &str) -> Option<Spellings> {
    let mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    let digest = mac.chain_update(message.as_bytes()).finalize().into_bytes();
    let mut hex = String::with_capacity(2 * digest.len());
    for byte in &digest {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Some(Spellings { base64: STANDARD.encode(digest), base64_of_hex: STANDARD.encode(&hex), hex })
}

/// The bytes that `text` is the hex of; none when it is not hex.
fn hex_decoded(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = pairs.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok());
    bytes.collect::<Option<_>>().unwrap_or_default()
}
