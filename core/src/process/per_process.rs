//! [`PerProcess`]: a static of which each process has its own value, even a forked child.
//!
//! A child inherits its parent's memory, locks included, and a lock may be held by a thread that
//! does not exist in the child. So a child gets a fresh value, found by its generation without
//! waiting for anything, and leaves the inherited ones alone.

use std::sync::atomic::{AtomicU64, Ordering};

use super::generation;

/// Forks in a row, each process having used the value, for which there is a value.
const MAX_DEPTH: usize = 64;

pub(crate) struct PerProcess<T> {
    /// From the first process down to this one; those in use come first.
    slots: [Slot<T>; MAX_DEPTH],
}

pub(crate) struct Slot<T> {
    /// The process that it belongs to; 0 while it belongs to none.
    owner: AtomicU64,
    value: T,
}

impl<T> Slot<T> {
    pub(crate) const fn new(value: T) -> Slot<T> {
        Slot { owner: AtomicU64::new(0), value }
    }

    fn owner(&self) -> u64 {
        self.owner.load(Ordering::Acquire)
    }
}

impl<T> PerProcess<T> {
    pub(crate) const fn new(slots: [Slot<T>; MAX_DEPTH]) -> PerProcess<T> {
        PerProcess { slots }
    }

    /// This process's own value; `None` at a depth of forks beyond `MAX_DEPTH`.
    ///
    /// The last slot in use is this process's own or that of an ancestor, and then the next one is
    /// taken. All threads of a process come to the same answer.
    pub(crate) fn own(&self) -> Option<&T> {
        let this_process = generation();
        loop {
            let used = self.used();
            if let Some(last) = used.checked_sub(1).and_then(|index| self.slots.get(index))
                && last.owner() == this_process
            {
                return Some(&last.value);
            }
            let next = self.slots.get(used)?;
            if next.owner.compare_exchange(0, this_process, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return Some(&next.value);
            }
        }
    }

    /// The values of this process's ancestors, the nearest first. Locks in them must only be tried.
    pub(crate) fn inherited(&self) -> impl Iterator<Item = &T> {
        let this_process = generation();
        let used = self.slots.iter().take(self.used()).rev();
        used.filter(move |slot| slot.owner() != this_process).map(|slot| &slot.value)
    }

    fn used(&self) -> usize {
        self.slots.iter().take_while(|slot| slot.owner() != 0).count()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    fn numbered() -> PerProcess<AtomicU32> {
        PerProcess::new([const { Slot::new(AtomicU32::new(0)) }; MAX_DEPTH])
    }

    #[test]
    fn a_process_finds_its_own_value_again() {
        let values = numbered();
        values.own().unwrap().store(7, Ordering::Relaxed);
        assert_eq!(values.own().unwrap().load(Ordering::Relaxed), 7);
        assert_eq!(values.inherited().count(), 0);
    }

    #[test]
    fn what_an_ancestor_owns_is_inherited_and_never_own() {
        let values = numbered();
        for (depth, slot) in values.slots.iter().take(2).enumerate() {
            slot.owner.store(u64::MAX, Ordering::Relaxed);
            slot.value.store(u32::try_from(depth).unwrap(), Ordering::Relaxed);
        }
        values.own().unwrap().store(7, Ordering::Relaxed);
        let inherited: Vec<u32> = values.inherited().map(|value| value.load(Ordering::Relaxed)).collect();
        assert_eq!(inherited, [1, 0]);
        assert_eq!(values.own().unwrap().load(Ordering::Relaxed), 7);
    }

    #[test]
    fn below_the_last_slot_there_is_no_own_value() {
        let values = numbered();
        for slot in &values.slots {
            slot.owner.store(u64::MAX, Ordering::Relaxed);
        }
        assert!(values.own().is_none());
    }
}
