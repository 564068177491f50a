//! Exports for `oo_client`.

use std::ffi::c_char;
use std::ptr::null_mut;
use std::time::Duration;

use oo_webhooks_core::client::{Client, out_of_memory};
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;

use crate::boundary::{NotDone, Out, free, guard_status, handle, refused, text};
use crate::options::oo_options;
use crate::request::oo_request;
use crate::reserve;
use crate::result::{check_fields, oo_result, oo_result_fields, oo_result_read, report};
use crate::results::{oo_results, report_all};

/// Credentials and settings, ready to execute webhooks. Making one is cheap and opens nothing:
/// connections belong to the process, outlive every client, and are shared by clients with the
/// same URL, CA file, proxy and timeouts, whatever their credentials are.
///
/// Made by oo_client_new, freed by oo_client_free. Any number of threads may use it at a time; it is
/// freed when none does. It goes on working in a forked child, with connections of the child's own.
pub struct oo_client {
    pub(crate) client: Client,
}

/// A client of these options, which stay the caller's.
///
/// Errors: OO_STATUS_NOT_CONFIGURED without credentials; the status of the first setting that was
/// refused and not set right since, which oo_options_message explains; OO_STATUS_INVALID_ARGUMENT
/// when an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_new(
    options: *const oo_options,
    out_client: *mut *mut oo_client,
) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_client) };
    guard_status(|| {
        // SAFETY: the caller's promise.
        let options = unsafe { handle(options, "options") }?;
        out.required("out_client")?;
        out.give(oo_client { client: options.options.client()? });
        Ok(())
    })
}

/// A client of these settings: as oo_options_new, its setters and oo_client_new, for callers whose calls into C are
/// dear. Text that is NULL and a time of 0 milliseconds leave a setting as it is by default.
///
/// Errors: the status of the first setting that is refused, as of its setter; the same by oo_options has the message
/// that explains it. OO_STATUS_NOT_CONFIGURED when token and secret are NULL, OO_STATUS_INVALID_ARGUMENT when one of
/// them or out_client is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_new_with(
    token: *const c_char,
    secret: *const c_char,
    url: *const c_char,
    ca_file: *const c_char,
    proxy: *const c_char,
    connect_timeout_ms: i64,
    timeout_ms: i64,
    out_client: *mut *mut oo_client,
) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_client) };
    guard_status(|| {
        out.required("out_client")?;
        let mut options = Options::new();
        // SAFETY: the caller's promises.
        unsafe {
            if !token.is_null() || !secret.is_null() {
                options.set_credentials(text(token, "the token")?, text(secret, "the secret")?)?;
            }
            if !url.is_null() {
                options.set_url(text(url, "the URL")?)?;
            }
            if !ca_file.is_null() {
                options.set_ca_file(text(ca_file, "the path of the CA file")?)?;
            }
            if !proxy.is_null() {
                options.set_proxy(text(proxy, "the proxy URL")?)?;
            }
        }
        if connect_timeout_ms != 0 {
            options.set_connect_timeout_ms(connect_timeout_ms)?;
        }
        if timeout_ms != 0 {
            options.set_timeout_ms(timeout_ms)?;
        }
        out.give(oo_client { client: options.client()? });
        Ok(())
    })
}

/// Opens a connection ahead, in the caller's thread, so that the next call pays no handshake: while a record
/// is being saved, say. OO_STATUS_OK when the process keeps one that waits for a call of a client with these
/// settings; one that waited already is enough. Nothing of a request is sent. A server may close a
/// connection that waits for long; the next call then opens one as if this had not been called.
///
/// timeout_ms milliseconds are enough for it, 0 for the client's connect timeout, which it never exceeds.
///
/// Errors: OO_STATUS_DNS_FAILED, OO_STATUS_CONNECT_FAILED, OO_STATUS_CONNECT_TIMEOUT, OO_STATUS_TLS_FAILED,
/// OO_STATUS_PROXY_FAILED and OO_STATUS_OUT_OF_MEMORY as for a call that is not sent;
/// OO_STATUS_INVALID_ARGUMENT when client is NULL or timeout_ms is negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_connect(client: *const oo_client, timeout_ms: i64) -> Status {
    guard_status(|| {
        // SAFETY: the caller's promise.
        let client = &unsafe { handle(client, "client") }?.client;
        let timeout = match u64::try_from(timeout_ms) {
            Ok(0) => client.timeout(),
            Ok(milliseconds) => Duration::from_millis(milliseconds),
            Err(_) => return Err(refused("timeout_ms is negative: give milliseconds, or 0").into()),
        };
        match reserve::call(|| client.connect(timeout)) {
            Some(connected) => Ok(connected?),
            None => Err(NotDone::plain(Status::OutOfMemory)),
        }
    })
}

/// Executes the webhooks of one record and waits for the answer, as oo_execute_webhooks does, with
/// this client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_execute_webhooks(
    client: *const oo_client,
    module: *const c_char,
    id: i64,
    out_result: *mut *mut oo_result,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { report(module, id, out_result, || Ok(handle(client, "client")?.client.clone())) }
}

/// Executes the webhooks of one record and reads the result: as oo_client_execute_webhooks and then oo_result_read,
/// for callers whose calls into C are dear. The text in out_fields is lent by the result, which the caller frees; where
/// no result is given, the fields have the status that is returned, and module, message and body are NULL.
///
/// Errors: as of those two; OO_STATUS_INVALID_ARGUMENT, and nothing is executed, when out_result or out_fields is NULL
/// or size is too small, in which case nothing is written to out_fields.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_execute_and_read(
    client: *const oo_client,
    module: *const c_char,
    id: i64,
    out_result: *mut *mut oo_result,
    size: usize,
    out_fields: *mut oo_result_fields,
) -> Status {
    let checked = check_fields(size, out_fields);
    let is_readable = checked.is_ok();
    // SAFETY: the caller's promises.
    unsafe {
        let status = report(module, id, out_result, || {
            checked?;
            if out_result.is_null() {
                return Err(refused("out_result is NULL: give one"));
            }
            Ok(handle(client, "client")?.client.clone())
        });
        if is_readable {
            oo_result_fields::without_result(id, status).write(size, out_fields);
            let result = out_result.as_ref().copied();
            oo_result_read(result.unwrap_or(null_mut()), size, out_fields);
        }
        status
    }
}

/// Executes the webhooks of all records of a request in one exchange. The request is signed for
/// this call; what oo_request_sign made of it is neither used nor changed.
///
/// Gives one result a record, in the order in which they were added, whatever the status is; NULL
/// when client or request is NULL or the request has no record. Returns the status that most needs
/// attention: in doubt before rejected, rejected before not sent, not sent before executed.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when client or request is NULL or the request has no record;
/// otherwise as oo_execute_webhooks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_execute_request(
    client: *const oo_client,
    request: *const oo_request,
    out_results: *mut *mut oo_results,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        report_all(out_results, || {
            let client = &handle(client, "client")?.client;
            let request = &handle(request, "request")?.request;
            reserve::call(|| client.execute_request(request)).unwrap_or_else(|| Ok(out_of_memory(request)))
        })
    }
}

/// Frees the client and zeroes its credentials. Its connections stay with the process. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_client_free(client: *mut oo_client) {
    // SAFETY: the caller's promise.
    unsafe { free(client) }
}
