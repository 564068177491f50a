//! The default client: the one behind `oo_execute_webhooks`, process-wide.
//!
//! A forked child goes on with what its parent had; what it sets afterwards is its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use crate::client::Client;
use crate::options::Options;
use crate::outcome::Status;
use crate::process::{PerProcess, Slot};
use crate::refusal::Refusal;

#[derive(Clone)]
enum DefaultClient {
    /// As the parent process has it; from the environment if there is none.
    Inherited,
    /// To be made from the environment.
    Environment,
    Made(Client),
}

static DEFAULT: PerProcess<Setting> = PerProcess::new([const { Slot::new(Setting::new()) }; 64]);

/// Two places, of which the one that is valid is never locked for writing: a child that is forked
/// while a thread of its parent sets the default finds either the old one or the new one.
struct Setting {
    places: [RwLock<DefaultClient>; 2],
    valid: AtomicUsize,
    changing: Mutex<()>,
}

impl Setting {
    const fn new() -> Setting {
        Setting {
            places: [const { RwLock::new(DefaultClient::Inherited) }; 2],
            valid: AtomicUsize::new(0),
            changing: Mutex::new(()),
        }
    }

    fn read(&self) -> DefaultClient {
        loop {
            let valid = self.valid();
            let default = valid.read().unwrap_or_else(PoisonError::into_inner).clone();
            if std::ptr::eq(valid, self.valid()) {
                return default;
            }
        }
    }

    /// What an ancestor of this process has set.
    fn inherited(&self) -> DefaultClient {
        self.valid().try_read().map_or(DefaultClient::Inherited, |default| default.clone())
    }

    fn set(&self, default: DefaultClient) {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let other = 1 - self.valid.load(Ordering::Acquire);
        let Some(place) = self.places.get(other) else { return };
        *place.write().unwrap_or_else(PoisonError::into_inner) = default;
        self.valid.store(other, Ordering::Release);
        // What was replaced is let go, and with it its credentials.
        if let Some(place) = self.places.get(1 - other) {
            *place.write().unwrap_or_else(PoisonError::into_inner) = DefaultClient::Inherited;
        }
    }

    fn valid(&self) -> &RwLock<DefaultClient> {
        let [first, second] = &self.places;
        if self.valid.load(Ordering::Acquire) == 0 { first } else { second }
    }
}

/// The default client; on first use made from the environment.
///
/// # Errors
/// As [`Options::client`], for the environment; it is then read again the next time.
pub fn get() -> Result<Client, Refusal> {
    match current() {
        DefaultClient::Made(client) => Ok(client),
        DefaultClient::Inherited | DefaultClient::Environment => {
            let client = Options::from_env().client()?;
            let _ = store(DefaultClient::Made(client.clone()));
            Ok(client)
        }
    }
}

/// Makes `client` the default; without one, the environment is read anew on the next use.
///
/// # Errors
/// `Internal` in a process that is too many forks away from the first one.
pub fn set(client: Option<Client>) -> Result<(), Refusal> {
    store(client.map_or(DefaultClient::Environment, DefaultClient::Made))
}

fn current() -> DefaultClient {
    let own = DEFAULT.own().map(Setting::read);
    match own {
        Some(DefaultClient::Inherited) | None => DEFAULT
            .inherited()
            .map(Setting::inherited)
            .find(|inherited| !matches!(inherited, DefaultClient::Inherited))
            .unwrap_or(DefaultClient::Environment),
        Some(set) => set,
    }
}

fn store(default: DefaultClient) -> Result<(), Refusal> {
    let own = DEFAULT.own().ok_or_else(|| {
        Refusal::new(Status::Internal, "too many forks deep for a default client: use a client of your own")
    })?;
    own.set(default);
    Ok(())
}
