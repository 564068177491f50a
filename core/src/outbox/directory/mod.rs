//! The outbox as a folder: one file a record, whose name and place say everything.
//!
//! A save is one new file and one rename, by any number of writers in any language, without a lock. A
//! sender takes the record's lock, which the system releases when the sender dies, and only then
//! touches its files. docs/outbox-format.md is the format, for those who write to it themselves.
//!
//! ```no_run
//! use oo_webhooks_core::options::Options;
//! use oo_webhooks_core::outbox::directory::{Limits, Outbox};
//! use oo_webhooks_core::record::Record;
//!
//! let outbox = Outbox::open("/var/spool/shop")?;
//! outbox.put(Record::new("address", 15005)?)?; // after the save; takes microseconds
//!
//! let client = Options::from_env().client()?; // later, perhaps in another process
//! let report = outbox.drain(Limits::default(), |record| client.execute(record));
//! # Ok::<(), oo_webhooks_core::refusal::Refusal>(())
//! ```

mod entry;
mod folder;
mod holdings;
mod note;
mod sweep;
mod trouble;

use std::ffi::CString;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use rustix::fd::OwnedFd;
use rustix::fs;
use rustix::io::Errno;

use self::folder::{Folder, c_name};
use self::trouble::Trouble;
use super::policy::WhenInDoubt;
use crate::outcome::Status;
use crate::record::Record;
use crate::refusal::Refusal;

pub use self::entry::Corrupt;
pub use self::holdings::{Counts, Entry, Held};
pub use self::note::unix_milliseconds;
pub use self::sweep::{Limits, Report};

/// The version of the format, and the content of the file `version`.
const VERSION: &str = "1";

/// A folder in which records wait to be executed. Making one opens what a save needs; it may be shared
/// by threads and used after a fork.
pub struct Outbox {
    path: PathBuf,
    root: Folder,
    tmp: Folder,
    new: Folder,
    others: OnceLock<Others>,
    fsync: bool,
    when_in_doubt: WhenInDoubt,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

/// What only a sender or a person's question needs.
struct Others {
    retry: Folder,
    sending: Folder,
    doubt: Folder,
    failed: Folder,
    corrupt: Folder,
    lock: Folder,
}

impl Outbox {
    /// The outbox at `path`, a folder that exists. What is missing in it is made, for the same owner, group
    /// and mode as the folder itself has.
    ///
    /// # Errors
    /// `OutboxFailed`, with a message that names the cause and the cure.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Refusal> {
        let path = path.into();
        let failed = |trouble: Trouble| trouble.explain("open", &path);
        let root = Folder::root(&path).map_err(failed)?;
        let version = root.read(c"version", 64).map_err(failed)?;
        let is_new = version.is_none();
        if version.is_some_and(|version| version.trim_ascii() != VERSION.as_bytes()) {
            return Err(other_version(&path));
        }
        if is_new {
            for name in ["tmp", "new", "retry", "sending", "doubt", "failed", "corrupt", "lock"] {
                root.make(name).map_err(failed)?;
            }
        }
        let tmp = root.open("tmp").map_err(failed)?;
        let new = root.open("new").map_err(failed)?;
        let outbox = Self {
            path: path.clone(),
            root,
            tmp,
            new,
            others: OnceLock::new(),
            fsync: false,
            when_in_doubt: WhenInDoubt::default(),
            clock: Box::new(SystemTime::now),
        };
        if is_new {
            outbox.write_version().map_err(failed)?;
        }
        Ok(outbox)
    }

    /// Last of all: a layout that was not finished is finished by the next one that opens it.
    fn write_version(&self) -> Result<(), Trouble> {
        let (name, fd) = self.new_file()?;
        let written = write(&self.tmp, &fd, format!("{VERSION}\n").as_bytes());
        let placed = written.and_then(|()| self.tmp.rename(&name, &self.root, c"version"));
        self.tidy(&name, placed).map(drop)
    }

    /// Whether what is saved, and what is about to be sent, is flushed to the disk before it counts. Without
    /// it the outbox survives the death of any process, but the system's own death may lose the saves of
    /// the last seconds and send again what was sent in them. The default is off.
    pub fn set_fsync(&mut self, fsync: bool) {
        self.fsync = fsync;
    }

    /// What becomes of a record that is in doubt. The default is to hold it for a person.
    pub fn set_when_in_doubt(&mut self, when_in_doubt: WhenInDoubt) {
        self.when_in_doubt = when_in_doubt;
    }

