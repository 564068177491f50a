//! Every export is made to panic at the border: the panic ends there, silently, as the value that
//! the export gives for a defect; what goes out is NULL or sound, and handles can be freed.

use std::cell::Cell;
use std::env;
use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;
use std::process::Command;
use std::ptr::{NonNull, null_mut};

use crate::client::{
    oo_client, oo_client_connect, oo_client_execute_and_read, oo_client_execute_request,
    oo_client_execute_webhooks, oo_client_free, oo_client_new, oo_client_new_with,
};
use crate::execute::{oo_execute_webhooks, oo_set_default_client};
use crate::options::*;
use crate::outbox::*;
use crate::probe::*;
use crate::request::*;
use crate::result::*;
use crate::results::*;
use crate::status::{oo_status_message, oo_status_name, oo_status_outcome, oo_status_worst};
use oo_webhooks_core::outcome::{Outcome, Status};

thread_local! {
    /// How many of the next passages of the border panic.
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

/// Called by `guard`, within what it catches.
pub(crate) fn panic_if_asked_for() {
    let left = PANICS.get();
    if left > 0 {
        PANICS.set(left - 1);
        panic!("asked for by a test");
    }
}

/// What `export` gives when it panics.
fn panicking<T>(export: impl FnOnce() -> T) -> T {
    panicking_times(1, export)
}

fn panicking_times<T>(times: u32, export: impl FnOnce() -> T) -> T {
    PANICS.set(times);
    let given = export();
    assert_eq!(PANICS.replace(0), 0, "the export has no border");
    given
}

/// An out pointer that still holds what the caller had in it before the call.
fn stale<T>() -> *mut T {
    NonNull::dangling().as_ptr()
}

/// Runs a maker that panics: it must say so and give nothing.
fn makes_nothing<T>(make: impl FnOnce(*mut *mut T) -> Status) {
    let mut out = stale();
    assert_eq!(panicking(|| make(&raw mut out)), Status::Internal);
    assert!(out.is_null());
}

const ADDRESS: *const c_char = c"address".as_ptr();
const PARSED: &[u8] = br#"{"status":{"code":500,"errorcode":137,"message":"wrong"}}"#;

fn options() -> *mut oo_options {
    let mut options = null_mut();
    unsafe {
        assert_eq!(oo_options_new(&raw mut options), Status::Ok);
        let (token, secret) = (c"token".as_ptr(), c"secret".as_ptr());
        assert_eq!(oo_options_set_credentials(options, token, secret), Status::Ok);
        // Nobody listens there: a call that gets this far is not sent.
        assert_eq!(oo_options_set_url(options, c"http://127.0.0.1:1/".as_ptr()), Status::Ok);
    }
    options
}

fn client() -> *mut oo_client {
    let (options, mut client) = (options(), null_mut());
    unsafe {
        assert_eq!(oo_client_new(options, &raw mut client), Status::Ok);
        oo_options_free(options);
    }
    client
}

fn request() -> *mut oo_request {
    let mut request = null_mut();
    unsafe {
        assert_eq!(oo_request_new(&raw mut request), Status::Ok);
        assert_eq!(oo_request_add(request, ADDRESS, 7), Status::Ok);
    }
    request
}

fn results() -> *mut oo_results {
    let (request, mut results) = (request(), null_mut());
    unsafe {
        let (body, length) = (PARSED.as_ptr().cast(), PARSED.len());
        let status = oo_request_parse_response(request, 200, body, length, &raw mut results);
        assert_eq!(status, Status::NotAuthenticated);
        oo_request_free(request);
    }
    results
}

#[test]
fn makers_give_nothing() {
    let (options, client, request) = (options(), client(), request());
    unsafe {
        makes_nothing(|out| oo_options_new(out));
        makes_nothing(|out| oo_options_from_env(out));
        makes_nothing(|out| oo_client_new(options, out));
        makes_nothing(|out| {
            let none = std::ptr::null();
            oo_client_new_with(c"t".as_ptr(), c"s".as_ptr(), none, none, none, 0, 0, out)
        });
        makes_nothing(|out| oo_client_probe(client, out));
        makes_nothing(|out| oo_request_new(out));
        makes_nothing(|out| oo_client_execute_request(client, request, out));
        makes_nothing(|out| {
            oo_request_parse_response(request, 200, PARSED.as_ptr().cast(), PARSED.len(), out)
        });
        oo_options_free(options);
        oo_client_free(client);
        oo_request_free(request);
    }
}

#[test]
fn changes_leave_a_handle_that_works_and_can_be_freed() {
    let (options, client, request) = (options(), client(), request());
    unsafe {
        let name = c"http://127.0.0.1:1/".as_ptr();
        for status in [
            panicking(|| oo_options_set_credentials(options, name, name)),
            panicking(|| oo_options_set_url(options, name)),
            panicking(|| oo_options_set_ca_file(options, name)),
            panicking(|| oo_options_set_proxy(options, name)),
            panicking(|| oo_options_set_connect_timeout_ms(options, 1000)),
            panicking(|| oo_options_set_timeout_ms(options, 1000)),
            panicking(|| oo_request_add(request, ADDRESS, 8)),
            panicking(|| oo_request_add_all(request, ADDRESS, [8, 9].as_ptr(), 2)),
            panicking(|| oo_request_sign(request, client, 1)),
            panicking(|| oo_set_default_client(client)),
            panicking(|| oo_client_connect(client, 0)),
        ] {
            assert_eq!(status, Status::Internal);
        }
        assert!(oo_options_message(options).is_null());
        assert_eq!(oo_request_count(request), 1);
        assert_eq!(oo_request_sign(request, client, 1), Status::Ok);
        let mut another = null_mut();
        assert_eq!(oo_client_new(options, &raw mut another), Status::Ok);
        oo_client_free(another);
        oo_options_free(options);
        oo_client_free(client);
        oo_request_free(request);
    }
}

#[test]
fn an_execution_gives_a_result_that_is_in_doubt() {
    let client = client();
    let exports: [&dyn Fn(*mut *mut oo_result) -> Status; 3] = [
        &|out| unsafe { oo_execute_webhooks(ADDRESS, 7, out) },
        &|out| unsafe { oo_client_execute_webhooks(client, ADDRESS, 7, out) },
        &|out| unsafe { oo_client_execute_and_read(client, ADDRESS, 7, out, FIELDS, fields().as_mut_ptr()) },
    ];
    for execute in exports {
        unsafe {
            let mut result = stale();
            assert_eq!(panicking(|| execute(&raw mut result)), Status::Internal);
            assert_eq!(oo_result_status(result), Status::Internal);
            assert_eq!(oo_result_outcome(result), Outcome::InDoubt);
            assert_eq!(oo_result_id(result), 7);
            assert!(!CStr::from_ptr(oo_result_message(result)).is_empty());
            oo_result_free(result);

            // It panics again when it reports that it panicked.
            let mut result = stale();
            assert_eq!(panicking_times(2, || execute(&raw mut result)), Status::Internal);
            assert!(result.is_null());
            assert_eq!(panicking(|| execute(null_mut())), Status::Internal);
        }
    }
    unsafe { oo_client_free(client) }
}

/// Zeros are what an executed record has.
#[test]
fn the_fields_of_a_call_that_breaks_are_in_doubt() {
    let client = client();
    let (mut fields, mut result) = (fields(), stale());
    unsafe {
        let execute =
            || oo_client_execute_and_read(client, ADDRESS, 7, &raw mut result, FIELDS, fields.as_mut_ptr());
        assert_eq!(panicking_times(2, execute), Status::Internal);
        let fields = fields.assume_init();
        assert_eq!((fields.id, fields.status), (7, Status::Internal.number()));
        assert_eq!(fields.outcome, Outcome::InDoubt as i32);
        assert!(result.is_null() && fields.message.is_null() && fields.body.is_null());
        oo_client_free(client);
    }
}

const FIELDS: usize = size_of::<oo_result_fields>();

fn fields() -> MaybeUninit<oo_result_fields> {
    MaybeUninit::zeroed()
}

#[test]
fn readers_give_what_says_least() {
    let (options, request, results) = (options(), request(), results());
    unsafe {
        let result = oo_results_get(results, 0);
        assert!(panicking(|| oo_options_message(options)).is_null());
        assert_eq!(panicking(|| oo_request_count(request)), 0);
        assert!(panicking(|| oo_request_message(request)).is_null());
        assert_eq!(panicking(|| oo_results_count(results)), 0);
        assert!(panicking(|| oo_results_get(results, 0)).is_null());
        // A defect is neither the caller's mistake nor a reason to repeat.
        assert_eq!(panicking(|| oo_result_status(result)), Status::Internal);
        assert_eq!(panicking(|| oo_result_outcome(result)), Outcome::InDoubt);
        assert!(panicking(|| oo_result_module(result)).is_null());
        assert_eq!(panicking(|| oo_result_id(result)), 0);
        assert_eq!(panicking(|| oo_result_http_status(result)), 0);
        assert_eq!(panicking(|| oo_result_error_code(result)), 0);
        assert!(panicking(|| oo_result_message(result)).is_null());
        let mut length = 99;
        assert!(panicking(|| oo_result_body(result, &raw mut length)).is_null());
        assert_eq!(length, 0);
        assert_eq!(panicking(|| oo_result_read(result, FIELDS, fields().as_mut_ptr())), Status::Internal);
        let mut status = 99;
        assert_eq!(panicking(|| oo_results_statuses(results, 1, &raw mut status)), 0);
        assert_eq!(status, 99);
        length = 99;
        assert!(panicking(|| oo_results_messages(results, &raw mut length)).is_null());
        assert_eq!(length, 0);
        length = 99;
        assert!(panicking(|| oo_request_body(request, &raw mut length)).is_null());
        assert_eq!(length, 0);
        assert_eq!(CStr::from_ptr(panicking(|| oo_status_name(0))), c"unknown");
        assert_eq!(CStr::from_ptr(panicking(|| oo_status_message(0))), c"not a status");
        assert_eq!(panicking(|| oo_status_outcome(0)), Outcome::InDoubt);
        assert_eq!(panicking(|| oo_status_worst(0, 0)), Status::Internal.number());
        let client = client();
        let mut probe = null_mut();
        assert_eq!(oo_client_probe(client, &raw mut probe), Status::ConnectFailed);
        assert!(panicking(|| oo_probe_message(probe)).is_null());
        assert_eq!(panicking(|| oo_probe_http_status(probe)), 0);
        assert_eq!(panicking(|| oo_probe_clock_ahead(probe)), i64::MIN);
        assert!(panicking(|| oo_probe_keep_alive(probe)).is_null());
        oo_probe_free(probe);
        oo_client_free(client);
        oo_options_free(options);
        oo_request_free(request);
        oo_results_free(results);
    }
}

#[test]
fn an_outbox_keeps_its_records_through_a_panic() {
    let folder = env::temp_dir().join(format!("oo-outbox-panics-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = CString::new(folder.to_str().unwrap()).unwrap();
    let client = client();
    unsafe {
        makes_nothing(|out| oo_outbox_open(path.as_ptr(), out));
        let (mut outbox, mut count) = (null_mut(), 99);
        assert_eq!(oo_outbox_open(path.as_ptr(), &raw mut outbox), Status::Ok);
        assert_eq!(oo_outbox_put(outbox, ADDRESS, 7), Status::Ok);
        makes_nothing(|out| oo_outbox_drain(outbox, client, 0, 0, out));
        makes_nothing(|out| oo_outbox_list(outbox, 0, 0, out));
        for status in [
            panicking(|| oo_outbox_set_fsync(outbox, 1)),
            panicking(|| oo_outbox_set_in_doubt(outbox, 1)),
            panicking(|| oo_outbox_put(outbox, ADDRESS, 8)),
            panicking(|| oo_outbox_retry(outbox, ADDRESS, 7, 0)),
            panicking(|| oo_outbox_drop(outbox, ADDRESS, 7, 0)),
            panicking(|| oo_outbox_count(outbox, 0, &raw mut count)),
        ] {
            assert_eq!(status, Status::Internal);
        }
        assert_eq!(count, 0);
        assert!(panicking(|| oo_outbox_message(outbox)).is_null());

        let (mut report, mut entries) = (null_mut(), null_mut());
        // Nobody listens there, so it is tried and stays.
        assert_eq!(oo_outbox_drain(outbox, client, 0, 0, &raw mut report), Status::ConnectFailed);
        assert_eq!(oo_outbox_list(outbox, 0, 0, &raw mut entries), Status::Ok);
        assert_eq!((oo_outbox_report_tried(report), oo_outbox_entries_count(entries)), (1, 1));
        assert_eq!(panicking(|| oo_outbox_report_tried(report)), 0);
        assert_eq!(panicking(|| oo_outbox_report_count(report, 1)), 0);
        assert!(panicking(|| oo_outbox_report_message(report)).is_null());
        assert_eq!(panicking(|| oo_outbox_entries_count(entries)), 0);
        assert!(panicking(|| oo_outbox_entries_module(entries, 0)).is_null());
        assert_eq!(panicking(|| oo_outbox_entries_id(entries, 0)), 0);
        assert_eq!(panicking(|| oo_outbox_entries_since_ms(entries, 0)), 0);
        assert_eq!(panicking(|| oo_outbox_entries_due_ms(entries, 0)), 0);
        assert_eq!(panicking(|| oo_outbox_entries_status(entries, 0)), Status::Ok);
        assert_eq!(panicking(|| oo_outbox_entries_error_code(entries, 0)), 0);
        assert!(panicking(|| oo_outbox_entries_message(entries, 0)).is_null());
        panicking(|| oo_outbox_report_free(report));
        panicking(|| oo_outbox_entries_free(entries));
        panicking(|| oo_outbox_free(outbox));
        oo_client_free(client);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_panic_while_freeing_ends_there() {
    let (options, client, request, results) = (options(), client(), request(), results());
    unsafe {
        let (mut result, mut probe) = (null_mut(), null_mut());
        oo_client_execute_webhooks(client, ADDRESS, 0, &raw mut result);
        oo_client_probe(client, &raw mut probe);
        panicking(|| oo_options_free(options));
        panicking(|| oo_client_free(client));
        panicking(|| oo_request_free(request));
        panicking(|| oo_results_free(results));
        panicking(|| oo_result_free(result));
        panicking(|| oo_probe_free(probe));
    }
}

/// The tests above, in a process of their own whose stderr is looked at.
#[test]
fn a_panic_prints_nothing() {
    let this_program = env::current_exe().unwrap();
    for test in [
        "makers_give_nothing",
        "changes_leave_a_handle_that_works_and_can_be_freed",
        "an_execution_gives_a_result_that_is_in_doubt",
        "readers_give_what_says_least",
        "an_outbox_keeps_its_records_through_a_panic",
        "a_panic_while_freeing_ends_there",
    ] {
        let name = format!("tests::{test}");
        let run = Command::new(&this_program).args(["--exact", &name, "--nocapture"]).output().unwrap();
        assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stdout));
        assert!(String::from_utf8_lossy(&run.stdout).contains("1 passed"), "{name} is no test");
        assert_eq!(String::from_utf8_lossy(&run.stderr), "", "{name}");
    }
}

/// The list above is whole: each function of the header is called in this file.
#[test]
fn every_export_is_made_to_panic() {
    let header = include_str!("../include/oo_webhooks.ffi.h");
    let here = include_str!("tests.rs");
    let mut functions = 0;
    for before in header.split('(').filter(|before| !before.is_empty()) {
        let name = before.rsplit([' ', '*']).next().unwrap_or_default();
        // The last two give a constant and have no border.
        if !name.starts_with("oo_") || ["oo_version", "oo_abi_version"].contains(&name) {
            continue;
        }
        functions += 1;
        let called = here.contains(&format!("{name}("));
        assert!(called, "{name} is not made to panic");
    }
    assert!(functions > 30, "only {functions} functions were found in the header");
}
