//! [`Options`]: what a client is made of. Every setter checks at once, and no client is made while
//! a refused setting stands.

use std::env::{self, VarError};

use zeroize::Zeroizing;

use crate::client::Client;
use crate::credentials::Credentials;
use crate::outcome::Status;
use crate::refusal::Refusal;
use crate::transport::roots::Roots;
use crate::transport::settings::{self, ProxyUrl, Settings, Url};

/// Credentials and settings for a [`Client`].
#[derive(Clone, Default)]
pub struct Options {
    credentials: Option<Credentials>,
    settings: Settings,
    /// Settings that were refused and not set right since: a caller who does not look at every
    /// return value gets no client instead of one with a default that nobody wanted.
    refused: Vec<(Setting, Refusal)>,
}

/// A setting of [`Options`], by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the setter of that name")]
pub enum Setting {
    Credentials,
    Url,
    CaFile,
    Proxy,
    ConnectTimeout,
    Timeout,
}

impl Options {
    /// The defaults, without credentials: the stable API, bundled roots, no proxy, 5 s to connect,
    /// 30 s for a whole call.
    pub fn new() -> Self {
        Self::default()
    }

    /// From `ON_OFFICE_TOKEN`, `ON_OFFICE_SECRET`, `ON_OFFICE_URL`, `ON_OFFICE_CA_FILE`,
    /// `ON_OFFICE_PROXY` and `ON_OFFICE_TIMEOUT_MS`; one that is empty counts as not set.
    ///
    /// What is refused is kept for [`Options::check`], with the variable's name.
    pub fn from_env() -> Self {
        let mut options = Self::new();
        options.read_credentials();
        options.read("ON_OFFICE_URL", Setting::Url, Self::set_url);
        options.read("ON_OFFICE_CA_FILE", Setting::CaFile, Self::set_ca_file);
        options.read("ON_OFFICE_PROXY", Setting::Proxy, Self::set_proxy);
        options.read("ON_OFFICE_TIMEOUT_MS", Setting::Timeout, |options, text| {
            let not_a_number = |_| invalid(&format!("{text:?} is not a number: give milliseconds"));
            let milliseconds = text.parse().map_err(not_a_number);
            milliseconds.and_then(|milliseconds| options.set_timeout_ms(milliseconds))
        });
        options
    }

    /// # Errors
    /// `InvalidOption` when either is empty.
    pub fn set_credentials(&mut self, token: &str, secret: &str) -> Result<(), Refusal> {
        let credentials = Credentials::new(token, secret);
        self.set(Setting::Credentials, credentials, |options, credentials| {
            options.credentials = Some(credentials);
        })
    }

    /// # Errors
    /// `InvalidOption` for anything but `https://`, or `http://` to a loopback host.
    pub fn set_url(&mut self, url: &str) -> Result<(), Refusal> {
        self.set(Setting::Url, Url::parse(url), |options, url| options.settings.url = url)
    }

    /// Trusts the certificates of this PEM file instead of the bundled roots; those of the system's file for
    /// `system`. It is read now.
    ///
    /// # Errors
    /// `InvalidOption` when there is none, it cannot be read or holds no certificate.
    pub fn set_ca_file(&mut self, path: &str) -> Result<(), Refusal> {
        self.set(Setting::CaFile, Roots::read(path), |options, roots| options.settings.roots = Some(roots))
    }

    /// # Errors
    /// `InvalidOption` for anything but `http://` and `https://` proxies.
    pub fn set_proxy(&mut self, url: &str) -> Result<(), Refusal> {
        self.set(Setting::Proxy, ProxyUrl::parse(url), |options, proxy| options.settings.proxy = Some(proxy))
    }

    /// The time for the TCP connection and the TLS handshake together.
    ///
    /// # Errors
    /// `InvalidOption` outside 1 to 86,400,000 ms.
    pub fn set_connect_timeout_ms(&mut self, milliseconds: i64) -> Result<(), Refusal> {
        let timeout = settings::timeout("connect timeout", milliseconds);
        self.set(Setting::ConnectTimeout, timeout, |options, timeout| {
            options.settings.connect_timeout = timeout;
        })
    }

    /// The time for a whole call.
    ///
    /// # Errors
    /// `InvalidOption` outside 1 to 86,400,000 ms.
    pub fn set_timeout_ms(&mut self, milliseconds: i64) -> Result<(), Refusal> {
        let timeout = settings::timeout("timeout", milliseconds);
        self.set(Setting::Timeout, timeout, |options, timeout| options.settings.timeout = timeout)
    }

