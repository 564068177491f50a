//! A [`Gate`]: lets one thread of this process through at a time.
//!
//! A child may be forked while a thread of its parent is inside. That thread does not exist in the
//! child, so waiting for it would never end: the child takes its place. So nothing may be done inside that a fork could
//! leave half done.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::generation;

pub(crate) struct Gate {
    /// The generation of the process whose thread is inside.
    inside: AtomicU64,
}

const NOBODY: u64 = 0;

/// Turns that are given to other threads before this one sleeps: what is done inside is short.
const TURNS: u32 = 100;

impl Gate {
    pub(crate) const fn new() -> Self {
        Self { inside: AtomicU64::new(NOBODY) }
    }

    /// Waits for its turn, or takes the place of a thread that was inside when this child was forked.
    pub(crate) fn enter(&self) -> Inside<'_> {
        loop {
            let before = self.wait_for_this_process();
            if let Some(inside) = self.enter_after(before) {
                return inside;
            }
        }
    }

    /// Waits until no other thread of this process is inside: then nobody is, or one of its ancestors.
    fn wait_for_this_process(&self) -> u64 {
        let this_process = generation();
        let mut turns = 0;
        loop {
            match self.inside.load(Ordering::Relaxed) {
                inside if inside != this_process => return inside,
                _ if turns < TURNS => thread::yield_now(),
                _ => thread::sleep(Duration::from_micros(50)),
            }
            turns += 1;
        }
    }

    /// Enters, unless another thread was faster.
    fn enter_after(&self, before: u64) -> Option<Inside<'_>> {
        let entered =
            self.inside.compare_exchange(before, generation(), Ordering::Acquire, Ordering::Relaxed);
        entered.is_ok().then(|| Inside(self))
    }
}

/// The way is closed for others until this is dropped.
pub(crate) struct Inside<'a>(&'a Gate);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.inside.store(NOBODY, Ordering::Release);
    }
}

#[cfg(test)]
impl Gate {
    /// As a child finds it whose parent had a thread inside.
    pub(crate) fn abandoned_by_parent() -> Self {
        Self { inside: AtomicU64::new(u64::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn one_thread_is_inside_at_a_time() {
        static GATE: Gate = Gate::new();
        static INSIDE: AtomicUsize = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        let _inside = GATE.enter();
                        assert_eq!(INSIDE.fetch_add(1, Ordering::SeqCst), 0);
                        INSIDE.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
    }

    #[test]
    fn a_child_takes_the_place_of_a_thread_of_its_parent() {
        drop(Gate::abandoned_by_parent().enter());
    }
}
