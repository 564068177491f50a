//! What the library must know of the process that it is in: whether it is a forked child, values that
//! a child takes over from its parent, values that it does not share with it, and a gate that no child
//! waits at for ever. Nothing here knows of anything else in the library.

mod gate;
mod generation;
mod inherited;
mod per_process;

pub(crate) use self::gate::Gate;
pub(crate) use self::generation::generation;
pub(crate) use self::inherited::Inherited;
pub(crate) use self::per_process::PerProcess;
