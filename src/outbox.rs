//! Exports for `oo_outbox`, `oo_outbox_report` and `oo_outbox_entries`.

use std::ffi::{CString, c_char};
use std::time::{Duration, SystemTime};

use oo_webhooks_core::outbox::directory::{self, Entry, Held, Limits, Outbox, Report};
use oo_webhooks_core::outbox::policy::{Reason, WhenInDoubt};
use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_core::result::RecordResult;

use crate::boundary::{Out, c_string, free, guard, handle, handle_mut, text};
use crate::client::oo_client;
use crate::reserve;
use crate::result::c_name;

/// A folder in which records wait until their webhooks are executed: a save puts its record there in
/// microseconds, and oo_outbox_drain, in this process or another, executes what is due. Repeated saves
/// of a record become one call. docs/outbox-format.md describes the files.
///
/// Made by oo_outbox_open, freed by oo_outbox_free, used by one thread at a time. Making one is cheap:
/// any number of threads and processes may each have their own of the same folder.
pub struct oo_outbox {
    outbox: Result<Outbox, Refusal>,
    message: Option<CString>,
}

/// What one oo_outbox_drain did.
///
/// Given by oo_outbox_drain, freed by oo_outbox_report_free, used by one thread at a time.
pub struct oo_outbox_report {
    report: Report,
    message: Option<CString>,
}

/// Records of an outbox in one state, the oldest first. They do not change with the outbox.
///
/// Given by oo_outbox_list, freed by oo_outbox_entries_free, used by one thread at a time.
pub struct oo_outbox_entries {
    entries: Vec<(Entry, CString)>,
}

/// Where a record of an outbox is.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// It will be sent, now or after a pause.
    Waiting = 0,
    /// It is being sent, or its sender died and no drain has seen it since.
    Sending = 1,
    /// It may or may not have been executed. It is held for a person, or until it is saved again.
    Doubt = 2,
    /// It was not executed and is not tried again, unless a person says so or it is saved again.
    Failed = 3,
    /// A file that is no record's, set aside; for oo_outbox_count only.
    Corrupt = 4,
}

/// What becomes of a record that is in doubt.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxInDoubt {
    /// It is held for a person: executed at most once.
    Hold = 0,
    /// It is sent again after a pause, for a day at most: executed at least once, perhaps twice.
    Resend = 1,
    /// It is counted and forgotten: executed at most once, perhaps never.
    Drop = 2,
}

/// Why records left their place, each counted by oo_outbox_report_count.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxReason {
    /// onOffice executed it.
    Executed = 0,
    /// Not a byte was sent; it waits for the next try.
    NotSent = 1,
    /// It was not sent for a day, and has failed.
    GivenUp = 2,
    /// onOffice refused it; it has failed, unless it was saved again meanwhile.
    Rejected = 3,
    /// It is in doubt and held for a person.
    Held = 4,
    /// It is in doubt and will be sent again, as the option says.
    Resent = 5,
    /// It is in doubt and forgotten, as the option says.
    Dropped = 6,
    /// It was in doubt or had failed, and a newer save made it wait again.
    Superseded = 7,
    /// A file that is no record's, set aside.
    Corrupt = 8,
    /// Its sender had died while it was sending; counted under what became of it too.
    SenderDied = 9,
    /// A writer had died before its save; what it left was removed.
    Abandoned = 10,
    /// Somebody else was sending it; it stayed where it was.
    Busy = 11,
}

/// Opens the outbox in a folder, which must exist; what is missing in it is made, for the folder's
/// owner, group and mode. The path is UTF-8.
///
/// The outbox is given even when it cannot be opened: oo_outbox_message then says why, and every call
/// with it fails alike.
///
/// Errors: OO_STATUS_OUTBOX_FAILED when the folder is missing, is no folder, cannot be written, or is of
/// a later version; OO_STATUS_INVALID_ARGUMENT when an argument is NULL or the path is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_open(path: *const c_char, out_outbox: *mut *mut oo_outbox) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_outbox) };
    guard(Status::Internal, || {
        if let Err(refusal) = out.required("out_outbox") {
            return refusal.status();
        }
        // SAFETY: the caller's promise.
        let outbox = unsafe { text(path, "the path of the outbox") }.and_then(Outbox::open);
        let message = outbox.as_ref().err().map(|refusal| c_string(refusal.message()));
        let status = outbox.as_ref().err().map_or(Status::Ok, Refusal::status);
        out.give(oo_outbox { outbox, message });
        status
    })
}

