//! The store on a real disk: with others who act, and processes that die, before every change it makes.

mod orders;
mod rules;
mod strangers;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::result::RecordResult;

/// What happens before a change, as the tests want it.
pub(super) mod faults {
    use std::cell::{Cell, RefCell};

    use rustix::io::{Errno, Result};

    type Act = Box<dyn FnMut(&'static str) -> Result<()>>;

    thread_local! {
        static ACT: RefCell<Option<Act>> = const { RefCell::new(None) };
        static DEAD: Cell<bool> = const { Cell::new(false) };
    }

    /// What a process that died unwinds with, silently.
    pub(super) struct Death;

    pub(in super::super) fn about_to(change: &'static str) -> Result<()> {
        if DEAD.get() {
            return Err(Errno::IO); // The dead change nothing while they unwind.
        }
        // Who acts here is not interrupted in turn.
        let Some(mut act) = ACT.take() else { return Ok(()) };
        let acted = act(change);
        ACT.set(Some(act));
        acted
    }

    /// Runs `body` with `act` before each of its changes; `None` when it died.
    pub(super) fn with<T>(
        act: impl FnMut(&'static str) -> Result<()> + 'static,
        body: impl FnOnce() -> T,
    ) -> Option<T> {
        ACT.set(Some(Box::new(act)));
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        ACT.set(None);
        DEAD.set(false);
        match done {
            Ok(value) => Some(value),
            Err(payload) if payload.is::<Death>() => None,
            Err(payload) => std::panic::resume_unwind(payload),
        }
    }

    pub(super) fn die() -> ! {
        DEAD.set(true);
        std::panic::resume_unwind(Box::new(Death))
    }
}

/// A folder that is removed with its test.
pub(super) struct Room(PathBuf);

impl Room {
    fn new() -> Self {
        static ROOMS: AtomicU32 = AtomicU32::new(0);
        let room = ROOMS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("oo-outbox-{}-{room}", process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn outbox(&self) -> Outbox {
        Outbox::open(&self.0).unwrap()
    }

    /// The names in a folder, sorted.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.join(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Deref for Room {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn record(id: i64) -> Record {
    Record::new("address", id).unwrap()
}

fn result(record: Record, status: Status) -> RecordResult {
    RecordResult::new(record, status, format!("{record}: {}", status.name()))
}
