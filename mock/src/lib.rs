//! A stand-in for the onOffice enterprise API, for the one call `executeMarketplaceWebhooks`.
//!
//! It checks a request as the API is documented to, answers in the API's shapes and codes, and keeps a ledger
//! of what it executed, so that a test can compare what a client claims with what happened. Faults can be put at every
//! point of an exchange. It plays the marketplace too: webhooks that are registered with it are called, on loopback
//! only. It is not an official onOffice product, and where the API's behaviour is not documented it
//! says in the code what it assumes.
//!
//! ```
//! use oo_webhooks_mock::{Fault, FaultKind, Ending, Mock, Module, Settings};
//!
//! let mock = Mock::start(Settings::default())?;
//! mock.push_fault(Fault::new(FaultKind::DropAfterExecuting { how: Ending::Reset }).once());
//! println!("call {} and trust {}", mock.url(), mock.ca_pem());
//! assert_eq!(mock.executions(Module::Address, 15005), 0);
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod api_error;
mod certificates;
mod clock;
mod connection;
mod connections;
mod control;
mod counts;
mod delivery;
mod exchange;
mod fault;
mod inbox;
mod json;
mod judge;
mod judgement;
mod ledger;
mod listener;
mod log;
mod marketplace;
mod mock;
mod record;
mod refusals;
mod reply;
mod settings;
mod signature;
mod state;
mod stop_handle;
mod stream;
mod style;
mod webhook;

pub use clock::Clock;
pub use counts::Counts;
pub use delivery::Delivery;
pub use fault::{
    CloseMoment, Contradiction, Fault, FaultKind, Ids, Moment, StatusBody, StrayContent, StrayGap,
};
pub use ledger::Entry;
pub use mock::Mock;
pub use record::{Module, Record};
pub use refusals::Refused;
pub use settings::{
    Account, AccountKind, CertificateKind, DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET, DEFAULT_TOKEN, Protocol,
    Settings, TlsVersions,
};
pub use stop_handle::StopHandle;
pub use stream::Ending;
pub use style::ErrorShape;
pub use webhook::{DEFAULT_PROVIDER_SECRET, Event, Webhook};
