//! Opening a connection: to the server, or through a proxy's tunnel to it.

use std::io;

use super::connection::Connection;
use super::deadline::Deadline;
use super::http;
use super::layer::Layer;
use super::pool::Pool;
use super::settings::ProxyUrl;
use super::stage::{At, Broken, Stage};
use super::tcp;
use super::tls::Tls;

/// A new connection, with TLS if the URL has it.
pub(super) fn connect(pool: &Pool, deadline: Deadline) -> Result<Box<Connection>, Broken> {
    let settings = &pool.settings;
    let deadline = deadline.sooner(Deadline::within(settings.connect_timeout));
    let uri = settings.url.uri();
    let layer: Box<dyn Layer> = match &settings.proxy {
        None => Box::new(tcp::connect(uri, settings.is_clear_text(), deadline)?),
        // Whatever goes wrong on the way to a tunnel is the proxy's.
        Some(proxy) => {
            tunnel(proxy, pool, deadline).map_err(|broken| Broken { stage: Stage::Proxy, ..broken })?
        }
    };
    if settings.is_clear_text() {
        return Ok(Box::new(Connection::new(layer)));
    }
    let tls = Tls::connect(pool.tls(), uri, layer, deadline).at(Stage::Handshake)?;
    Ok(Box::new(Connection::new(Box::new(tls))))
}

/// A connection to the proxy that leads to the server from now on.
fn tunnel(proxy: &ProxyUrl, pool: &Pool, deadline: Deadline) -> Result<Box<dyn Layer>, Broken> {
    let mut layer: Box<dyn Layer> = Box::new(tcp::connect(proxy.uri(), false, deadline)?);
    if proxy.is_tls() {
        layer = Box::new(Tls::connect(pool.tls(), proxy.uri(), layer, deadline).at(Stage::Proxy)?);
    }
    let (host, port) = tcp::host_and_port(pool.settings.url.uri());
    ask(&mut *layer, proxy, &format!("{host}:{port}"), deadline).at(Stage::Proxy)?;
    Ok(layer)
}

/// Asks the proxy on `layer` for a tunnel to `target`.
fn ask(layer: &mut dyn Layer, proxy: &ProxyUrl, target: &str, deadline: Deadline) -> io::Result<()> {
    layer.hold(http::connect(target, proxy.authorization()).as_bytes(), &[])?;
    match http::Head::read(layer, deadline)?.status {
        200..=299 => Ok(()),
        status => Err(io::Error::other(format!("the proxy answered {status}"))),
    }
}
