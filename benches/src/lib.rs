//! What the programs of the benchmark share: the exchange that all of them make, and the orders that
//! every client takes.

pub mod client;
pub mod exchange;
