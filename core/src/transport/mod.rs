//! One HTTP exchange: signed JSON out, [`Received`] or a [`Failure`] back. What it means is not asked here. Everything
//! that touches the network is in this folder.

mod agent;
mod deadline;
mod exchange;
pub(crate) mod failure;
mod first_use;
mod kept;
pub(crate) mod pool;
pub(crate) mod settings;
mod stage;
mod tcp;
mod tls;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ureq::{Agent, Body, http};

use self::failure::Failure;
use self::pool::Pool;
use self::settings::Settings;
use self::stage::Stage;
use crate::outcome::Status;
use crate::result::Response;
use crate::server_echo::ServerEcho;

/// The largest answer, after decompression.
const MAX_ANSWER: u64 = 10 * 1024 * 1024;

/// Room that is made for an answer whose length is known beforehand; a longer one grows.
const MAX_ANNOUNCED: u64 = 64 * 1024;

const FORKED_TOO_EARLY: &str = "not sent: this process was forked while another thread made the first client: \
    make a client before there are threads";

/// Makes ready what is made once in a process.
pub(crate) fn prepare() {
    let _ = first_use::is_made();
}

/// What came in answer to a request.
pub(crate) struct Received {
    /// The body may be cut.
    pub(crate) response: Response,
    /// What ended the exchange before the whole answer had come.
    pub(crate) broken: Option<Failure>,
    /// What is known about the server's answers.
    pub(crate) echo: Arc<ServerEcho>,
}

/// Opens a connection ahead, unless one is there, and keeps it for the next request: no byte of a request is
/// sent. It takes `timeout` at the most.
///
/// # Errors
/// When there is no connection.
pub(crate) fn open(settings: &Arc<Settings>, timeout: Duration) -> Result<(), Failure> {
    let pool = usable_pool(settings)?;
    Stage::begin_to_open();
    let pretext = pool.agent.get(settings.url.uri()).config().timeout_global(Some(timeout)).build();
    let opened = pretext.call().map_err(|error| Failure::new(Stage::current(), &error, &peer(settings)));
    Stage::begin();
    opened.map(drop)
}

/// POSTs `json` once and waits for the whole answer, `timeout` at the most.
///
/// # Errors
/// When no head of an answer came.
pub(crate) fn post(settings: &Arc<Settings>, json: &[u8], timeout: Duration) -> Result<Received, Failure> {
    exchange(settings, |agent| {
        let request = agent.post(settings.url.uri()).content_type("application/json");
        if timeout < settings.timeout {
            request.config().timeout_global(Some(timeout)).build().send(json)
        } else {
            request.send(json)
        }
    })
}

/// GETs the URL, which executes nothing and sends no secret. Also what the `Keep-Alive` header says.
///
/// # Errors
/// As [`post`].
pub(crate) fn get(settings: &Arc<Settings>) -> Result<(Received, Option<String>), Failure> {
    let mut keep_alive = None;
    let received = exchange(settings, |agent| {
        let head = agent.get(settings.url.uri()).call()?;
        let value = head.headers().get("keep-alive").and_then(|value| value.to_str().ok());
        keep_alive = value.map(str::to_owned);
        Ok(head)
    })?;
    Ok((received, keep_alive))
}

/// Sends one request and waits for the whole answer.
fn exchange(
    settings: &Arc<Settings>,
    send: impl FnOnce(&Agent) -> Result<http::Response<Body>, ureq::Error>,
) -> Result<Received, Failure> {
    let pool = usable_pool(settings)?;
    Stage::begin();
    let failure = |error: &ureq::Error| Failure::new(Stage::current(), error, &peer(settings));
    let head = send(&pool.agent).map_err(|error| failure(&error))?;
    let (response, error) = receive(head);
    Ok(Received { response, broken: error.map(|error| failure(&error)), echo: Arc::clone(&pool.echo) })
}

fn usable_pool(settings: &Arc<Settings>) -> Result<Arc<Pool>, Failure> {
    if first_use::is_made() {
        return Ok(pool::pool(settings));
    }
    let message = FORKED_TOO_EARLY.to_owned();
    Err(Failure { status: Status::ForkedTooEarly, message, was_stale: false })
}

fn receive(mut received: http::Response<Body>) -> (Response, Option<ureq::Error>) {
    let date = received.headers().get("date").and_then(|date| unix_seconds(date.to_str().ok()?));
    let http_status = received.status().as_u16();
    // What the server announces, within reason, and a NUL.
    let announced = received.body().content_length().unwrap_or(0).min(MAX_ANNOUNCED);
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0) + 1);
    let read = received.body_mut().with_config().limit(MAX_ANSWER).reader().read_to_end(&mut body);
    (Response::new(http_status, body, date), read.err().map(ureq::Error::from))
}

/// The Unix time of a `Date` header.
fn unix_seconds(date: &str) -> Option<i64> {
    let since_1970 = httpdate::parse_http_date(date).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since_1970.as_secs()).ok()
}

/// Who is being talked to, for messages: host and port, and the proxy if there is one.
fn peer(settings: &Settings) -> String {
    let host = settings.url.uri().authority().map_or("", |authority| authority.as_str());
    match &settings.proxy {
        Some(proxy) => format!("{host} through the proxy {}", proxy.address()),
        None => host.to_owned(),
    }
}
