//! [`Decimal`]: the digits of a number. The standard library's formatter would cost more than all the rest of a
//! request.

/// Digits of the largest number.
const MAX: usize = 20;

pub(crate) struct Decimal {
    /// At the end of it.
    digits: [u8; MAX],
    length: usize,
}

impl Decimal {
    pub(crate) fn of(mut number: u64) -> Self {
        let mut decimal = Self { digits: [b'0'; MAX], length: 0 };
        for digit in decimal.digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            decimal.length += 1;
            if number == 0 {
                break;
            }
        }
        decimal
    }

    pub(crate) fn digits(&self) -> &[u8] {
        self.digits.get(MAX - self.length..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_those_of_the_formatter() {
        for number in [0, 1, 9, 10, 99, 100, 15_005, 1_700_000_000, u64::MAX / 10, u64::MAX] {
            assert_eq!(Decimal::of(number).digits(), number.to_string().as_bytes());
        }
    }
}
