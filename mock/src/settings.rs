//! Everything a mock can be told before it starts.

use std::collections::HashSet;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::record::Record;
use crate::style::ErrorShape;
use crate::webhook::Webhook;

/// The token of the default ordinary account: made up, 32 characters like a real one.
pub const DEFAULT_TOKEN: &str = "MockTokenMockTokenMockToken00001";
/// The secret of the default accounts: made up, 64 characters like a real one.
pub const DEFAULT_SECRET: &str = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001";
/// The token of the default marketplace provider, which the call refuses with 240.
pub const DEFAULT_PROVIDER_TOKEN: &str = "MockProviderMockProviderToken001";

/// Settings of a mock. `Settings::default()` is HTTPS on a free port of 127.0.0.1 with the default accounts.
#[allow(clippy::struct_excessive_bools)] // switches of a program are what they are
pub struct Settings {
    /// Where the API listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where a second, plain HTTP port serves only `/mock/*`. They are served beside the API in any case.
    pub control: Option<SocketAddr>,
    /// HTTPS unless asked for otherwise.
    pub protocol: Protocol,
    /// The TLS versions offered.
    pub tls_versions: TlsVersions,
    /// The certificate shown.
    pub certificate: CertificateKind,
    /// Further host names and IP addresses that the certificate is good for, and by which `/mock/*` may be asked for;
    /// `*.example.test` stands for any one label.
    pub names: Vec<String>,
    /// Who may call. Each account is a customer of its own.
    pub accounts: Vec<Account>,
    /// Records that do not exist. Every other record with a positive id does.
    pub unknown_records: HashSet<Record>,
    /// The mock's idea of time.
    pub clock: Clock,
    /// Refuses what the real API is thought to take although its documentation shows it otherwise, and what is
    /// noted in the log when this is off: an `identifier` that is null or a number, `parameters` that are not in
    /// alphabetical order, a `resourceid` that is a number.
    pub strict: bool,
    /// Where an error is put in the answer.
    pub error_shape: ErrorShape,
    /// Writes `errorcode` as a string, as PHP programs happen to do.
    pub codes_as_strings: bool,
    /// Whether answers carry a `Date` header.
    pub date_header: bool,
    /// Whether a connection is kept after an answer.
    pub keep_alive: bool,
    /// How long a connection may stay silent before the mock closes it.
    pub idle_timeout: Duration,
    /// How many connections each port keeps open; a further one is closed at once.
    pub max_connections: usize,
    /// The webhooks of the marketplace that are registered from the start on.
    pub webhooks: Vec<Webhook>,
    /// Faults from the start on.
    pub faults: Vec<Fault>,
    /// Where the lines go that tell of each request; nowhere by default.
    pub log: Option<Box<dyn Write + Send>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control: None,
            protocol: Protocol::Https,
            tls_versions: TlsVersions::Both,
            certificate: CertificateKind::Good,
            names: Vec::new(),
            accounts: vec![
                Account::ordinary(DEFAULT_TOKEN, DEFAULT_SECRET),
                Account::provider(DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET),
            ],
            unknown_records: HashSet::new(),
            clock: Clock::Offset(0),
            strict: false,
            error_shape: ErrorShape::Repeated,
            codes_as_strings: false,
            date_header: true,
            keep_alive: true,
            idle_timeout: Duration::from_secs(60),
            max_connections: 1000,
            webhooks: Vec::new(),
            faults: Vec::new(),
            log: None,
        }
    }
}

/// What is spoken on the API's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 over TLS, as the real API.
    Https,
    /// Only HTTP/1.1.
    Http,
}

/// The TLS versions a mock offers. The API's documentation names 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsVersions {
    /// Only TLS 1.2.
    Tls12,
    /// Only TLS 1.3.
    Tls13,
    /// Both.
    Both,
}

/// The certificate a mock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// Signed by the mock's CA for 127.0.0.1, `::1`, localhost and the names of the settings.
    Good,
    /// The same, but it expired years ago.
    Expired,
    /// Signed by the mock's CA for another host.
    WrongHost,
    /// Signed by a CA that is not the one the mock gives out.
    UnknownCa,
}

/// A customer's API user.
#[derive(Clone)]
pub struct Account {
    /// Says who calls; 32 characters in real life.
    pub token: String,
    /// Signs; 64 characters in real life.
    pub secret: String,
    /// What it may do.
    pub kind: AccountKind,
}

impl Account {
    /// An account that may execute webhooks.
    pub fn ordinary(token: &str, secret: &str) -> Self {
        Self { token: token.to_owned(), secret: secret.to_owned(), kind: AccountKind::Ordinary }
    }

    /// A marketplace provider, who "cannot use the call": refused with 240.
    pub fn provider(token: &str, secret: &str) -> Self {
        Self { token: token.to_owned(), secret: secret.to_owned(), kind: AccountKind::Provider }
    }
}

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A customer's own API user.
    Ordinary,
    /// A provider of the marketplace.
    Provider,
}
