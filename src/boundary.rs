//! What every export does at the border to C: nothing unwinds across it, pointers are checked, text
//! is UTF-8, and what goes out is set on every path.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use oo_webhooks_core::client::NotConnected;
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_core::request::NotSigned;

/// Runs the body of an export. A panic ends here, without a word on stderr, as `on_panic`.
pub(crate) fn guard<T>(on_panic: T, body: impl FnOnce() -> T) -> T {
    silence_panics();
    let outer = INSIDE.replace(true);
    let value = panic::catch_unwind(AssertUnwindSafe(|| {
        #[cfg(test)]
        crate::tests::panic_if_asked_for();
        body()
    }));
    let value = value.unwrap_or(on_panic);
    INSIDE.set(outer);
    value
}

/// [`guard`] for the exports that return a status and have nothing to explain it.
pub(crate) fn guard_status(body: impl FnOnce() -> Result<(), NotDone>) -> Status {
    guard(Status::Internal, || match body() {
        Ok(()) => Status::Ok,
        Err(not_done) => not_done.status,
    })
}

/// Why an export did nothing.
pub(crate) struct NotDone {
    pub(crate) status: Status,
    pub(crate) message: String,
}

impl NotDone {
    /// Nothing is known but the status.
    pub(crate) fn plain(status: Status) -> Self {
        Self { status, message: String::new() }
    }
}

impl From<NotConnected> for NotDone {
    fn from(not_connected: NotConnected) -> Self {
        Self { status: not_connected.status(), message: not_connected.message().to_owned() }
    }
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.status(), message: refusal.message().to_owned() }
    }
}

impl From<NotSigned> for NotDone {
    fn from(not_signed: NotSigned) -> Self {
        Self { status: not_signed.status(), message: not_signed.message().to_owned() }
    }
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// The default hook prints. Ours prints only for panics outside of the exports, as in a Rust
/// program that uses this crate.
fn silence_panics() {
    static DONE: AtomicBool = AtomicBool::new(false);
    // Written once: each call passes here.
    if !DONE.load(Ordering::Relaxed) && !DONE.swap(true, Ordering::AcqRel) {
        let outside = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                outside(info);
            }
        }));
    }
}

/// Text from C.
///
/// # Safety
/// `pointer` is NULL or points to a NUL-terminated string that outlives `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: &str) -> Result<&'a str, Refusal> {
    if pointer.is_null() {
        return Err(is_null(name));
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| {
        Refusal::new(Status::InvalidArgument, format!("{name} is not UTF-8: convert it before the call"))
    })
}

/// A handle from C.
///
/// # Safety
/// `pointer` is NULL or points to a live `T` that nobody changes during `'a`.
pub(crate) unsafe fn handle<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Refusal> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_ref() }.ok_or_else(|| is_null(name))
}

/// A handle from C that is changed.
///
/// # Safety
/// `pointer` is NULL or points to a live `T` that nobody else uses during `'a`.
pub(crate) unsafe fn handle_mut<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T, Refusal> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_mut() }.ok_or_else(|| is_null(name))
}

/// Where an export puts a new handle: NULL from the start, and nowhere if the caller wants none.
pub(crate) struct Out<T>(*mut *mut T);

impl<T> Out<T> {
    /// # Safety
    /// `pointer` is NULL or may be written until the `Out` is dropped.
    pub(crate) unsafe fn new(pointer: *mut *mut T) -> Self {
        if !pointer.is_null() {
            // SAFETY: not NULL; the caller's promise.
            unsafe { pointer.write(std::ptr::null_mut()) };
        }
        Self(pointer)
    }

    /// For the functions that do nothing but make a handle.
    pub(crate) fn required(&self, name: &str) -> Result<(), Refusal> {
        if self.0.is_null() { Err(is_null(name)) } else { Ok(()) }
    }

    /// Hands `value` over to the caller, who frees it.
    pub(crate) fn give(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: not NULL; may be written by the promise given to `new`.
            unsafe { self.0.write(Box::into_raw(Box::new(value))) };
        }
    }
}

/// Frees what [`Out::give`] handed over.
///
/// # Safety
/// `pointer` is NULL or came from [`Out::give`] and is not used again.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    guard((), || {
        if !pointer.is_null() {
            // SAFETY: not NULL; the caller's promise.
            drop(unsafe { Box::from_raw(pointer) });
        }
    });
}

/// Sets `*out_length`, if the caller wants it, and returns the pointer to lend.
///
/// # Safety
/// `out_length` is NULL or may be written.
pub(crate) unsafe fn lend_bytes(bytes: Option<&[u8]>, out_length: *mut usize) -> *const c_char {
    if !out_length.is_null() {
        // SAFETY: not NULL; the caller's promise.
        unsafe { out_length.write(bytes.map_or(0, <[u8]>::len)) };
    }
    bytes.map_or(std::ptr::null(), |bytes| bytes.as_ptr().cast())
}

/// `text` for C; text of ours has no NUL, and what a server sent has had its control characters removed.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// An argument that is not taken.
pub(crate) fn refused(message: &str) -> Refusal {
    Refusal::new(Status::InvalidArgument, message)
}

fn is_null(name: &str) -> Refusal {
    refused(&format!("{name} is NULL: give one"))
}
