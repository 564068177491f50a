//! Exports for `oo_result`.

use std::ffi::{CStr, CString, c_char};

use oo_webhooks_core::client::Client;
use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::record::{Module, Record};
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_core::result::RecordResult;

use crate::boundary::{Out, c_string, free, guard, guard_status, handle, lend_bytes, refused, text};
use crate::reserve;

/// What is known about one record after a call. It never changes; the text it lends is valid until
/// it is freed.
///
/// Given by oo_execute_webhooks, oo_client_execute_webhooks and oo_client_execute_and_read, and then freed by
/// oo_result_free; or borrowed from an oo_results, and then freed with it. Used by one thread at a time.
pub struct oo_result(Known);

enum Known {
    Of(RecordResult),
    /// Of a call that was refused, or broke, before there was a record or a request.
    Refused {
        status: Status,
        module: Option<Module>,
        id: i64,
        message: CString,
    },
}

impl oo_result {
    pub(crate) fn new(result: RecordResult) -> Self {
        Self(Known::Of(result))
    }

    fn refused(status: Status, message: &str, module: Option<Module>, id: i64) -> Self {
        Self(Known::Refused { status, module, id, message: c_string(message) })
    }

    pub(crate) fn status(&self) -> Status {
        match &self.0 {
            Known::Of(result) => result.status(),
            Known::Refused { status, .. } => *status,
        }
    }

    fn module(&self) -> *const c_char {
        let module = match &self.0 {
            Known::Of(result) => Some(result.record().module()),
            Known::Refused { module, .. } => *module,
        };
        module.map_or(std::ptr::null(), |module| c_name(module).as_ptr())
    }

    fn id(&self) -> i64 {
        match &self.0 {
            Known::Of(result) => result.record().id(),
            Known::Refused { id, .. } => *id,
        }
    }

    /// A NUL follows it.
    pub(crate) fn message(&self) -> &[u8] {
        match &self.0 {
            Known::Of(result) => result.message().as_bytes(),
            Known::Refused { message, .. } => message.as_bytes(),
        }
    }

    fn known(&self) -> Option<&RecordResult> {
        match &self.0 {
            Known::Of(result) => Some(result),
            Known::Refused { .. } => None,
        }
    }

    fn http_status(&self) -> i32 {
        self.known().map_or(0, |result| result.http_status().into())
    }

    fn error_code(&self) -> i32 {
        self.known().map_or(0, RecordResult::error_code)
    }

    /// A NUL follows it.
    fn body(&self) -> Option<&[u8]> {
        self.known().and_then(RecordResult::body)
    }

    fn fields(&self) -> oo_result_fields {
        let (message, body) = (self.message(), self.body());
        oo_result_fields {
            id: self.id(),
            module: self.module(),
            message: message.as_ptr().cast(),
            message_length: message.len(),
            body: body.map_or(std::ptr::null(), |body| body.as_ptr().cast()),
            body_length: body.map_or(0, <[u8]>::len),
            status: self.status().number(),
            outcome: self.status().outcome() as i32,
            http_status: self.http_status(),
            error_code: self.error_code(),
        }
    }
}

/// What happened. A status of 1 to 9 was the caller's mistake, as it is when result is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_status(result: *const oo_result) -> Status {
    // SAFETY: the caller's promise.
    guard(Status::Internal, || {
        unsafe { handle(result, "result") }.map_or(Status::InvalidArgument, oo_result::status)
    })
}

/// What the caller may do next; the outcome of its status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_outcome(result: *const oo_result) -> Outcome {
    // SAFETY: the caller's promise.
    unsafe { oo_result_status(result) }.outcome()
}

/// The record's module; NULL when the call was refused because it is unknown. Static: never freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_module(result: *const oo_result) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(result, std::ptr::null(), oo_result::module) }
}

/// The record's id, as it was given; 0 when result is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_id(result: *const oo_result) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { read(result, 0, oo_result::id) }
}

/// The HTTP status of the answer; 0 when none came.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_http_status(result: *const oo_result) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { read(result, 0, oo_result::http_status) }
}

/// onOffice's error code; 0 when it gave none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_error_code(result: *const oo_result) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { read(result, 0, oo_result::error_code) }
}

/// One line of UTF-8 for a log: the record, what happened, the cause and the cure. Never a token or
/// a secret. NULL only when result is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_message(result: *const oo_result) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { read(result, std::ptr::null(), |result| result.message().as_ptr().cast()) }
}

/// The answer as received, decompressed, for all records of its request; NULL when no whole answer
/// came. It is whatever a server sent: treat it so. A NUL follows it that *out_length, which may be
/// NULL, does not count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_body(result: *const oo_result, out_length: *mut usize) -> *const c_char {
    // SAFETY: the caller's promises.
    unsafe {
        let body = read(result, None, oo_result::body);
        lend_bytes(body, out_length)
    }
}

