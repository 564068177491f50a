//! The outbox: records that were saved wait in it until their webhooks are executed.
//!
//! [`policy`] is the rule book, pure and the same for every place; [`directory`] keeps the records as
//! files in a folder. Nothing here sends anything: who empties an outbox gives it a closure that does.

pub mod directory;
pub mod policy;
