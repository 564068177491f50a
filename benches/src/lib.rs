//! What the benchmark's programs in Rust share: the exchange that all of them make, two ways to write and
//! read it, and the orders that every client takes.

pub mod client;
pub mod exchange;
pub mod template;
pub mod typed;
