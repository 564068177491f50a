//! [`Placement`]: on which CPUs server and client run.
//!
//! It decides more than anything else does. Apart, each waits for a wake-up by another CPU, which in
//! a virtual machine takes tens of microseconds; together, the kernel merely switches, and a whole
//! exchange takes a tenth of the time. By itself the scheduler chooses, by what else is running.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Each on a CPU of its own, as client and API are.
    Apart,
    /// Both on one CPU: nothing but work is left to measure.
    Together,
    /// Wherever the scheduler puts them.
    Anywhere,
}

impl Placement {
    /// Starts a process that stays where this placement has the server.
    pub fn start_server<T>(self, start: impl FnOnce() -> T) -> T {
        self.start(|cpus| cpus.first(), start)
    }

    /// Starts a process that stays where this placement has the client.
    pub fn start_client<T>(self, start: impl FnOnce() -> T) -> T {
        match self {
            Placement::Together => self.start(|cpus| cpus.first(), start),
            _ => self.start(|cpus| cpus.last(), start),
        }
    }

    /// A process inherits the CPUs of the thread that starts it.
    fn start<T>(self, choose: impl Fn(&[usize]) -> Option<&usize>, start: impl FnOnce() -> T) -> T {
        if self == Placement::Anywhere {
            return start();
        }
        let all = sched_getaffinity(None).unwrap();
        let allowed: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| all.is_set(*cpu)).collect();
        let mut one = CpuSet::new();
        one.set(*choose(&allowed).unwrap());
        sched_setaffinity(None, &one).unwrap();
        let started = start();
        sched_setaffinity(None, &all).unwrap();
        started
    }
}
