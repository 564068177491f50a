//! Connections belong to the process: they are kept, shared, bounded, and dropped when they are closed.

#![allow(clippy::unwrap_used)]

mod support;

use std::thread;

use oo_webhooks_core::outcome::Status;
use oo_webhooks_mock::{CloseMoment, Ending, Fault, FaultKind, Moment};
use support::{address, client, mock, options};

#[test]
fn one_record_is_executed_exactly_once() {
    let mock = mock();
    let result = client(&mock).execute(address(15005));
    assert_eq!(result.status(), Status::Ok, "{}", result.message());
    assert_eq!(mock.ledger().len(), 1);
    assert_eq!(mock.executions(oo_webhooks_mock::Module::Address, 15005), 1);
}

#[test]
fn a_second_call_on_a_new_client_makes_no_new_handshake() {
    let mock = mock();
    for id in 1..=5 {
        assert_eq!(client(&mock).execute(address(id)).status(), Status::Ok);
    }
    let counts = mock.counts();
    assert_eq!((counts.connections, counts.full_handshakes, counts.resumed_handshakes), (1, 1, 0));
}

#[test]
fn tenants_with_other_credentials_share_the_connection() {
    let mock = mock();
    let mut other = options(&mock);
    other.set_credentials("another token of another tenant!", "its secret").unwrap();
    assert_eq!(client(&mock).execute(address(1)).status(), Status::Ok);
    assert_eq!(other.client().unwrap().execute(address(2)).status(), Status::NotAuthenticated);
    assert_eq!(mock.counts().connections, 1);
    assert_eq!(mock.ledger().len(), 1);
}

#[test]
fn other_settings_have_connections_of_their_own() {
    let mock = mock();
    let mut patient = options(&mock);
    patient.set_timeout_ms(60_000).unwrap();
    assert_eq!(client(&mock).execute(address(1)).status(), Status::Ok);
    assert_eq!(patient.client().unwrap().execute(address(2)).status(), Status::Ok);
    assert_eq!(mock.counts().connections, 2);
}

#[test]
fn connections_that_the_server_closed_are_not_used_again() {
    let mock = mock();
    let client = client(&mock);
    for id in 1..=20 {
        assert_eq!(client.execute(address(id)).status(), Status::Ok, "call {id}");
        // The answer can be here before the mock counts its connection as idle.
        while mock.close_idle_connections() == 0 {
            thread::yield_now();
        }
    }
    assert_eq!(mock.ledger().len(), 20);
    assert_eq!(mock.counts().connections, 20);
}

#[test]
fn a_restarted_server_is_found_again() {
    let mock = mock();
    let client = client(&mock);
    assert_eq!(client.execute(address(1)).status(), Status::Ok);
    mock.stop();
    assert_eq!(client.execute(address(2)).status(), Status::ConnectFailed);
    mock.resume().unwrap();
    assert_eq!(client.execute(address(3)).status(), Status::Ok);
    assert_eq!(mock.ledger().len(), 2);
}

#[test]
fn a_connection_that_closes_behind_its_answer_costs_no_record() {
    let mock = mock();
    let client = client(&mock);
    for how in [Ending::Close, Ending::Reset] {
        mock.set_faults(vec![Fault::new(FaultKind::CloseAfterAnswer { when: CloseMoment::AtOnce, how })]);
        for id in 1..=50 {
            let result = client.execute(address(id));
            assert!(matches!(result.status(), Status::Ok | Status::ConnectionLost), "{}", result.message());
        }
    }
}

#[test]
fn a_burst_of_64_threads_leaves_64_connections_for_the_next_one() {
    let mock = mock();
    let client = client(&mock);
    for _ in 0..3 {
        mock.set_faults(vec![Fault::new(FaultKind::Delay { ms: 300, before: Moment::default() })]);
        thread::scope(|scope| {
            for id in 1..=64 {
                let client = &client;
                scope.spawn(move || assert_eq!(client.execute(address(id)).status(), Status::Ok));
            }
        });
    }
    let counts = mock.counts();
    assert!(counts.connections <= 64, "{} connections", counts.connections);
    assert_eq!(mock.ledger().len(), 3 * 64);
}
