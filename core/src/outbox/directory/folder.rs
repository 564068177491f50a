//! One [`Folder`] of an outbox: every system call that the outbox makes is here. Nothing follows a link,
//! so nothing outside of the folder is read or written.

use std::ffi::{CStr, CString};
use std::io::Read as _;
use std::time::{Duration, SystemTime};

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    AtFlags, Dir, FileType, FlockOperation, Gid, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_OMIT, Uid,
};
use rustix::io::Errno;
use rustix::{fs, io};

use super::trouble::Trouble;

pub(super) struct Folder {
    name: &'static str,
    fd: OwnedFd,
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// A pipe that stands where a file belongs must not make anybody wait for its other end.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

impl Folder {
    /// The outbox itself; its path may lead over links.
    pub(super) fn root(path: &std::path::Path) -> Result<Self, Trouble> {
        match fs::open(path, DIRECTORY, Mode::empty()) {
            Ok(fd) => Ok(Self { name: ".", fd }),
            Err(errno) => Err(Trouble { folder: ".", errno }),
        }
    }

    pub(super) fn open(&self, name: &'static str) -> Result<Self, Trouble> {
        match fs::openat(&self.fd, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(fd) => Ok(Self { name, fd }),
            Err(errno) => Err(Trouble { folder: name, errno }),
        }
    }

    /// The folder, made where it is missing: for the same people as the outbox itself.
    pub(super) fn make(&self, name: &'static str) -> Result<Self, Trouble> {
        let made = fs::mkdirat(&self.fd, name, Mode::from_raw_mode(0o700));
        if let Err(errno) = made
            && errno != Errno::EXIST
        {
            return Err(Trouble { folder: name, errno });
        }
        let folder = self.open(name)?;
        if made.is_ok() {
            let root = self.about_itself()?;
            // Only root can give a folder away; who cannot is the owner already or shares the group.
            let owner = (Some(Uid::from_raw(root.st_uid)), Some(Gid::from_raw(root.st_gid)));
            let _ = fs::fchown(&folder.fd, owner.0, owner.1);
            let access = Mode::from_raw_mode(root.st_mode & 0o2777);
            fs::fchmod(&folder.fd, access).map_err(|errno| folder.trouble(errno))?;
        }
        Ok(folder)
    }

    pub(super) fn about_itself(&self) -> Result<Stat, Trouble> {
        fs::fstat(&self.fd).map_err(|errno| self.trouble(errno))
    }

    /// What is there under this name, a link as itself; `None`: nothing.
    pub(super) fn stat(&self, name: &CStr) -> Result<Option<Stat>, Trouble> {
        self.unless_gone(fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW))
    }

    /// Calls `each` with every name until it says no. What comes and goes meanwhile may be missed.
    pub(super) fn each_name(&self, mut each: impl FnMut(&CStr) -> bool) -> Result<(), Trouble> {
        let mut names = Dir::read_from(&self.fd).map_err(|errno| self.trouble(errno))?;
        while let Some(entry) = names.read() {
            let entry = entry.map_err(|errno| self.trouble(errno))?;
            let name = entry.file_name();
            if name != c"." && name != c".." && !each(name) {
                break;
            }
        }
        Ok(())
    }

    /// A new, empty file; an error where the name is taken.
    pub(super) fn create(&self, name: &CStr) -> Result<OwnedFd, Trouble> {
        about_to("create")
            .and_then(|()| {
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                fs::openat(&self.fd, name, flags, Mode::from_raw_mode(0o666))
            })
            .map_err(|errno| self.trouble(errno))
    }

