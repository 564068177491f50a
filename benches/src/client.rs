//! A client's `main`: it takes the orders that README.md describes. `clients/c/client.c` is the same in C.

use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, OnceLock};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::time::{ClockId, clock_gettime};

use crate::exchange::FIRST_ID;

/// What a thread needs to make calls; the first one connects.
pub trait Caller: Send {
    fn call(&mut self, records: usize, first_id: usize);

    /// The same without a connection.
    fn sign(&mut self, records: usize);

    /// The answer to a request of this process.
    fn parse(&mut self, records: usize);
}

/// The server.
pub struct Target {
    pub url: String,
    ca_file: String,
}

impl Target {
    pub fn ca_pem(&self) -> Vec<u8> {
        fs::read(&self.ca_file).unwrap()
    }

    /// Host, port and path.
    pub fn parts(&self) -> (&str, u16, &str) {
        let rest = self.url.strip_prefix("https://").unwrap();
        let (authority, _) = rest.split_once('/').unwrap();
        let (host, port) = authority.split_once(':').unwrap();
        (host, port.parse().unwrap(), &rest[authority.len()..])
    }
}

/// `program URL CA-FILE cold|warm`; `new_caller` is asked for one caller a thread.
pub fn run<C: Caller>(new_caller: impl Fn(&Target) -> C) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, ca_file, mode] = arguments.try_into().expect("usage: URL CA-FILE cold|warm");
    let target = Target { url, ca_file };
    let mut callers = vec![new_caller(&target)];
    println!("{}", timed(1, || call(&mut callers[0], 1)).as_nanos());
    if mode == "cold" {
        return;
    }
    for order in io::stdin().lock().lines().map(Result::unwrap) {
        let words: Vec<&str> = order.split(' ').collect();
        let (number, times) = (words[1].parse().unwrap(), words[2].parse().unwrap());
        match words[0] {
            "call" => row(times, 1, || call(&mut callers[0], number)),
            "sign" => row(times, 10, || callers[0].sign(number)),
            "parse" => row(times, 10, || callers[0].parse(number)),
            "threads" => {
                let calls = usize::try_from(times).unwrap();
                while callers.len() < number {
                    callers.push(new_caller(&target));
                }
                together(&mut callers[..number], calls);
            }
            _ => panic!("an order that is not known"),
        }
        io::stdout().flush().unwrap();
    }
}

/// Each call is for other records, than those of other clients too: no request is like one that the server has seen.
fn call(caller: &mut impl Caller, records: usize) {
    static NEXT_ID: OnceLock<AtomicUsize> = OnceLock::new();
    let next_id = NEXT_ID.get_or_init(|| AtomicUsize::new(FIRST_ID + microseconds() % 8_000_000));
    caller.call(records, next_id.fetch_add(records, Ordering::Relaxed));
}

fn microseconds() -> usize {
    let time = clock_gettime(ClockId::Monotonic);
    usize::try_from(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000).unwrap()
}

/// Does the work so many times, each of `repeats` between two looks at the clock, and prints the median and
/// the CPU time of one.
fn row(times: u32, repeats: u32, mut work: impl FnMut()) {
    let mut all = Vec::with_capacity(times as usize);
    let cpu = cpu_time();
    for _ in 0..times {
        all.push(timed(repeats, &mut work));
    }
    let cpu = (cpu_time() - cpu) / (times * repeats).max(1);
    println!("{} {}", percentile(&mut all, 50).as_nanos(), cpu.as_nanos());
}

fn together(callers: &mut [impl Caller], calls: usize) {
    let barrier = Barrier::new(callers.len() + 1);
    thread::scope(|scope| {
        let threads: Vec<_> = callers
            .iter_mut()
            .map(|caller| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    (0..calls).map(|_| timed(1, || call(caller, 1))).collect::<Vec<_>>()
                })
            })
            .collect();
        barrier.wait();
        let begin = Instant::now();
        let mut all: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let wall = begin.elapsed();
        let (p50, p99) = (percentile(&mut all, 50), percentile(&mut all, 99));
        println!("{} {} {}", wall.as_nanos(), p50.as_nanos(), p99.as_nanos());
    });
}

/// Of one piece of work that is done `repeats` times.
fn timed(repeats: u32, mut work: impl FnMut()) -> Duration {
    let begin = Instant::now();
    for _ in 0..repeats {
        work();
    }
    begin.elapsed() / repeats
}

/// The time that `percent` of the times do not exceed.
fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// Of all threads of this process.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap(), u32::try_from(time.tv_nsec).unwrap())
}
