//! The default client: the one behind `oo_execute_webhooks`, process-wide.
//!
//! A forked child goes on with a copy of what its parent had; what it sets afterwards is its own.

use std::sync::{Mutex, PoisonError};

use crate::client::Client;
use crate::options::Options;
use crate::outcome::Status;
use crate::process::Gate;
use crate::refusal::Refusal;

struct Default {
    /// `None`: to be made from the environment.
    client: Option<Client>,
    /// How often it was set.
    version: u64,
}

/// Only locked inside the gate, so nobody ever waits for it.
static DEFAULT: Mutex<Default> = Mutex::new(Default { client: None, version: 0 });

static GATE: Gate = Gate::new();

/// The default client; on first use made from the environment.
///
/// # Errors
/// As [`Options::client`], for the environment; it is then read again the next time. `NotConfigured`
/// in a child that was forked while another thread was in the middle of setting it.
pub fn get() -> Result<Client, Refusal> {
    let (client, version) = with(|default| (default.client.clone(), default.version))?;
    if let Some(client) = client {
        return Ok(client);
    }
    let from_environment = Options::from_env().client();
    with(|default| {
        if let Some(set_meanwhile) = &default.client {
            return Ok(set_meanwhile.clone());
        }
        let client = from_environment?;
        // Set to nothing meanwhile: the environment is to be read anew by the next one.
        if default.version == version {
            default.client = Some(client.clone());
        }
        Ok(client)
    })?
}

/// Makes `client` the default; without one, the environment is read anew on the next use.
///
/// # Errors
/// `NotConfigured` as for [`get`].
pub fn set(client: Option<Client>) -> Result<(), Refusal> {
    with(|default| {
        default.client = client;
        default.version += 1;
    })
}

fn with<T>(body: impl FnOnce(&mut Default) -> T) -> Result<T, Refusal> {
    let Some(_inside) = GATE.enter() else {
        let message = "this process was forked while another thread was setting the default client: \
            use a client of your own";
        return Err(Refusal::new(Status::NotConfigured, message));
    };
    Ok(body(&mut DEFAULT.lock().unwrap_or_else(PoisonError::into_inner)))
}
