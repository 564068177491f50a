//! [`PerProcess`]: a static of which each process has its own value, even a forked child.
//!
//! A child inherits its parent's memory, locks included, and a lock may be held by a thread that
//! does not exist in the child. So a child gets a fresh value, found by its generation without
//! waiting for anything, and leaves the inherited ones alone.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::generation;

/// Forks in a row, each process having used the value, for which there is a value.
const MAX_DEPTH: usize = 64;

pub(crate) struct PerProcess<T> {
    /// From the first process down to this one; the slots in use come before those that are free.
    slots: [Slot<T>; MAX_DEPTH],
}

struct Slot<T> {
    /// The process that it belongs to; 0 while it belongs to none.
    owner: AtomicU64,
    value: OnceLock<T>,
}

impl<T> Slot<T> {
    fn owner(&self) -> u64 {
        self.owner.load(Ordering::Acquire)
    }
}

impl<T: Default> PerProcess<T> {
    pub(crate) const fn new() -> PerProcess<T> {
        PerProcess { slots: [const { Slot { owner: AtomicU64::new(0), value: OnceLock::new() } }; MAX_DEPTH] }
    }

    /// This process's own value; `None` at a depth of forks beyond `MAX_DEPTH`.
    ///
    /// The last slot in use is this process's own or that of an ancestor, and then the next one is
    /// taken. All threads of a process come to the same answer.
    pub(crate) fn own(&self) -> Option<&T> {
        let this_process = generation();
        loop {
            let used = self.slots.iter().take_while(|slot| slot.owner() != 0).count();
            if let Some(last) = used.checked_sub(1).and_then(|index| self.slots.get(index))
                && last.owner() == this_process
            {
                return Some(last.value.get_or_init(T::default));
            }
            let next = self.slots.get(used)?;
            let _ = next.owner.compare_exchange(0, this_process, Ordering::AcqRel, Ordering::Acquire);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn a_process_finds_its_own_value_again() {
        let values = PerProcess::<AtomicU32>::new();
        values.own().unwrap().store(7, Ordering::Relaxed);
        assert_eq!(values.own().unwrap().load(Ordering::Relaxed), 7);
    }

    #[test]
    fn what_an_ancestor_owns_is_never_own() {
        let values = PerProcess::<AtomicU32>::new();
        for slot in values.slots.iter().take(2) {
            slot.owner.store(u64::MAX, Ordering::Relaxed);
            slot.value.get_or_init(|| AtomicU32::new(1));
        }
        assert_eq!(values.own().unwrap().load(Ordering::Relaxed), 0);
    }

    #[test]
    fn below_the_last_slot_there_is_no_own_value() {
        let values = PerProcess::<AtomicU32>::new();
        for slot in &values.slots {
            slot.owner.store(u64::MAX, Ordering::Relaxed);
        }
        assert!(values.own().is_none());
    }
}
