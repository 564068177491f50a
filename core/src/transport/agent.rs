//! The ureq agent for some settings: everything that ureq is told once.

use std::sync::Arc;

use ureq::Agent;
use ureq::config::Config;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector};

use super::exchange::ExchangeConnector;
use super::kept::KeepingConnector;
use super::settings::Settings;
use super::stage::{Enter, Stage};
use super::tcp::{NoResolver, TcpConnector};
use super::tls::{MAX_RECORD, TlsConnector};

/// Room for the head of a request or an answer, and for a whole TLS record; bodies pass through in
/// pieces of this size.
const BUFFER_SIZE: usize = MAX_RECORD.next_multiple_of(1024);

/// The longest head of an answer.
const MAX_HEAD: usize = 16 * 1024;

const USER_AGENT: &str = concat!("oo_webhooks/", env!("CARGO_PKG_VERSION"));

pub(super) fn new_agent(settings: &Arc<Settings>) -> Agent {
    let through_proxy = settings.proxy.is_some();
    let enter = |stage| Enter { stage, through_proxy };
    let connector =
        ().chain(ConnectProxyConnector::default())
            .chain(TcpConnector { through_proxy })
            .chain(enter(Stage::Handshake))
            .chain(TlsConnector::new(Arc::clone(settings)))
            .chain(ExchangeConnector { through_proxy })
            .chain(enter(Stage::Connected));
    Agent::with_parts(config(settings), KeepingConnector::new(connector, through_proxy), NoResolver)
}

fn config(settings: &Settings) -> Config {
    Config::builder()
        .https_only(!settings.is_clear_text())
        // The body has the reason, whatever the HTTP status is.
        .http_status_as_error(false)
        // A signed request goes nowhere else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        // Never from HTTPS_PROXY and the like, which ureq would read.
        .proxy(settings.proxy.as_ref().map(|proxy| proxy.proxy().clone()))
        .timeout_global(Some(settings.timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_await_100(None)
        // They are kept below it.
        .max_idle_connections(0)
        .max_idle_connections_per_host(0)
        .input_buffer_size(BUFFER_SIZE)
        .output_buffer_size(BUFFER_SIZE)
        .max_response_header_size(MAX_HEAD)
        .user_agent(USER_AGENT)
        // Answers are a few hundred bytes. One that comes compressed is decompressed all the same.
        .accept_encoding("identity")
        .accept("application/json")
        .build()
}
