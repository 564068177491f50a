//! The default client: the one behind `oo_execute_webhooks`, process-wide.
//!
//! A forked child goes on with what its parent had; what it sets afterwards is its own.

use crate::client::Client;
use crate::options::Options;
use crate::process::Inherited;
use crate::refusal::Refusal;

enum DefaultClient {
    /// To be made from the environment.
    OfEnvironment,
    Made(Client),
}

/// Nothing until the first use: to be made from the environment.
static DEFAULT: Inherited<DefaultClient> = Inherited::new();

/// The default client; on first use made from the environment.
///
/// # Errors
/// As [`Options::client`], for the environment; it is then read again the next time.
pub fn get() -> Result<Client, Refusal> {
    loop {
        let seen = DEFAULT.get();
        if let Some(DefaultClient::Made(client)) = seen.as_deref() {
            return Ok(client.clone());
        }
        let client = Options::from_env().client()?;
        // Else the default was set while the environment was read, and that setting holds.
        if DEFAULT.set_if_still(seen.as_ref(), DefaultClient::Made(client.clone())) {
            return Ok(client);
        }
    }
}

/// Makes `client` the default; without one, the environment is read anew on the next use.
pub fn set(client: Option<Client>) {
    DEFAULT.set(client.map_or(DefaultClient::OfEnvironment, DefaultClient::Made));
}