/// The fields of a result, as oo_result_read writes them. Later versions may have more of them behind the last
/// one; none is moved or removed.
#[repr(C)]
pub struct oo_result_fields {
    /// As oo_result_id.
    pub id: i64,
    /// As oo_result_module.
    pub module: *const c_char,
    /// As oo_result_message, message_length bytes before its NUL.
    pub message: *const c_char,
    /// The length of the message; 0 when it is NULL.
    pub message_length: usize,
    /// As oo_result_body, body_length bytes before its NUL.
    pub body: *const c_char,
    /// The length of the body; 0 when it is NULL.
    pub body_length: usize,
    /// A number of oo_status.
    pub status: i32,
    /// A number of oo_outcome.
    pub outcome: i32,
    /// As oo_result_http_status.
    pub http_status: i32,
    /// As oo_result_error_code.
    pub error_code: i32,
}

/// Writes all fields of a result at once, for callers whose calls into C are dear. size is
/// sizeof(oo_result_fields) as the caller was compiled: a caller with an older header gets the fields that it
/// knows, and one with a newer header finds 0 and NULL in the fields that this library does not know.
///
/// The text is lent, as by the functions that give one field.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT, and nothing is written, when an argument is NULL or size is smaller
/// than in the first version that had this function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_read(
    result: *const oo_result,
    size: usize,
    out_fields: *mut oo_result_fields,
) -> Status {
    guard_status(|| {
        // SAFETY: the caller's promises.
        unsafe {
            let result = handle(result, "result")?;
            check_fields(size, out_fields)?;
            result.fields().write(size, out_fields);
        }
        Ok(())
    })
}

impl oo_result_fields {
    /// Of a call that gave only a status, as it does after a defect.
    pub(crate) fn without_result(id: i64, status: Status) -> Self {
        Self {
            id,
            module: std::ptr::null(),
            message: std::ptr::null(),
            message_length: 0,
            body: std::ptr::null(),
            body_length: 0,
            status: status.number(),
            outcome: status.outcome() as i32,
            http_status: 0,
            error_code: 0,
        }
    }

    /// # Safety
    /// `out` may be written and has `size` bytes, [`FIRST_SIZE`] at least.
    pub(crate) unsafe fn write(&self, size: usize, out: *mut Self) {
        let known = size.min(size_of::<Self>());
        // SAFETY: out has size bytes, by the caller's promise, and this has those that are known.
        unsafe {
            let out = out.cast::<u8>();
            out.copy_from_nonoverlapping((&raw const *self).cast(), known);
            out.add(known).write_bytes(0, size - known);
        }
    }
}

/// # Errors
/// When fields cannot be written there.
pub(crate) fn check_fields(size: usize, out_fields: *mut oo_result_fields) -> Result<(), Refusal> {
    if out_fields.is_null() {
        return Err(refused("out_fields is NULL: give one"));
    }
    if size < FIRST_SIZE {
        return Err(refused("size is too small: give sizeof(oo_result_fields)"));
    }
    Ok(())
}

/// The size of the fields in the first version that had them.
const FIRST_SIZE: usize = size_of::<i64>() + 5 * size_of::<usize>() + 4 * size_of::<i32>();

const _: () = assert!(size_of::<oo_result_fields>() >= FIRST_SIZE);

/// Frees a result that was given, not one borrowed from an oo_results. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_result_free(result: *mut oo_result) {
    // SAFETY: the caller's promise.
    unsafe { free(result) }
}

/// What both functions that execute one record do: the result says what happened even when the
/// call was refused or broke.
///
/// # Safety
/// `module` and `out_result` as [`text`] and [`Out::new`] ask for it.
pub(crate) unsafe fn report(
    module: *const c_char,
    id: i64,
    out_result: *mut *mut oo_result,
    client: impl FnOnce() -> Result<Client, Refusal>,
) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_result) };
    let result = guard(None, || {
        // SAFETY: the caller's promise.
        let module = unsafe { text(module, "the module") };
        let known = module.as_ref().ok().and_then(|name| name.parse().ok());
        let executed = module.and_then(|module| Record::new(module, id)).and_then(|record| {
            let client = client()?;
            let result = reserve::call(|| client.execute(record));
            Ok(oo_result::new(result.unwrap_or_else(|| RecordResult::out_of_memory(record))))
        });
        Some(
            executed
                .unwrap_or_else(|refusal| oo_result::refused(refusal.status(), refusal.message(), known, id)),
        )
    });
    guard(Status::Internal, || {
        let result = result.unwrap_or_else(|| {
            let message = Status::Internal.c_message().to_string_lossy();
            oo_result::refused(Status::Internal, &message, None, id)
        });
        let status = result.status();
        out.give(result);
        status
    })
}

unsafe fn read<'a, T>(result: *const oo_result, if_null: T, read: impl FnOnce(&'a oo_result) -> T) -> T
where
    T: Copy,
{
    // SAFETY: the caller's promise.
    guard(if_null, || unsafe { handle(result, "result") }.map_or(if_null, read))
}

pub(crate) fn c_name(module: Module) -> &'static CStr {
    match module {
        Module::Estate => c"estate",
        Module::Address => c"address",
        Module::Task => c"task",
        Module::Calendar => c"calendar",
    }
}
