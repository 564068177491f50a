//! A client: a process that makes the exchange in its own way, as often as it is told.
//!
//! `program PORT FOLDER cold` makes one call and ends. Without `cold` it makes a first call, prints
//! `ready`, and takes orders on its standard input, one a line, each answered by one line:
//!
//! - `round CALLS`: that many calls in a row; `P50 CPU`, the median call and the CPU time a call;
//! - `steady THREADS CALLS`: threads that make that many calls each; `WALL P50`;
//! - `burst THREADS BURSTS`: threads that make one call each at the same moment, again and again; `WALL P50`.
//!
//! All times are nanoseconds. `clients/client.c` is the same for clients in C.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rustix::time::{ClockId, clock_gettime};

/// What a thread needs to make calls; the first one connects.
pub trait Caller: Send {
    fn call(&mut self);
}

/// Where the server is, and the files that the benchmark has laid out.
pub struct Target {
    pub port: u16,
    folder: PathBuf,
}

impl Target {
    pub fn ca_pem(&self) -> Vec<u8> {
        fs::read(self.folder.join("ca.pem")).unwrap()
    }

    /// The signed request for one record.
    pub fn request(&self) -> String {
        fs::read_to_string(self.folder.join("request.json")).unwrap()
    }
}

/// The `main` of a client; `new_caller` is asked for one caller a thread.
pub fn run<C: Caller>(cold: bool, new_caller: impl Fn() -> C) {
    let mut callers = vec![new_caller()];
    callers[0].call();
    if cold {
        return;
    }
    println!("ready");
    for order in io::stdin().lock().lines().map(Result::unwrap) {
        let words: Vec<&str> = order.split(' ').collect();
        let number = |index: usize| words[index].parse::<usize>().unwrap();
        let (first, second) = match words[0] {
            "round" => round(&mut callers[0], number(1)),
            order => {
                let threads = number(1);
                while callers.len() < threads {
                    callers.push(new_caller());
                }
                together(&mut callers[..threads], number(2), order == "burst")
            }
        };
        println!("{} {}", first.as_nanos(), second.as_nanos());
        io::stdout().flush().unwrap();
    }
}

/// The command line: where the server is, and whether this is a cold call.
pub fn arguments() -> (Target, bool) {
    let mut arguments = env::args().skip(1);
    let port = arguments.next().unwrap().parse().unwrap();
    let folder = arguments.next().unwrap().into();
    (Target { port, folder }, arguments.next().as_deref() == Some("cold"))
}

fn round(caller: &mut impl Caller, calls: usize) -> (Duration, Duration) {
    let mut times = Vec::with_capacity(calls);
    let cpu = cpu_time();
    for _ in 0..calls {
        times.push(timed(caller));
    }
    let cpu = cpu_time() - cpu;
    (median(times), cpu / u32::try_from(calls).unwrap().max(1))
}

fn together(callers: &mut [impl Caller], calls: usize, burst: bool) -> (Duration, Duration) {
    let barrier = Barrier::new(callers.len() + 1);
    thread::scope(|scope| {
        let threads: Vec<_> = callers
            .iter_mut()
            .map(|caller| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    let calls = (0..calls).map(|_| {
                        if burst {
                            barrier.wait();
                        }
                        timed(caller)
                    });
                    calls.collect::<Vec<_>>()
                })
            })
            .collect();
        barrier.wait();
        let begin = Instant::now();
        if burst {
            for _ in 0..calls {
                barrier.wait();
            }
        }
        let times = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (begin.elapsed(), median(times))
    })
}

fn timed(caller: &mut impl Caller) -> Duration {
    let begin = Instant::now();
    caller.call();
    begin.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Of all threads of this process.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap(), u32::try_from(time.tv_nsec).unwrap())
}
