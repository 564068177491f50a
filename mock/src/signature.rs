//! HMAC version 2, checked independently of the library: base64 of HMAC-SHA256, keyed with the secret as text, over
//! timestamp, token, resourcetype and actionid without separators. And what a wrong one was probably made of.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
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
        let with_newline = |newline: &str| [secret, newline.as_bytes()].concat();

        if let Some(advice) = digest(secret, &right).and_then(|digest| spelling(&digest, hmac)) {
            return Some(advice);
        }
        let mistakes = [
            (secret, &labelled, "the hmac matches the labelled variant: concatenate without labels"),
            (&with_newline("\n"), &right, "a newline stands behind the secret that signed"),
            (&with_newline("\r\n"), &right, "a newline stands behind the secret that signed"),
            (&hex_decoded(&self.secret), &right, "the secret was hex-decoded: use its text as the key"),
            (secret, &reordered, "wrong order: sign timestamp, token, resourcetype, actionid"),
            (token.as_bytes(), &swapped, "token and secret look swapped in what was signed"),
        ];
        let matches = |key: &[u8], message: &str| {
            digest(key, message)
                .is_some_and(|it| STANDARD.encode(&it) == hmac || spelling(&it, hmac).is_some())
        };
        if let Some((_, _, advice)) = mistakes.into_iter().find(|(key, message, _)| matches(key, message)) {
            return Some(advice);
        }
        let near = [-2, -1, 1, 2].map(|seconds| message(signed.timestamp.saturating_add(seconds)));
        let other_second = near.iter().any(|message| matches(secret, message));
        other_second.then_some("another second was signed than sent: read the clock once")
    }
}

fn digest(key: &[u8], message: &str) -> Option<Vec<u8>> {
    let mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    Some(mac.chain_update(message.as_bytes()).finalize().into_bytes().to_vec())
}

/// The wrong way in which `text` spells `digest`; nothing when it spells another, or this one as it should.
fn spelling(digest: &[u8], text: &str) -> Option<&'static str> {
    let bare = text.trim();
    if bare == STANDARD.encode(digest) {
        let advice = "there is white space around the hmac, perhaps a newline: send the 44 characters only";
        return (bare != text).then_some(advice);
    }
    let mut hex = String::with_capacity(2 * digest.len());
    for byte in digest {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    let wrong = [
        (STANDARD_NO_PAD.encode(digest), "the hmac lacks its padding: keep the = at the end"),
        (URL_SAFE.encode(digest), "the hmac is URL-safe base64: send the alphabet with + and /"),
        (
            URL_SAFE_NO_PAD.encode(digest),
            "the hmac is URL-safe base64 without padding: send the alphabet with + and /, and the = at the end",
        ),
        (STANDARD.encode(&hex), "the hmac is base64 of the hex digest: encode the raw 32 bytes"),
        (
            STANDARD.encode(hex.to_uppercase()),
            "the hmac is base64 of the hex digest: encode the raw 32 bytes",
        ),
        (hex.to_uppercase(), "the hmac is the hex digest: send base64 of the raw 32 bytes"),
        (hex, "the hmac is the hex digest: send base64 of the raw 32 bytes"),
    ];
    wrong.into_iter().find(|(spelling, _)| spelling == bare).map(|(_, advice)| advice)
}

/// The bytes that `text` is the hex of; none when it is not hex.
fn hex_decoded(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    let bytes = pairs.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok());
    bytes.collect::<Option<_>>().unwrap_or_default()
}
