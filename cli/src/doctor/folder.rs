//! An outbox in a folder. Nothing in it is made or changed.

use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{Access, StatVfs, access, statfs, statvfs};
use rustix::process::geteuid;

use super::finding::Finding;

/// The folders of an outbox: docs/outbox-format.md.
const FOLDERS: [&str; 8] = ["tmp", "new", "retry", "sending", "doubt", "failed", "corrupt", "lock"];

/// Kinds of file systems over a network, by the numbers of statfs(2): nfs, smb, cifs, smb2, ceph, fuse.
const OF_A_NETWORK: [i64; 6] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x00C3_6400, 0x6573_5546];

const LEAST_SPACE: u64 = 100 << 20;
const LEAST_FILES: u64 = 10_000;

pub(super) fn look(path: &Path) -> Vec<Finding> {
    let shown = path.display();
    let metadata = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            return vec![Finding::bad("outbox", format!("{shown} is not a folder")).cure("name a folder")];
        }
        Err(error) => {
            return vec![Finding::bad("outbox", format!("{shown}: {error}")).cure(format!("mkdir {shown}"))];
        }
    };
    let mut findings = vec![Finding::good("outbox", shown.to_string()), rights(path, &metadata)];
    findings.push(version(path));
    findings.push(one_file_system(path, &metadata));
    findings.extend(kind(path));
    findings.extend(space(path));
    findings
}

fn rights(path: &Path, metadata: &Metadata) -> Finding {
    let (owner, mode) = (metadata.uid(), metadata.permissions().mode() & 0o7777);
    let found = format!("owner {owner}, mode {mode:04o}; this is user {}", geteuid().as_raw());
    let name = "outbox rights";
    if access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Finding::bad(name, found).cure(
            "give the users of the app and of the worker a group, and run chgrp and chmod 2770 on the folder",
        );
    }
    if mode & 0o002 != 0 {
        return Finding::bad(name, found)
            .cure(format!("chmod o-w {}: everybody may write to it", path.display()));
    }
    let foreign: Vec<&str> = FOLDERS
        .into_iter()
        .filter(|folder| {
            let folder = fs::metadata(path.join(folder));
            folder.is_ok_and(|folder| (folder.uid(), folder.gid()) != (metadata.uid(), metadata.gid()))
        })
        .collect();
    if !foreign.is_empty() {
        return Finding::warning(name, format!("{found}; {} belong to others", foreign.join(", ")))
            .cure(format!("chown -R --reference={0} {0}", path.display()));
    }
    Finding::good(name, found)
}

fn version(path: &Path) -> Finding {
    let name = "outbox format";
    match read_version(&path.join("version")) {
        Ok(version) if version.trim() == "1" => Finding::good(name, "version 1"),
        Ok(version) => {
            let shown: String = version.trim().chars().take(20).collect();
            Finding::bad(name, format!("version {shown:?}"))
                .cure("update this program, or take another folder")
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Finding::good(name, "empty: the first save makes what it needs")
        }
        Err(error) => Finding::bad(name, error.to_string())
            .cure("put back the file version, with 1 in it, or take another folder"),
    }
}

/// What stands there may be a pipe, for whose other end nobody waits, and of any size.
fn read_version(path: &Path) -> io::Result<String> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("version is no file"));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(64).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A save is a rename, which cannot lead to another file system.
fn one_file_system(path: &Path, metadata: &Metadata) -> Finding {
    let elsewhere: Vec<&str> = FOLDERS
        .into_iter()
        .filter(|folder| {
            fs::symlink_metadata(path.join(folder))
                .is_ok_and(|folder| folder.dev() != metadata.dev() || !folder.is_dir())
        })
        .collect();
    if elsewhere.is_empty() {
        Finding::good("outbox files", "all on one file system")
    } else {
        Finding::bad("outbox files", format!("{} is a link or on another file system", elsewhere.join(", ")))
            .cure("move the whole outbox there, not a part of it")
    }
}

fn kind(path: &Path) -> Option<Finding> {
    #[allow(clippy::unnecessary_cast)] // Its type differs between systems.
    let kind = statfs(path).ok()?.f_type as i64;
    Some(if OF_A_NETWORK.contains(&kind) {
        Finding::warning("outbox disk", "a file system over a network")
            .cure("keep the outbox on a disk of this machine: locks and renames are only sure there; or use a database")
    } else {
        Finding::good("outbox disk", "a file system of this machine")
    })
}

fn space(path: &Path) -> Option<Finding> {
    let StatVfs { f_bavail, f_frsize, f_files, f_favail, .. } = statvfs(path).ok()?;
    let bytes = f_bavail.saturating_mul(f_frsize);
    // Some file systems count no files.
    let is_short = bytes < LEAST_SPACE || (f_files > 0 && f_favail < LEAST_FILES);
    let found = format!("{} MB and {f_favail} files are free", bytes >> 20);
    Some(if is_short {
        Finding::warning("outbox space", found).cure("make room: a save that finds none is refused")
    } else {
        Finding::good("outbox space", found)
    })
}
