//! A [`Client`]: credentials and settings. Making one opens nothing; connections belong to the
//! process and are shared by all its clients with the same settings.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::credentials::Credentials;
use crate::outcome::Status;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::request::{NotSigned, Request, SignedRequest};
use crate::response;
use crate::result::RecordResult;
use crate::transport::deadline::Deadline;
use crate::transport::failure::Failure;
use crate::transport::settings::Settings;
use crate::transport::{self, Received};

/// Connections on which a call tries to put its request. Only when not a byte of it went out, since
/// a kept connection had just been closed, is there another.
const MAX_CONNECTIONS: usize = 3;

/// Executes webhooks. May be shared by threads and used after a fork.
#[derive(Clone)]
pub struct Client {
    credentials: Credentials,
    settings: Arc<Settings>,
}

impl Client {
    pub(crate) fn new(credentials: Credentials, settings: Settings) -> Self {
        Self { credentials, settings: Arc::new(settings) }
    }

    /// Executes the webhooks of one record.
    pub fn execute(&self, record: Record) -> RecordResult {
        match self.execute_request(&Request::of(record)).map(|mut results| results.pop()) {
            Ok(Some(result)) => result,
            Ok(None) => RecordResult::new(record, Status::Internal, "in doubt: the call gave no result"),
            Err(refusal) => RecordResult::new(record, refusal.status(), refusal.message()),
        }
    }

    /// Executes the webhooks of a request's records in one exchange; one result a record, in order.
    ///
    /// # Errors
    /// `InvalidArgument` for a request without a record.
    pub fn execute_request(&self, request: &Request) -> Result<Vec<RecordResult>, Refusal> {
        let deadline = Deadline::within(self.settings.timeout);
        let mut connections = 1;
        loop {
            let signed = match self.sign(request, now()) {
                Ok(signed) => signed,
                Err(NotSigned::Refused(refusal)) => return Err(refusal),
                Err(NotSigned::OutOfMemory) => return Ok(out_of_memory(request)),
            };
            let failure = match transport::post(&self.settings, signed.json(), deadline) {
                Ok(received) => {
                    let results = understand(request, &signed, received, deadline);
                    if results.iter().any(|result| result.status() == Status::BadResponse) {
                        transport::pool::forget(&self.settings);
                    }
                    return Ok(results);
                }
                Err(failure) => failure,
            };
            if !failure.was_stale || connections == MAX_CONNECTIONS || deadline.is_over() {
                return Ok(failed(request, failure.status, &failure.message));
            }
            connections += 1;
        }
    }

    /// Opens a connection ahead, in the caller's thread, unless one waits already, so that the next call
    /// pays no handshake. Nothing of a request is sent. It takes `timeout` at the most, and never longer
    /// than the client's connect timeout.
    ///
    /// # Errors
    /// When there is no connection; the status is one of those that are not sent.
    pub fn connect(&self, timeout: Duration) -> Result<(), NotConnected> {
        transport::open(&self.settings, Deadline::within(timeout.min(self.settings.timeout)))
            .map_err(|failure| NotConnected { status: failure.status, message: failure.message })
    }

    /// Asks the API's server for a page, without credentials: nothing is executed. For a doctor.
    pub fn probe(&self) -> Probe {
        let begun = SystemTime::now();
        match transport::get(&self.settings, Deadline::within(self.settings.timeout)) {
            Ok(received) => {
                let middle = begun + begun.elapsed().unwrap_or_default() / 2;
                let seconds = middle.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
                let ours = i64::try_from(seconds).unwrap_or(i64::MAX);
                Probe {
                    status: Status::Ok,
                    message: String::new(),
                    http_status: received.response.http_status(),
                    clock_ahead: received.response.date().map(|theirs| ours.saturating_sub(theirs)),
                    keep_alive: received.keep_alive,
                }
            }
            Err(Failure { status, message, .. }) => {
                Probe { status, message, http_status: 0, clock_ahead: None, keep_alive: None }
            }
        }
    }

    /// The time for a whole call.
    pub fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    /// The URL of the API.
    pub fn url(&self) -> String {
        self.settings.url.uri().to_string()
    }

    /// Signs `request` with this client's credentials for another HTTP client to send.
    ///
    /// # Errors
    /// As [`Request::sign`].
    pub fn sign(&self, request: &Request, unix_seconds: i64) -> Result<SignedRequest, NotSigned> {
        request.sign(&self.credentials, unix_seconds)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("url", self.settings.url.uri()).finish_non_exhaustive()
    }
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConnected {
    status: Status,
    message: String,
}

impl NotConnected {
    /// One of the statuses that are not sent.
    pub fn status(&self) -> Status {
        self.status
    }

    /// One line that names the cause.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for NotConnected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for NotConnected {}

/// What [`Client::probe`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// `Ok` when the server answered, whatever it answered.
    pub status: Status,
    /// Why it did not answer.
    pub message: String,
    /// The answer's HTTP status; 0 without an answer.
    pub http_status: u16,
    /// Seconds by which this machine's clock is ahead of the server's `Date`; negative when it is behind.
    pub clock_ahead: Option<i64>,
    /// What the server says of keeping connections, such as `timeout=60`.
    pub keep_alive: Option<String>,
}

/// Closes this process's idle connections; those in use close after their call. A host that needs the
/// memory or the file descriptors may do so at any time: the next call opens a new connection.
pub fn close_idle_connections() {
    transport::pool::close_idle();
    transport::roots::let_go();
}

/// What this documents of the C API holds by type: any thread may use a client at any time.
const _: fn() = || {
    fn shared_by_threads<T: Send + Sync>() {}
    shared_by_threads::<Client>();
};

/// The results, from what came. The time for the call ends here too, after an answer so long that it
/// took a while to read.
fn understand(
    request: &Request,
    signed: &SignedRequest,
    received: Received,
    deadline: Deadline,
) -> Vec<RecordResult> {
    let is_long = received.response.body().len() > LONG;
    let echo = &received.echo;
    let results = match received.broken {
        None => response::read(request, Some(signed), received.response, echo),
        Some(failure) => response::read_cut(request, signed, received.response, echo)
            .unwrap_or_else(|| failed(request, failure.status, &failure.message)),
    };
    if is_long && deadline.is_over() {
        return failed(request, Status::Timeout, "in doubt: the time was up before the answer was read");
    }
    results
}

/// Bytes of an answer that take no time to speak of.
const LONG: usize = 64 * 1024;

/// The results of a request for which there is not enough memory: not sent.
pub fn out_of_memory(request: &Request) -> Vec<RecordResult> {
    request.records().iter().copied().map(RecordResult::out_of_memory).collect()
}

/// The same result for every record: no answer told them apart.
fn failed(request: &Request, status: Status, message: &str) -> Vec<RecordResult> {
    let result = |record: &Record| RecordResult::new(*record, status, format!("{record}: {message}"));
    request.records().iter().map(result).collect()
}

/// Unix seconds; 0 for a clock that is set before 1970, which onOffice answers as a wrong clock.
fn now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
}
