//! [`PerProcess`]: a static of which each process has its own value, even a forked child.
//!
//! A child inherits its parent's memory, locks included, and a lock may be held by a thread that
//! does not exist in the child. So a child makes a fresh value, without waiting for anything, and
//! leaves the inherited one alone.

// The border to the kernel: what memory holds after a fork.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::generation;

pub(crate) struct PerProcess<T> {
    /// From [`Box::into_raw`] and never freed; null before the first use.
    newest: AtomicPtr<Owned<T>>,
}

struct Owned<T> {
    /// The generation of the process that made it.
    owner: u64,
    value: T,
    /// What the parent owns, or null. Nobody uses it here; tools that look for leaks find it.
    inherited: *mut Self,
}

impl<T: Default + Send + Sync> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { newest: AtomicPtr::new(ptr::null_mut()) }
    }

    /// This process's own value. All threads of a process get the same one.
    pub(crate) fn own(&'static self) -> &'static T {
        let this_process = generation();
        loop {
            let newest = self.newest.load(Ordering::Acquire);
            // SAFETY: null, or a value that is never freed and only read.
            match unsafe { newest.as_ref() } {
                Some(owned) if owned.owner == this_process => return &owned.value,
                _ => self.add(Owned { owner: this_process, value: T::default(), inherited: newest }),
            }
        }
    }

    /// This process's own value, if there is one: none is made.
    pub(crate) fn made(&'static self) -> Option<&'static T> {
        // SAFETY: as in `own`.
        let newest = unsafe { self.newest.load(Ordering::Acquire).as_ref() };
        newest.filter(|owned| owned.owner == generation()).map(|owned| &owned.value)
    }

    /// Adds `owned` unless another thread was first.
    fn add(&self, owned: Owned<T>) {
        let before = owned.inherited;
        let owned = Box::into_raw(Box::new(owned));
        if self.newest.compare_exchange(before, owned, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: just made, and nobody else has seen it.
            drop(unsafe { Box::from_raw(owned) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::thread;

    use super::*;

    /// A value that an ancestor of this process has set to 1.
    fn inherited() -> &'static PerProcess<AtomicU32> {
        let values = Box::leak(Box::new(PerProcess::new()));
        values.add(Owned { owner: u64::MAX, value: AtomicU32::new(1), inherited: ptr::null_mut() });
        values
    }

    #[test]
    fn a_child_begins_with_a_value_of_its_own_and_finds_it_again() {
        let values = inherited();
        assert_eq!(values.own().fetch_add(7, Ordering::Relaxed), 0);
        assert_eq!(values.own().load(Ordering::Relaxed), 7);
    }

    #[test]
    fn threads_that_come_first_at_once_share_one_value() {
        for _ in 0..100 {
            let values = inherited();
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| values.own().fetch_add(1, Ordering::Relaxed));
                }
            });
            assert_eq!(values.own().load(Ordering::Relaxed), 8);
        }
    }
}
