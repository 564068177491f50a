//! A cold process: from its start to its end with one call in it.

use std::process::Stdio;
use std::time::Instant;

use super::client::Client;
use super::numbers::{median, ratio};
use super::testbed::Testbed;
use super::turns::Turns;

const ROUNDS: usize = 100;

pub struct Row {
    pub client: Client,
    /// Milliseconds.
    pub wall: f64,
    /// To the floor.
    pub ratio: f64,
}

pub fn measure(testbed: &Testbed) -> Vec<Row> {
    let clients: Vec<_> = Client::ALL.into_iter().chain([Client::CurlBundle]).collect();
    let mut wall = vec![Vec::new(); clients.len()];
    let mut turns = Turns::of(clients.len());
    for _ in 0..ROUNDS {
        for &index in turns.next_round() {
            wall[index].push(milliseconds(clients[index], testbed));
        }
    }
    let row = |(index, client): (usize, &Client)| Row {
        client: *client,
        wall: median(wall[index].iter().copied()),
        ratio: ratio(&wall[index], &wall[0]),
    };
    clients.iter().enumerate().map(row).collect()
}

fn milliseconds(client: Client, testbed: &Testbed) -> f64 {
    let mut command = client.command(testbed, true);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let begin = Instant::now();
    let status = command.status().unwrap();
    let time = begin.elapsed();
    assert!(status.success(), "{} failed in a cold process", client.name());
    time.as_secs_f64() * 1000.0
}
