//! The fault matrix: every place where a call can break, for one record and a batch, on a new and on
//! a kept connection. What the client claims is compared with the mock's ledger.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::record::Record;
use oo_webhooks_core::result::RecordResult;
use oo_webhooks_mock::FaultKind::{self, *};
use oo_webhooks_mock::{CertificateKind, CloseMoment, Ending, Fault, Mock, Settings, TlsVersions};
use support::matrix::{faults_of_a_connection, faults_of_an_exchange};
use support::{addresses, mock, mock_with, options};

/// Longer than any answer here takes, shorter than a test may.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How much longer than its timeout a call may take: scheduling on a busy machine, and the
/// coarseness of socket timeouts.
const MARGIN: Duration = Duration::from_millis(400);

#[test]
fn one_record_on_a_new_connection() {
    check_matrix(1, Connection::New, faults_of_a_connection());
    check_matrix(1, Connection::New, faults_of_an_exchange(1));
}

#[test]
fn one_record_on_a_kept_connection() {
    check_matrix(1, Connection::Kept, faults_of_an_exchange(1));
}

#[test]
fn a_batch_on_a_new_connection() {
    check_matrix(3, Connection::New, faults_of_a_connection());
    check_matrix(3, Connection::New, faults_of_an_exchange(3));
}

#[test]
fn a_batch_on_a_kept_connection() {
    check_matrix(3, Connection::Kept, faults_of_an_exchange(3));
}

/// An answer of the API that lies cannot be seen through; everything else can.
#[test]
fn an_answer_cut_at_every_byte_leaves_doubt() {
    let mock = mock();
    let call = Call { mock: &mock, records: 1, connection: Connection::New };
    let whole = i64::try_from(answer_length(&mock)).unwrap();
    for at in 0..whole {
        let how = [Ending::Close, Ending::Eof, Ending::Reset][usize::try_from(at % 3).unwrap()];
        call.check(&CutAnswer { at, how }, &[Status::ConnectionLost]);
    }
}

#[test]
fn certificates_that_are_not_for_this_host_and_ca_are_refused() {
    for certificate in [CertificateKind::Expired, CertificateKind::WrongHost, CertificateKind::UnknownCa] {
        let mock = mock_with(Settings { certificate, ..Settings::default() });
        let result = options(&mock).client().unwrap().execute(Record::new("task", 1).unwrap());
        assert_eq!(result.status(), Status::TlsFailed, "{}", result.message());
        // The cure, where a CA file is one.
        let names_it = result.message().contains("ON_OFFICE_CA_FILE");
        assert_eq!(names_it, matches!(certificate, CertificateKind::UnknownCa), "{}", result.message());
        assert!(mock.ledger().is_empty());
    }
}

/// The reset may come before the client knows that it is connected, or after.
#[test]
fn a_reset_instead_of_a_handshake_is_not_sent() {
    let mock = mock();
    for records in [1, 3] {
        let call = Call { mock: &mock, records, connection: Connection::New };
        call.check(&ResetOnAccept, &[Status::ConnectFailed, Status::TlsFailed]);
    }
}

#[test]
fn both_tls_versions_are_spoken() {
    for tls_versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let mock = mock_with(Settings { tls_versions, ..Settings::default() });
        for records in [1, 3] {
            let call = Call { mock: &mock, records, connection: Connection::New };
            call.check(&Chunked, &[Status::Ok]);
            call.check(&DropAfterExecuting { how: Ending::Reset }, &[Status::ConnectionLost]);
            call.check(&StallHandshake, &[Status::ConnectTimeout]);
        }
    }
}

/// The server says that it keeps the connection, and ends it. Whether the client sees that in time
/// is a race; that it tells the truth is not.
#[test]
fn a_connection_that_ends_just_before_its_next_request_gives_the_truth() {
    let mock = mock();
    for when in [CloseMoment::AtOnce, CloseMoment::OnNextRequest] {
        for how in [Ending::Close, Ending::Eof, Ending::Reset] {
            for _ in 0..20 {
                let call = Call { mock: &mock, records: 1, connection: Connection::Any };
                call.check(&CloseAfterAnswer { when, how }, &[Status::Ok, Status::ConnectionLost]);
            }
        }
    }
}

fn check_matrix(records: i64, connection: Connection, faults: Vec<(FaultKind, Status)>) {
    let mock = mock();
    let call = Call { mock: &mock, records, connection };
    for (fault, expected) in faults {
        call.check(&fault, &[expected]);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Connection {
    New,
    Kept,
    Any,
}

struct Call<'a> {
    mock: &'a Mock,
    records: i64,
    connection: Connection,
}

impl Call<'_> {
    fn check(&self, fault: &FaultKind, expected: &[Status]) {
        let client = self.client();
        self.mock.reset();
        if self.connection != Connection::New {
            assert_eq!(client.execute(Record::new("task", 1).unwrap()).status(), Status::Ok);
        }
        let connections = self.mock.counts().connections;
        self.mock.set_faults(vec![Fault::new(fault.clone())]);

        let begun = Instant::now();
        let results = client.execute_request(&addresses(1..=self.records)).unwrap();
        let taken = begun.elapsed();

        assert!(taken < TIMEOUT + MARGIN, "{fault:?}: took {taken:?}");
        assert_eq!(results.len(), usize::try_from(self.records).unwrap());
        for result in &results {
            let message = result.message();
            assert!(expected.contains(&result.status()), "{fault:?}: {:?}: {message}", result.status());
            self.check_truth(fault, result);
        }
        match self.connection {
            Connection::Kept => assert_eq!(self.mock.counts().connections, connections, "{fault:?}"),
            Connection::New => assert!(self.mock.counts().connections > connections, "{fault:?}"),
            Connection::Any => {}
        }
    }

    /// A client with connections of its own: no other has these settings.
    fn client(&self) -> Client {
        static NUMBER: AtomicI64 = AtomicI64::new(0);
        let mut options = options(self.mock);
        options.set_timeout_ms(TIMEOUT.as_millis().try_into().unwrap()).unwrap();
        options.set_connect_timeout_ms(10_000 + NUMBER.fetch_add(1, Ordering::Relaxed)).unwrap();
        options.client().unwrap()
    }

    /// The rule: never executed when it was not, never rejected or not sent when it was, never twice.
    fn check_truth(&self, fault: &FaultKind, result: &RecordResult) {
        let id = u64::try_from(result.record().id()).unwrap();
        let executed = self.mock.executions(oo_webhooks_mock::Module::Address, id);
        let possible = match result.outcome() {
            Outcome::Executed => executed == 1,
            Outcome::Rejected | Outcome::NotSent => executed == 0,
            Outcome::InDoubt => executed <= 1,
        };
        assert!(possible, "{fault:?}: executed {executed} times, claimed {:?}", result.outcome());
    }
}

/// Bytes of the mock's whole answer to one record, head included.
fn answer_length(mock: &Mock) -> usize {
    let client = options(mock).client().unwrap();
    let body = client.execute(Record::new("address", 1).unwrap()).body().unwrap().len();
    // The head is the same for every answer; its length is found by cutting ever later.
    (body..body + 400)
        .find(|length| {
            mock.set_faults(vec![Fault::new(CutAnswer {
                at: i64::try_from(*length).unwrap(),
                how: Ending::Close,
            })]);
            client.execute(Record::new("address", 1).unwrap()).status() == Status::Ok
        })
        .unwrap()
}
