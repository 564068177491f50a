//! One HTTP exchange: signed JSON out, an [`Answer`] or a [`Failure`] back. Everything that touches
//! the network is in this folder.

mod agent;
mod deadline;
mod exchange;
pub(crate) mod failure;
mod first_use;
pub(crate) mod pool;
pub(crate) mod settings;
mod stage;
mod tcp;
mod tls;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ureq::http::Response;
use ureq::{Agent, Body};

use self::failure::Failure;
use self::settings::Settings;
use self::stage::Stage;
use crate::outcome::Status;
use crate::response;
use crate::result::Answer;

/// The largest answer, after decompression.
const MAX_ANSWER: u64 = 10 * 1024 * 1024;

const FORKED_TOO_EARLY: &str = "not sent: this process was forked while another thread made the first client: \
    make a client before there are threads";

/// Makes ready what is made once in a process.
pub(crate) fn prepare() {
    let _ = first_use::is_made();
}

/// POSTs `json` once and waits for the whole answer, `timeout` at the most.
pub(crate) fn post(settings: &Arc<Settings>, json: &[u8], timeout: Duration) -> Result<Answer, Failure> {
    if !first_use::is_made() {
        let message = FORKED_TOO_EARLY.to_owned();
        return Err(Failure { status: Status::ForkedTooEarly, message, was_stale: false });
    }
    let agent = pool::agent(settings);
    Stage::begin();
    exchange(&agent, settings, json, timeout)
        .map_err(|error| Failure::new(Stage::current(), &error, &peer(settings)))
}

fn exchange(
    agent: &Agent,
    settings: &Settings,
    json: &[u8],
    timeout: Duration,
) -> Result<Answer, ureq::Error> {
    let request = agent.post(settings.url.uri()).content_type("application/json");
    let response = if timeout < settings.timeout {
        request.config().timeout_global(Some(timeout)).build().send(json)
    } else {
        request.send(json)
    };
    answer(response?)
}

fn answer(mut response: Response<Body>) -> Result<Answer, ureq::Error> {
    let date = response.headers().get("date").and_then(|date| unix_seconds(date.to_str().ok()?));
    let http_status = response.status().as_u16();
    let mut body = Vec::new();
    let read = response.body_mut().with_config().limit(MAX_ANSWER).reader().read_to_end(&mut body);
    match read {
        // JSON that is closed says all that it can, even if HTTP promised more behind it.
        Err(error) if !response::is_whole(&body) => Err(error.into()),
        _ => Ok(Answer::new(http_status, body, date)),
    }
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
