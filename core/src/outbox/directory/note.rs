//! A [`Note`]: what the file of a record says that was tried. It is for people and for the next pause;
//! where a record is says its state, and an empty file says all that a save has to say.

use std::ffi::CStr;
use std::time::{Duration, SystemTime};

use rustix::fs::Stat;
use rustix::io::Errno;

use super::entry::LARGEST;
use super::folder::Folder;
use super::trouble::Trouble;
use crate::outcome::Status;
use crate::result::RecordResult;

/// The first line of every note.
const HEAD: &str = "oo_webhooks outbox 1";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// Since when no try got through.
    pub(super) failing_since: Option<SystemTime>,
    pub(super) status: Option<Status>,
    pub(super) error_code: i32,
    /// One line; never a token or a secret.
    pub(super) message: String,
}

impl Note {
    pub(super) fn of(result: &RecordResult) -> Self {
        Self {
            failing_since: None,
            status: Some(result.status()),
            error_code: result.error_code(),
            message: result.message().to_owned(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{HEAD}\n");
        if let Some(since) = self.failing_since {
            text += &format!("failing_since {}\n", unix_milliseconds(since));
        }
        if let Some(status) = self.status {
            text += &format!("status {}\n", status.name());
        }
        if self.error_code != 0 {
            text += &format!("error_code {}\n", self.error_code);
        }
        if !self.message.is_empty() {
            text += &format!("message {}\n", self.message);
        }
        text
    }

    /// `None` when it is no note. An empty file is one that says nothing; lines that are not known are
    /// those of a later version.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut note = Self::default();
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        if lines.next().is_some_and(|head| head != HEAD) || text.contains('\0') {
            return None;
        }
        for line in lines {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            match key {
                "failing_since" => note.failing_since = value.parse().ok().map(from_unix_milliseconds),
                "status" => note.status = Status::ALL.into_iter().find(|status| status.name() == value),
                "error_code" => note.error_code = value.parse().unwrap_or(0),
                "message" => value.clone_into(&mut note.message),
                _ => {}
            }
        }
        Some(note)
    }
}

/// The note of a record's file; `None` when its content is none. One that may not be read says nothing: the name is
/// what counts, and another user's file keeps no record waiting.
pub(super) fn read(folder: &Folder, name: &CStr, stat: &Stat) -> Result<Option<Note>, Trouble> {
    if stat.st_size == 0 {
        return Ok(Some(Note::default()));
    }
    match folder.read(name, LARGEST.unsigned_abs()) {
        Ok(Some(bytes)) => Ok(Note::parse(&bytes)),
        Ok(None) | Err(Trouble { errno: Errno::ACCESS | Errno::PERM, .. }) => Ok(Some(Note::default())),
        Err(trouble) => Err(trouble),
    }
}

/// Unix milliseconds; 0 for a time before 1970.
pub fn unix_milliseconds(time: SystemTime) -> i64 {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

fn from_unix_milliseconds(milliseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let note = Note {
            failing_since: Some(from_unix_milliseconds(1_764_000_000_123)),
            status: Some(Status::UnknownRecord),
            error_code: 292,
            message: "address 5: rejected: no such record".to_owned(),
        };
        assert_eq!(Note::parse(note.to_text().as_bytes()), Some(note));
        assert_eq!(Note::parse(b""), Some(Note::default()));
        assert_eq!(Note::parse(Note::default().to_text().as_bytes()), Some(Note::default()));
    }

    #[test]
    fn other_content_is_no_note_and_odd_lines_are_passed_over() {
        for bytes in [&b"\0"[..], b"\n", b"hello\n", b"\xff\xff", b"oo_webhooks outbox 2\n"] {
            assert_eq!(Note::parse(bytes), None, "{bytes:?}");
        }
        let odd = "oo_webhooks outbox 1\nfailing_since never\nstatus x\nerror_code 99999999999\nhm\n\n";
        assert_eq!(Note::parse(odd.as_bytes()), Some(Note::default()));
        let far = format!("{HEAD}\nfailing_since {}\n", u64::MAX);
        assert!(Note::parse(far.as_bytes()).is_some());
    }
}