    /// Refuses a setting for a reason found before its setter could see it.
    ///
    /// # Errors
    /// `refusal`, always.
    pub fn refuse(&mut self, setting: Setting, refusal: Refusal) -> Result<(), Refusal> {
        self.set::<()>(setting, Err(refusal), |_, ()| {})
    }

    /// Whether [`Options::client`] would make a client of these options as they are now.
    ///
    /// # Errors
    /// The first setting that was refused and not set right since; `NotConfigured` without credentials.
    pub fn check(&self) -> Result<(), Refusal> {
        self.usable().map(|_| ())
    }

    /// # Errors
    /// As [`Options::check`].
    pub fn client(&self) -> Result<Client, Refusal> {
        self.usable().map(|credentials| Client::new(credentials.clone(), self.settings.clone()))
    }

    fn usable(&self) -> Result<&Credentials, Refusal> {
        if let Some((_, refusal)) = self.refused.first() {
            return Err(refusal.clone());
        }
        if self.settings.is_clear_text() && self.settings.proxy.is_some() {
            return Err(invalid(
                "an http:// URL and a proxy: the proxy would read the token; use https://, or set no proxy",
            ));
        }
        self.credentials.as_ref().ok_or_else(|| {
            let message = "no credentials: set token and secret, or ON_OFFICE_TOKEN and ON_OFFICE_SECRET";
            Refusal::new(Status::NotConfigured, message)
        })
    }

    fn set<T>(
        &mut self,
        setting: Setting,
        value: Result<T, Refusal>,
        store: impl FnOnce(&mut Self, T),
    ) -> Result<(), Refusal> {
        self.refused.retain(|(refused, _)| *refused != setting);
        match value {
            Ok(value) => {
                store(self, value);
                Ok(())
            }
            Err(refusal) => {
                self.refused.push((setting, refusal.clone()));
                Err(refusal)
            }
        }
    }

    fn read_credentials(&mut self) {
        let credentials = match (variable("ON_OFFICE_TOKEN"), variable("ON_OFFICE_SECRET")) {
            (Ok(None), Ok(None)) => return,
            (Ok(Some(token)), Ok(Some(secret))) => Credentials::new(&token, &secret),
            (Ok(Some(_)), Ok(None)) => Err(half_configured("ON_OFFICE_TOKEN", "ON_OFFICE_SECRET")),
            (Ok(None), Ok(Some(_))) => Err(half_configured("ON_OFFICE_SECRET", "ON_OFFICE_TOKEN")),
            (Err(refusal), _) | (_, Err(refusal)) => Err(refusal),
        };
        let _ = self.set(Setting::Credentials, credentials, |options, credentials| {
            options.credentials = Some(credentials);
        });
    }

    fn read(
        &mut self,
        name: &str,
        setting: Setting,
        set: impl FnOnce(&mut Self, &str) -> Result<(), Refusal>,
    ) {
        let done = match variable(name) {
            Ok(Some(value)) => set(self, &value)
                .map_err(|refusal| Refusal::new(refusal.status(), format!("{name}: {}", refusal.message()))),
            Ok(None) => Ok(()),
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = done {
            let _ = self.refuse(setting, refusal);
        }
    }
}

/// The value of an environment variable; none when it is not set or empty.
fn variable(name: &str) -> Result<Option<Zeroizing<String>>, Refusal> {
    match env::var(name) {
        Ok(value) => Ok(Some(Zeroizing::new(value)).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(invalid(&format!("{name} is not UTF-8: set it anew"))),
    }
}

fn half_configured(set: &str, missing: &str) -> Refusal {
    Refusal::new(Status::NotConfigured, format!("{set} is set but {missing} is not: set both"))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(Status::InvalidOption, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured() -> Options {
        let mut options = Options::new();
        options.set_credentials("token", "secret").unwrap();
        options
    }

    #[test]
    fn without_credentials_there_is_no_client() {
        let refusal = Options::new().client().err().unwrap();
        assert_eq!(refusal.status(), Status::NotConfigured);
        assert!(refusal.message().contains("ON_OFFICE_TOKEN"));
        assert!(configured().client().is_ok());
    }

    #[test]
    fn a_refused_setting_stands_until_it_is_set_right() {
        let mut options = configured();
        assert!(options.set_timeout_ms(0).is_err());
        assert!(options.set_url("http://example.test/").is_err());
        assert!(options.check().unwrap_err().message().contains("timeout"));
        options.set_timeout_ms(1000).unwrap();
        assert!(options.check().unwrap_err().message().contains("unencrypted"));
        options.set_url("https://example.test/").unwrap();
        assert!(options.client().is_ok());
    }
}
