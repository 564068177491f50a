//! [`generation`]: a number that a process shares with none of its ancestors.
//!
//! A process id is not one: the first process of a PID namespace is number 1 in it, as its parent
//! may be outside, and the id of an ancestor that ended is given out again. So there is a page of
//! memory that the kernel empties in a forked child.

// The border to the kernel.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rustix::mm::{Advice, madvise};

/// A page of its own: the advice is for whole pages.
#[repr(align(65536))]
struct Page(AtomicU64);

/// This process's generation; 0 before its first use, and again in a child.
static PAGE: Page = Page(AtomicU64::new(0));

/// The newest generation of this process and its ancestors; not emptied.
static NEWEST: AtomicU32 = AtomicU32::new(0);

/// The generation of this process; never 0.
pub(crate) fn generation() -> u64 {
    match PAGE.0.load(Ordering::Acquire) {
        0 => begin(),
        generation => generation,
    }
}

/// Where the kernel does not know the advice, as before Linux 4.14, the process id has to do.
fn begin() -> u64 {
    let page = ptr::from_ref(&PAGE).cast_mut().cast();
    // SAFETY: the page is a static of this size and alignment that holds nothing but the number,
    // for which 0 is valid at any time.
    if unsafe { madvise(page, size_of::<Page>(), Advice::LinuxWipeOnFork) }.is_err() {
        return u64::from(std::process::id()) | 1 << 63;
    }
    let next = u64::from(NEWEST.fetch_add(1, Ordering::AcqRel)) + 1;
    match PAGE.0.compare_exchange(0, next, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => next,
        Err(another_thread_was_first) => another_thread_was_first,
    }
}
