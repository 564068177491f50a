//! The parts of the benchmark, one a table.

pub mod codec;
pub mod cold;
pub mod client;
pub mod testbed;
pub mod numbers;
pub mod placement;
pub mod report;
pub mod system_calls;
pub mod threads;
pub mod turns;
pub mod warm;
