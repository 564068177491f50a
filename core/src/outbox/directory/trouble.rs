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
        // The system's words come first: they are what people search for.
        let cause = match self.errno {
            Errno::NOSPC => "no space left on device: free space or inodes on its filesystem".to_owned(),
            Errno::DQUOT => "disk quota exceeded: free space, or raise the quota".to_owned(),
            Errno::ROFS => "read-only file system: mount it writable".to_owned(),
            Errno::ACCESS | Errno::PERM => {
                format!("permission denied in {folder}: run as its owner, or let the group write to it")
            }
            Errno::NOENT if self.folder == "." => {
                "no such file or directory: make the folder with mkdir".to_owned()
            }
            Errno::NOENT => {
                format!("no such file or directory: {folder} is missing, make it with mkdir")
            }
            Errno::NOTDIR | Errno::LOOP => {
                format!("not a directory: put a folder in the place of {folder}, neither a file nor a link")
            }
            Errno::XDEV => {
                "tmp/ and new/ are on different filesystems: keep the whole outbox on one".to_owned()
            }
            Errno::NAMETOOLONG => "file name too long: use a shorter path".to_owned(),
            Errno::ISDIR | Errno::NOTEMPTY | Errno::EXIST => {
                format!("a directory stands in {folder} where a file belongs: remove it")
            }
            Errno::MFILE | Errno::NFILE => "too many open files: raise the limit (ulimit -n)".to_owned(),
            errno => format!("{errno}, in {folder}"),
        };
        let shown: String = outbox.display().to_string().chars().take(200).collect();
        Refusal::new(Status::OutboxFailed, format!("cannot {what} the outbox {shown:?}: {cause}"))
    }
}
