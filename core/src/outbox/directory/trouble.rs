//! A [`Trouble`]: what the system refused, and the line that says so to a person.

use std::path::Path;

use rustix::io::Errno;

use crate::outcome::Status;
use crate::refusal::Refusal;

/// The system refused something in one of the folders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    /// The folder, or `.` for the outbox itself.
    pub(super) folder: &'static str,
    pub(super) errno: Errno,
}

impl Trouble {
    /// One line that names what could not be done, where, and the cure.
    pub(super) fn explain(self, what: &str, outbox: &Path) -> Refusal {
        let folder = match self.folder {
            "." => "it".to_owned(),
            folder => format!("its folder {folder}/"),
        };
        let cause = match self.errno {
            Errno::NOSPC | Errno::DQUOT => {
                "the disk is full: free space or inodes on its filesystem, or raise the quota".to_owned()
            }
            Errno::ROFS => "its filesystem is read-only: mount it writable".to_owned(),
            Errno::ACCESS | Errno::PERM => {
                format!("permission denied in {folder}: run as its owner, or let the group write to it")
            }
            Errno::NOENT if self.folder == "." => "there is no such folder: make it with mkdir".to_owned(),
            Errno::NOENT => format!("{folder} is missing: make it with mkdir, or open the outbox anew"),
            Errno::NOTDIR | Errno::LOOP => {
                format!("{folder} is not a folder: put a folder there, not a file or a link")
            }
            Errno::XDEV => {
                "tmp/ and new/ are on different filesystems: keep the whole outbox on one".to_owned()
            }
            Errno::NAMETOOLONG => "the path is too long: use a shorter one".to_owned(),
            Errno::ISDIR | Errno::NOTEMPTY | Errno::EXIST => {
                format!("something stands in {folder} where a file belongs: remove it")
            }
            Errno::MFILE | Errno::NFILE => "too many files are open: raise the limit (ulimit -n)".to_owned(),
            errno => format!("{errno}, in {folder}"),
        };
        let shown: String = outbox.display().to_string().chars().take(200).collect();
        Refusal::new(Status::OutboxFailed, format!("cannot {what} the outbox {shown:?}: {cause}"))
    }
}
