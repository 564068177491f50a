//! What the library must know of the process that it is in: whether it is a forked child, and values
//! that a child does not share with its parent. Nothing here knows of anything else in the library.

mod generation;
mod per_process;

pub(crate) use self::generation::generation;
pub(crate) use self::per_process::{PerProcess, Slot};
