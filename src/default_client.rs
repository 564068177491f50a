//! The default client: the one behind `oo_execute_webhooks`, process-wide.
//!
//! A forked child goes on with what its parent had; what it sets afterwards is its own.

use std::sync::{PoisonError, RwLock};

use crate::client::Client;
use crate::options::Options;
use crate::outcome::Status;
use crate::per_process::{PerProcess, Slot};
use crate::refusal::Refusal;

#[derive(Clone)]
enum DefaultClient {
    /// As the parent process has it; from the environment if there is none.
    Inherited,
    /// To be made from the environment.
    Environment,
    Made(Client),
}

static DEFAULT: PerProcess<RwLock<DefaultClient>> =
    PerProcess::new([const { Slot::new(RwLock::new(DefaultClient::Inherited)) }; 64]);

/// The default client; on first use made from the environment.
///
/// # Errors
/// As [`Options::client`], for the environment; it is then read again the next time.
pub(crate) fn get() -> Result<Client, Refusal> {
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
pub(crate) fn set(client: Option<Client>) -> Result<(), Refusal> {
    store(client.map_or(DefaultClient::Environment, DefaultClient::Made))
}

fn current() -> DefaultClient {
    let own = DEFAULT.own().map(|own| own.read().unwrap_or_else(PoisonError::into_inner).clone());
    match own {
        Some(DefaultClient::Inherited) | None => DEFAULT
            .inherited()
            .filter_map(|inherited| inherited.try_read().ok().map(|inherited| inherited.clone()))
            .find(|inherited| !matches!(inherited, DefaultClient::Inherited))
            .unwrap_or(DefaultClient::Environment),
        Some(set) => set,
    }
}

fn store(default: DefaultClient) -> Result<(), Refusal> {
    let own = DEFAULT.own().ok_or_else(|| {
        Refusal::new(Status::Internal, "too many forks deep for a default client: use a client of your own")
    })?;
    *own.write().unwrap_or_else(PoisonError::into_inner) = default;
    Ok(())
}
