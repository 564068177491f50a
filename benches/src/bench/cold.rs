//! A cold process: from its start to its end with one call in it.

use std::process::Stdio;
use std::time::Instant;

use super::contestant::Contestant;
use super::field::Field;
use super::numbers::{median, ratio};
use super::turns::Turns;

const ROUNDS: usize = 100;

pub struct Row {
    pub contestant: Contestant,
    /// Milliseconds.
    pub wall: f64,
    /// To the floor.
    pub ratio: f64,
}

pub fn measure(field: &Field) -> Vec<Row> {
    let contestants: Vec<_> = Contestant::ALL.into_iter().chain([Contestant::CurlBundle]).collect();
    let mut wall = vec![Vec::new(); contestants.len()];
    let mut turns = Turns::of(contestants.len());
    for _ in 0..ROUNDS {
        for &index in turns.next_round() {
            wall[index].push(milliseconds(contestants[index], field));
        }
    }
    let row = |(index, contestant): (usize, &Contestant)| Row {
        contestant: *contestant,
        wall: median(wall[index].iter().copied()),
        ratio: ratio(&wall[index], &wall[0]),
    };
    contestants.iter().enumerate().map(row).collect()
}

fn milliseconds(contestant: Contestant, field: &Field) -> f64 {
    let mut command = contestant.command(field, true);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let begin = Instant::now();
    let status = command.status().unwrap();
    let time = begin.elapsed();
    assert!(status.success(), "{} failed in a cold process", contestant.name());
    time.as_secs_f64() * 1000.0
}
