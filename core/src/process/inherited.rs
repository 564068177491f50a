//! [`Inherited`]: a value that a forked child goes on with, whatever the threads of its parent were doing.
//!
//! It stands behind one lock, which a child takes over when a thread of its parent held it. The value
//! is whole then too, since one store changes it.

// The border to the kernel: what memory holds after a fork.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::Gate;

/// No value, or one that is shared with those who got it.
pub(crate) struct Inherited<T> {
    lock: Gate,
    /// From [`Arc::into_raw`]; null for no value.
    value: AtomicPtr<T>,
}

impl<T: Send + Sync> Inherited<T> {
    pub(crate) const fn new() -> Self {
        Self { lock: Gate::new(), value: AtomicPtr::new(ptr::null_mut()) }
    }

    pub(crate) fn get(&self) -> Option<Arc<T>> {
        let _lock = self.lock.enter();
        let value = self.value.load(Ordering::Acquire);
        // SAFETY: the pointer owns one reference, which nobody gives up while the lock is held; the
        // one that is added here is the caller's.
        (!value.is_null()).then(|| unsafe {
            Arc::increment_strong_count(value);
            Arc::from_raw(value)
        })
    }

    pub(crate) fn set(&self, value: T) {
        let value = Arc::new(value);
        let lock = self.lock.enter();
        let old = self.swap(value);
        // What is let go may take its time.
        drop(lock);
        drop(old);
    }

    /// Sets `value` unless there is another one than `seen` by now; whether it did.
    pub(crate) fn set_if_still(&self, seen: Option<&Arc<T>>, value: T) -> bool {
        let value = Arc::new(value);
        let lock = self.lock.enter();
        // The value that was seen is still alive, so no other one can have its address.
        let is_still = ptr::eq(self.value.load(Ordering::Acquire), seen.map_or(ptr::null(), Arc::as_ptr));
        let old = is_still.then(|| self.swap(value));
        drop(lock);
        drop(old);
        is_still
    }

    /// For the thread that holds the lock.
    fn swap(&self, value: Arc<T>) -> Option<Arc<T>> {
        let old = self.value.swap(Arc::into_raw(value).cast_mut(), Ordering::AcqRel);
        // SAFETY: from `into_raw`; the pointer's reference goes to the caller, once.
        (!old.is_null()).then(|| unsafe { Arc::from_raw(old) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_set_and_replaced_and_let_go() {
        let value = Inherited::new();
        assert_eq!(value.get(), None);
        value.set(1);
        let first = value.get().unwrap();
        value.set(2);
        assert_eq!((Arc::into_inner(first), value.get().as_deref()), (Some(1), Some(&2)));
    }

    #[test]
    fn a_value_that_was_replaced_since_it_was_seen_is_not_replaced_again() {
        let value = Inherited::new();
        assert!(value.set_if_still(None, 1));
        assert!(!value.set_if_still(None, 2));
        let seen = value.get();
        value.set(1);
        assert!(!value.set_if_still(seen.as_ref(), 2));
        assert!(value.set_if_still(value.get().as_ref(), 3));
        assert_eq!(value.get().as_deref(), Some(&3));
    }

    /// Before the parent's thread had changed the value, and behind that.
    #[test]
    fn a_child_has_the_old_or_the_new_value_and_may_set_another_one() {
        for value_of_parent in [1, 2] {
            let mut value = Inherited::new();
            value.set(value_of_parent);
            value.lock = Gate::abandoned_by_parent();
            assert_eq!(value.get().as_deref(), Some(&value_of_parent));
            value.lock = Gate::abandoned_by_parent();
            value.set(3);
            value.lock = Gate::abandoned_by_parent();
            assert!(value.set_if_still(value.get().as_ref(), 4));
            assert_eq!(value.get().as_deref(), Some(&4));
        }
    }
}
