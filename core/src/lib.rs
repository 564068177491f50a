//! `oo_webhooks`: execute the marketplace webhooks of onOffice enterprise records.
//!
//! Most users call the C API in [`ffi`], which `include/oo_webhooks.h` declares; this crate's Rust
//! modules are what it is made of. Data flows one way:
//! [`record`] → [`request`] (signed) → [`client`] and its transport → [`response`] → [`result`].

// A panic must reach the boundary as a status; with `abort` it would end the host instead.
#[cfg(not(panic = "unwind"))]
compile_error!("oo_webhooks must be built with panic = \"unwind\": a panic may not end its host");

pub mod client;
pub mod credentials;
mod default_client;
mod error_code;
pub mod ffi;
pub mod options;
pub mod outcome;
mod per_process;
pub mod record;
pub mod refusal;
pub mod request;
pub mod response;
pub mod result;
pub mod signature;
mod transport;
