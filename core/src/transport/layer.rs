//! A [`Layer`] of a connection: a socket, or TLS on another layer.

use std::io;

use super::deadline::Deadline;

/// What a connection holds that has not been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unasked {
    Nothing,
    /// A TLS record that has not arrived completely: it may be one of TLS's own messages.
    PartOfRecord,
    /// Bytes of an answer.
    Bytes,
    /// The end of the connection.
    End,
}

/// Written output is held back until [`Layer::send`], or until something is awaited.
pub(super) trait Layer: Send {
    /// What has been received.
    fn input(&self) -> &[u8];

    /// So many bytes of the input have been taken.
    fn consume(&mut self, amount: usize);

    /// Writes a head and what is behind it, and holds both back. They are [`MAX_PIECE`] bytes together at the most, and
    /// less than [`MAX_HELD`] are held before.
    fn hold(&mut self, head: &[u8], rest: &[u8]) -> io::Result<()>;

    /// Bytes that are held back, as they will go out.
    fn held(&self) -> usize;

    /// Gives the kernel as much of what is held back as it takes without waiting.
    fn send_at_once(&mut self) -> io::Result<()>;

    /// Gives the kernel all that is held back but the last `keep` bytes.
    fn send(&mut self, keep: usize, deadline: Deadline) -> io::Result<()>;

    /// Bytes that the kernel has been given since there is a connection.
    fn sent(&self) -> u64;

    /// Sends what is held back and waits for input; `false` when there is no more.
    fn receive(&mut self, deadline: Deadline) -> io::Result<bool>;

    /// Takes what has arrived, in all layers, without waiting for more.
    fn look(&mut self) -> Unasked;

    /// Whether it neither holds anything back nor has anything that was not taken. The socket is not asked.
    fn is_empty(&self) -> bool;
}

/// Held back at most; more goes out in pieces.
pub(super) const MAX_HELD: usize = 64 * 1024;

/// Written at a time: what a TLS record takes.
pub(super) const MAX_PIECE: usize = 16 * 1024;

/// What ends an exchange when the other side ends the connection.
pub(super) fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it was closed by the other side")
}

/// What ends an exchange in which more must come before any of it can be understood than there is room for.
pub(super) fn too_long() -> io::Error {
    invalid("a line of it is too long")
}

pub(super) fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
