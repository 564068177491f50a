//! What the process holds while it runs (threads, files, memory), and how late the machine itself is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{fs, io};

const SAMPLE_EVERY: Duration = Duration::from_millis(100);
const NAP: Duration = Duration::from_millis(5);

/// The main thread, and the two that watch.
const OWN_THREADS: usize = 3;

/// What was held at one moment.
#[derive(Clone, Copy, Default)]
pub struct Sample {
    pub threads: usize,
    pub files: usize,
    pub memory_kb: u64,
}

/// What was held over the whole run.
pub struct Resources {
    /// In the order of time.
    pub samples: Vec<Sample>,
    /// As many threads as this program itself started.
    pub threads_started: usize,
    /// By how much a thread that only slept was woken too late, at the worst.
    pub lateness: Duration,
}

impl Resources {
    pub fn most(&self, of: impl Fn(&Sample) -> u64) -> u64 {
        self.samples.iter().map(of).max().unwrap_or(0)
    }

    /// The median of memory in the second and in the last quarter of the run, in kB: the first
    /// quarter fills pools and buffers, and single large answers come and go.
    pub fn memory_early_and_late(&self) -> (u64, u64) {
        let count = self.samples.len();
        let median = |from: usize, to: usize| {
            let mut memory: Vec<u64> = self.samples[from..to].iter().map(|sample| sample.memory_kb).collect();
            memory.sort_unstable();
            memory.get(memory.len() / 2).copied().unwrap_or(0)
        };
        (median(count / 4, count / 2), median(count * 3 / 4, count))
    }
}

/// Watches until it is stopped.
pub struct Watch {
    stop: Vec<Sender<()>>,
    sampler: JoinHandle<Vec<Sample>>,
    sleeper: JoinHandle<()>,
    lateness: &'static AtomicU64,
    threads: usize,
}

impl Watch {
    /// `threads` will be started by the run.
    pub fn start(threads: usize) -> io::Result<Watch> {
        static LATENESS: AtomicU64 = AtomicU64::new(0);
        let (stop_sampler, stopped) = channel();
        let sampler = thread::Builder::new().spawn(move || {
            let mut samples = Vec::with_capacity(100_000);
            while stopped.recv_timeout(SAMPLE_EVERY) == Err(RecvTimeoutError::Timeout) {
                samples.extend(sample());
            }
            samples
        })?;
        let (stop_sleeper, stopped) = channel();
        let sleeper = thread::Builder::new().spawn(move || {
            loop {
                let begun = Instant::now();
                if stopped.recv_timeout(NAP) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let late = begun.elapsed().saturating_sub(NAP).as_micros();
                LATENESS.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        })?;
        Ok(Watch { stop: vec![stop_sampler, stop_sleeper], sampler, sleeper, lateness: &LATENESS, threads })
    }

    pub fn stop(self) -> Resources {
        drop(self.stop);
        let samples = self.sampler.join().unwrap_or_default();
        let _ = self.sleeper.join();
        Resources {
            samples,
            threads_started: self.threads + OWN_THREADS,
            lateness: Duration::from_micros(self.lateness.load(Ordering::Relaxed)),
        }
    }
}

fn sample() -> io::Result<Sample> {
    let status = fs::read_to_string("/proc/self/status")?;
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    Ok(Sample {
        threads: number("Threads:").and_then(|threads| usize::try_from(threads).ok()).unwrap_or(0),
        // Without the one that reads the folder.
        files: fs::read_dir("/proc/self/fd")?.count().saturating_sub(1),
        memory_kb: number("VmRSS:").unwrap_or(0),
    })
}
