//! One HTTP exchange: signed JSON out, [`Received`] or a [`Failure`] back. What it means is not asked here. Everything
//! that touches the network is in this folder.

mod buffer;
mod connect;
mod connection;
pub(crate) mod deadline;
pub(crate) mod failure;
mod http;
mod kept;
mod layer;
pub(crate) mod pool;
pub(crate) mod roots;
pub(crate) mod settings;
mod stage;
mod tcp;
mod tls;

use std::sync::Arc;
use std::time::SystemTime;

use self::connect::connect;
use self::deadline::Deadline;
use self::failure::Failure;
use self::http::{Body, Head};
use self::kept::Idle;
use self::pool::Pool;
use self::settings::Settings;
use self::stage::{At, Broken, Stage};
use crate::result::Response;
use crate::server_echo::ServerEcho;

/// What came in answer to a request.
pub(crate) struct Received {
    /// The body may be cut.
    pub(crate) response: Response,
    /// What ended the exchange before the whole answer had come.
    pub(crate) broken: Option<Failure>,
    /// What is known about the server's answers.
    pub(crate) echo: Arc<ServerEcho>,
    /// The `Keep-Alive` header.
    pub(crate) keep_alive: Option<String>,
}

/// Opens a connection ahead, unless one is there, and keeps it for the next request: no byte of a request is sent.
///
/// # Errors
/// When there is no connection.
pub(crate) fn open(settings: &Arc<Settings>, deadline: Deadline) -> Result<(), Failure> {
    let pool = pool::pool(settings);
    let open = || {
        if let Some(waiting) = pool.take() {
            return Ok(waiting);
        }
        let mut connection = connect(&pool, deadline)?;
        connection.finish_opening(deadline).at(Stage::Handshake)?;
        Ok(Idle::new(connection))
    };
    let opened = open().map_err(|broken| Failure::new(&broken, &peer(settings)))?;
    pool.put(opened);
    Ok(())
}

/// POSTs `json` once and waits for the whole answer.
///
/// # Errors
/// When no head of an answer came.
pub(crate) fn post(settings: &Arc<Settings>, json: &[u8], deadline: Deadline) -> Result<Received, Failure> {
    let pool = pool::pool(settings);
    let head = format!("{}{}\r\n\r\n", pool.post, json.len());
    exchange(&pool, head.as_bytes(), json, deadline)
}

/// GETs the URL, which executes nothing and sends no secret.
///
/// # Errors
/// As [`post`].
pub(crate) fn get(settings: &Arc<Settings>, deadline: Deadline) -> Result<Received, Failure> {
    let pool = pool::pool(settings);
    exchange(&pool, http::get(settings.url.uri()).as_bytes(), &[], deadline)
}

/// Sends one request and waits for the whole answer.
fn exchange(pool: &Pool, head: &[u8], body: &[u8], deadline: Deadline) -> Result<Received, Failure> {
    let failure = |broken: &Broken| Failure::new(broken, &peer(&pool.settings));
    let (head, body) = ask(pool, head, body, deadline).map_err(|broken| failure(&broken))?;
    Ok(Received {
        response: Response::new(head.status, body.bytes, head.date.as_deref().and_then(unix_seconds)),
        broken: body.broken.map(|error| failure(&Broken { stage: Stage::Sent, error })),
        echo: Arc::clone(&pool.echo),
        keep_alive: head.keep_alive,
    })
}

/// The exchange on a connection that waited, or a new one.
fn ask(pool: &Pool, head: &[u8], body: &[u8], deadline: Deadline) -> Result<(Head, Body), Broken> {
    let mut connection = match pool.take() {
        Some(waiting) => waiting.connection,
        None => connect(pool, deadline)?,
    };
    connection.send(head, body, deadline)?;
    let layer = connection.layer();
    let head = Head::read(layer, deadline).at(Stage::Sent)?;
    let body = Body::read(&head, layer, deadline);
    if body.is_kept && connection.is_empty() {
        pool.put(Idle::new(connection));
    }
    Ok((head, body))
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
