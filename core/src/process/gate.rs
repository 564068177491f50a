//! A [`Gate`]: lets one thread of this process through at a time, and refuses a forked child whose
//! parent had a thread inside. That thread does not exist in the child, so waiting would never end.

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
    pub(crate) const fn new() -> Gate {
        Gate { inside: AtomicU64::new(NOBODY) }
    }

    /// Waits for its turn; `None` for ever in a child that was forked while a thread was inside.
    pub(crate) fn enter(&self) -> Option<Inside<'_>> {
        let this_process = generation();
        let mut turns = 0;
        loop {
            let entered =
                self.inside.compare_exchange(NOBODY, this_process, Ordering::Acquire, Ordering::Relaxed);
            match entered {
                Ok(_) => return Some(Inside(self)),
                Err(inside) if inside != this_process => return None,
                Err(_) if turns < TURNS => thread::yield_now(),
                Err(_) => thread::sleep(Duration::from_micros(50)),
            }
            turns += 1;
        }
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
                        let _inside = GATE.enter().unwrap();
                        assert_eq!(INSIDE.fetch_add(1, Ordering::SeqCst), 0);
                        INSIDE.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
    }

    #[test]
    fn a_thread_of_another_process_inside_means_never() {
        let gate = Gate { inside: AtomicU64::new(u64::MAX) };
        assert!(gate.enter().is_none());
    }
}
