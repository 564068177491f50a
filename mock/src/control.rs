//! `/mock/*`: what a test asks the mock about, and tells it to do, over HTTP.

use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::fault::Fault;
use crate::inbox::Head;
use crate::log::quoted;
use crate::reply::Reply;
use crate::state::State;
use crate::webhook::Webhook;

/// How long an answer may be held back until all webhooks are called.
const LONGEST_WAIT_MS: u64 = 30_000;

/// The answer to a request for one of the control paths; nothing for any other path.
pub(crate) fn answer(state: &State, head: &Head, body: &[u8]) -> Option<Reply> {
    let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
    if !path.starts_with("/mock/") {
        return None;
    }
    if let Err(error) = keep_web_pages_out(state, head) {
        return Some(Reply::json(403, json!({"error": error}).to_string()));
    }
    // The answer to a HEAD is that to a GET; its body stays behind.
    let method = if head.method == "HEAD" { "GET" } else { &head.method };
    let result = match (method, path) {
        ("GET", "/mock/ledger") => ledger(state, query),
        ("GET", "/mock/ledger/count") => ledger_count(state, query),
        ("GET", "/mock/refusals") => refusals(state, query),
        ("GET", "/mock/counts") => Ok(json!(state.counts())),
        ("GET", "/mock/faults") => Ok(state.faults.to_json()),
        ("POST", "/mock/faults") => replace_faults(state, body),
        ("GET", "/mock/webhooks") => Ok(json!(state.marketplace.webhooks())),
        ("POST", "/mock/webhooks") => replace_webhooks(state, body),
        ("GET", "/mock/deliveries") => deliveries(state, query),
        ("POST", "/mock/clock") => set_clock(state, body),
        ("POST", "/mock/reset") => {
            state.reset();
            Ok(json!({}))
        }
        ("POST", "/mock/close-idle") => Ok(json!({"closed": state.connections.close_idle()})),
        ("POST", "/mock/stop") => {
            state.stop_handle.stop();
            Ok(json!({}))
        }
        _ => return Some(unknown(method, path)),
    };
    Some(match result {
        Ok(value) => Reply::json(200, value.to_string()),
        Err(error) => Reply::json(400, json!({"error": error}).to_string()),
    })
}

/// A page in a browser on this machine can reach the mock too: by a name of its own that resolves to loopback (DNS
/// rebinding), or from another site, which the browser tells as the `Origin`.
fn keep_web_pages_out(state: &State, head: &Head) -> Result<(), String> {
    let host = head.host.as_deref();
    if let Some(name) = host.map(without_port)
        && !is_ours(state, name)
    {
        return Err(format!("the mock does not know the host {}: start it with --name", quoted(name)));
    }
    let Some(origin) = &head.origin else { return Ok(()) };
    let page = origin.split_once("://").map(|(_, page)| page);
    if page.is_some() && page.map(str::to_ascii_lowercase) == host.map(str::to_ascii_lowercase) {
        Ok(())
    } else {
        Err(format!("the mock does not answer the web page {}", quoted(origin)))
    }
}

/// Whether a name cannot be a stranger's: an address, localhost, or one that the mock was given.
fn is_ours(state: &State, name: &str) -> bool {
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let known = |known: &String| match known.strip_prefix('*') {
        Some(parent) => {
            name.find('.').and_then(|dot| name.get(dot..)).is_some_and(|it| it.eq_ignore_ascii_case(parent))
        }
        None => name.eq_ignore_ascii_case(known),
    };
    address.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || state.names.iter().any(known)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn ledger(state: &State, query: &str) -> Result<Value, String> {
    let (entries, total) = state.ledger.since(since(query)?);
    Ok(json!({"total": total, "entries": entries}))
}

fn refusals(state: &State, query: &str) -> Result<Value, String> {
    let (entries, total) = state.refusals.since(since(query)?);
    Ok(json!({"total": total, "entries": entries}))
}

fn since(query: &str) -> Result<u64, String> {
    let Some(text) = parameter(query, "since") else { return Ok(0) };
    text.parse().map_err(|_| format!("since={text} is not a sequence number"))
}

fn ledger_count(state: &State, query: &str) -> Result<Value, String> {
    let (module, id) = (parameter(query, "module"), parameter(query, "id"));
    let id: Option<u64> =
        id.map(|text| text.parse().map_err(|_| format!("id={text} is not an id"))).transpose()?;
    let total = if module.is_none() && id.is_none() {
        state.ledger.len()
    } else {
        state.ledger.count(|entry| {
            module.is_none_or(|module| module == entry.module.name()) && id.is_none_or(|id| id == entry.id)
        })
    };
    Ok(json!({"total": total}))
}

fn replace_faults(state: &State, body: &[u8]) -> Result<Value, String> {
    let faults: Vec<Fault> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let armed = faults.len();
    state.faults.replace(faults);
    Ok(json!({"armed": armed}))
}

fn replace_webhooks(state: &State, body: &[u8]) -> Result<Value, String> {
    let webhooks: Vec<Webhook> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let registered = webhooks.len();
    state.marketplace.replace(webhooks);
    Ok(json!({"registered": registered}))
}

fn deliveries(state: &State, query: &str) -> Result<Value, String> {
    let text = parameter(query, "wait_ms").unwrap_or("0");
    let patience = text.parse().ok().filter(|ms| *ms <= LONGEST_WAIT_MS);
    let patience =
        patience.ok_or_else(|| format!("wait_ms={} is not 0 to {LONGEST_WAIT_MS}", quoted(text)))?;
    let stopping = || state.connections.stopping() || state.control_connections.stopping();
    let (entries, total, left) =
        state.marketplace.deliveries(since(query)?, Duration::from_millis(patience), stopping);
    Ok(json!({"total": total, "left": left, "entries": entries}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOrder {
    offset: i64,
}

fn set_clock(state: &State, body: &[u8]) -> Result<Value, String> {
    let order: ClockOrder = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    state.clock.set(Clock::Offset(order.offset));
    Ok(json!({}))
}

fn unknown(method: &str, path: &str) -> Reply {
    Reply::json(404, json!({"error": format!("the mock has no {method} {path}")}).to_string())
}

/// The value of `name` in a query. Numbers and names need no decoding.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