/// Whether saves, and what is about to be sent, are flushed to the disk before they count: 1 or 0; the
/// default is 0. Without it the outbox survives the death of any process; only when the whole machine
/// dies may the saves of the last seconds be lost, and what was sent in them be sent again.
///
/// Errors: OO_STATUS_INVALID_OPTION unless it is 0 or 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_set_fsync(outbox: *mut oo_outbox, fsync: i32) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(outbox, |outbox| {
            let fsync = match fsync {
                0 => false,
                1 => true,
                _ => return Err(invalid_option(&format!("invalid fsync {fsync}: give 0 or 1"))),
            };
            outbox.set_fsync(fsync);
            Ok(())
        })
    }
}

/// What oo_outbox_drain does with a record that is in doubt, one of oo_outbox_in_doubt; the default is
/// OO_OUTBOX_IN_DOUBT_HOLD.
///
/// Errors: OO_STATUS_INVALID_OPTION for a number that is none of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_set_in_doubt(outbox: *mut oo_outbox, in_doubt: i32) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(outbox, |outbox| {
            let when_in_doubt = match in_doubt {
                0 => WhenInDoubt::Hold,
                1 => WhenInDoubt::Resend,
                2 => WhenInDoubt::Drop,
                _ => {
                    let message = format!(
                        "invalid choice {in_doubt} for what is in doubt: give one of oo_outbox_in_doubt"
                    );
                    return Err(invalid_option(&message));
                }
            };
            outbox.set_when_in_doubt(when_in_doubt);
            Ok(())
        })
    }
}

/// Saves that a record is to be executed: after the app's own save, instead of waiting for onOffice. It
/// takes one new file and one rename. A record that waits already stays one.
///
/// Errors: OO_STATUS_INVALID_MODULE; OO_STATUS_INVALID_ID below 1; OO_STATUS_INVALID_ARGUMENT when an
/// argument is NULL or not UTF-8; OO_STATUS_OUTBOX_FAILED when it is not saved: oo_outbox_message names
/// the cause, such as a full disk, and the cure, and nothing is half-written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_put(outbox: *mut oo_outbox, module: *const c_char, id: i64) -> Status {
    // SAFETY: the caller's promises.
    unsafe { with(outbox, |outbox| outbox.put(Record::new(text(module, "the module")?, id)?)) }
}

/// Executes what is due, one record at a time and the longest due first, and settles each: executed,
/// it is gone; not sent, it waits for a pause; rejected, it has failed; in doubt, it is held, or as
/// oo_outbox_set_in_doubt says. Any number of threads and processes may drain a folder at a time; no
/// record is sent by two of them at once. What was left by one that died while sending is in doubt.
///
/// At most max records are sent, 0 for no limit. After deadline_ms milliseconds, 0 for no limit, no
/// sending is begun; one that has begun ends within its own timeout. The drain ends early when
/// the network, onOffice or the credentials fail, since the next record would fare alike: wait before the
/// next drain.
///
/// A report is given on every path but that of refused arguments. Returns OO_STATUS_OK when nothing more
/// was due or a limit was reached; the status of the result after which it ended early; or
/// OO_STATUS_OUTBOX_FAILED when a file could not be moved, which says nothing about records that were
/// sent: the report does.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when outbox or client is NULL, or max or deadline_ms is negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_drain(
    outbox: *mut oo_outbox,
    client: *const oo_client,
    max: i64,
    deadline_ms: i64,
    out_report: *mut *mut oo_outbox_report,
) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_report) };
    let mut status = Status::Ok;
    // SAFETY: the caller's promises.
    let drained = unsafe {
        with(outbox, |outbox| {
            let client = &handle(client, "client")?.client;
            let limits = Limits {
                most: limit(max, "max")?,
                deadline: limit(deadline_ms, "deadline_ms")?.map(Duration::from_millis),
            };
            let report = outbox.drain(limits, |record| {
                reserve::call(|| client.execute(record))
                    .unwrap_or_else(|| RecordResult::out_of_memory(record))
            });
            let message = match (&report.trouble, &report.stopped_by) {
                (Some(trouble), _) => {
                    status = trouble.status();
                    Some(c_string(trouble.message()))
                }
                (None, Some(result)) => {
                    status = result.status();
                    Some(c_string(result.message()))
                }
                (None, None) => None,
            };
            out.give(oo_outbox_report { report, message });
            Ok(())
        })
    };
    if drained == Status::Ok { status } else { drained }
}

