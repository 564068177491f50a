//! The mock as its owner holds it.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::certificates::Certificates;
use crate::clock::Clock;
use crate::connection::Port;
use crate::counts::Counts;
use crate::delivery::Delivery;
use crate::fault::{Fault, FaultKind};
use crate::ledger::Entry;
use crate::listener::Listener;
use crate::record::{Module, Record};
use crate::refusals::Refused;
use crate::settings::{Protocol, Settings};
use crate::state::State;
use crate::stop_handle::StopHandle;
use crate::webhook::Webhook;

/// A running mock. Dropping it stops it and waits for its threads.
///
/// All methods take `&self`: a mock can be shared by the threads of a test.
pub struct Mock {
    state: Arc<State>,
    api: Listener,
    control: Option<Listener>,
    scheme: &'static str,
    ca_pem: String,
    marketplace: Mutex<Option<JoinHandle<()>>>,
    process: u32,
}

impl Mock {
    /// Starts a mock; when this returns, it accepts connections.
    ///
    /// # Errors
    /// When a port cannot be bound, a thread cannot be made, or one of the names is none (`InvalidInput`).
    pub fn start(settings: Settings) -> io::Result<Self> {
        let (listen, control, protocol) = (settings.listen, settings.control, settings.protocol);
        let certificates = Certificates::make(settings.certificate, settings.tls_versions, &settings.names)?;
        let state = Arc::new(State::new(settings));
        let (scheme, tls) = match protocol {
            Protocol::Https => ("https", Some(certificates.server)),
            Protocol::Http => ("http", None),
        };
        let open = |address, port| {
            let failed = |error: io::Error| {
                io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
            };
            Listener::open(address, port, &state).map_err(failed)
        };
        Ok(Self {
            api: open(listen, Port::Api(tls))?,
            control: control.map(|address| open(address, Port::Control)).transpose()?,
            scheme,
            ca_pem: certificates.ca_pem,
            marketplace: Mutex::new(Some(marketplace(&state)?)),
            process: process::id(),
            state,
        })
    }

    /// The URL of the API, such as `https://127.0.0.1:4711/api/stable/api.php`.
    pub fn url(&self) -> String {
        format!("{}://{}/api/stable/api.php", self.scheme, self.api.reachable())
    }

    /// The address of the API's port.
    pub fn address(&self) -> SocketAddr {
        self.api.address()
    }

    /// Where `/mock/*` is served plain, when the settings asked for it: `http://127.0.0.1:4712`.
    pub fn control_url(&self) -> Option<String> {
        self.control.as_ref().map(|control| format!("http://{}", control.reachable()))
    }

    /// The certificate of the CA to trust, as PEM. It exists for plain HTTP too, where nothing needs it.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Writes the CA's certificate to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_ca(&self, path: impl AsRef<Path>) -> io::Result<()> {
        fs::write(path, &self.ca_pem)
    }

    /// Everything that was executed, in order.
    pub fn ledger(&self) -> Vec<Entry> {
        self.state.ledger.since(0).0
    }

    /// How often the webhooks of a record were executed.
    pub fn executions(&self, module: Module, id: u64) -> usize {
        let record = Record::new(module, id);
        self.state.ledger.count(|entry| entry.record() == record)
    }

    /// The newest 1,000 actions and requests that were refused, in order.
    pub fn refusals(&self) -> Vec<Refused> {
        self.state.refusals.since(0).0
    }

    /// How often things happened.
    pub fn counts(&self) -> Counts {
        self.state.counts()
    }

    /// Replaces all faults of the list.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.state.faults.replace(faults);
    }

    /// Adds a fault behind the others.
    pub fn push_fault(&self, fault: Fault) {
        self.state.faults.push(fault);
    }

    /// Chooses faults by record, for requests that no fault of the list hits. Of several records in one request the
    /// first that gets a fault decides for all.
    ///
    /// The record is known once the request has been read: a kind that acts earlier ends the connection then, as it
    /// would have, and the record is not executed.
    pub fn set_plan(&self, plan: impl Fn(&Record) -> Option<FaultKind> + Send + Sync + 'static) {
        self.state.faults.set_plan(Some(Box::new(plan)));
    }

    /// Removes the list of faults and the plan.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// Replaces the registered webhooks.
    pub fn set_webhooks(&self, webhooks: Vec<Webhook>) {
        self.state.marketplace.replace(webhooks);
    }

    /// The newest 10,000 calls of webhooks that are over. Waits up to `patience` until none is left to be made.
    pub fn deliveries(&self, patience: Duration) -> Vec<Delivery> {
        self.state.marketplace.deliveries(0, patience, || false).0
    }

    /// Sets the mock's clock.
    pub fn set_clock(&self, clock: Clock) {
        self.state.clock.set(clock);
    }

    /// Forgets ledger, refusals, deliveries, counts and faults, and has clock and webhooks as the settings had them.
    /// Connections stay open and keep their numbers.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Closes the connections that wait for a request, and returns how many when all of them are closed. A client's
    /// pooled connections are stale from then on.
    pub fn close_idle_connections(&self) -> usize {
        self.state.connections.close_idle()
    }

    /// Stops listening, closes the connections and waits for their threads. Requests in progress get a second. The
    /// port stays reserved and refuses connections; ledger and counts can still be read.
    pub fn stop(&self) {
        self.api.stop();
        if let Some(control) = &self.control {
            control.stop();
        }
    }

    /// Stops, and starts again on the same ports with the same CA, ledger and faults.
    ///
    /// # Errors
    /// When a port cannot be bound again.
    pub fn restart(&self) -> io::Result<()> {
        self.stop();
        self.resume()
    }

    /// Starts again after `stop`.
    ///
    /// # Errors
    /// When a port cannot be bound again.
    pub fn resume(&self) -> io::Result<()> {
        self.api.start()?;
        self.control.as_ref().map_or(Ok(()), Listener::start)
    }

    /// Waits until someone asks for a stop: `POST /mock/stop`, or a [`StopHandle`].
    pub fn wait(&self) {
        self.state.stop_handle.wait();
    }

    /// A handle to end [`Mock::wait`] from another thread.
    pub fn stop_handle(&self) -> StopHandle {
        self.state.stop_handle.clone()
    }
}

impl Drop for Mock {
    /// A forked child has the mock but not its threads: there is nothing to stop there, and nothing may be waited for.
    fn drop(&mut self) {
        if process::id() == self.process {
            self.stop();
            self.state.marketplace.close();
            let thread = self.marketplace.lock().unwrap_or_else(PoisonError::into_inner).take();
            let _ = thread.map(JoinHandle::join);
        }
    }
}

/// The thread that calls webhooks.
fn marketplace(state: &Arc<State>) -> io::Result<JoinHandle<()>> {
    let state = Arc::clone(state);
    thread::Builder::new().name("mock marketplace".to_owned()).spawn(move || state.marketplace.run(&state))
}
