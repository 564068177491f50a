//! A [`Buffer`]: what has been received and not been taken yet.

pub(super) struct Buffer {
    /// All of its room, once there is any.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    size: usize,
}

impl Buffer {
    /// One that never holds more than `size` bytes. It takes memory when it is used.
    pub(super) const fn new(size: usize) -> Self {
        Self { bytes: Vec::new(), start: 0, end: 0, size }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// What can still be added, behind what is there.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes.resize(self.size, 0);
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// So many bytes have been written to the room.
    pub(super) fn add(&mut self, amount: usize) {
        self.end = (self.end + amount).min(self.bytes.len());
    }

    /// So many bytes have been taken.
    pub(super) fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(buffer: &mut Buffer, text: &str) {
        buffer.room()[..text.len()].copy_from_slice(text.as_bytes());
        buffer.add(text.len());
    }

    #[test]
    fn what_is_added_is_taken_in_order_and_makes_room_again() {
        let mut buffer = Buffer::new(8);
        assert!(buffer.is_empty());
        add(&mut buffer, "onetwo");
        buffer.consume(3);
        assert_eq!(buffer.bytes(), b"two");
        assert_eq!(buffer.room().len(), 5);
        add(&mut buffer, "three");
        assert_eq!(buffer.bytes(), b"twothree");
        assert!(buffer.room().is_empty());
        buffer.consume(9);
        assert!(buffer.is_empty());
        assert_eq!(buffer.room().len(), 8);
    }
}