/// How many records are in a state, one of oo_outbox_state; with OO_OUTBOX_STATE_CORRUPT how many files
/// were set aside. Every file name is read for it.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when an argument is NULL or the state is unknown;
/// OO_STATUS_OUTBOX_FAILED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_count(outbox: *mut oo_outbox, state: i32, out_count: *mut i64) -> Status {
    // SAFETY: the caller's promises.
    unsafe {
        if !out_count.is_null() {
            out_count.write(0);
        }
        with(outbox, |outbox| {
            if out_count.is_null() {
                return Err(Refusal::new(Status::InvalidArgument, "out_count is NULL: give one"));
            }
            let counts = outbox.counts()?;
            let count = match state {
                4 => counts.corrupt,
                _ => match held(state)? {
                    Held::Waiting => counts.waiting,
                    Held::Sending => counts.sending,
                    Held::Doubt => counts.doubt,
                    Held::Failed => counts.failed,
                },
            };
            out_count.write(i64::try_from(count).unwrap_or(i64::MAX));
            Ok(())
        })
    }
}

/// The records in a state, one of oo_outbox_state but corrupt, the oldest first, max of them at most, 0
/// for no limit.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when outbox is NULL, the state is unknown or max is negative;
/// OO_STATUS_OUTBOX_FAILED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_list(
    outbox: *mut oo_outbox,
    state: i32,
    max: i64,
    out_entries: *mut *mut oo_outbox_entries,
) -> Status {
    // SAFETY: the caller's promises.
    unsafe {
        let out = Out::new(out_entries);
        with(outbox, |outbox| {
            let most = limit(max, "max")?.and_then(|max| usize::try_from(max).ok());
            let entries = outbox.list(held(state)?, most.unwrap_or(usize::MAX))?;
            let with_message = |entry: Entry| {
                let message = c_string(&entry.message);
                (entry, message)
            };
            out.give(oo_outbox_entries { entries: entries.into_iter().map(with_message).collect() });
            Ok(())
        })
    }
}

/// Has a record that is in doubt or has failed sent again by the next drain. A record that was in doubt
/// and had been executed is executed twice by that.
///
/// since_ms is that of oo_outbox_entries_since_ms: a record that got into its state at another time is not
/// the one that was looked at, and is refused. 0 takes it as it is.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when it is neither in doubt nor failed, is being sent, or is not as
/// it was, and for arguments that are NULL or not UTF-8; OO_STATUS_INVALID_MODULE; OO_STATUS_INVALID_ID;
/// OO_STATUS_OUTBOX_FAILED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_retry(
    outbox: *mut oo_outbox,
    module: *const c_char,
    id: i64,
    since_ms: i64,
) -> Status {
    // SAFETY: the caller's promises.
    unsafe {
        with(outbox, |outbox| outbox.retry(Record::new(text(module, "the module")?, id)?, since(since_ms)?))
    }
}

