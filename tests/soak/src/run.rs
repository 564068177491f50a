//! The run: threads that take the next call's number, make the call and note what was claimed.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_core::request::Request;
use oo_webhooks_core::result::RecordResult;

use crate::call::{COMMON_TIMEOUTS_MS, Call, Caller};
use crate::claim::Notebook;
use crate::resources::{Resources, Watch};
use crate::server::{DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET, DEFAULT_TOKEN, Ledger, Server};
use crate::wire;

/// What is to be run.
#[derive(Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub calls: u64,
    pub threads: usize,
    /// Just this call of them.
    pub only: Option<u64>,
}

/// What came of it.
pub struct Outcomes {
    pub notebooks: Vec<Notebook>,
    pub ledger: Ledger,
    pub resources: Resources,
    pub taken: Duration,
}

/// # Errors
/// When the server does not start or ends early, or the library refuses the settings.
pub fn run(plan: Plan) -> io::Result<Outcomes> {
    let server = Server::start(plan.seed, plan.calls)?;
    let clients = Clients::new(&server).map_err(io::Error::other)?;
    let (first, end) = plan.only.map_or((0, plan.calls), |only| (only, only + 1));
    let next = AtomicU64::new(first);
    let room = usize::try_from((end - first) * 3 / 2).unwrap_or(0) / plan.threads + 16;
    let notebooks: Vec<_> = (0..plan.threads).map(|_| Notebook::new(room)).collect();
    let begun = Instant::now();
    let watch = Watch::start(plan.threads)?;
    let notebooks = thread::scope(|scope| {
        let threads: Vec<_> = notebooks
            .into_iter()
            .map(|mut notebook| {
                let (next, clients) = (&next, &clients);
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= end {
                            return notebook;
                        }
                        make(&Call::draw(plan.seed, number), clients, plan.only.is_some(), &mut notebook);
                    }
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let resources = watch.stop();
    let taken = begun.elapsed();
    Ok(Outcomes { notebooks, ledger: server.close()?, resources, taken })
}

fn make(call: &Call, clients: &Clients, is_told: bool, notebook: &mut Notebook) {
    let own = call.own_client.then(|| clients.make(call));
    let client = own.as_ref().unwrap_or_else(|| clients.shared(call));
    let request = request(call);
    wire::watch();
    let begun = Instant::now();
    let results = execute(client, &request);
    let taken = begun.elapsed();
    if is_told {
        tell(call, &results, taken);
    }
    notebook.note(call, taken, wire::seen(), &results);
}

/// One record by the door for one, several by the door for several.
fn execute(client: &Client, request: &Request) -> Vec<RecordResult> {
    match request.records() {
        [record] => vec![client.execute(*record)],
        _ => client.execute_request(request).unwrap_or_default(),
    }
}

fn request(call: &Call) -> Request {
    let mut request = Request::new();
    for record in &call.records {
        let id = i64::try_from(record.id).unwrap_or(i64::MAX);
        let added = Record::new(record.module.name(), id).and_then(|record| request.add(record));
        // The claims are then too few, which is reported.
        drop(added);
    }
    request
}

fn tell(call: &Call, results: &[RecordResult], taken: Duration) {
    println!(
        "call {}: {} records, {:?}, timeout {:?}, connect timeout {:?}, {}, fault {:?}",
        call.number,
        call.records.len(),
        call.caller,
        call.timeout,
        call.connect_timeout,
        if call.through_proxy { "through the proxy" } else { "directly" },
        call.fault
    );
    for result in results {
        println!("  {:?} after {taken:.0?}: {}", result.outcome(), result.message());
    }
    println!();
}

/// Clients that the threads share, and what others are made of.
struct Clients {
    options: [Options; 3],
    proxy: String,
    /// By caller and timeout.
    shared: Vec<(Caller, Duration, Client)>,
}

const CALLERS: [Caller; 3] = [Caller::Ordinary, Caller::Provider, Caller::Stranger];

impl Clients {
    fn new(server: &Server) -> Result<Clients, Refusal> {
        let options = |caller| {
            let mut options = Options::new();
            options.set_url(&server.url)?;
            options.set_ca_file(server.ca_file())?;
            match caller {
                Caller::Ordinary => options.set_credentials(DEFAULT_TOKEN, DEFAULT_SECRET)?,
                Caller::Provider => options.set_credentials(DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET)?,
                Caller::Stranger => options.set_credentials(DEFAULT_TOKEN, "another secret")?,
            }
            Ok(options)
        };
        let [ordinary, provider, stranger] = CALLERS.map(options);
        let mut clients = Clients {
            options: [ordinary?, provider?, stranger?],
            proxy: server.proxy.clone(),
            shared: Vec::new(),
        };
        for caller in CALLERS {
            for timeout in COMMON_TIMEOUTS_MS.map(Duration::from_millis) {
                let client = clients.with(caller, timeout, Duration::from_secs(5), false)?;
                clients.shared.push((caller, timeout, client));
            }
        }
        Ok(clients)
    }

    fn shared(&self, call: &Call) -> &Client {
        let fits = |(caller, timeout, _): &&(Caller, Duration, Client)| {
            *caller == call.caller && *timeout == call.timeout
        };
        &self.shared.iter().find(fits).expect("there is a client for every caller and timeout").2
    }

    fn make(&self, call: &Call) -> Client {
        self.with(call.caller, call.timeout, call.connect_timeout, call.through_proxy)
            .expect("the settings are in range")
    }

    fn with(
        &self,
        caller: Caller,
        timeout: Duration,
        connect_timeout: Duration,
        through_proxy: bool,
    ) -> Result<Client, Refusal> {
        let milliseconds = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let mut options = self.options[caller as usize].clone();
        options.set_timeout_ms(milliseconds(timeout))?;
        options.set_connect_timeout_ms(milliseconds(connect_timeout))?;
        if through_proxy {
            options.set_proxy(&self.proxy)?;
        }
        options.client()
    }
}
