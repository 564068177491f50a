//! The C API. `include/oo_webhooks.h` is generated from this folder and is its documentation;
//! each file has one handle's exports. An export checks, calls the core and wraps the answer.

// The documentation here is the C header's: it names C's functions without Rust's backticks, and
// says once, in the header's first lines, what pointers must be.
#![allow(unsafe_code, non_camel_case_types, clippy::missing_safety_doc, clippy::doc_markdown)]

mod boundary;

// What the library asks of the process that it is in.
pub(crate) mod reserve;
pub(crate) mod this_process;

// In the header's order.
pub mod status;
pub mod execute;
pub mod options;
pub mod client;
pub mod request;
pub mod results;
pub mod result;

#[cfg(test)]
mod tests;
