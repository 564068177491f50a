//! The options of `oo-webhooks mock`, and the settings they amount to.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use oo_webhooks_mock::{
    Account, CertificateKind, Clock, DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET, DEFAULT_TOKEN, ErrorShape,
    Fault, Module, Protocol, Record, Settings, TlsVersions, Webhook,
};

use crate::failure::Failure;

/// Serve a mock of the onOffice API, to test apps without an account
#[derive(Args)]
#[allow(clippy::struct_excessive_bools)] // switches of a command line are what they are
pub(crate) struct Options {
    /// Port of the API; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Plain HTTP instead of HTTPS
    #[arg(long)]
    http: bool,
    /// Write the certificate of the mock's CA to this file
    #[arg(long, value_name = "PATH")]
    pub(super) ca_file: Option<PathBuf>,
    /// Serve /mock/* on a plain HTTP port of 127.0.0.1 as well; 0 takes a free one
    #[arg(long, value_name = "PORT")]
    control_port: Option<u16>,
    /// Token of the account that may call
    #[arg(long, env = "ON_OFFICE_TOKEN", hide_env_values = true, default_value = DEFAULT_TOKEN)]
    token: String,
    /// Secret of the accounts
    #[arg(long, env = "ON_OFFICE_SECRET", hide_env_values = true, default_value = DEFAULT_SECRET)]
    secret: String,
    /// Token of a marketplace provider, who is refused with 240
    #[arg(long, value_name = "TOKEN", default_value = DEFAULT_PROVIDER_TOKEN)]
    provider_token: String,
    /// A fault, such as '{"kind": "delay", "ms": 500, "times": 1}'; may be repeated
    #[arg(long, value_name = "JSON", value_parser = parse_fault)]
    fault: Vec<Fault>,
    /// A file with a JSON list of faults
    #[arg(long, value_name = "PATH")]
    faults_file: Option<PathBuf>,
    /// A webhook of the marketplace, such as
    /// '{"module": "estate", "event": "update", "url": "http://127.0.0.1:8080/hook"}'; may be repeated.
    ///
    /// It is called, signed, when a record of the module is executed. The event is create or update, and the API
    /// executes both. The URL is plain HTTP on loopback: the mock never calls anything else.
    #[arg(long, value_name = "JSON", value_parser = parse_webhook)]
    webhook: Vec<Webhook>,
    /// A record that does not exist, such as address/7; may be repeated
    #[arg(long, value_name = "MODULE/ID", value_parser = parse_record)]
    unknown: Vec<Record>,
    /// Refuse what the API is thought to take although it is documented otherwise, instead of noting it
    #[arg(long)]
    strict: bool,
    /// Where an error is told in the answer
    #[arg(long, value_enum, default_value_t = Shape::Repeated)]
    error_shape: Shape,
    /// Write error codes as strings
    #[arg(long)]
    codes_as_strings: bool,
    /// Seconds by which the mock's clock is ahead
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_hyphen_values = true)]
    clock_offset: i64,
    /// TLS versions offered
    #[arg(long, value_enum, default_value_t = Tls::Both)]
    tls: Tls,
    /// The certificate shown
    #[arg(long, value_enum, default_value_t = Certificate::Good)]
    certificate: Certificate,
    /// A further host name or IP address that the certificate is good for, and by which /mock/* may be
    /// asked for; may be repeated
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// Close each connection after its answer
    #[arg(long)]
    no_keep_alive: bool,
    /// Close a connection that is silent for so long
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 60_000, value_parser = clap::value_parser!(u64).range(1..))]
    idle_timeout_ms: u64,
    /// Connections that each port keeps open; a further one is closed at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    max_connections: usize,
    /// Print nothing for each request
    #[arg(long)]
    pub(super) quiet: bool,
    /// Write the lines printed at start to this file too, once the mock accepts connections
    #[arg(long, value_name = "PATH")]
    pub(super) ready_file: Option<PathBuf>,
    /// Stop when standard input ends, as it does with the process at its other end
    #[arg(long)]
    pub(super) exit_with_parent: bool,
}

impl Options {
    pub(super) fn into_settings(self) -> Result<Settings, Failure> {
        if self.token == self.provider_token {
            return Err(Failure::usage("token and provider token are the same: give two different ones"));
        }
        let mut faults = self.fault;
        if let Some(path) = &self.faults_file {
            let failed =
                |error: String| Failure::usage(format!("cannot use faults file {}: {error}", path.display()));
            let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
            let listed: Vec<Fault> =
                serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
            faults.extend(listed);
        }
        Ok(Settings {
            listen: SocketAddr::new(self.bind, self.port),
            control: self.control_port.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
            protocol: if self.http { Protocol::Http } else { Protocol::Https },
            tls_versions: self.tls.into(),
            certificate: self.certificate.into(),
            names: self.name,
            accounts: vec![
                Account::ordinary(&self.token, &self.secret),
                Account::provider(&self.provider_token, &self.secret),
            ],
            unknown_records: self.unknown.into_iter().collect(),
            clock: Clock::Offset(self.clock_offset),
            strict: self.strict,
            error_shape: self.error_shape.into(),
            codes_as_strings: self.codes_as_strings,
            keep_alive: !self.no_keep_alive,
            idle_timeout: Duration::from_millis(self.idle_timeout_ms),
            max_connections: self.max_connections,
            webhooks: self.webhook,
            faults,
            ..Settings::default()
        })
    }
}

fn parse_fault(json: &str) -> Result<Fault, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn parse_webhook(json: &str) -> Result<Webhook, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn parse_record(text: &str) -> Result<Record, String> {
    let parts = text.split_once('/').and_then(|(module, id)| {
        Some((Module::from_name(module)?, id.parse().ok().filter(|id: &u64| *id > 0)?))
    });
    let (module, id) = parts.ok_or("write it as estate/7, address/7, task/7 or calendar/7")?;
    Ok(Record::new(module, id))
}

#[derive(Clone, Copy, ValueEnum)]
enum Shape {
    Repeated,
    ActionOnly,
    Generic,
    TopOnly,
}

impl From<Shape> for ErrorShape {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Repeated => Self::Repeated,
            Shape::ActionOnly => Self::ActionOnly,
            Shape::Generic => Self::Generic,
            Shape::TopOnly => Self::TopOnly,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Tls {
    #[value(name = "1.2")]
    Tls12,
    #[value(name = "1.3")]
    Tls13,
    Both,
}

impl From<Tls> for TlsVersions {
    fn from(versions: Tls) -> Self {
        match versions {
            Tls::Tls12 => Self::Tls12,
            Tls::Tls13 => Self::Tls13,
            Tls::Both => Self::Both,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Certificate {
    Good,
    Expired,
    WrongHost,
    UnknownCa,
}

impl From<Certificate> for CertificateKind {
    fn from(kind: Certificate) -> Self {
        match kind {
            Certificate::Good => Self::Good,
            Certificate::Expired => Self::Expired,
            Certificate::WrongHost => Self::WrongHost,
            Certificate::UnknownCa => Self::UnknownCa,
        }
    }
}
