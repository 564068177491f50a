//! What is known of a server outlives the connections to it. In a process of its own: nobody else uses its connections.

#![allow(clippy::unwrap_used)]

mod support;

use oo_webhooks_core::client::close_idle_connections;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_mock::{Fault, FaultKind, StrayContent};
use support::{address, client, mock};

#[test]
fn a_success_without_a_label_is_not_believed_when_connections_were_closed_meanwhile() {
    let mock = mock();
    let client = client(&mock);
    assert_eq!(client.execute(address(1)).status(), Status::Ok);
    close_idle_connections();
    let stray = FaultKind::StrayBeforeAnswer { content: StrayContent::Success, results: 1 };
    mock.set_faults(vec![Fault::new(stray).times(1)]);
    let result = client.execute(address(2));
    assert_eq!(result.status(), Status::BadResponse, "{}", result.message());
}