    /// The bytes of the file, up to `limit`; `None` when it has gone.
    pub(super) fn read(&self, name: &CStr, limit: u64) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(fd) = self.unless_gone(fs::openat(&self.fd, name, READ, Mode::empty()))? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let file = std::fs::File::from(fd);
        let read = file.take(limit).read_to_end(&mut bytes);
        match read {
            Ok(_) => Ok(Some(bytes)),
            Err(error) => Err(self.trouble(Errno::from_io_error(&error).unwrap_or(Errno::IO))),
        }
    }

    /// Moves a file, over one that is there; whether there was one to move.
    pub(super) fn rename(&self, name: &CStr, to: &Self, new_name: &CStr) -> Result<bool, Trouble> {
        let renamed = about_to("rename").and_then(|()| fs::renameat(&self.fd, name, &to.fd, new_name));
        match renamed {
            Ok(()) => Ok(true),
            // The file, unless it is the folder that has gone.
            Err(Errno::NOENT) if self.stat(name)?.is_none() => Ok(false),
            Err(errno) => Err(to.trouble(errno)),
        }
    }

    /// Removes a file; whether there was one.
    pub(super) fn remove(&self, name: &CStr) -> Result<bool, Trouble> {
        let removed = about_to("remove").and_then(|()| fs::unlinkat(&self.fd, name, AtFlags::empty()));
        Ok(self.unless_gone(removed)?.is_some())
    }

    /// Puts what was moved here on the disk.
    pub(super) fn sync(&self) -> Result<(), Trouble> {
        about_to("sync").and_then(|()| fs::fsync(&self.fd)).map_err(|errno| self.trouble(errno))
    }

    /// The file of this name, made where it is missing, locked as long as the returned file is open; `None`
    /// while somebody else has it.
    pub(super) fn lock(&self, name: &CStr) -> Result<Option<OwnedFd>, Trouble> {
        let mode = Mode::from_raw_mode(0o666);
        loop {
            let fd = about_to("lock")
                .and_then(|()| fs::openat(&self.fd, name, READ | OFlags::CREATE, mode))
                .map_err(|errno| self.trouble(errno))?;
            about_to("flock").map_err(|errno| self.trouble(errno))?;
            match fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(errno) => return Err(self.trouble(errno)),
            }
            let locked = fs::fstat(&fd).map_err(|errno| self.trouble(errno))?;
            // Who had it before may have removed it since it was opened.
            if self.stat(name)?.is_some_and(|stat| same_file(&stat, &locked)) {
                return Ok(Some(fd));
            }
        }
    }

    pub(super) fn trouble(&self, errno: Errno) -> Trouble {
        Trouble { folder: self.name, errno }
    }

    fn unless_gone<T>(&self, result: io::Result<T>) -> Result<Option<T>, Trouble> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(self.trouble(errno)),
        }
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> rustix::fd::BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn same_file(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

pub(super) fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// When a file was last changed, or is due. A time before 1970 counts as 1970.
#[allow(clippy::unnecessary_cast, clippy::cast_possible_wrap)] // The fields' types differ between systems.
pub(super) fn modified(stat: &Stat) -> SystemTime {
    let seconds = u64::try_from(stat.st_mtime as i64).unwrap_or(0);
    let nanoseconds = u32::try_from(stat.st_mtime_nsec as i64).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds)).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// When a file got to its place, or its content or due time changed: seconds and nanoseconds.
#[allow(clippy::unnecessary_cast, clippy::cast_possible_wrap)] // The fields' types differ between systems.
pub(super) fn changed(stat: &Stat) -> (i64, i64) {
    (stat.st_ctime as i64, stat.st_ctime_nsec as i64)
}

pub(super) fn set_modified(fd: &OwnedFd, time: SystemTime) -> io::Result<()> {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let time = Timespec {
        tv_sec: since_1970.as_secs().try_into().unwrap_or(0),
        tv_nsec: since_1970.subsec_nanos().into(),
    };
    let unchanged = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    fs::futimens(fd, &Timestamps { last_access: unchanged, last_modification: time })
}

/// A name of ours as the system takes it; ours have no NUL.
pub(super) fn c_name(name: impl Into<Vec<u8>>) -> CString {
    CString::new(name).unwrap_or_default()
}

/// Called before everything that changes a folder: the tests let others act, and processes die, there.
#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps, clippy::inline_always)]
#[inline(always)]
fn about_to(_change: &'static str) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use super::tests::faults::about_to;
