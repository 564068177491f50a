//! A mock, and clients that know its address, CA and credentials.

#![allow(dead_code, clippy::unwrap_used, clippy::missing_panics_doc)]

pub mod matrix;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::request::Request;
use oo_webhooks_mock::{DEFAULT_SECRET, DEFAULT_TOKEN, Mock, Settings};

/// A mock with the default settings: HTTPS, the default account, no fault. It is strict, as every mock of these tests:
/// the library sends what the documentation shows.
pub fn mock() -> Mock {
    mock_with(Settings::default())
}

pub fn mock_with(settings: Settings) -> Mock {
    Mock::start(Settings { strict: true, ..settings }).unwrap()
}

/// Options for the mock: its URL, its CA, the default account.
pub fn options(mock: &Mock) -> Options {
    let mut options = Options::new();
    options.set_url(&mock.url()).unwrap();
    options.set_credentials(DEFAULT_TOKEN, DEFAULT_SECRET).unwrap();
    let ca = CaFile::of(mock.ca_pem());
    options.set_ca_file(ca.path()).unwrap();
    options
}

pub fn client(mock: &Mock) -> Client {
    options(mock).client().unwrap()
}

/// A client that gives up after `milliseconds`.
pub fn hasty_client(mock: &Mock, milliseconds: i64) -> Client {
    let mut options = options(mock);
    options.set_timeout_ms(milliseconds).unwrap();
    options.client().unwrap()
}

pub fn address(id: i64) -> Record {
    Record::new("address", id).unwrap()
}

/// A request for these addresses.
pub fn addresses(ids: impl IntoIterator<Item = i64>) -> Request {
    let mut request = Request::new();
    for id in ids {
        request.add(address(id)).unwrap();
    }
    request
}

/// A file that is removed when it is dropped.
pub struct CaFile(PathBuf);

impl CaFile {
    pub fn of(pem: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("oo-webhooks-ca-{}-{number}.pem", process::id()));
        fs::write(&path, pem).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
