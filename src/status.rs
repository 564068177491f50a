//! Version, statuses and outcomes.

use std::ffi::c_char;

use oo_webhooks_core::outcome::{Outcome, Status};

use crate::boundary::guard;

/// The ABI's number. It grows when a function, type or number that exists changes its meaning or
/// goes away, and with it the shared library's soname; additions leave it alone.
const ABI_VERSION: u32 = 1;

/// The version of the library as "major.minor.patch".
#[unsafe(no_mangle)]
pub extern "C" fn oo_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The version of the C API, 1 for this header. A caller that loads the library at run time
/// compares it first; another number means that the header does not describe the library.
#[unsafe(no_mangle)]
pub extern "C" fn oo_abi_version() -> u32 {
    ABI_VERSION
}

/// The status's name in lower case without prefix, such as "connect_failed"; "unknown" for a
/// number that is none. Static: never freed.
#[unsafe(no_mangle)]
pub extern "C" fn oo_status_name(status: i32) -> *const c_char {
    guard(c"unknown", || Status::from_number(status).map_or(c"unknown", Status::c_name)).as_ptr()
}

/// What the caller may do after this status; OO_OUTCOME_IN_DOUBT for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn oo_status_outcome(status: i32) -> Outcome {
    guard(Outcome::InDoubt, || outcome(status))
}

/// Which of two statuses needs more attention: in doubt before rejected, rejected before not sent,
/// not sent before executed. Within an outcome it is the first. A number that is no status counts as
/// in doubt, and is returned as it is.
#[unsafe(no_mangle)]
pub extern "C" fn oo_status_worst(first: i32, second: i32) -> i32 {
    guard(Status::Internal.number(), || {
        if outcome(second).urgency() > outcome(first).urgency() { second } else { first }
    })
}

/// What the status means and what to do about it, in one line; for calls that give no result to
/// ask. Static: never freed.
#[unsafe(no_mangle)]
pub extern "C" fn oo_status_message(status: i32) -> *const c_char {
    guard(c"not a status", || Status::from_number(status).map_or(c"not a status", Status::c_message)).as_ptr()
}

fn outcome(status: i32) -> Outcome {
    Status::from_number(status).map_or(Outcome::InDoubt, Status::outcome)
}
