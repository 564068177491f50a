//! The worker: takes records from an outbox, executes their webhooks and settles them.
//!
//! ```no_run
//! use oo_webhooks_core::options::Options;
//! use oo_webhooks_store_sql::location::Location;
//! use oo_webhooks_store_sql::store::SqlStore;
//! use oo_webhooks_worker::accounts::Accounts;
//! use oo_webhooks_worker::settings::Settings;
//! use oo_webhooks_worker::worker::Worker;
//!
//! let accounts = Accounts::one(Options::from_env().client()?);
//! let location: Location = "mariadb://worker@/shop?socket=/run/mysqld/mysqld.sock".parse()?;
//! let worker = Worker::new(accounts, Settings::default());
//! let stop = worker.stop_handle(); // for the program's signal handler: stop.stop()
//! worker.run(|| SqlStore::open(&location))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What becomes of a record is the store's affair, by the policy; the worker never sends anything that the
//! store did not give it. It starts threads, as many as its settings say, and ends them when it is stopped.

pub mod accounts;
pub mod folders;
mod limiter;
pub mod metrics;
mod outages;
pub mod pulse;
pub mod settings;
pub mod stop;
pub mod store;
pub mod sweep;
pub mod worker;
