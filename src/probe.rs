//! Exports for `oo_probe`.

use std::ffi::{CString, c_char};

use oo_webhooks_core::client::Probe;
use oo_webhooks_core::outcome::Status;

use crate::boundary::{NotDone, Out, c_string, free, guard, handle};
use crate::client::oo_client;
use crate::reserve;

/// What a doctor learns of the way to the API.
///
/// Given by oo_client_probe, freed by oo_probe_free, used by one thread at a time.
pub struct oo_probe {
    probe: Probe,
    message: CString,
    keep_alive: Option<CString>,
}

/// Asks the API's server for a page, without credentials, and waits for the answer as a call does: nothing is
/// executed. For programs that say what is wrong with a set-up.
///
/// OO_STATUS_OK when the server answered, whatever it answered.
///
/// Errors: the statuses of a call that is not sent or in doubt, with a probe whose message says why;
/// OO_STATUS_INVALID_ARGUMENT when client is NULL and OO_STATUS_OUT_OF_MEMORY, without one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_probe(client: *const oo_client, out_probe: *mut *mut oo_probe) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_probe) };
    guard(Status::Internal, || {
        let probed = || {
            // SAFETY: the caller's promise.
            let client = &unsafe { handle(client, "client") }?.client;
            reserve::call(|| client.probe()).ok_or(NotDone::plain(Status::OutOfMemory))
        };
        let probe = match probed() {
            Ok(probe) => probe,
            Err(not_done) => return not_done.status,
        };
        let status = probe.status;
        let keep_alive = probe.keep_alive.as_deref().map(c_string);
        out.give(oo_probe { message: c_string(&probe.message), keep_alive, probe });
        status
    })
}

/// Why the server did not answer, in one line; empty when it did, NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_probe_message(probe: *const oo_probe) -> *const c_char {
    // SAFETY: the caller's promise.
    guard(std::ptr::null(), || {
        unsafe { handle(probe, "probe") }.map_or(std::ptr::null(), |handle| handle.message.as_ptr())
    })
}

/// The answer's HTTP status; 0 without an answer, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_probe_http_status(probe: *const oo_probe) -> i32 {
    // SAFETY: the caller's promise.
    guard(0, || unsafe { handle(probe, "probe") }.map_or(0, |handle| handle.probe.http_status.into()))
}

/// Seconds by which this machine's clock is ahead of the server's, which its Date header tells; negative when
/// it is behind. INT64_MIN when the server did not tell, and for NULL. The API refuses a difference of 120 s.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_probe_clock_ahead(probe: *const oo_probe) -> i64 {
    // SAFETY: the caller's promise.
    guard(i64::MIN, || {
        unsafe { handle(probe, "probe") }.ok().and_then(|handle| handle.probe.clock_ahead).unwrap_or(i64::MIN)
    })
}

/// What the server says of keeping connections, such as `timeout=60`; NULL when it does not say, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_probe_keep_alive(probe: *const oo_probe) -> *const c_char {
    // SAFETY: the caller's promise.
    guard(std::ptr::null(), || {
        let keep_alive = unsafe { handle(probe, "probe") }.ok().and_then(|handle| handle.keep_alive.as_ref());
        keep_alive.map_or(std::ptr::null(), |text| text.as_ptr())
    })
}

/// Frees the probe. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_probe_free(probe: *mut oo_probe) {
    // SAFETY: the caller's promise.
    unsafe { free(probe) }
}
