//! The one call, with the process's default client.

use std::ffi::c_char;

use oo_webhooks_core::default_client;
use oo_webhooks_core::outcome::Status;

use crate::boundary::guard_status;
use crate::client::oo_client;
use crate::result::{oo_result, report};

/// Executes all active marketplace webhooks of a record that was just saved, and waits for the answer.
///
/// module is "estate", "address", "task" or "calendar"; id is the record number, 1 or more. The
/// default client is used, which the first call makes from the environment (see oo_options_from_env)
/// unless oo_set_default_client was called before. Any number of threads may call at a time.
///
/// A result is given on every path, refused arguments included, unless out_result is NULL; its
/// status is the one returned. Free it with oo_result_free.
///
/// Only OO_STATUS_OK means executed. Every other status has one of the outcomes rejected, not sent
/// and in doubt; in doubt means that a repeat may execute the webhooks a second time, which may cost
/// money. The library itself repeats a request only when not a byte of it was sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_execute_webhooks(
    module: *const c_char,
    id: i64,
    out_result: *mut *mut oo_result,
) -> Status {
    // SAFETY: the caller's promises.
    unsafe { report(module, id, out_result, default_client::get) }
}

/// Makes a copy of the client the process's default, for all threads and, until it sets one of its
/// own, for a forked child. It stays the default even if a first call reads the environment at that
/// moment. NULL goes back to the environment, which is read anew on the next use.
///
/// Long-lived hosts that serve several tenants, such as PHP-FPM, use a client of their own instead:
/// the default outlives a request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_set_default_client(client: *const oo_client) -> Status {
    guard_status(|| {
        // SAFETY: the caller's promise.
        let client = unsafe { client.as_ref() };
        default_client::set(client.map(|handle| handle.client.clone()));
        Ok(())
    })
}
