//! A certificate authority made at start, and the certificates that it signs.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

use crate::log::quoted;
use crate::settings::{CertificateKind, TlsVersions};

/// The CA that clients are told to trust, and what the server shows them.
pub(crate) struct Certificates {
    pub(crate) ca_pem: String,
    pub(crate) server: Arc<ServerConfig>,
}

impl Certificates {
    pub(crate) fn make(kind: CertificateKind, versions: TlsVersions, names: &[String]) -> io::Result<Self> {
        check_names(names)?;
        let trusted = authority("oo-webhooks mock CA").map_err(io::Error::other)?;
        let ca_pem = trusted.pem();
        let signer = match kind {
            CertificateKind::UnknownCa => authority("a CA nobody trusts").map_err(io::Error::other)?,
            _ => trusted,
        };
        let (chain, key) = leaf(kind, names, &signer).map_err(io::Error::other)?;
        let server = server_config(chain, key, versions).map_err(io::Error::other)?;
        Ok(Self { ca_pem, server: Arc::new(server) })
    }
}

fn authority(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = around_now();
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn check_names(names: &[String]) -> io::Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_name = |name: &str| {
        let name = name.strip_prefix("*.").unwrap_or(name);
        let labels = name.split('.').all(|label| !label.is_empty() && label.len() <= 63);
        name.parse::<IpAddr>().is_ok() || (labels && name.len() <= 253 && name.bytes().all(fits))
    };
    let Some(wrong) = names.iter().find(|name| !is_name(name)) else { return Ok(()) };
    let reason = format!("name {} is neither a host name nor an IP address", quoted(wrong));
    Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
}

fn leaf(
    kind: CertificateKind,
    names: &[String],
    signer: &CertifiedIssuer<'_, KeyPair>,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), rcgen::Error> {
    let hosts: Vec<String> = match kind {
        CertificateKind::WrongHost => vec!["wrong.host.invalid".to_owned()],
        _ => ["localhost", "127.0.0.1", "::1"]
            .into_iter()
            .map(str::to_owned)
            .chain(names.iter().cloned())
            .collect(),
    };
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name.push(DnType::CommonName, "oo-webhooks mock");
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    (params.not_before, params.not_after) = match kind {
        CertificateKind::Expired => (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2021, 1, 1)),
        _ => around_now(),
    };
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, signer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((vec![certificate.into()], key))
}

/// A day back for clients whose clock is slow, and short enough for clients that refuse long-lived certificates.
fn around_now() -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now - Duration::days(1), now + Duration::days(365))
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    versions: TlsVersions,
) -> Result<ServerConfig, rustls::Error> {
    let versions: &[&rustls::SupportedProtocolVersion] = match versions {
        TlsVersions::Tls12 => &[&rustls::version::TLS12],
        TlsVersions::Tls13 => &[&rustls::version::TLS13],
        TlsVersions::Both => rustls::ALL_VERSIONS,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // For the fault that does it; nothing else is ever written before the handshake is done.
    config.send_half_rtt_data = true;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
