//! [`Turns`]: in which order clients run in a round. Always the same order would favour some:
//! how fast a CPU wakes up depends on how long it has slept, and so on who ran before.

pub struct Turns {
    order: Vec<usize>,
    state: u64,
}

impl Turns {
    pub fn of(clients: usize) -> Turns {
        Turns { order: (0..clients).collect(), state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// The next round's order, drawn anew, the same in every run.
    pub fn next_round(&mut self) -> &[usize] {
        for last in (1..self.order.len()).rev() {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            let other = usize::try_from(self.state >> 33).unwrap() % (last + 1);
            self.order.swap(last, other);
        }
        &self.order
    }
}
