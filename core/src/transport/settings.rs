//! [`Settings`]: where and how to connect. Equal settings share a pool of connections.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use http::uri::{Authority, Scheme};
use percent_encoding::percent_decode_str;

use super::roots::Roots;
use super::tcp;
use crate::outcome::Status;
use crate::refusal::Refusal;

/// The stable API, as its first-steps page gives it.
const DEFAULT_URL: &str = "https://api.onoffice.de/api/stable/api.php";

/// The longest timeout: one day.
pub(crate) const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// Where and how to connect.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) url: Url,
    /// Replace the bundled roots.
    pub(crate) roots: Option<Roots>,
    pub(crate) proxy: Option<ProxyUrl>,
    /// For the TCP connection and the TLS handshake together.
    pub(crate) connect_timeout: Duration,
    /// For the whole call.
    pub(crate) timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: Url(Uri::from_static(DEFAULT_URL)),
            roots: None,
            proxy: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
        }
    }
}

impl Settings {
    /// Whether requests go out without TLS.
    pub(crate) fn is_clear_text(&self) -> bool {
        self.url.uri().scheme() == Some(&Scheme::HTTP)
    }
}

/// The URL of the API: HTTPS, or plain HTTP to this machine.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Url(Uri);

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let uri = parse_uri("URL", text)?;
        let host = host(&uri);
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(refused(
                "the URL holds a user or password: leave them out, the API does not use them",
            ));
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(uri)),
            Some("http") if is_loopback(host) => Ok(Self(uri)),
            Some("http") => Err(refused(&format!(
                "the URL would send the token to {host} unencrypted: use https:// (http:// is only for loopback hosts)"
            ))),
            _ => {
                Err(refused(&format!("the URL does not begin with https://: give one such as {DEFAULT_URL}")))
            }
        }
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.0
    }
}

/// A proxy that is asked for a tunnel (CONNECT), with or without credentials of its own.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ProxyUrl {
    uri: Uri,
    /// The value of `Proxy-Authorization`.
    authorization: Option<String>,
}

impl ProxyUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let uri = parse_uri("proxy URL", text)?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(refused(
                "the proxy URL does not begin with http:// or https://: other proxies are not supported",
            ));
        }
        let authority = uri.authority().map_or("", Authority::as_str);
        let authorization = match authority.rsplit_once('@') {
            Some((userinfo, _)) => Some(basic(userinfo)?),
            None => None,
        };
        Ok(Self { uri, authorization })
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Host and port, without the credentials.
    pub(crate) fn address(&self) -> String {
        let (host, port) = tcp::host_and_port(&self.uri);
        format!("{host}:{port}")
    }
}

/// What `Basic` authorization makes of `user:password` in a URL, where both may be percent-encoded (RFC 7617).
fn basic(userinfo: &str) -> Result<String, Refusal> {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decoded = [user, password].map(|part| percent_decode_str(part).decode_utf8());
    let [Ok(user), Ok(password)] = decoded else {
        return Err(refused(
            "the proxy URL is not understood: give http://host:port or http://user:password@host:port",
        ));
    };
    Ok(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
}

/// A timeout in milliseconds, from 1 ms to [`MAX_TIMEOUT`].
pub(crate) fn timeout(name: &str, milliseconds: i64) -> Result<Duration, Refusal> {
    u64::try_from(milliseconds)
        .map(Duration::from_millis)
        .ok()
        .filter(|timeout| !timeout.is_zero() && *timeout <= MAX_TIMEOUT)
        .ok_or_else(|| {
            refused(&format!(
                "the {name} of {milliseconds} ms is out of range: give 1 to {} milliseconds",
                MAX_TIMEOUT.as_millis()
            ))
        })
}

fn parse_uri(name: &str, text: &str) -> Result<Uri, Refusal> {
    let uri: Uri = text
        .parse()
        .map_err(|_| refused(&format!("the {name} is not a URL: check it for spaces and typing mistakes")))?;
    if uri.scheme().is_none() || !uri.authority().is_some_and(has_host_and_valid_port) {
        return Err(refused(&format!(
            "the {name} is not complete: give scheme and host, as in https://host/path"
        )));
    }
    Ok(uri)
}

fn has_host_and_valid_port(authority: &Authority) -> bool {
    let address = authority.as_str().rsplit('@').next().unwrap_or_default();
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port != 0)
    };
    // A host in brackets is found anywhere in the authority: what stands beside it is not a URL's.
    let port = address.strip_prefix(authority.host());
    !authority.host().is_empty()
        && port.is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn host(uri: &Uri) -> &str {
    uri.host().unwrap_or_default()
}

fn is_loopback(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|address| address.strip_suffix(']')) {
        Some(address) => address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback()),
        None => {
            host.eq_ignore_ascii_case("localhost")
                || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        }
    }
}

pub(super) fn refused(message: &str) -> Refusal {
    Refusal::new(Status::InvalidOption, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_http_are_urls() {
        for url in [
            "https://api.onoffice.de/api/latest/api.php",
            "https://example.test:8443/",
            "http://127.0.0.1:8080/api",
            "http://127.9.9.9/",
            "http://[::1]:8080/",
            "http://localhost/",
        ] {
            assert!(Url::parse(url).is_ok(), "{url}");
        }
        for (url, named) in [
            ("http://api.onoffice.de/", "unencrypted"),
            ("http://10.0.0.1/", "unencrypted"),
            ("http://localhost.example.test/", "unencrypted"),
            ("http://127.0.0.1[::1]25:+080/", "not complete"),
            ("http://[127.0.0.1]:1/", "unencrypted"),
            ("http://localhost[]", "unencrypted"),
            ("ftp://127.0.0.1/", "https://"),
            ("https://user:word@api.onoffice.de/", "password"),
            ("api.onoffice.de", "not complete"),
            ("/api.php", "not complete"),
            ("https://", "URL"),
            ("https://:443/", "URL"),
            ("https://host:0/", "not complete"),
            ("https://host:99999/", "not complete"),
            ("https://host:/", "not complete"),
            ("https://ho st/", "not a URL"),
            ("", "URL"),
        ] {
            let refusal = Url::parse(url).err().unwrap_or_else(|| panic!("{url} was accepted"));
            assert_eq!(refusal.status(), Status::InvalidOption);
            assert!(refusal.message().contains(named), "{url}: {refusal}");
            assert!(!refusal.message().contains("word@"), "{refusal}");
        }
    }

    #[test]
    fn only_http_proxies_are_taken_and_their_password_is_not_shown() {
        assert_eq!(ProxyUrl::parse("http://me:word@127.0.0.1:3128").unwrap().address(), "127.0.0.1:3128");
        for url in ["socks5://127.0.0.1:1080", "127.0.0.1:3128", "http://", ""] {
            assert!(ProxyUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_timeout_is_a_millisecond_to_a_day() {
        assert_eq!(timeout("timeout", 1).unwrap(), Duration::from_millis(1));
        assert_eq!(timeout("timeout", 86_400_000).unwrap(), MAX_TIMEOUT);
        for milliseconds in [0, -1, i64::MIN, 86_400_001, i64::MAX] {
            let refusal = timeout("connect timeout", milliseconds).unwrap_err();
            assert!(refusal.message().contains("connect timeout"), "{refusal}");
            assert!(refusal.message().contains(&milliseconds.to_string()), "{refusal}");
        }
    }
}
