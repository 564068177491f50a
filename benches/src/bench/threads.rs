//! Many threads at a time: steadily, and all at the same moment again and again.

use super::client::{Client, Running};
use super::numbers::{median, ratio};
use super::testbed::Testbed;
use super::turns::Turns;

const ROUNDS: usize = 7;
const THREADS: usize = 64;
const STEADY_CALLS: usize = 60;
const BURSTS: usize = 15;

pub struct Row {
    pub client: Client,
    pub steady: Many,
    pub burst: Many,
}

/// What many threads got.
pub struct Many {
    pub calls_a_second: f64,
    /// Of a call, in microseconds.
    pub p50: f64,
    /// Of the calls a second, to the floor's.
    pub ratio: f64,
}

pub fn measure(testbed: &Testbed) -> Vec<Row> {
    let clients = Client::ALL;
    let mut running: Vec<_> = clients.iter().map(|client| client.start(testbed)).collect();
    let mut steady = kind(&mut running, "steady", STEADY_CALLS);
    let mut burst = kind(&mut running, "burst", BURSTS);
    let row = |client| Row { client, steady: steady.remove(0), burst: burst.remove(0) };
    clients.into_iter().map(row).collect()
}

fn kind(running: &mut [Running], kind: &str, calls: usize) -> Vec<Many> {
    let mut rates = vec![Vec::new(); running.len()];
    let mut p50 = vec![Vec::new(); running.len()];
    let mut turns = Turns::of(running.len());
    for round in 0..=ROUNDS {
        for &index in turns.next_round() {
            let times = running[index].order(&format!("{kind} {THREADS} {calls}"));
            // The first round opens the connections.
            if round > 0 {
                rates[index].push((THREADS * calls) as f64 / (times[0] / 1e9));
                p50[index].push(times[1] / 1000.0);
            }
        }
    }
    (0..running.len())
        .map(|index| Many {
            calls_a_second: median(rates[index].iter().copied()),
            p50: median(p50[index].iter().copied()),
            ratio: ratio(&rates[index], &rates[0]),
        })
        .collect()
}
