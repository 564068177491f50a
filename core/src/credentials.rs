//! [`Credentials`]: the token and secret of an API user. They are never shown, and zeroed when dropped.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::json::{LONGEST_ESCAPE, push_text};
use crate::outcome::Status;
use crate::refusal::Refusal;

/// Lengths that onOffice documents; others are used as they are, since documents change.
const TOKEN_LENGTH: usize = 32;
const SECRET_LENGTH: usize = 64;

/// A token, which names the API user, and the secret that signs in its name.
///
/// Clones share one copy, which is zeroed when the last of them is dropped.
#[derive(Clone)]
pub struct Credentials(Arc<TokenAndSecret>);

struct TokenAndSecret {
    token: Zeroizing<String>,
    /// As it stands in the JSON of a request, in quotes.
    token_json: Zeroizing<Vec<u8>>,
    secret: Zeroizing<String>,
}

impl Credentials {
    /// # Errors
    /// `InvalidOption` when either is empty.
    pub fn new(token: &str, secret: &str) -> Result<Self, Refusal> {
        for (name, value) in [("token", token), ("secret", secret)] {
            if value.is_empty() {
                let message =
                    format!("the {name} is empty: copy it from the API user in onOffice enterprise");
                return Err(Refusal::new(Status::InvalidOption, message));
            }
        }
        let zeroed = |text: &str| Zeroizing::new(text.to_owned());
        // Room for all of it: a vector that grows would leave copies that are not zeroed.
        let mut token_json = Zeroizing::new(Vec::with_capacity(LONGEST_ESCAPE * token.len() + 2));
        push_text(&mut token_json, token);
        Ok(Self(Arc::new(TokenAndSecret { token: zeroed(token), token_json, secret: zeroed(secret) })))
    }

    pub(crate) fn token(&self) -> &str {
        &self.0.token
    }

    /// The token as a string of JSON.
    pub(crate) fn token_json(&self) -> &[u8] {
        &self.0.token_json
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0.secret
    }

    /// What looks wrong with them, for the message of an answer that says so.
    ///
    /// Source: the API's general notes give both lengths and name the swap as a common mistake.
    pub(crate) fn hint(&self) -> Option<String> {
        match (self.token().chars().count(), self.secret().chars().count()) {
            (TOKEN_LENGTH, SECRET_LENGTH) => None,
            (SECRET_LENGTH, TOKEN_LENGTH) => Some("token and secret look swapped".to_owned()),
            (token, secret) => Some(format!(
                "a token has {TOKEN_LENGTH} characters and a secret {SECRET_LENGTH}, these have {token} and {secret}"
            )),
        }
    }

    /// `text` without the token and the secret, in case a server echoes what it was sent.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(self.secret(), "[secret]").replace(self.token(), "[token]")
    }

    /// [`redact`](Credentials::redact) for text that was cut: its end may be the begin of either.
    pub(crate) fn redact_cut(&self, text: &str) -> String {
        let mut text = self.redact(text);
        for hidden in [self.secret(), self.token()] {
            let begins = hidden.char_indices().rev().map(|(end, _)| &hidden[..end]);
            let begun = begins.into_iter().find(|begin| !begin.is_empty() && text.ends_with(begin));
            text.truncate(text.len() - begun.map_or(0, str::len));
        }
        text
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials([hidden])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_token_nor_secret() {
        let shown = format!("{:?}", Credentials::new("a-token", "a-secret").unwrap());
        assert!(!shown.contains("a-token") && !shown.contains("a-secret"), "{shown}");
    }

    #[test]
    fn an_empty_token_or_secret_is_refused_by_name() {
        assert!(Credentials::new("", "s").unwrap_err().message().contains("token"));
        assert!(Credentials::new("t", "").unwrap_err().message().contains("secret"));
    }

    #[test]
    fn hints_know_the_documented_lengths_and_the_swap() {
        let hint = |token: usize, secret: usize| {
            Credentials::new(&"t".repeat(token), &"s".repeat(secret)).unwrap().hint()
        };
        assert_eq!(hint(32, 64), None);
        assert!(hint(64, 32).unwrap().contains("swapped"));
        assert!(hint(31, 64).unwrap().contains("31"));
    }

    #[test]
    fn an_echo_of_the_request_is_redacted() {
        let credentials = Credentials::new("tok", "sec").unwrap();
        assert_eq!(credentials.redact("<p>tok sec</p>"), "<p>[token] [secret]</p>");
    }
}
