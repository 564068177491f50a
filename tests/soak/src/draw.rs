//! [`Draw`]: numbers that look random and follow only from a seed, on every machine.

/// A sequence of numbers; the same seed and stream give the same one (splitmix64).
pub struct Draw(u64);

impl Draw {
    /// `stream` tells apart what is drawn independently under one seed, such as the calls.
    pub fn new(seed: u64, stream: u64) -> Draw {
        let mut draw = Draw(seed);
        draw.0 = draw.next() ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93);
        draw.next();
        draw
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let count = last.abs_diff(first) + 1;
        first.saturating_add_unsigned(self.below(count))
    }

    /// True `part` times out of a thousand.
    pub fn per_mille(&mut self, part: u64) -> bool {
        self.below(1000) < part
    }

    /// One of `choices`, which are not empty.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(choices.len() as u64)).unwrap_or(0);
        &choices[index]
    }

    /// One of `choices`, each as often as its weight says.
    pub fn weighted<'a, T>(&mut self, choices: &'a [(u64, T)]) -> &'a T {
        let mut left = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if left < *weight {
                return choice;
            }
            left -= weight;
        }
        unreachable!("the number is below the sum of the weights")
    }
}
