//! `oo_webhooks` for Rust: execute the marketplace webhooks of onOffice enterprise records.
//!
//! When an app has created or changed a record through the onOffice API, the customer's marketplace
//! webhooks do not run by themselves. One call does it (`core/examples/execute.rs` is this as a program):
//!
//! ```no_run
//! use oo_webhooks_core::options::Options;
//! use oo_webhooks_core::outcome::Outcome;
//! use oo_webhooks_core::record::Record;
//!
//! let client = Options::from_env().client()?; // ON_OFFICE_TOKEN and ON_OFFICE_SECRET
//! let result = client.execute(Record::new("address", 15005)?);
//! match result.outcome() {
//!     Outcome::Executed => println!("{}", result.message()),
//!     Outcome::NotSent => eprintln!("may be repeated: {}", result.message()),
//!     Outcome::Rejected | Outcome::InDoubt => eprintln!("look at it: {}", result.message()),
//! }
//! # Ok::<(), oo_webhooks_core::refusal::Refusal>(())
//! ```
//!
//! Data flows one way: [`record`] → [`request`] (signed) → [`client`] and its transport →
//! [`response`] → [`result`]. The library starts no thread, installs no hook and reads the
//! environment only in [`Options::from_env`](options::Options::from_env) and for the default client.

pub mod client;
pub mod credentials;
mod decimal;
pub mod default_client;
mod error_code;
mod json;
mod label;
pub mod options;
pub mod outbox;
pub mod outcome;
mod process;
pub mod record;
pub mod refusal;
pub mod request;
pub mod response;
pub mod result;
mod server_echo;
pub mod signature;
mod transport;
