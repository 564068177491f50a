//! [`Roots`]: the certificate authorities of a CA file. PHP-FPM makes a client in each request, and the system's file
//! has more than a hundred: what was read is kept for as long as the file does not change.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::failure;
use super::settings::refused;
use crate::process::PerProcess;
use crate::refusal::Refusal;

/// Instead of a path: the certificates that the system trusts.
const SYSTEM: &str = "system";

/// Where systems keep the authorities that they trust, in one file of PEM.
const SYSTEM_FILES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",             // openSUSE
    "/etc/ssl/cert.pem",                  // others
];

/// The certificate authorities of a CA file. Those of one that did not change are the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Roots(Arc<Vec<Vec<u8>>>);

impl Roots {
    /// Reads a PEM file, or for `system` the system's. A later change of the file is only seen by who reads it again.
    pub(crate) fn read(path: &str) -> Result<Self, Refusal> {
        if path == SYSTEM { Self::read_first(&SYSTEM_FILES) } else { Self::read_file(path) }
    }

    fn read_first(paths: &[&str]) -> Result<Self, Refusal> {
        let found = paths.iter().find(|path| Path::new(path).exists());
        found.map_or_else(
            || {
                Err(refused(&format!(
                    "the CA file is {SYSTEM:?}, and this system has none at {}: install the package \
                     ca-certificates, or give a PEM file",
                    paths.join(", ")
                )))
            },
            |path| Self::read_file(path),
        )
    }

    fn read_file(path: &str) -> Result<Self, Refusal> {
        let unreadable =
            |error: io::Error| refused(&format!("cannot read CA file {path:?}: {}", failure::cause(&error)));
        let mut file = File::open(path).map_err(unreadable)?;
        let now = Version::of(&file.metadata().map_err(unreadable)?);
        if let Some(known) = known(path, &now) {
            return Ok(known);
        }
        // What is read is at least as new as `now`: the next one who asks sees a change that came in between.
        let mut pem = Vec::new();
        file.read_to_end(&mut pem).map_err(unreadable)?;
        let roots = Self::parse(&pem).map_err(|problem| refused(&format!("CA file {path:?} {problem}")))?;
        if now.is_settled() {
            keep(path, now, &roots);
        }
        Ok(roots)
    }

    fn parse(pem: &[u8]) -> Result<Self, &'static str> {
        let certificates: Result<Vec<Vec<u8>>, _> =
            CertificateDer::pem_slice_iter(pem).map(|item| item.map(|der| der.to_vec())).collect();
        let Ok(certificates) = certificates else {
            return Err("is not valid PEM: give certificates between BEGIN and END lines");
        };
        if certificates.is_empty() {
            return Err("holds no certificate: give PEM with BEGIN CERTIFICATE");
        }
        let usable = |der: &Vec<u8>| RootCertStore::empty().add(der.as_slice().into()).is_ok();
        if !certificates.iter().any(usable) {
            return Err("holds no certificate that can be an authority: give the CA's certificate");
        }
        Ok(Self(Arc::new(certificates)))
    }

    /// Each certificate in DER.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
}

/// Files that are kept at the most.
const MAX_KEPT: usize = 8;

/// What was read, the file read last being the last.
static KEPT: PerProcess<Mutex<Vec<(String, Version, Roots)>>> = PerProcess::new();

fn kept() -> MutexGuard<'static, Vec<(String, Version, Roots)>> {
    KEPT.own().lock().unwrap_or_else(PoisonError::into_inner)
}

fn known(path: &str, version: &Version) -> Option<Roots> {
    let kept = kept();
    let is_it = |(name, of, _): &&(String, Version, Roots)| name == path && of == version;
    kept.iter().find(is_it).map(|(_, _, roots)| roots.clone())
}

fn keep(path: &str, version: Version, roots: &Roots) {
    let mut kept = kept();
    kept.retain(|(name, _, _)| name != path);
    if kept.len() == MAX_KEPT {
        kept.remove(0);
    }
    kept.push((path.to_owned(), version, roots.clone()));
}

/// Lets go of what is kept, and takes no memory.
pub(crate) fn let_go() {
    if let Some(kept) = KEPT.made() {
        let kept = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
        drop(kept);
    }
}

