//! What a hostile answer costs: peak memory, counted by the allocator, and not time.

#![allow(clippy::unwrap_used, unsafe_code)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use oo_webhooks_core::credentials::Credentials;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::request::Request;
use oo_webhooks_core::response;
use oo_webhooks_core::result::Response;
use oo_webhooks_mock::{Fault, FaultKind};
use serde_json::json;
use support::{addresses, client, mock};

/// The largest answer, in bytes.
const LIMIT: usize = 10 * 1024 * 1024;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::SeqCst) + layout.size();
        PEAK.fetch_max(now, Ordering::SeqCst);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::SeqCst);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Bytes that `call` needed at a time beyond those that were in use before. The counters are the
/// process's: everything here is one test.
fn peak(call: impl FnOnce()) -> usize {
    let before = NOW.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    call();
    PEAK.load(Ordering::SeqCst) - before
}

#[test]
fn an_answer_of_any_shape_needs_at_most_four_times_its_limit() {
    let request = request(500);
    let credentials = Credentials::new("made-up-token", "made-up-secret").unwrap();
    let signed = request.sign(&credentials, 1).unwrap();
    for (name, body) in shapes() {
        assert!(body.len() <= LIMIT, "{name}: {}", body.len());
        let needed = peak(|| {
            let answer = Response::new(200, body.clone().into_bytes(), None);
            let results = response::parse(&request, Some(&signed), answer);
            assert_eq!(results.len(), 500, "{name}");
            assert!(results.iter().all(|result| result.status() != Status::Ok), "{name}");
        });
        assert!(needed <= 4 * LIMIT, "{name}: {needed} bytes");
    }
    a_whole_call_too();
}

/// The mock writes the answer in this process: its memory is in use before the client begins to read.
fn a_whole_call_too() {
    let mock = mock();
    let client = client(&mock);
    let zeros: Vec<u8> = vec![0; 4_000_000];
    let body = json!({"status": {"code": 200}, "response": {"results": zeros}});
    mock.set_faults(vec![Fault::new(FaultKind::RawAnswer { body, execute: false })]);
    let needed = peak(|| {
        let results = client.execute_request(&addresses([1, 2])).unwrap();
        assert!(results.iter().all(|result| result.status() == Status::BadResponse));
    });
    // What the mock needs to write it: the JSON as text and as bytes.
    let mocks = 4 * LIMIT;
    assert!(needed <= 4 * LIMIT + mocks, "{needed} bytes");
}

fn request(records: i64) -> Request {
    let mut request = Request::new();
    for id in 1..=records {
        request.add(Record::new("task", id).unwrap()).unwrap();
    }
    request
}

/// Answers just below the limit, each with another part blown up.
fn shapes() -> Vec<(&'static str, String)> {
    const ROOM: usize = LIMIT - 200;
    let repeated = |text: &str| text.repeat(ROOM / text.len());
    let list = |item: &str| repeated(&format!("{item},")).trim_end_matches(',').to_owned();
    let results = |items: &str| {
        format!("{{\"status\":{{\"code\":200,\"errorcode\":0}},\"response\":{{\"results\":[{items}]}}}}")
    };
    let message =
        |text: &str| format!("{{\"status\":{{\"code\":500,\"errorcode\":8,\"message\":\"{text}\"}}}}");
    let mut each_long = String::new();
    for _ in 0..500 {
        let text = "\\u0041".repeat(ROOM / 500 / 6 / 3 - 20);
        write!(
            each_long,
            "{{\"identifier\":\"{text}\",\"resourceid\":\"{text}\",\"status\":{{\"message\":\"{text}\"}}}},"
        )
        .unwrap();
    }
    vec![
        ("five million zeros", results(&list("0"))),
        ("objects without fields", results(&list("{}"))),
        ("lists", results(&list("[]"))),
        ("results that each have an echo", results(&list("{\"identifier\":\"a\\u0062\"}"))),
        ("records", results(&format!("{{\"data\":{{\"records\":[{}]}}}}", list("{}")))),
        ("a message", message(&repeated("x"))),
        ("a message of escapes", message(&repeated("\\u0041"))),
        ("a message of quotes", message(&repeated("\\\""))),
        ("a key", format!("{{\"{}\":1}}", repeated("\\u0041"))),
        ("long texts in each result", results(each_long.trim_end_matches(','))),
        ("nesting", repeated("[")),
        ("no JSON", repeated("\u{fffd}")),
        ("a number", format!("{{\"status\":{{\"code\":1{}}}}}", repeated("0"))),
    ]
}
