//! [`Labels`]: the `identifier` of each action of one signed request. The API echoes it, so it tells
//! which result is whose, and whether a response is one to this request at all.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use crate::outcome::Status;
use crate::refusal::Refusal;

/// 64 random bits as text.
const LENGTH: usize = 11;

/// The labels of one signed request: a part that no other request has and nobody can guess, and the
/// record's index in the request, as in `q83vEjRWeJA0`.
///
/// They are short since nobody knows whether the API shortens labels.
#[derive(Clone, Copy)]
pub(crate) struct Labels([u8; LENGTH]);

impl Labels {
    /// # Errors
    /// `NotConfigured` where the system gives no random numbers.
    pub(crate) fn fresh() -> Result<Self, Refusal> {
        let mut random = [0; 8];
        SystemRandom::new().fill(&mut random).map_err(|_| {
            let message = "the system gives no random numbers: allow getrandom or /dev/urandom";
            Refusal::new(Status::NotConfigured, message)
        })?;
        let mut text = [0; LENGTH];
        match URL_SAFE_NO_PAD.encode_slice(random, &mut text) {
            Ok(LENGTH) => Ok(Self(text)),
            _ => unreachable!("8 bytes are 11 characters of base64"),
        }
    }

    /// The begin of every label, which the record's index in decimal digits follows. It needs no escape in JSON.
    pub(crate) fn begin(&self) -> &[u8] {
        &self.0
    }

    /// The index of the record that `text` is the label of, if it is one of these.
    pub(crate) fn index(&self, text: &str) -> Option<usize> {
        let digits = text.as_bytes().strip_prefix(&self.0)?;
        let digits = std::str::from_utf8(digits).ok()?;
        let is_canonical = digits == "0" || digits.starts_with(|first: char| ('1'..='9').contains(&first));
        digits.parse().ok().filter(|_| is_canonical)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn text(labels: Labels, index: usize) -> String {
        format!("{}{index}", str::from_utf8(labels.begin()).unwrap())
    }

    #[test]
    fn a_label_leads_back_to_its_record() {
        let labels = Labels::fresh().unwrap();
        for index in [0, 1, 10, 499] {
            assert_eq!(labels.index(&text(labels, index)), Some(index));
            assert!(text(labels, index).len() <= "calendar:9223372036854775807".len());
        }
        let first = text(labels, 0);
        for other in ["", "0", &first[1..], &format!("{first}0"), &format!("{first}x"), &format!(" {first}")]
        {
            assert_eq!(labels.index(other), None, "{other}");
        }
        assert_eq!(labels.index(&text(Labels::fresh().unwrap(), 0)), None);
    }

    #[test]
    fn no_two_requests_have_the_same_labels() {
        let all: HashSet<String> = (0..10_000).map(|_| text(Labels::fresh().unwrap(), 0)).collect();
        assert_eq!(all.len(), 10_000);
    }
}
