//! A webhook of the marketplace: what a provider has registered, and the signed URL that is called for a record.
//! The facts are in docs/api-facts.md, "Receivers"; where nothing is known, the comment says what is assumed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::log::quoted;
use crate::record::{Module, Record};

/// The secret that a webhook without one of its own is signed with: made up, 64 characters like a real one.
pub const DEFAULT_PROVIDER_SECRET: &str = "MockProviderSecretMockProviderSecretMockProviderSecretMock000001";

/// What a webhook was registered for. The API executes both kinds, since it cannot know what a save has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// A record that is new.
    Create,
    /// A record that was changed.
    Update,
}

/// A registered webhook. As JSON it has the fields `module`, `event`, `url` and, when it is read, `secret`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Registration")]
pub struct Webhook {
    /// The module whose records it is for.
    pub module: Module,
    /// What it was registered for.
    pub event: Event,
    url: String,
    #[serde(skip)]
    endpoint: Endpoint,
    #[serde(skip)]
    secret: String,
}

impl Webhook {
    /// A webhook at `url`, signed with [`DEFAULT_PROVIDER_SECRET`].
    ///
    /// # Errors
    /// When `url` is no plain HTTP URL on loopback: the mock never calls anything else. The text says what is wrong.
    pub fn new(module: Module, event: Event, url: &str) -> Result<Self, String> {
        let endpoint = Endpoint::parse(url)?;
        Ok(Self { module, event, url: url.to_owned(), endpoint, secret: DEFAULT_PROVIDER_SECRET.to_owned() })
    }

    /// The same, signed with another secret.
    #[must_use]
    pub fn signed_with(self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self }
    }

    /// The URL as it was registered.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Path and query to ask for: the parameters in alphabetical order, and the signature behind them.
    pub(crate) fn target(&self, record: Record, sequence: u64, timestamp: i64) -> String {
        let Endpoint { authority, path, query, .. } = &self.endpoint;
        let mut parameters = query.clone();
        // Whose names are documented or seen; the values are made up. The customer's name has what an encoding can
        // get wrong. `addressId`, `taskId` and `calendarId` are assumed: only `estateId` is known to be a macro.
        parameters.extend([
            ("apiClaim".to_owned(), format!("mock-claim-{sequence}")),
            ("customerName".to_owned(), "Mock ~ Söhne & Co. + 1".to_owned()),
            ("customerWebId".to_owned(), "1".to_owned()),
            (format!("{}Id", record.module), record.id.to_string()),
            ("parameterCacheId".to_owned(), sequence.to_string()),
            ("timestamp".to_owned(), timestamp.to_string()),
            ("userId".to_owned(), "1".to_owned()),
        ]);
        let pairs: Vec<_> =
            parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let query = pairs.join("&");
        let signature = hex_hmac(&self.secret, &format!("http://{authority}{path}?{query}"));
        format!("{path}?{query}&signature={signature}")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    module: Module,
    event: Event,
    url: String,
    secret: Option<String>,
}

impl TryFrom<Registration> for Webhook {
    type Error = String;

    fn try_from(it: Registration) -> Result<Self, String> {
        let webhook = Self::new(it.module, it.event, &it.url)?;
        Ok(if let Some(secret) = it.secret { webhook.signed_with(&secret) } else { webhook })
    }
}

/// A URL taken apart.
#[derive(Clone, Default)]
pub(crate) struct Endpoint {
    /// Where it may be: `localhost` has two addresses.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) authority: String,
    path: String,
    query: BTreeMap<String, String>,
}

impl Endpoint {
    fn parse(url: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "the mock calls plain HTTP on loopback only, as http://127.0.0.1:8080/path: {}",
                quoted(url)
            )
        };
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(wrong());
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Ok(Self {
            addresses: addresses(authority).ok_or_else(wrong)?,
            authority: authority.to_owned(),
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            query: pairs.collect(),
        })
    }
}

/// The loopback addresses of `host:port`; nothing for any other host. No name is ever asked for.
fn addresses(authority: &str) -> Option<Vec<SocketAddr>> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok().filter(|port| *port > 0)?),
        _ => (authority, 80),
    };
    if host == "localhost" {
        let both = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        return Some(both.map(|ip| SocketAddr::new(ip, port)).to_vec());
    }
    let ip: IpAddr = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(host) => host.parse::<Ipv6Addr>().ok()?.into(),
        None => host.parse::<Ipv4Addr>().ok()?.into(),
    };
    ip.is_loopback().then(|| vec![SocketAddr::new(ip, port)])
}

/// As PHP's `http_build_query` writes it, which the official example of a receiver signs with.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(match (first, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, tail @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest = tail;
                hex_digit(*high) << 4 | hex_digit(*low)
            }
            _ => *first,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// The signature of a webhook: lower-case hex of HMAC-SHA256.
fn hex_hmac(secret: &str, text: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let digest = mac.map(|mac| mac.chain_update(text).finalize().into_bytes()).unwrap_or_default();
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_signed_as_the_official_example_of_a_receiver_checks_it() {
        let url = "http://127.0.0.1:8080/hook?event=b%C3%BC%20x&a=%2B";
        let webhook = Webhook::new(Module::Estate, Event::Update, url).unwrap().signed_with("secret");
        let target = webhook.target(Record::new(Module::Estate, 7), 3, 1_700_000_000);
        // Made with PHP: hash_hmac('sha256', 'http://127.0.0.1:8080/hook?' . http_build_query($sorted), 'secret').
        assert_eq!(
            target,
            "/hook?a=%2B&apiClaim=mock-claim-3&customerName=Mock+%7E+S%C3%B6hne+%26+Co.+%2B+1&customerWebId=1\
             &estateId=7&event=b%C3%BC+x&parameterCacheId=3&timestamp=1700000000&userId=1&signature=586132494331cbe7724dd8e1303068a9220a090a8dc038bd766491e296eb1a54"
        );
    }

    #[test]
    fn nothing_but_loopback_is_taken() {
        for url in [
            "http://127.0.0.1:8080/hook",
            "http://127.9.9.9/",
            "http://[::1]:8080",
            "http://localhost:1/?a=b",
        ] {
            assert!(Webhook::new(Module::Task, Event::Create, url).is_ok(), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://localhost.example.com/",
            "http://192.168.0.1/",
            "http://0.0.0.0:80/",
            "http://[::]/",
            "http://[::ffff:10.0.0.1]/",
            "http://127.0.0.1@example.com/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:x/",
            "http://127.0.0.1:80:80/",
            "http://127.1/",
            "http://2130706433/",
            "http://127.0.0.1/\r\nX: y",
            "http://127.0.0.1/#x",
            "http:///hook",
            "127.0.0.1:80",
            "",
        ] {
            let error = Webhook::new(Module::Task, Event::Create, url).err().unwrap();
            assert!(error.starts_with("the mock calls plain HTTP on loopback only"), "{error}");
        }
    }
}
