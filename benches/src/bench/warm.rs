//! A warm call: median time and CPU time on a connection that is open.

use super::client::Client;
use super::numbers::{median, ratio};
use super::testbed::Testbed;
use super::turns::Turns;

const ROUNDS: usize = 300;
const CALLS: usize = 100;

pub struct Row {
    pub client: Client,
    /// Microseconds.
    pub p50: f64,
    pub cpu: f64,
    /// To the floor.
    pub p50_ratio: f64,
    pub cpu_ratio: f64,
}

pub fn measure(testbed: &Testbed) -> Vec<Row> {
    let mut running: Vec<_> = Client::ALL.iter().map(|client| client.start(testbed)).collect();
    for client in &mut running {
        client.order("round 500");
    }
    let mut p50 = vec![Vec::new(); running.len()];
    let mut cpu = vec![Vec::new(); running.len()];
    let mut turns = Turns::of(running.len());
    for _ in 0..ROUNDS {
        for &index in turns.next_round() {
            let times = running[index].order(&format!("round {CALLS}"));
            p50[index].push(times[0] / 1000.0);
            cpu[index].push(times[1] / 1000.0);
        }
    }
    let row = |(index, client): (usize, &Client)| Row {
        client: *client,
        p50: median(p50[index].iter().copied()),
        cpu: median(cpu[index].iter().copied()),
        p50_ratio: ratio(&p50[index], &p50[0]),
        cpu_ratio: ratio(&cpu[index], &cpu[0]),
    };
    Client::ALL.iter().enumerate().map(row).collect()
}
