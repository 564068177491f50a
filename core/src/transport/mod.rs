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
pub(crate) mod settings;
mod stage;
mod tcp;
mod tls;

use std::sync::Arc;
use std::time::SystemTime;

use ureq_proto::http::{Method, Response as Head, header};

use self::connect::connect;
use self::deadline::Deadline;
use self::failure::Failure;
use self::http::Answered;
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
    exchange(settings, Method::POST, json, deadline)
}

/// GETs the URL, which executes nothing and sends no secret.
///
/// # Errors
/// As [`post`].
pub(crate) fn get(settings: &Arc<Settings>, deadline: Deadline) -> Result<Received, Failure> {
    exchange(settings, Method::GET, &[], deadline)
}

/// Sends one request and waits for the whole answer.
fn exchange(
    settings: &Arc<Settings>,
    method: Method,
    body: &[u8],
    deadline: Deadline,
) -> Result<Received, Failure> {
    let pool = pool::pool(settings);
    let failure = |broken: &Broken| Failure::new(broken, &peer(settings));
    let (head, answered) = ask(&pool, method, body, deadline).map_err(|broken| failure(&broken))?;
    let text = |name| head.headers().get(name).and_then(|value| value.to_str().ok());
    Ok(Received {
        response: Response::new(head.status().as_u16(), answered.body, text(header::DATE).and_then(unix_seconds)),
        broken: answered.broken.map(|error| failure(&Broken { stage: Stage::Sent, error })),
        echo: Arc::clone(&pool.echo),
        keep_alive: text(KEEP_ALIVE).map(str::to_owned),
    })
}

const KEEP_ALIVE: header::HeaderName = header::HeaderName::from_static("keep-alive");

/// The exchange on a connection that waited, or a new one.
fn ask(
    pool: &Pool,
    method: Method,
    body: &[u8],
    deadline: Deadline,
) -> Result<(Head<()>, Answered), Broken> {
    let (head, mut asked) = http::write_head(pool.request(method), body.len()).at(Stage::Connected)?;
    let mut connection = match pool.take() {
        Some(waiting) => waiting.connection,
        None => connect(pool, deadline)?,
    };
    connection.send(&head, body, deadline)?;
    let layer = connection.layer();
    let head = http::read_head(&mut asked, layer, deadline).at(Stage::Sent)?;
    let answered = http::read_body(asked, &head, layer, deadline);
    if answered.is_kept && connection.is_empty() {
        pool.put(Idle::new(connection));
    }
    Ok((head, answered))
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
