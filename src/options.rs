//! Exports for `oo_options`.

use std::ffi::{CString, c_char};

use oo_webhooks_core::options::{Options, Setting};
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;

use crate::boundary::{Out, c_string, free, guard, guard_status, handle, handle_mut, text};

/// What a client is made of: credentials and settings. Every setter copies what it is given and
/// checks it at once. A setting that was refused stays refused until it is set right: no client is
/// made before, so it is enough to look at the status of oo_client_new.
///
/// Made by oo_options_new or oo_options_from_env, freed by oo_options_free, used by one thread at a
/// time. One may make any number of clients, which do not change with it afterwards.
pub struct oo_options {
    pub(crate) options: Options,
    message: Option<CString>,
}

impl oo_options {
    fn new(options: Options) -> Self {
        let message = options.check().err().map(|refusal| c_string(refusal.message()));
        Self { options, message }
    }
}

/// Options with the defaults, without credentials.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when out_options is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_new(out_options: *mut *mut oo_options) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_options) };
    guard_status(|| {
        out.required("out_options")?;
        out.give(oo_options::new(Options::new()));
        Ok(())
    })
}

/// Options from the environment: ON_OFFICE_TOKEN, ON_OFFICE_SECRET, ON_OFFICE_URL, ON_OFFICE_CA_FILE,
/// ON_OFFICE_PROXY and ON_OFFICE_TIMEOUT_MS, where one that is empty counts as not set.
///
/// The options are given even when a variable is refused or the credentials are missing:
/// oo_options_message then names the variable, and a setter can still put it right.
///
/// Errors: OO_STATUS_INVALID_OPTION for a variable that is refused, OO_STATUS_NOT_CONFIGURED without
/// credentials, OO_STATUS_INVALID_ARGUMENT when out_options is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_from_env(out_options: *mut *mut oo_options) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_options) };
    guard_status(|| {
        out.required("out_options")?;
        let options = Options::from_env();
        let checked = options.check();
        out.give(oo_options::new(options));
        Ok(checked?)
    })
}

/// The token and the secret of an API user. Both are zeroed when the last handle that has them is freed.
///
/// Errors: OO_STATUS_INVALID_OPTION when either is empty, OO_STATUS_INVALID_ARGUMENT when it is NULL or
/// not UTF-8. Their lengths, 32 and 64 characters, are not checked, but named when onOffice rejects them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_set_credentials(
    options: *mut oo_options,
    token: *const c_char,
    secret: *const c_char,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        set(options, |options| match (text(token, "the token"), text(secret, "the secret")) {
            (Ok(token), Ok(secret)) => options.set_credentials(token, secret),
            (Err(refusal), _) | (_, Err(refusal)) => options.refuse(Setting::Credentials, refusal),
        })
    }
}

/// The URL of the API; the default is `https://api.onoffice.de/api/stable/api.php`.
///
/// Errors: OO_STATUS_INVALID_OPTION unless it begins with https://, or with http:// and a loopback host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_set_url(options: *mut oo_options, url: *const c_char) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set_text(options, Setting::Url, url, "the URL", Options::set_url) }
}

/// A PEM file of certificate authorities to trust instead of the bundled ones, or "system" for the
/// file of those that the system trusts. It is read at once; a later change of the file is not seen.
///
/// Errors: OO_STATUS_INVALID_OPTION when it cannot be found or read, or holds no certificate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_set_ca_file(options: *mut oo_options, path: *const c_char) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set_text(options, Setting::CaFile, path, "the path of the CA file", Options::set_ca_file) }
}

/// A proxy that is asked for a tunnel: `http://host:port` or `http://user:password@host:port`. The
/// default is none; HTTPS_PROXY and the like are not read.
///
/// Errors: OO_STATUS_INVALID_OPTION unless it begins with http:// or https://.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_set_proxy(options: *mut oo_options, url: *const c_char) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set_text(options, Setting::Proxy, url, "the proxy URL", Options::set_proxy) }
}

/// The time for TCP connection and TLS handshake together, in milliseconds; the default is 5000.
/// oo_options_set_timeout_ms bounds it too.
///
/// Errors: OO_STATUS_INVALID_OPTION outside 1 to 86400000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_set_connect_timeout_ms(
    options: *mut oo_options,
    milliseconds: i64,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set(options, |options| options.set_connect_timeout_ms(milliseconds)) }
}

/// The time for a whole call, in milliseconds; the default is 30000. Looking up the host's name is
/// the one part that it cannot cut short: the system's resolver has time limits of its own.
///
/// Errors: OO_STATUS_INVALID_OPTION outside 1 to 86400000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_set_timeout_ms(options: *mut oo_options, milliseconds: i64) -> Status {
    // SAFETY: the caller's promise.
    unsafe { set(options, |options| options.set_timeout_ms(milliseconds)) }
}

/// Why oo_client_new would refuse these options as they are now, in one line that names the setting
/// and the cure; NULL when it would take them. Valid until the options are changed or freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_message(options: *const oo_options) -> *const c_char {
    guard(std::ptr::null(), || {
        // SAFETY: the caller's promise.
        match unsafe { handle(options, "options") } {
            Ok(oo_options { message: Some(message), .. }) => message.as_ptr(),
            Ok(_) => std::ptr::null(),
            Err(_) => c"options is NULL: give one".as_ptr(),
        }
    })
}

/// Frees the options and zeroes their credentials. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_options_free(options: *mut oo_options) {
    // SAFETY: the caller's promise.
    unsafe { free(options) }
}

/// What the setters of one text do.
unsafe fn set_text(
    options: *mut oo_options,
    setting: Setting,
    pointer: *const c_char,
    name: &str,
    setter: impl FnOnce(&mut Options, &str) -> Result<(), Refusal>,
) -> Status {
    // SAFETY: the caller's promises.
    unsafe {
        set(options, |options| match text(pointer, name) {
            Ok(value) => setter(options, value),
            Err(refusal) => options.refuse(setting, refusal),
        })
    }
}

/// What all setters do; the message follows every change.
unsafe fn set(options: *mut oo_options, set: impl FnOnce(&mut Options) -> Result<(), Refusal>) -> Status {
    guard_status(|| {
        // SAFETY: the caller's promise.
        let handle = unsafe { handle_mut(options, "options") }?;
        let mut options = std::mem::take(&mut handle.options);
        let done = set(&mut options);
        *handle = oo_options::new(options);
        Ok(done?)
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::ptr::{null, null_mut};

    use super::*;

    #[test]
    fn text_that_is_null_or_not_utf8_stays_refused_like_any_other_setting() {
        type Setter = unsafe extern "C" fn(*mut oo_options, *const c_char) -> Status;
        let setters: [Setter; 3] = [oo_options_set_url, oo_options_set_ca_file, oo_options_set_proxy];
        for setter in setters {
            for text in [null(), c"https://\xff/".as_ptr()] {
                let mut options = null_mut();
                unsafe {
                    assert_eq!(oo_options_new(&raw mut options), Status::Ok);
                    oo_options_set_credentials(options, c"token".as_ptr(), c"secret".as_ptr());
                    assert!(oo_options_message(options).is_null());
                    assert_eq!(setter(options, text), Status::InvalidArgument);
                    assert!(!CStr::from_ptr(oo_options_message(options)).is_empty());
                    assert!((*options).options.client().is_err());
                    oo_options_free(options);
                }
            }
        }
    }
}
