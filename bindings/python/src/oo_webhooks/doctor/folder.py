"""An outbox in a folder, as this user sees it. Nothing in it is made or changed.

The words are those of `oo-webhooks doctor`.
"""

from __future__ import annotations

import json
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Optional

from .finding import Finding, Grade

# The folders of an outbox: docs/outbox-format.md.
_FOLDERS = ("tmp", "new", "retry", "sending", "doubt", "failed", "corrupt", "lock")

_OF_A_NETWORK = re.compile("(nfs|cifs|smb|ceph|fuse|9p|afs)")

_LEAST_SPACE = 100 << 20
_LEAST_FILES = 10_000


def look(path: Path) -> list[Finding]:
    try:
        status = path.stat()
    except OSError as error:
        return [Finding("outbox", Grade.BAD, f"{path}: {error.strerror}", f"mkdir {path}")]
    except ValueError as error:
        return [Finding("outbox", Grade.BAD, f"{path}: {error}", "name a folder")]
    if not stat.S_ISDIR(status.st_mode):
        return [Finding("outbox", Grade.BAD, f"{path} is not a folder", "name a folder")]
    findings = [
        Finding("outbox", Grade.GOOD, str(path)),
        _rights(path, status),
        _version(path),
        _one_file_system(path, status),
        _disk(path),
        _space(path),
    ]
    return [finding for finding in findings if finding is not None]


def _rights(path: Path, status: os.stat_result) -> Finding:
    name = "outbox rights"
    mode = stat.S_IMODE(status.st_mode)
    found = f"owner {status.st_uid}, mode {mode:04o}; this is user {os.geteuid()}"
    for folder in (path, path / "tmp", path / "new"):
        if folder.is_dir() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            found += "" if folder == path else f", who may not write to {folder}"
            cure = "give the users of the app and of the worker a group, and run chgrp and chmod 2770 on the folder"
            return Finding(name, Grade.BAD, found, cure)
    if mode & stat.S_IWOTH:
        return Finding(name, Grade.BAD, found, f"chmod o-w {path}: everybody may write to it")
    ours = (status.st_uid, status.st_gid)
    foreign = [name for name, its in _folders(path) if (its.st_uid, its.st_gid) != ours]
    if foreign:
        cure = f"chown -R --reference={path} {path}"
        return Finding(name, Grade.WARNING, f"{found}; {', '.join(foreign)} belong to others", cure)
    return Finding(name, Grade.GOOD, found)


def _folders(path: Path) -> list[tuple[str, os.stat_result]]:
    """What is there of an outbox's folders; a link is not followed."""
    there = []
    for name in _FOLDERS:
        # One that this user may not look at is found by its rights.
        with suppress(OSError):
            there.append((name, (path / name).lstat()))
    return there


def _version(path: Path) -> Finding:
    name = "outbox format"
    file = path / "version"
    cure = "put back the file version, with 1 in it, or take another folder"
    try:
        # What stands there may be a pipe, for whose other end nobody waits, and of any size.
        if not stat.S_ISREG(file.lstat().st_mode):
            return Finding(name, Grade.BAD, "version is no file", cure)
        with file.open("rb") as opened:
            version = opened.read(64).decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return Finding(name, Grade.GOOD, "empty: the first save makes what it needs")
    except OSError as error:
        return Finding(name, Grade.BAD, str(error.strerror), cure)
    if version == "1":
        return Finding(name, Grade.GOOD, "version 1")
    shown = json.dumps(version[:20], ensure_ascii=False)
    return Finding(name, Grade.BAD, f"version {shown}", "update this program, or take another folder")


def _one_file_system(path: Path, status: os.stat_result) -> Finding:
    """A save is a rename, which cannot lead to another file system."""
    elsewhere = [name for name, its in _folders(path) if its.st_dev != status.st_dev or not stat.S_ISDIR(its.st_mode)]
    if elsewhere:
        found = f"{', '.join(elsewhere)} is a link or on another file system"
        return Finding("outbox files", Grade.BAD, found, "move the whole outbox there, not a part of it")
    return Finding("outbox files", Grade.GOOD, "all on one file system")


def _disk(path: Path) -> Optional[Finding]:
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    real = path.resolve()
    over = [line.split(" ") for line in mounts.splitlines()]
    over = [mount for mount in over if Path(mount[1].replace("\\040", " ")) in (real, *real.parents)]
    if not over:
        return None
    # The last mount on the deepest folder is the one that is seen.
    kind = max(over, key=lambda mount: (len(mount[1]), over.index(mount)))[2]
    if _OF_A_NETWORK.match(kind):
        cure = "keep the outbox on a disk of this machine: locks and renames are only sure there; or use a database"
        return Finding("outbox disk", Grade.WARNING, "a file system over a network", cure)
    return Finding("outbox disk", Grade.GOOD, "a file system of this machine")


def _space(path: Path) -> Finding:
    system = os.statvfs(path)
    bytes_free = system.f_bavail * system.f_frsize
    found = f"{bytes_free >> 20} MB and {system.f_favail} files are free"
    # Some file systems count no files.
    if bytes_free < _LEAST_SPACE or (system.f_files > 0 and system.f_favail < _LEAST_FILES):
        return Finding("outbox space", Grade.WARNING, found, "make room: a save that finds none is refused")
    return Finding("outbox space", Grade.GOOD, found)
