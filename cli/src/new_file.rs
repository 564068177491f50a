//! Files that appear with all their content, for those who wait for them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Writes a file beside its place and renames it to there. `what` names it in the message.
pub(crate) fn write(path: &Path, content: &str, what: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::new(format!("cannot write {what} {}: {error}", path.display()));
    let (unfinished, mut file) = create_beside(path).map_err(failed)?;
    let written = file.write_all(content.as_bytes()).and_then(|()| fs::rename(&unfinished, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&unfinished);
        failed(error)
    })
}

/// A file that did not exist before: what somebody else put there, a link above all, is never written through.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    for attempt in 0..100 {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(format!(".{}-{attempt}", std::process::id()));
        match File::create_new(&unfinished) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (unfinished.into(), file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