/// Has a record that waits, is in doubt or has failed forgotten: it is not executed. since_ms as for
/// oo_outbox_retry.
///
/// Errors: OO_STATUS_INVALID_ARGUMENT when it is not there, is being sent, or is not as it was; otherwise
/// as oo_outbox_retry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_drop(
    outbox: *mut oo_outbox,
    module: *const c_char,
    id: i64,
    since_ms: i64,
) -> Status {
    // SAFETY: the caller's promises.
    unsafe {
        with(outbox, |outbox| outbox.remove(Record::new(text(module, "the module")?, id)?, since(since_ms)?))
    }
}

/// Why the last call with the outbox failed, in one line that names the thing and the cure; NULL when it
/// did not. Valid until the next call with the outbox.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_message(outbox: *const oo_outbox) -> *const c_char {
    guard(std::ptr::null(), || {
        // SAFETY: the caller's promise.
        match unsafe { handle(outbox, "outbox") } {
            Ok(oo_outbox { message: Some(message), .. }) => message.as_ptr(),
            Ok(_) => std::ptr::null(),
            Err(_) => c"outbox is NULL: give one".as_ptr(),
        }
    })
}

/// Frees the outbox; the records stay in their folder. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_free(outbox: *mut oo_outbox) {
    // SAFETY: the caller's promise.
    unsafe { free(outbox) }
}

/// How many records, or files, are counted for a reason, one of oo_outbox_reason; 0 for a number that is
/// none, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_report_count(report: *const oo_outbox_report, reason: i32) -> i64 {
    // SAFETY: the caller's promise.
    guard(0, || {
        let Ok(handle) = (unsafe { handle(report, "report") }) else { return 0 };
        let report = &handle.report;
        let count = match reason {
            0 => report.count(Reason::Executed),
            1 => report.count(Reason::NotSent),
            2 => report.count(Reason::GivenUp),
            3 => report.count(Reason::Rejected),
            4 => report.count(Reason::Held),
            5 => report.count(Reason::Resent),
            6 => report.count(Reason::Dropped),
            7 => report.count(Reason::Superseded),
            8 => report.corrupt,
            9 => report.dead_senders,
            10 => report.abandoned,
            11 => report.busy,
            _ => 0,
        };
        i64::try_from(count).unwrap_or(i64::MAX)
    })
}

/// How many records were sent, or tried to be; 0 for NULL. When it is 0 and oo_outbox_drain returned
/// OO_STATUS_OK, nothing was due.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_report_tried(report: *const oo_outbox_report) -> i64 {
    // SAFETY: the caller's promise.
    guard(0, || {
        unsafe { handle(report, "report") }
            .map_or(0, |handle| i64::try_from(handle.report.tried).unwrap_or(i64::MAX))
    })
}

/// Why the drain ended early, in one line; NULL when it did not, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_report_message(report: *const oo_outbox_report) -> *const c_char {
    // SAFETY: the caller's promise.
    guard(std::ptr::null(), || {
        let message = unsafe { handle(report, "report") }.ok().and_then(|report| report.message.as_ref());
        message.map_or(std::ptr::null(), |message| message.as_ptr())
    })
}

/// Frees the report. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_report_free(report: *mut oo_outbox_report) {
    // SAFETY: the caller's promise.
    unsafe { free(report) }
}

/// The number of entries; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_count(entries: *const oo_outbox_entries) -> usize {
    // SAFETY: the caller's promise.
    guard(0, || unsafe { handle(entries, "entries") }.map_or(0, |handle| handle.entries.len()))
}

/// The module of the record at an index from 0; NULL for an index that is not below the count. Static:
/// never freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_module(
    entries: *const oo_outbox_entries,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { entry(entries, index, std::ptr::null(), |(entry, _)| c_name(entry.record.module()).as_ptr()) }
}

/// The id of the record at an index from 0; 0 for an index that is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_id(entries: *const oo_outbox_entries, index: usize) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { entry(entries, index, 0, |(entry, _)| entry.record.id()) }
}

/// When the record got into its state, in Unix milliseconds; while it waits, when it was last saved or
/// first tried in vain, whichever was later. 0 for an index that is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_since_ms(entries: *const oo_outbox_entries, index: usize) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { entry(entries, index, 0, |(entry, _)| directory::unix_milliseconds(entry.since)) }
}

