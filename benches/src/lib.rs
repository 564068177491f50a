//! What the programs of the benchmark share: the exchange that all of them make, and the orders that
//! every contender takes.

pub mod contender;
pub mod exchange;
