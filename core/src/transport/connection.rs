//! A [`Connection`], and the rule of an exchange on it: an answer counts only if the whole request had been given to
//! the kernel before the first byte of the answer was taken from the connection, and the connection held nothing from
//! before, in any layer.
//!
//! The layers see to the first half: what is written is held back until an answer is awaited, and then goes out before
//! anything is read. [`Connection`] sees to the second half.

use std::io;

use super::deadline::Deadline;
use super::layer::{Layer, MAX_HELD, MAX_PIECE, Unasked, closed, invalid};
use super::stage::{At, Broken, Stage};

/// A connection that requests are written to, above TLS.
pub(super) struct Connection {
    layer: Box<dyn Layer>,
    /// It was seen to hold nothing since it was used.
    is_looked_at: bool,
}

impl Connection {
    pub(super) fn new(layer: Box<dyn Layer>) -> Self {
        Self { layer, is_looked_at: false }
    }

    /// Ends a handshake whose last message is still held back.
    pub(super) fn finish_opening(&mut self, deadline: Deadline) -> io::Result<()> {
        self.layer.send(0, deadline)
    }

    /// Whether the next request may be put on this connection, which waited.
    pub(super) fn is_open(&mut self) -> bool {
        self.is_looked_at = self.layer.look() == Unasked::Nothing;
        self.is_looked_at
    }

    /// Whether nothing of an exchange is left on it. What is on the socket is only of interest before the next one.
    pub(super) fn is_empty(&self) -> bool {
        self.layer.is_empty()
    }

    /// Gives the kernel a whole request.
    ///
    /// # Errors
    /// Also where the connection holds what has not been asked for. Nothing is then read from it again.
    pub(super) fn send(&mut self, head: &[u8], body: &[u8], deadline: Deadline) -> Result<(), Broken> {
        let before = self.layer.sent();
        let sent = self.send_behind(before, head, body, deadline);
        sent.at(if self.layer.sent() > before { Stage::Sent } else { Stage::Connected })
    }

    fn send_behind(&mut self, before: u64, head: &[u8], body: &[u8], deadline: Deadline) -> io::Result<()> {
        if !std::mem::take(&mut self.is_looked_at) {
            self.expect_nothing(false)?;
        }
        deadline.left()?;
        let mut head = head;
        let mut pieces = body.split_at(body.len().min(MAX_PIECE.saturating_sub(head.len())));
        loop {
            let (piece, rest) = pieces;
            self.layer.hold(head, piece)?;
            if rest.is_empty() {
                break;
            }
            if self.layer.held() >= MAX_HELD {
                self.layer.send(0, deadline)?;
            }
            head = &[];
            pieces = rest.split_at(rest.len().min(MAX_PIECE));
        }
        // The kernel takes most requests at once, right after the connection was looked at. What it does not take at
        // once takes time, in which something may have come: without its last byte the server cannot have the whole
        // request.
        if self.layer.sent() == before {
            self.layer.send_at_once()?;
        }
        if self.layer.held() > 0 {
            self.layer.send(1, deadline)?;
            self.expect_nothing(true)?;
            self.layer.send(0, deadline)?;
        }
        Ok(())
    }

    fn expect_nothing(&mut self, is_sending: bool) -> io::Result<()> {
        match self.layer.look() {
            Unasked::Nothing => Ok(()),
            // Of a request that is on its way: what the record turns out to be decides.
            Unasked::PartOfRecord if is_sending => Ok(()),
            Unasked::Bytes if is_sending => Err(invalid("an answer came before the request was whole")),
            Unasked::PartOfRecord | Unasked::Bytes => {
                Err(invalid("an answer came before there was a request"))
            }
            Unasked::End => Err(closed()),
        }
    }

    /// What the answer is read from.
    pub(super) fn layer(&mut self) -> &mut dyn Layer {
        &mut *self.layer
    }
}
