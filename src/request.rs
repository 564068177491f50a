//! Exports for `oo_request`.

use std::ffi::{CString, c_char};

use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_core::request::{MAX_RECORDS, Request, SignedRequest};
use oo_webhooks_core::response;
use oo_webhooks_core::result::Response;

use crate::boundary::{
    NotDone, Out, c_string, free, guard, guard_status, handle, handle_mut, lend_bytes, refused, text,
};
use crate::client::oo_client;
use crate::results::{oo_results, report_all};

/// Records to execute in one HTTP exchange, one action each.
///
/// oo_client_execute_request sends it. A caller with an HTTP client of its own signs it instead, sends
/// the body by POST as application/json, and has the answer parsed.
///
/// Made by oo_request_new, freed by oo_request_free. Any number of threads may read it at a time,
/// which executing and parsing do; adding and signing take it for one thread.
pub struct oo_request {
    pub(crate) request: Request,
    signed: Option<SignedRequest>,
    message: Option<CString>,
}

/// A request without a record yet.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when out_request is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_new(out_request: *mut *mut oo_request) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_request) };
    guard_status(|| {
        out.required("out_request")?;
        out.give(oo_request { request: Request::new(), signed: None, message: None });
        Ok(())
    })
}

/// Adds a record; a request takes 500, each once. What was signed before is void. A record that is
/// refused leaves the request as it was.
///
/// Errors: OO_STATUS_INVALID_MODULE; OO_STATUS_INVALID_ID below 1; OO_STATUS_INVALID_ARGUMENT when an
/// argument is NULL or not UTF-8, the record is in the request already, or the request is full.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_add(request: *mut oo_request, module: *const c_char, id: i64) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        change(request, |request| {
            request.request.add(Record::new(text(module, "the module")?, id)?)?;
            request.signed = None;
            Ok(())
        })
    }
}

/// Adds records of one module, count of them in this order, as oo_request_add does one: for callers whose calls
/// into C are dear. Where one is refused, none is added, and the request is as it was.
///
/// Errors: as oo_request_add; OO_STATUS_INVALID_ARGUMENT when ids is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_add_all(
    request: *mut oo_request,
    module: *const c_char,
    ids: *const i64,
    count: usize,
) -> Status {
    // SAFETY: the caller's promises.
    unsafe {
        change(request, |request| {
            let module = text(module, "the module")?;
            if ids.is_null() {
                return Err(refused("ids is NULL: give them").into());
            }
            // One more than a request takes is enough to refuse them.
            let ids = std::slice::from_raw_parts(ids, count.min(MAX_RECORDS + 1));
            let mut changed = request.request.clone();
            for id in ids {
                changed.add(Record::new(module, *id)?)?;
            }
            request.request = changed;
            request.signed = None;
            Ok(())
        })
    }
}

/// The number of records; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_count(request: *const oo_request) -> usize {
    // SAFETY: the caller's promise.
    guard(0, || unsafe { handle(request, "request") }.map_or(0, |request| request.request.records().len()))
}

/// Signs the request with the client's credentials for a time in Unix seconds. onOffice accepts it
/// within 120 s of that time, so sign just before sending, and anew for every try: each time the actions
/// get labels that no other request has, by which oo_request_parse_response knows their results.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when an argument is NULL, the request has no record, or the
/// time is negative; OO_STATUS_OUT_OF_MEMORY; OO_STATUS_NOT_CONFIGURED where the system gives no random
/// numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_sign(
    request: *mut oo_request,
    client: *const oo_client,
    unix_seconds: i64,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        change(request, |request| {
            request.signed = None;
            let client = &handle(client, "client")?.client;
            request.signed = Some(client.sign(&request.request, unix_seconds)?);
            Ok(())
        })
    }
}

/// The signed JSON to send, *out_length bytes of it (out_length may be NULL), followed by a NUL; NULL
/// when the request is not signed. It holds the token. Valid until the request is changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_body(
    request: *const oo_request,
    out_length: *mut usize,
) -> *const c_char {
    // SAFETY: the caller's promises.
    unsafe {
        let body = guard(None, || handle(request, "request").ok()?.signed.as_ref().map(SignedRequest::json));
        lend_bytes(body, out_length)
    }
}

/// Why the last oo_request_add, oo_request_add_all or oo_request_sign was refused, in one line that names the
/// thing and the cure; NULL when it was not. Valid until the request is changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_message(request: *const oo_request) -> *const c_char {
    guard(std::ptr::null(), || {
        // SAFETY: the caller's promise.
        match unsafe { handle(request, "request") } {
            Ok(oo_request { message: Some(message), .. }) => message.as_ptr(),
            Ok(_) => std::ptr::null(),
            Err(_) => c"request is NULL: give one".as_ptr(),
        }
    })
}

/// Understands the answer to this request: its HTTP status and its body of length bytes, decompressed,
/// which need not end with a NUL. The body may be NULL when length is 0. Call it only with a whole
/// answer; without one the outcome is in doubt, if anything was sent.
///
/// Gives one result a record and returns the status that most needs attention, as
/// oo_client_execute_request does.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT, and no results, when the request is NULL or has no record, or
/// the body is NULL and length is not 0, or http_status is outside 100 to 999.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_parse_response(
    request: *const oo_request,
    http_status: i32,
    body: *const c_char,
    length: usize,
    out_results: *mut *mut oo_results,
) -> Status {
    // SAFETY: the caller's promises.
    unsafe {
        report_all(out_results, || {
            let request = handle(request, "request")?;
            if request.request.records().is_empty() {
                return Err(refused("the request has no record: there is nothing to parse for"));
            }
            let http_status = u16::try_from(http_status)
                .ok()
                .filter(|status| (100..1000).contains(status))
                .ok_or_else(|| refused("the HTTP status is outside 100 to 999"))?;
            let body = bytes(body, length)?;
            // The answer adds a NUL.
            let mut answer = Vec::with_capacity(body.len() + 1);
            answer.extend_from_slice(body);
            let answer = Response::new(http_status, answer, None);
            Ok(response::parse(&request.request, request.signed.as_ref(), answer))
        })
    }
}

/// Frees the request and zeroes what was signed. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_request_free(request: *mut oo_request) {
    // SAFETY: the caller's promise.
    unsafe { free(request) }
}

/// What the functions that change a request do; the message is that of the last one.
unsafe fn change(
    request: *mut oo_request,
    change: impl FnOnce(&mut oo_request) -> Result<(), NotDone>,
) -> Status {
    guard_status(|| {
        // SAFETY: the caller's promise.
        let request = unsafe { handle_mut(request, "request") }?;
        let done = change(request);
        request.message = done.as_ref().err().map(|not_done| c_string(&not_done.message));
        done
    })
}

/// # Safety
/// `pointer` is NULL or points to `length` bytes that outlive `'a`.
unsafe fn bytes<'a>(pointer: *const c_char, length: usize) -> Result<&'a [u8], Refusal> {
    if length == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(refused("the body is NULL but its length is not 0"));
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(pointer.cast(), length) })
}
