//! Certificate authorities that a URL names, and what is said where a server has none of them.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::trouble::Fault;

/// The certificates of a PEM file.
pub(crate) fn read(path: &str) -> Result<RootCertStore, Fault> {
    let refused = |why: String| Fault::Refused(format!("cannot read the CA file {path}: {why}"));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| refused(error.to_string()))? {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(refused("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

/// A server whose certificate is not accepted, or that has none.
pub(crate) fn refused(why: &str) -> Fault {
    Fault::Refused(format!(
        "{why}: name its certificate authority with sslrootcert=FILE, or say sslmode=disable in a network you trust"
    ))
}
