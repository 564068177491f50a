//! What a call hands to the kernel, seen from outside the library: this program's own `send` stands
//! before the C library's, and counts the bytes of requests that go through it.
//!
//! Bytes of a request are told from those of a handshake by the TLS record that they are in: one of
//! application data that is longer than any `Finished` or alert. The wish for a tunnel, which a proxy
//! gets before, is passed over.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_int, c_void};

/// What the calling thread handed to the kernel since [`watch`].
#[derive(Clone, Copy, Default)]
pub struct Seen {
    /// Bytes of requests that the kernel took.
    pub request_bytes: u64,
    /// Connections on which a request was begun.
    pub requests: u32,
    /// The kernel refused bytes behind the first ones of a request: it did not go out whole.
    pub was_cut: bool,
}

/// Begins anew for the calling thread.
pub fn watch() {
    STREAM.set(Stream::new(-1));
    SEEN.set(Seen::default());
}

pub fn seen() -> Seen {
    SEEN.get()
}

thread_local! {
    static SEEN: Cell<Seen> = const { Cell::new(Seen { request_bytes: 0, requests: 0, was_cut: false }) };
    static STREAM: Cell<Stream> = const { Cell::new(Stream::new(-1)) };
}

unsafe extern "C" {
    fn sendto(
        socket: c_int,
        bytes: *const c_void,
        length: usize,
        flags: c_int,
        address: *const c_void,
        address_length: u32,
    ) -> isize;
}

/// The C library's `send`, which `TcpStream::write` calls.
#[unsafe(no_mangle)]
extern "C" fn send(socket: c_int, bytes: *const c_void, length: usize, flags: c_int) -> isize {
    // SAFETY: what `send` was given; the C library defines it as this call.
    let taken = unsafe { sendto(socket, bytes, length, flags, std::ptr::null(), 0) };
    if let Ok(taken) = usize::try_from(taken) {
        // SAFETY: the kernel has just read as many bytes from there.
        note(socket, unsafe { std::slice::from_raw_parts(bytes.cast(), taken) });
    } else {
        note_refusal(socket);
    }
    taken
}

fn note(socket: c_int, bytes: &[u8]) {
    let mut stream = STREAM.get();
    if stream.socket != socket {
        stream = Stream::new(socket);
    }
    let mut seen = SEEN.get();
    for byte in bytes {
        stream.take(*byte, &mut seen);
    }
    STREAM.set(stream);
    SEEN.set(seen);
}

fn note_refusal(socket: c_int) {
    let mut seen = SEEN.get();
    seen.was_cut |= STREAM.get().socket == socket && seen.request_bytes > 0;
    SEEN.set(seen);
    STREAM.set(Stream::new(-1));
}

/// TLS 1.3's `Finished` is application data too, of 74 bytes at the most.
const LONGEST_FINISHED: usize = 128;
const HEADER: usize = 5;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// The TLS records on one socket.
#[derive(Clone, Copy)]
struct Stream {
    socket: c_int,
    header: [u8; HEADER],
    header_length: usize,
    rest_of_record: usize,
    in_request: bool,
    /// The end of what was sent outside of TLS, as far as it is looked for.
    plain: Option<[u8; 4]>,
    /// No request has begun on this connection since it was looked at.
    is_fresh: bool,
}

impl Stream {
    const fn new(socket: c_int) -> Stream {
        Stream {
            socket,
            header: [0; HEADER],
            header_length: 0,
            rest_of_record: 0,
            in_request: false,
            plain: None,
            is_fresh: true,
        }
    }

    fn take(&mut self, byte: u8, seen: &mut Seen) {
        if let Some([_, second, third, fourth]) = self.plain {
            let end = [second, third, fourth, byte];
            self.plain = (end != *b"\r\n\r\n").then_some(end);
            return;
        }
        if self.rest_of_record == 0 && self.header_length == 0 && byte == b'C' {
            // Of "CONNECT"; no TLS record begins so. It comes on a new connection.
            self.plain = Some([byte; 4]);
            self.is_fresh = true;
            return;
        }
        if self.rest_of_record > 0 {
            self.rest_of_record -= 1;
            seen.request_bytes += u64::from(self.in_request);
            return;
        }
        self.header[self.header_length] = byte;
        self.header_length += 1;
        if self.header_length < HEADER {
            return;
        }
        self.header_length = 0;
        let [kind, _, _, high, low] = self.header;
        self.rest_of_record = usize::from(u16::from_be_bytes([high, low]));
        self.in_request = kind == APPLICATION_DATA && self.rest_of_record > LONGEST_FINISHED;
        // A handshake on the same number is that of the next connection.
        self.is_fresh |= kind == HANDSHAKE;
        if self.in_request && self.is_fresh {
            self.is_fresh = false;
            seen.requests += 1;
        }
    }
}