/// When the record is due, in Unix milliseconds; 0 when it does not wait.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_due_ms(entries: *const oo_outbox_entries, index: usize) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { entry(entries, index, 0, |(entry, _)| entry.due.map_or(0, directory::unix_milliseconds)) }
}

/// The status of the last try; OO_STATUS_OK before the first, and for an index that is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_status(entries: *const oo_outbox_entries, index: usize) -> Status {
    // SAFETY: the caller's promise.
    unsafe { entry(entries, index, Status::Ok, |(entry, _)| entry.status.unwrap_or(Status::Ok)) }
}

/// onOffice's error code in the last try; 0 when there was none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_error_code(
    entries: *const oo_outbox_entries,
    index: usize,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { entry(entries, index, 0, |(entry, _)| entry.error_code) }
}

/// One line about the last try, never with a token or a secret; empty before the first. NULL for an index
/// that is not below the count. Valid until the entries are freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_message(
    entries: *const oo_outbox_entries,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { entry(entries, index, std::ptr::null(), |(_, message)| message.as_ptr()) }
}

/// Frees the entries. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_outbox_entries_free(entries: *mut oo_outbox_entries) {
    // SAFETY: the caller's promise.
    unsafe { free(entries) }
}

/// What every call with an outbox does; the message follows each.
unsafe fn with(outbox: *mut oo_outbox, call: impl FnOnce(&mut Outbox) -> Result<(), Refusal>) -> Status {
    guard(Status::Internal, || {
        // SAFETY: the caller's promise.
        let outbox = match unsafe { handle_mut(outbox, "outbox") } {
            Ok(outbox) => outbox,
            Err(refusal) => return refusal.status(),
        };
        // A call that breaks leaves this behind.
        outbox.message = Some(Status::Internal.c_message().to_owned());
        let done = match &mut outbox.outbox {
            Ok(open) => call(open),
            Err(refusal) => Err(refusal.clone()),
        };
        outbox.message = done.as_ref().err().map(|refusal| c_string(refusal.message()));
        done.err().map_or(Status::Ok, |refusal| refusal.status())
    })
}

unsafe fn entry<T>(
    entries: *const oo_outbox_entries,
    index: usize,
    otherwise: T,
    read: impl FnOnce(&(Entry, CString)) -> T,
) -> T
where
    T: Copy,
{
    // SAFETY: the caller's promise.
    guard(otherwise, || {
        unsafe { handle(entries, "entries") }
            .ok()
            .and_then(|handle| handle.entries.get(index))
            .map_or(otherwise, read)
    })
}

fn held(state: i32) -> Result<Held, Refusal> {
    let known = usize::try_from(state).ok().and_then(|state| Held::ALL.get(state).copied());
    known.ok_or_else(|| {
        let message = format!("unknown state {state}: give one of oo_outbox_state");
        Refusal::new(Status::InvalidArgument, message)
    })
}

/// A limit, where 0 is none.
fn limit(number: i64, name: &str) -> Result<Option<u64>, Refusal> {
    let number = u64::try_from(number).map_err(|_| {
        Refusal::new(Status::InvalidArgument, format!("{name} is negative: give 0 for no limit, or more"))
    })?;
    Ok((number != 0).then_some(number))
}

fn since(milliseconds: i64) -> Result<Option<SystemTime>, Refusal> {
    let time = limit(milliseconds, "since_ms")?;
    Ok(time.and_then(|time| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(time))))
}

fn invalid_option(message: &str) -> Refusal {
    Refusal::new(Status::InvalidOption, message)
}

/// The numbers that C gives are those of the enums.
const _: () = {
    assert!(OutboxState::Waiting as i32 == 0 && OutboxState::Corrupt as i32 == 4);
    assert!(OutboxInDoubt::Hold as i32 == 0 && OutboxInDoubt::Drop as i32 == 2);
    assert!(OutboxReason::Executed as i32 == 0 && OutboxReason::Busy as i32 == 11);
};
