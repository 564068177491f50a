//! Which hosts are talked to, and how: names, plain HTTP, redirects, hosts that are not there.

#![allow(clippy::unwrap_used)]

mod support;

use std::net::TcpListener;

use oo_webhooks_core::outcome::Status;
use oo_webhooks_mock::{DEFAULT_SECRET, DEFAULT_TOKEN, Fault, FaultKind, Protocol, Settings};
use support::{address, client, mock, mock_with, options};

#[test]
fn a_host_may_be_a_name() {
    let mock = mock();
    let mut options = options(&mock);
    options.set_url(&mock.url().replace("127.0.0.1", "localhost")).unwrap();
    let result = options.client().unwrap().execute(address(1));
    assert_eq!(result.status(), Status::Ok, "{}", result.message());
}

#[test]
fn plain_http_serves_for_loopback_hosts() {
    let mock = mock_with(Settings { protocol: Protocol::Http, ..Settings::default() });
    let mut options = oo_webhooks_core::options::Options::new();
    options.set_credentials(DEFAULT_TOKEN, DEFAULT_SECRET).unwrap();
    options.set_url(&mock.url()).unwrap();
    let result = options.client().unwrap().execute(address(1));
    assert_eq!(result.status(), Status::Ok, "{}", result.message());
    assert_eq!(mock.ledger().len(), 1);
}

#[test]
fn a_redirect_never_takes_the_request_elsewhere() {
    let (mock, elsewhere) = (mock(), mock());
    for status in [301, 302, 303, 307, 308] {
        let location = elsewhere.url();
        mock.set_faults(vec![Fault::new(FaultKind::Redirect { status, location, execute: false })]);
        assert_eq!(client(&mock).execute(address(1)).status(), Status::HttpError);
    }
    assert_eq!(elsewhere.counts().connections, 0);
}

/// A label of 64 characters is no name, so no name server is asked for it.
#[test]
fn a_name_without_an_address_means_not_sent() {
    let mock = mock();
    let mut options = options(&mock);
    options.set_url(&format!("https://{}.invalid/", "a".repeat(64))).unwrap();
    let result = options.client().unwrap().execute(address(1));
    assert_eq!(result.status(), Status::DnsFailed, "{}", result.message());
}

#[test]
fn a_host_that_refuses_the_connection_means_not_sent() {
    let mock = mock();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut options = options(&mock);
    options.set_url(&format!("https://{nobody}/api.php")).unwrap();
    let result = options.client().unwrap().execute(address(1));
    assert_eq!(result.status(), Status::ConnectFailed);
    assert_eq!(
        result.message(),
        format!("address 1: not sent: cannot connect to {nobody}: connection refused")
    );
}

/// A listener whose backlog is full neither accepts nor refuses.
#[test]
fn a_host_that_never_answers_the_connection_means_not_sent() {
    let mock = mock();
    let full = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    full.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    full.listen(0).unwrap();
    let address_of_full = full.local_addr().unwrap().as_socket().unwrap();
    let _waiting: Vec<_> = (0..4)
        .map(|_| {
            std::net::TcpStream::connect_timeout(&address_of_full, std::time::Duration::from_millis(100))
        })
        .collect();
    let mut options = options(&mock);
    options.set_url(&format!("https://{address_of_full}/api.php")).unwrap();
    options.set_connect_timeout_ms(200).unwrap();
    let result = options.client().unwrap().execute(address(1));
    assert_eq!(result.status(), Status::ConnectTimeout, "{}", result.message());
}
