//! Exports for `oo_results`.

use std::cell::OnceCell;
use std::ffi::c_char;

use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_core::result::RecordResult;

use crate::boundary::{Out, free, guard, handle, lend_bytes};
use crate::result::oo_result;

/// The results of a request, one a record, in the order in which the records were added.
///
/// Given by oo_client_execute_request and oo_request_parse_response, freed by oo_results_free, used
/// by one thread at a time.
pub struct oo_results {
    results: Vec<oo_result>,
    /// Those of all results with a NUL behind them, once they were asked for; `None` without the memory for them.
    messages: OnceCell<Option<Vec<u8>>>,
}

impl oo_results {
    fn of(results: Vec<RecordResult>) -> Self {
        Self { results: results.into_iter().map(oo_result::new).collect(), messages: OnceCell::new() }
    }

    /// Each with the character that follows it.
    fn messages(&self) -> Option<Vec<u8>> {
        let length = self.results.iter().map(|result| result.message().len() + 1).sum();
        let mut messages = Vec::new();
        messages.try_reserve_exact(length).ok()?;
        for result in &self.results {
            messages.extend_from_slice(result.message());
            messages.push(b'\n');
        }
        *messages.last_mut()? = 0;
        Some(messages)
    }
}

/// The number of results, which is the number of the request's records; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_results_count(results: *const oo_results) -> usize {
    // SAFETY: the caller's promise.
    guard(0, || unsafe { handle(results, "results") }.map_or(0, |results| results.results.len()))
}

/// The result at an index from 0, borrowed: valid until results is freed and not freed itself. NULL
/// for an index that is not below the count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_results_get(results: *const oo_results, index: usize) -> *const oo_result {
    guard(std::ptr::null(), || {
        // SAFETY: the caller's promise.
        let result =
            unsafe { handle(results, "results") }.ok().and_then(|results| results.results.get(index));
        result.map_or(std::ptr::null(), std::ptr::from_ref)
    })
}

/// Writes the statuses of the first count results into out_statuses, numbers of oo_status in the order of the
/// records, so that a caller whose calls into C are dear learns them all with one. Returns how many it wrote:
/// fewer than count where there are not so many results, and none when an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_results_statuses(
    results: *const oo_results,
    count: usize,
    out_statuses: *mut i32,
) -> usize {
    guard(0, || {
        // SAFETY: the caller's promise.
        let results = unsafe { handle(results, "results") };
        let Some(results) = results.ok().filter(|_| !out_statuses.is_null()) else { return 0 };
        let statuses = results.results.iter().take(count).map(oo_result::status);
        // SAFETY: out_statuses has room for count numbers, by the caller's promise.
        statuses
            .enumerate()
            .map(|(index, status)| unsafe { out_statuses.add(index).write(status.number()) })
            .count()
    })
}

/// The messages of all results, one a line in the order of the records, so that a caller whose calls into C are
/// dear reads them with one: *out_length bytes, which may be NULL, without a line feed behind the last line. Valid
/// until results is freed. NULL when results is NULL, or there is not enough memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_results_messages(
    results: *const oo_results,
    out_length: *mut usize,
) -> *const c_char {
    // SAFETY: the caller's promises.
    unsafe {
        let messages = guard(None, || {
            let results = handle(results, "results").ok()?;
            results.messages.get_or_init(|| results.messages()).as_deref()?.strip_suffix(&[0])
        });
        lend_bytes(messages, out_length)
    }
}

/// Frees the results, those borrowed from it too. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oo_results_free(results: *mut oo_results) {
    // SAFETY: the caller's promise.
    unsafe { free(results) }
}

/// What the functions that give results do; the status is that of the result that most needs attention.
///
/// # Safety
/// `out_results` as [`Out::new`] asks for it.
pub(crate) unsafe fn report_all(
    out_results: *mut *mut oo_results,
    results: impl FnOnce() -> Result<Vec<RecordResult>, Refusal>,
) -> Status {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::new(out_results) };
    guard(Status::Internal, || match results() {
        Ok(results) => {
            let status = Status::worst(results.iter().map(RecordResult::status));
            out.give(oo_results::of(results));
            status
        }
        Err(refusal) => refusal.status(),
    })
}