    /// Another clock, for tests of what takes hours.
    pub fn set_clock(&mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) {
        self.clock = Box::new(clock);
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Saves that `record` is to be sent: one new file, one rename. A record that waits already stays one.
    ///
    /// # Errors
    /// `OutboxFailed`: nothing is saved, or, where only the flush failed, perhaps; the message names the cure.
    pub fn put(&self, record: Record) -> Result<(), Refusal> {
        let what = format!("save {record} in");
        self.place(record).map_err(|trouble| trouble.explain(&what, &self.path))
    }

    fn place(&self, record: Record) -> Result<(), Trouble> {
        let (name, fd) = self.new_file()?;
        let flushed = if self.fsync { sync_file(&self.tmp, &fd) } else { Ok(()) };
        let placed = flushed.and_then(|()| self.tmp.rename(&name, &self.new, &entry::file_name(record)));
        if !self.tidy(&name, placed)? {
            return Err(self.tmp.trouble(Errno::NOENT));
        }
        if self.fsync { self.new.sync() } else { Ok(()) }
    }

    /// A new file in `tmp/`. The number of a process is used again, and containers have the same ones: the
    /// name is only a good guess, and creating it fails where it is taken.
    fn new_file(&self) -> Result<(CString, OwnedFd), Trouble> {
        static FILES: AtomicU64 = AtomicU64::new(0);
        let mut tries = 0;
        loop {
            let time = unix_milliseconds(SystemTime::now());
            let file = FILES.fetch_add(1, Ordering::Relaxed);
            let name = c_name(format!("{}.{time}.{file}", process::id()));
            match self.tmp.create(&name) {
                Err(Trouble { errno: Errno::EXIST, .. }) if tries < 1000 => tries += 1,
                created => return created.map(|fd| (name, fd)),
            }
        }
    }

    /// Leaves no file behind in `tmp/` when it could not be placed.
    fn tidy<T>(&self, name: &CString, placed: Result<T, Trouble>) -> Result<T, Trouble> {
        if placed.is_err() {
            let _ = self.tmp.remove(name);
        }
        placed
    }

    fn others(&self) -> Result<&Others, Trouble> {
        if let Some(others) = self.others.get() {
            return Ok(others);
        }
        let opened = Others {
            retry: self.root.open("retry")?,
            sending: self.root.open("sending")?,
            doubt: self.root.open("doubt")?,
            failed: self.root.open("failed")?,
            corrupt: self.root.open("corrupt")?,
            lock: self.root.open("lock")?,
        };
        Ok(self.others.get_or_init(|| opened))
    }

    /// The right to touch a record's files; `None` while somebody else has it, who is alive then.
    fn lock(&self, record: Record) -> Result<Option<Lock<'_>>, Trouble> {
        let folder = &self.others()?.lock;
        let name = entry::file_name(record);
        Ok(folder.lock(&name)?.map(|fd| Lock { folder, name, _fd: fd }))
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outbox").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A record's lock. Its file is removed while it is still locked: another sender that opened it meanwhile sees that.
struct Lock<'a> {
    folder: &'a Folder,
    name: CString,
    _fd: OwnedFd,
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // A file that stays locks nothing.
        let _ = self.folder.remove(&self.name);
    }
}

fn write(folder: &Folder, fd: &OwnedFd, bytes: &[u8]) -> Result<(), Trouble> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::write(fd, rest));
        let written = written.map_err(|errno| folder.trouble(errno))?;
        rest = rest.get(written..).unwrap_or_default();
    }
    Ok(())
}

fn sync_file(folder: &Folder, fd: &OwnedFd) -> Result<(), Trouble> {
    fs::fsync(fd).map_err(|errno| folder.trouble(errno))
}

fn other_version(path: &Path) -> Refusal {
    let message = format!(
        "the outbox {:?} is of another version than {VERSION}: update this library, or take another folder",
        path.display().to_string(),
    );
    Refusal::new(Status::OutboxFailed, message)
}

/// Any number; different in each process and at each time.
fn random() -> u64 {
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_u32(process::id());
    hasher.write_u128(
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos()),
    );
    hasher.finish()
}

/// Threads may share an outbox.
const _: fn() = || {
    fn shared_by_threads<T: Send + Sync>() {}
    shared_by_threads::<Outbox>();
};

#[cfg(test)]
mod tests;