/// What tells a file from what it was before: each change gives it another time of change.
#[derive(PartialEq, Eq)]
struct Version {
    device: u64,
    inode: u64,
    size: u64,
    /// Since 1970.
    changed: Duration,
}

impl Version {
    fn of(file: &Metadata) -> Self {
        let seconds = u64::try_from(file.ctime()).unwrap_or_default();
        let nanoseconds = u32::try_from(file.ctime_nsec()).unwrap_or_default();
        let changed = Duration::new(seconds, nanoseconds);
        Self { device: file.dev(), inode: file.ino(), size: file.size(), changed }
    }

    /// Whether a change from now on will have another time: file systems count in steps of up to 2 s.
    fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.checked_sub(self.changed).is_some_and(|age| age > Duration::from_secs(3))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::outcome::Status;

    #[test]
    fn a_ca_file_that_is_no_use_is_refused_with_its_path_and_the_cause() {
        for (pem, cause) in [
            ("", "no certificate"),
            ("hello", "no certificate"),
            ("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "no certificate"),
            ("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", "not valid PEM"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "can be an authority"),
        ] {
            let problem = Roots::parse(pem.as_bytes()).err().unwrap();
            assert!(problem.contains(cause), "{pem:?}: {problem}");
        }
        let missing = Roots::read("/does/not/exist.pem").err().unwrap();
        assert_eq!(
            missing.message(),
            "cannot read CA file \"/does/not/exist.pem\": no such file or directory"
        );
    }

    #[test]
    fn the_systems_authorities_are_those_of_the_first_file_that_is_there() {
        let refusal = Roots::read_first(&["/does/not/exist.pem", "/dev/null", "/dev/zero"]).err().unwrap();
        assert_eq!(
            refusal.message(),
            "CA file \"/dev/null\" holds no certificate: give PEM with BEGIN CERTIFICATE"
        );
        let refusal = Roots::read_first(&["/does/not/exist.pem", "/nor/this"]).err().unwrap();
        assert_eq!(refusal.status(), Status::InvalidOption);
        for part in ["/does/not/exist.pem, /nor/this", "\"system\"", "ca-certificates"] {
            assert!(refusal.message().contains(part), "{refusal}");
        }
    }

    #[test]
    fn a_file_with_the_name_system_is_given_with_its_folder() {
        let refusal = Roots::read("./system").err().unwrap();
        assert_eq!(refusal.message(), "cannot read CA file \"./system\": no such file or directory");
    }

    #[test]
    fn a_file_is_read_again_only_when_it_has_changed() {
        let folder = std::env::temp_dir().join(format!("oo-webhooks-roots-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("ca.pem");
        let name = path.to_str().unwrap();
        let other = folder.join("other.pem");
        // Too new to be kept: another change could have the same time.
        let mock = oo_webhooks_mock::Mock::start(oo_webhooks_mock::Settings::default()).unwrap();
        fs::write(&path, mock.ca_pem()).unwrap();
        let first = Roots::read(name).unwrap();
        let version = |path: &Path| Version::of(&fs::metadata(path).unwrap());
        assert!(known(name, &version(&path)).is_none());

        keep(name, version(&path), &first);
        assert!(Arc::ptr_eq(&Roots::read(name).unwrap().0, &first.0));
        fs::write(&other, mock.ca_pem()).unwrap();
        fs::rename(&other, &path).unwrap();
        let second = Roots::read(name).unwrap();
        assert!(second == first && !Arc::ptr_eq(&second.0, &first.0));

        keep(name, version(&path), &second);
        fs::remove_file(&path).unwrap();
        assert!(Roots::read(name).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn no_more_than_eight_files_are_kept() {
        let roots = Roots(Arc::new(Vec::new()));
        let version = || Version { device: 1, inode: 2, size: 3, changed: Duration::ZERO };
        for number in 0..=MAX_KEPT {
            keep(&format!("no such file {number}"), version(), &roots);
        }
        assert!(kept().len() <= MAX_KEPT);
        assert!(known("no such file 0", &version()).is_none());
        assert!(known(&format!("no such file {MAX_KEPT}"), &version()).is_some());
    }
}
