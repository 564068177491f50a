//! A [`Failure`]: no answer. How far the exchange had come decides what is known about it.

use std::io;

use rustls::CertificateError;

use super::stage::{Broken, Stage};
use crate::outcome::Status;

/// Why there is no answer.
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) message: String,
    /// The connection turned out to be of no use before a byte of the request went out.
    pub(crate) was_stale: bool,
}

impl Failure {
    /// `peer` is who was being talked to, for the message.
    pub(super) fn new(broken: &Broken, peer: &str) -> Self {
        let (stage, error) = (broken.stage, &broken.error);
        // The kernel gives a connection up in its own time, which is not the call's.
        let is_given_up = error.raw_os_error().is_some() && matches!(stage, Stage::Connected | Stage::Sent);
        let timed_out = error.kind() == io::ErrorKind::TimedOut && !is_given_up;
        let (status, what) = match stage {
            Stage::Resolve => (Status::DnsFailed, format!("cannot resolve {peer}")),
            Stage::Proxy => (Status::ProxyFailed, format!("no tunnel to {peer}")),
            Stage::Connect | Stage::Handshake if timed_out => {
                (Status::ConnectTimeout, format!("no connection to {peer} in time"))
            }
            Stage::Connect => (Status::ConnectFailed, format!("cannot connect to {peer}")),
            Stage::Handshake => (Status::TlsFailed, format!("TLS handshake with {peer} failed")),
            Stage::Connected if timed_out => {
                (Status::ConnectTimeout, "the time was up before the request was sent".to_owned())
            }
            Stage::Connected => (
                Status::ConnectFailed,
                format!("the connection to {peer} was of no use before the request was sent"),
            ),
            Stage::Sent if timed_out => (Status::Timeout, format!("no whole answer from {peer} in time")),
            Stage::Sent if is_connection(error) => (
                Status::ConnectionLost,
                format!("the connection to {peer} broke before a whole answer had come"),
            ),
            Stage::Sent => (Status::BadResponse, format!("the answer from {peer} is not understood")),
        };
        let reason = if timed_out { String::new() } else { format!(": {}", reason(error)) };
        let outcome = if stage == Stage::Sent { "in doubt" } else { "not sent" };
        let was_stale = stage == Stage::Connected && !timed_out;
        Self { status, message: format!("{outcome}: {what}{reason}"), was_stale }
    }
}

/// The cause of an I/O error in lower case, without its number and without the address of a manual
/// that rustls adds: `permission denied`.
pub(crate) fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    let text = [" (os error", ": https://"]
        .iter()
        .fold(text.as_str(), |text, end| text.split_once(end).map_or(text, |(cause, _)| cause));
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if !text.starts_with(char::is_uppercase) || second_is_upper(text) => {
            format!("{first}{}", characters.as_str())
        }
        Some(first) => format!("{}{}", first.to_lowercase(), characters.as_str()),
        None => "unknown error".to_owned(),
    }
}

/// Whether `text` begins with an abbreviation, which keeps its capitals.
fn second_is_upper(text: &str) -> bool {
    text.chars().nth(1).is_some_and(char::is_uppercase)
}

fn reason(error: &io::Error) -> String {
    if is_unknown_issuer(error) {
        return format!(
            "{} (nobody that is trusted here signed the certificate; if it is right, set ON_OFFICE_CA_FILE, or the \
             CA file of the options, to its authority's certificate in PEM, or to system)",
            cause(error)
        );
    }
    cause(error)
}

fn is_unknown_issuer(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)))
}

/// Whether the connection broke; else what came on it is not understood.
fn is_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    !matches!(error.kind(), Kind::InvalidData | Kind::InvalidInput | Kind::Other)
}
