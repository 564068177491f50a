//! The C library: the exports of `liboo_webhooks.so`, the border to C, and what a C host needs.
//! `include/oo_webhooks.h` is generated from these files and is their documentation. Each file has
//! one handle's exports; an export checks its arguments, calls the core and wraps the answer.

// The documentation here is the C header's: it names C's functions without Rust's backticks, and
// says once, in the header's first lines, what pointers must be.
#![allow(unsafe_code, non_camel_case_types, clippy::missing_safety_doc, clippy::doc_markdown)]

// A panic must reach the boundary as a status; with `abort` it would end the host instead.
#[cfg(not(panic = "unwind"))]
compile_error!("oo_webhooks must be built with panic = \"unwind\": a panic may not end its host");

mod boundary;
mod reserve;

// In the header's order.
pub mod status;
pub mod execute;
pub mod options;
pub mod client;
pub mod probe;
pub mod request;
pub mod results;
pub mod result;
pub mod outbox;

#[cfg(test)]
mod tests;
