//! The whole C API as a sequence of calls: handles are made, used and freed as the header asks for
//! it, and NULL is thrown in wherever a handle or text may stand.
//!
//! Nothing is sent: what executes goes to a closed port of this machine.

#![no_main]
// The whole C API is what is fuzzed.
#![allow(clippy::wildcard_imports)]

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};
use std::sync::Once;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use oo_webhooks::client::*;
use oo_webhooks::execute::*;
use oo_webhooks::options::*;
use oo_webhooks::probe::*;
use oo_webhooks::request::*;
use oo_webhooks::result::*;
use oo_webhooks::results::*;
use oo_webhooks::status::*;
use oo_webhooks_core::outcome::{Outcome, Status};

/// Port 1 of loopback: nobody listens there.
const CLOSED: &CStr = c"https://127.0.0.1:1/api.php";

#[derive(Debug, Arbitrary)]
enum Call<'a> {
    Status(i32),
    Execute(Text<'a>, i64, Wanted),
    SetDefaultClient(Handle),
    OptionsNew(Wanted),
    OptionsFromEnv(Wanted),
    SetCredentials(Handle, Text<'a>, Text<'a>),
    SetUrl(Handle, Text<'a>),
    SetCaFile(Handle, Option<u8>),
    SetProxy(Handle, Text<'a>),
    SetConnectTimeout(Handle, i64),
    SetTimeout(Handle, i64),
    OptionsFree(Handle),
    ClientNew(Handle, Wanted),
    ClientNewWith([Text<'a>; 4], i64, i64, Wanted),
    ClientExecute(Handle, Text<'a>, i64, Wanted),
    ClientExecuteAndRead(Handle, Text<'a>, i64, Wanted, u8),
    ClientExecuteRequest(Handle, Handle, Wanted),
    ClientFree(Handle),
    RequestNew(Wanted),
    RequestAdd(Handle, Text<'a>, i64),
    RequestAddAll(Handle, Text<'a>, Option<Vec<i64>>),
    RequestSign(Handle, Handle, i64),
    RequestParse(Handle, i32, Option<&'a [u8]>, Wanted),
    RequestFree(Handle),
    ResultsFree(Handle),
    ResultFree(Handle),
    ClientConnect(Handle, i64),
    ClientProbe(Handle, Wanted),
}

/// Text that a caller gives.
#[derive(Debug, Arbitrary)]
enum Text<'a> {
    Null,
    Module(u8),
    /// Not always UTF-8.
    Bytes(&'a [u8]),
}

/// Whether the caller wants the handle.
type Wanted = bool;

/// One of the handles that live, or NULL.
#[derive(Debug, Arbitrary)]
struct Handle(u8);

/// The handles that live.
#[derive(Default)]
struct World {
    options: Vec<*mut oo_options>,
    clients: Vec<*mut oo_client>,
    requests: Vec<*mut oo_request>,
    results: Vec<*mut oo_result>,
    all_results: Vec<*mut oo_results>,
}

fuzz_target!(|calls: Vec<Call>| {
    set_environment();
    let mut world = World::default();
    for call in calls.iter().take(200) {
        world.make(call);
    }
    world.free_all();
});

/// What the default client is made of, once and before anything reads it.
fn set_environment() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let url = CLOSED.to_str().unwrap();
        for (name, value) in [
            ("ON_OFFICE_TOKEN", "token"),
            ("ON_OFFICE_SECRET", "secret"),
            ("ON_OFFICE_URL", url),
            ("ON_OFFICE_TIMEOUT_MS", "1"),
        ] {
            // SAFETY: libFuzzer runs one target on one thread.
            unsafe { std::env::set_var(name, value) };
        }
    });
}

impl World {
    /// # Panics
    /// When the library breaks a promise of its header.
    #[allow(clippy::too_many_lines)] // one arm a function
    fn make(&mut self, call: &Call) {
        // SAFETY: every pointer is NULL, or lives in `self` or beyond the call it is given to.
        unsafe {
            match call {
                Call::Status(number) => {
                    check_text(oo_status_name(*number));
                    check_text(oo_status_message(*number));
                    let _ = oo_status_outcome(*number);
                    assert_eq!(oo_status_worst(*number, *number), *number);
                    check_text(oo_version());
                    assert_eq!(oo_abi_version(), 1);
                }
                Call::Execute(module, id, wanted) => {
                    let mut result = null_mut();
                    let status =
                        module.give(|module| oo_execute_webhooks(module, *id, out(&mut result, *wanted)));
                    self.take_result(status, result, *wanted, *id);
                }
                Call::SetDefaultClient(client) => {
                    assert_eq!(oo_set_default_client(client.of(&self.clients)), Status::Ok);
                }
                Call::OptionsNew(wanted) => {
                    let mut options = null_mut();
                    let status = oo_options_new(out(&mut options, *wanted));
                    assert_eq!(status == Status::Ok, *wanted);
                    keep(&mut self.options, options);
                }
                Call::OptionsFromEnv(wanted) => {
                    let mut options = null_mut();
                    let status = oo_options_from_env(out(&mut options, *wanted));
                    assert_eq!(status == Status::Ok, *wanted);
                    keep(&mut self.options, options);
                }
                Call::SetCredentials(options, token, secret) => {
                    let options = options.of(&self.options);
                    let set =
                        |token| secret.give(|secret| oo_options_set_credentials(options, token, secret));
                    let status = token.give(set);
                    check_options(options, status);
                }
                Call::SetUrl(options, url) => {
                    let options = options.of(&self.options);
                    let status = url.give(|url| oo_options_set_url(options, url));
                    check_options(options, status);
                }
                Call::SetCaFile(options, number) => {
                    let options = options.of(&self.options);
                    let path =
                        number.map(|number| CString::new(format!("/does/not/exist/{number}")).unwrap());
                    let path = path.as_ref().map_or(null(), |path| path.as_ptr());
                    check_options(options, oo_options_set_ca_file(options, path));
                }
                Call::SetProxy(options, proxy) => {
                    let options = options.of(&self.options);
                    let status = proxy.give(|proxy| oo_options_set_proxy(options, proxy));
                    check_options(options, status);
                }
                Call::SetConnectTimeout(options, milliseconds) => {
                    let options = options.of(&self.options);
                    check_options(options, oo_options_set_connect_timeout_ms(options, *milliseconds));
                }
                Call::SetTimeout(options, milliseconds) => {
                    let options = options.of(&self.options);
                    check_options(options, oo_options_set_timeout_ms(options, *milliseconds));
                }
                Call::OptionsFree(options) => oo_options_free(options.out_of(&mut self.options)),
                Call::ClientNew(options, wanted) => self.make_client(options.of(&self.options), *wanted),
                Call::ClientNewWith([token, secret, url, proxy], connect_ms, ms, wanted) => {
                    let mut client = null_mut();
                    let out = out(&mut client, *wanted);
                    let status = token.give(|token| {
                        secret.give(|secret| {
                            url.give(|url| {
                                proxy.give(|proxy| {
                                    oo_client_new_with(
                                        token,
                                        secret,
                                        url,
                                        null(),
                                        proxy,
                                        *connect_ms,
                                        *ms,
                                        out,
                                    )
                                })
                            })
                        })
                    });
                    assert_eq!(client.is_null(), status != Status::Ok);
                    // It may lead anywhere.
                    oo_client_free(client);
                }
                Call::ClientExecuteAndRead(client, module, id, wanted, size) => {
                    let client = client.of(&self.clients);
                    let mut result = null_mut();
                    // Twice the size, which a newer header may have.
                    let mut fields = [std::mem::zeroed::<oo_result_fields>(), std::mem::zeroed()];
                    fields[0].status = -1;
                    let size = usize::from(*size).min(size_of_val(&fields));
                    let out_result = out(&mut result, *wanted);
                    let status = module.give(|module| {
                        oo_client_execute_and_read(client, module, *id, out_result, size, fields.as_mut_ptr())
                    });
                    let is_written = size >= size_of::<oo_result_fields>();
                    assert_eq!(fields[0].status, if is_written { status.number() } else { -1 });
                    assert_eq!(fields[0].message.is_null(), !(is_written && *wanted));
                    self.take_result(status, result, *wanted, *id);
                }
                Call::ClientExecute(client, module, id, wanted) => {
                    let client = client.of(&self.clients);
                    let mut result = null_mut();
                    let status = module.give(|module| {
                        oo_client_execute_webhooks(client, module, *id, out(&mut result, *wanted))
                    });
                    self.take_result(status, result, *wanted, *id);
                }
                Call::ClientExecuteRequest(client, request, wanted) => {
                    let (client, request) = (client.of(&self.clients), request.of(&self.requests));
                    let mut results = null_mut();
                    let status = oo_client_execute_request(client, request, out(&mut results, *wanted));
                    assert_ne!(status, Status::Ok, "nothing was sent");
                    let expected = if client.is_null() { 0 } else { oo_request_count(request) };
                    self.take_results(status, results, *wanted, expected);
                }
                Call::ClientConnect(client, timeout_ms) => {
                    let status = oo_client_connect(client.of(&self.clients), *timeout_ms);
                    assert_eq!(status.outcome(), Outcome::NotSent);
                }
                Call::ClientProbe(client, wanted) => {
                    let mut probe = null_mut();
                    let status = oo_client_probe(client.of(&self.clients), out(&mut probe, *wanted));
                    assert_ne!(status, Status::Ok);
                    let _ = (oo_probe_message(probe), oo_probe_keep_alive(probe));
                    assert_eq!((oo_probe_http_status(probe), oo_probe_clock_ahead(probe)), (0, i64::MIN));
                    oo_probe_free(probe);
                }
                Call::ClientFree(client) => oo_client_free(client.out_of(&mut self.clients)),
                Call::RequestNew(wanted) => {
                    let mut request = null_mut();
                    let status = oo_request_new(out(&mut request, *wanted));
                    assert_eq!(status == Status::Ok, *wanted);
                    keep(&mut self.requests, request);
                }
                Call::RequestAdd(request, module, id) => {
                    let request = request.of(&self.requests);
                    let before = oo_request_count(request);
                    let status = module.give(|module| oo_request_add(request, module, *id));
                    let added = usize::from(status == Status::Ok);
                    assert_eq!(oo_request_count(request), before + added);
                    check_request(request, status);
                }
                Call::RequestAddAll(request, module, ids) => {
                    let request = request.of(&self.requests);
                    let before = oo_request_count(request);
                    let (pointer, count) =
                        ids.as_deref().map_or((null(), 1), |ids| (ids.as_ptr(), ids.len()));
                    let status = module.give(|module| oo_request_add_all(request, module, pointer, count));
                    let added = if status == Status::Ok { count } else { 0 };
                    assert_eq!(oo_request_count(request), before + added);
                    check_request(request, status);
                }
                Call::RequestSign(request, client, time) => {
                    let request = request.of(&self.requests);
                    let status = oo_request_sign(request, client.of(&self.clients), *time);
                    check_request(request, status);
                    let mut length = usize::MAX;
                    let body = oo_request_body(request, &raw mut length);
                    assert_eq!(body.is_null(), status != Status::Ok);
                    assert_eq!(length, if body.is_null() { 0 } else { CStr::from_ptr(body).count_bytes() });
                    assert_eq!(oo_request_body(request, null_mut()), body);
                }
                Call::RequestParse(request, http_status, body, wanted) => {
                    let request = request.of(&self.requests);
                    let (pointer, length) =
                        body.map_or((null(), 0), |body| (body.as_ptr().cast(), body.len()));
                    let mut results = null_mut();
                    let out_results = out(&mut results, *wanted);
                    let status =
                        oo_request_parse_response(request, *http_status, pointer, length, out_results);
                    let is_taken = (100..1000).contains(http_status);
                    let expected = if is_taken { oo_request_count(request) } else { 0 };
                    self.take_results(status, results, *wanted, expected);
                    // A body that is not there has no length.
                    let refused = oo_request_parse_response(request, 200, null(), 1, null_mut());
                    assert_eq!(refused, Status::InvalidArgument);
                }
                Call::RequestFree(request) => oo_request_free(request.out_of(&mut self.requests)),
                Call::ResultsFree(results) => oo_results_free(results.out_of(&mut self.all_results)),
                Call::ResultFree(result) => oo_result_free(result.out_of(&mut self.results)),
            }
        }
    }

    /// A client of the options as they are is made and freed; the one that is kept goes nowhere.
    unsafe fn make_client(&mut self, options: *mut oo_options, wanted: Wanted) {
        let mut client = null_mut();
        unsafe {
            let status = oo_client_new(options, &raw mut client);
            assert_eq!(client.is_null(), status != Status::Ok);
            assert_eq!(oo_options_message(options).is_null(), status == Status::Ok);
            oo_client_free(client);
            oo_options_set_url(options, CLOSED.as_ptr());
            oo_options_set_proxy(options, CLOSED.as_ptr());
            oo_options_set_timeout_ms(options, 1);
            oo_client_new(options, out(&mut client, wanted));
        }
        if wanted {
            keep(&mut self.clients, client);
        }
    }

    unsafe fn take_result(&mut self, status: Status, result: *mut oo_result, wanted: Wanted, id: i64) {
        assert_ne!(status, Status::Ok, "nothing was sent");
        assert_ne!(status, Status::Internal);
        assert_eq!(result.is_null(), !wanted, "a result is given on every path");
        if wanted {
            unsafe {
                assert_eq!((oo_result_status(result), oo_result_id(result)), (status, id));
                check_result(result);
            }
            keep(&mut self.results, result);
        }
    }

    unsafe fn take_results(
        &mut self,
        status: Status,
        results: *mut oo_results,
        wanted: Wanted,
        expected: usize,
    ) {
        assert_ne!(status, Status::Internal);
        let count = unsafe { oo_results_count(results) };
        assert_eq!(count, if wanted { expected } else { 0 });
        assert_eq!(results.is_null(), count == 0);
        let mut statuses = vec![-1; count + 1];
        let written = unsafe { oo_results_statuses(results, count + 1, statuses.as_mut_ptr()) };
        assert_eq!((written, statuses[count]), (count, -1));
        for (index, written) in statuses.iter().enumerate().take(count) {
            let status = unsafe { oo_result_status(oo_results_get(results, index)) };
            assert_eq!(*written, status.number());
            unsafe { check_result(oo_results_get(results, index)) };
        }
        assert!(unsafe { oo_results_get(results, count) }.is_null());
        let mut length = usize::MAX;
        let messages = unsafe { oo_results_messages(results, &raw mut length) };
        assert_eq!(messages.is_null(), count == 0);
        if count > 0 {
            let messages = unsafe { CStr::from_ptr(messages) }.to_str().expect("messages are UTF-8");
            assert_eq!((messages.len(), messages.split('\n').count()), (length, count));
        }
        keep(&mut self.all_results, results);
    }

    fn free_all(self) {
        // SAFETY: each handle lives and is freed once.
        unsafe {
            self.options.into_iter().for_each(|handle| oo_options_free(handle));
            self.clients.into_iter().for_each(|handle| oo_client_free(handle));
            self.requests.into_iter().for_each(|handle| oo_request_free(handle));
            self.results.into_iter().for_each(|handle| oo_result_free(handle));
            self.all_results.into_iter().for_each(|handle| oo_results_free(handle));
            // The next sequence of calls begins with the environment again.
            oo_set_default_client(null());
        }
    }
}

impl Text<'_> {
    fn give<T>(&self, to: impl FnOnce(*const c_char) -> T) -> T {
        let names = [c"estate", c"address", c"task", c"calendar"];
        match self {
            Text::Null => to(null()),
            Text::Module(number) => to(names[usize::from(*number) % names.len()].as_ptr()),
            Text::Bytes(bytes) => {
                let text: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
                to(CString::new(text).unwrap().as_ptr())
            }
        }
    }
}

impl Handle {
    /// NULL one time in eight, and when there is none.
    fn of<T>(&self, handles: &[*mut T]) -> *mut T {
        if self.0 % 8 == 7 || handles.is_empty() {
            null_mut()
        } else {
            handles[usize::from(self.0) % handles.len()]
        }
    }

    /// The same, for the one who frees it.
    fn out_of<T>(&self, handles: &mut Vec<*mut T>) -> *mut T {
        let handle = self.of(handles);
        handles.retain(|other| *other != handle);
        handle
    }
}

fn out<T>(place: &mut *mut T, wanted: Wanted) -> *mut *mut T {
    // What was there before must not survive.
    *place = if wanted { std::ptr::dangling_mut() } else { null_mut() };
    if wanted { place } else { null_mut() }
}

fn keep<T>(handles: &mut Vec<*mut T>, handle: *mut T) {
    if !handle.is_null() {
        handles.push(handle);
    }
}

/// A setting that was refused stays so: the message stands from then on.
unsafe fn check_options(options: *mut oo_options, status: Status) {
    assert!(!options.is_null() || status == Status::InvalidArgument);
    if status != Status::Ok {
        check_text(unsafe { oo_options_message(options) });
    }
}

unsafe fn check_request(request: *mut oo_request, status: Status) {
    if request.is_null() {
        assert_eq!(status, Status::InvalidArgument);
        return;
    }
    let message = unsafe { oo_request_message(request) };
    assert_eq!(message.is_null(), status == Status::Ok);
    if !message.is_null() {
        check_text(message);
    }
}

unsafe fn check_result(result: *const oo_result) {
    unsafe {
        check_text(oo_result_message(result));
        assert_eq!(oo_result_outcome(result), oo_result_status(result).outcome());
        let module = oo_result_module(result);
        assert!(module.is_null() || CStr::from_ptr(module).count_bytes() > 3);
        let mut length = usize::MAX;
        let body = oo_result_body(result, &raw mut length);
        assert!(!body.is_null() || length == 0);
        assert_eq!(oo_result_http_status(result) != 0, !body.is_null());
        if oo_result_outcome(result) == Outcome::NotSent {
            assert_eq!((oo_result_error_code(result), oo_result_http_status(result)), (0, 0));
        }
        let mut fields = std::mem::MaybeUninit::<oo_result_fields>::uninit();
        assert_eq!(oo_result_read(result, size_of::<oo_result_fields>(), fields.as_mut_ptr()), Status::Ok);
        let fields = fields.assume_init();
        assert_eq!((fields.body, fields.body_length), (body, length));
        assert_eq!((fields.module, fields.message), (module, oo_result_message(result)));
        assert_eq!(CStr::from_ptr(fields.message).count_bytes(), fields.message_length);
        if !body.is_null() {
            // All of it may be read, and the NUL behind it.
            assert_eq!(*body.add(length), 0);
        }
    }
}

/// One line of UTF-8.
fn check_text(text: *const c_char) {
    assert!(!text.is_null());
    // SAFETY: not NULL, and the library's text ends with a NUL.
    let text = unsafe { CStr::from_ptr(text) }.to_str().expect("text is UTF-8");
    assert!(!text.is_empty() && !text.contains('\n'), "{text:?}");
}
