//! Medians, and ratios taken within a round: both clients of a ratio had the same neighbours then.

pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median over the rounds of `numbers` to `floor`.
pub fn ratio(numbers: &[f64], floor: &[f64]) -> f64 {
    median(numbers.iter().zip(floor).map(|(number, floor)| number / floor))
}
