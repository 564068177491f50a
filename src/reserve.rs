//! Memory for when the host has none left. Rust's standard library ends the process when an allocation fails; a library
//! inside another program must not. So small allocations that the system refuses come out of a reserve, which is enough
//! to end what was begun, and nothing new is begun while it is low.
//!
//! It is part of the shared library's `.bss`: no memory at all until it is used.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use oo_webhooks_core::client::close_idle_connections;

/// A call needs less than a fifth of it.
const SIZE: usize = PART * PARTS;

const PARTS: usize = 8;

/// A larger allocation is refused: it is asked for with `try_reserve`, or a call can end without it.
const PART: usize = 128 * 1024;

/// With fewer parts that are whole a new call is not begun.
const LOW: usize = PARTS / 2;

struct WithReserve;

#[global_allocator]
static ALLOCATOR: WithReserve = WithReserve;

static RESERVE: Reserve =
    Reserve { used: [const { AtomicU64::new(0) }; PARTS], bytes: UnsafeCell::new([0; SIZE]) };

/// Runs a call; `None`, without running it, where too little is left to end one.
pub(crate) fn call<T>(call: impl FnOnce() -> T) -> Option<T> {
    if is_low() {
        return None;
    }
    let value = call();
    if is_in_use() {
        // What is kept would keep the reserve from filling up again.
        close_idle_connections();
    }
    Some(value)
}

/// Whether there is too little left to begin a call.
fn is_low() -> bool {
    RESERVE.parts().filter(|(_, offset)| *offset == 0).count() < LOW
}

/// Whether something that was allocated from it is still there.
fn is_in_use() -> bool {
    RESERVE.parts().any(|(blocks, _)| blocks > 0)
}

// SAFETY: all memory comes from the system's allocator or the reserve, and goes back where it came
// from, which its address tells.
unsafe impl GlobalAlloc for WithReserve {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let memory = unsafe { System.alloc(layout) };
        if memory.is_null() { RESERVE.alloc(layout) } else { memory }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let memory = unsafe { System.alloc_zeroed(layout) };
        if !memory.is_null() {
            return memory;
        }
        let memory = RESERVE.alloc(layout);
        if !memory.is_null() {
            // SAFETY: just allocated with this size.
            unsafe { memory.write_bytes(0, layout.size()) };
        }
        memory
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        match RESERVE.offset_of(memory) {
            Some(offset) => RESERVE.free(offset, layout.size()),
            // SAFETY: not from the reserve, so from the system.
            None => unsafe { System.dealloc(memory, layout) },
        }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if RESERVE.offset_of(memory).is_none() {
            // SAFETY: the caller's promise; from the system.
            let moved = unsafe { System.realloc(memory, layout, size) };
            if !moved.is_null() {
                return moved;
            }
        }
        // SAFETY: the size does not overflow, by the caller's promise; both blocks are as large as
        // what is copied and do not overlap.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(memory, moved, layout.size().min(size));
                self.dealloc(memory, layout);
            }
            moved
        }
    }
}

/// Hands out the bytes of each part from the first on, and begins again when all of them have come back. What a
/// process keeps for good, which is little, takes one part out of it and not all.
#[repr(C, align(4096))]
struct Reserve {
    bytes: UnsafeCell<[u8; SIZE]>,
    /// For each part the number of blocks that are out, and the offset behind the last one. One number, so that
    /// no lock is held at any moment, not even at that of a fork.
    used: [AtomicU64; PARTS],
}

// SAFETY: a byte belongs to one block at a time, which `used` sees to.
unsafe impl Sync for Reserve {}

impl Reserve {
    fn parts(&self) -> impl Iterator<Item = (u64, usize)> {
        self.used.iter().map(|used| unpack(used.load(Ordering::Acquire)))
    }

    /// Seldom asked for, and the callers are many.
    #[cold]
    #[inline(never)]
    fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.used.iter().enumerate().find_map(|(part, used)| {
            let before = used.fetch_update(Ordering::AcqRel, Ordering::Acquire, |used| {
                let (blocks, offset) = unpack(used);
                let end = offset.next_multiple_of(layout.align()) + layout.size();
                (end <= PART).then(|| pack(blocks + 1, end))
            });
            before.ok().map(|before| part * PART + unpack(before).1.next_multiple_of(layout.align()))
        });
        // SAFETY: start and size are within the bytes.
        start.map_or(ptr::null_mut(), |start| unsafe { self.bytes.get().cast::<u8>().add(start) })
    }

    #[cold]
    #[inline(never)]
    fn free(&self, start: usize, size: usize) {
        let (Some(used), start) = (self.used.get(start / PART), start % PART) else { return };
        let _ = used.fetch_update(Ordering::AcqRel, Ordering::Acquire, |used| {
            let (blocks, offset) = unpack(used);
            let offset = match blocks {
                1 => 0,
                _ if start + size == offset => start,
                _ => offset,
            };
            Some(pack(blocks - 1, offset))
        });
    }

    fn offset_of(&self, memory: *mut u8) -> Option<usize> {
        let offset = memory.addr().wrapping_sub(self.bytes.get().addr());
        (offset < SIZE).then_some(offset)
    }
}

fn pack(blocks: u64, offset: usize) -> u64 {
    blocks << 32 | offset as u64
}

fn unpack(used: u64) -> (u64, usize) {
    (used >> 32, (used & 0xffff_ffff) as usize)
}
