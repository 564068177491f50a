//! The outbox in the app's own database: `MariaDB`, `MySQL` or `PostgreSQL`.
//!
//! The app inserts a row into `oo_webhooks_outbox` in the transaction of its save: the wish to have the
//! webhooks executed is committed or rolled back together with it. Any number of workers on any number of
//! machines collect these rows into `oo_webhooks_record`, one row a record, and send what is due:
//!
//! ```no_run
//! use std::time::Duration;
//! use oo_webhooks_core::options::Options;
//! use oo_webhooks_store_sql::claim::{Lease, Note};
//! use oo_webhooks_store_sql::location::Location;
//! use oo_webhooks_store_sql::store::SqlStore;
//!
//! let client = Options::from_env().client()?;
//! let location: Location = "postgres://worker@/shop?host=/run/postgresql".parse()?;
//! let mut store = SqlStore::open(&location)?;
//! store.recover()?;
//! store.collect()?;
//! for account in store.accounts()? {
//!     for claimed in store.claim(&account, 1, Lease::of(Duration::from_secs(30), 1))? {
//!         let result = client.execute(claimed.record());
//!         store.finish(&claimed, &Note::from(&result))?;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What becomes of a record is decided by [`oo_webhooks_core::outbox::policy`]. All times are the
//! database's. No lock is held while a call runs: a claim has a lease, and one that ends is in doubt, never
//! a reason to send again.

mod authorities;
pub mod claim;
pub mod collect;
mod connection;
pub mod dialect;
pub mod examination;
pub mod holdings;
pub mod location;
mod mysql_connection;
mod postgresql_connection;
mod random;
pub mod schema;
mod sql;
pub mod store;
pub mod tally;
mod trouble;

pub use trouble::Trouble;
