//! The name of a record's file, `<module>-<id>`, and why a file is not a record's: [`Corrupt`].

use std::ffi::{CStr, CString};

use rustix::fs::Stat;

use super::folder::{c_name, is_regular};
use crate::record::{Module, Record};

/// The longest file that is read; a note is shorter.
pub(super) const LARGEST: i64 = 4096;

/// Why a file cannot be a record's. Its word begins the file's name in `corrupt/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corrupt {
    /// The name is not `<module>-<id>`.
    Name,
    /// The module is none of onOffice's.
    Module,
    /// The id is not a number from 1 to 9223372036854775807, written without zeros in front.
    Id,
    /// It is a folder, a link, a pipe or a device.
    Kind,
    /// It is another name of a file that may be outside of the outbox.
    Linked,
    /// It is larger than 4 KB.
    TooLarge,
    /// Its content is not a note of an outbox.
    Content,
}

impl Corrupt {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Module => "module",
            Self::Id => "id",
            Self::Kind => "kind",
            Self::Linked => "linked",
            Self::TooLarge => "too_large",
            Self::Content => "content",
        }
    }
}

pub(super) fn file_name(record: Record) -> CString {
    c_name(format!("{}-{}", record.module(), record.id()))
}

/// The record that a file name stands for.
pub(super) fn parse(name: &CStr) -> Result<Record, Corrupt> {
    let name = name.to_str().map_err(|_| Corrupt::Name)?;
    let (module, id) = name.split_once('-').ok_or(Corrupt::Name)?;
    let module: Module = module.parse().map_err(|_| Corrupt::Module)?;
    let number: i64 = id.parse().map_err(|_| Corrupt::Id)?;
    // A record has one name only: neither 007 nor +7.
    if number.to_string() != id {
        return Err(Corrupt::Id);
    }
    Record::new(module.as_str(), number).map_err(|_| Corrupt::Id)
}

/// Whether a record's file may be touched at all.
pub(super) fn check(stat: &Stat) -> Result<(), Corrupt> {
    if !is_regular(stat) {
        Err(Corrupt::Kind)
    } else if stat.st_nlink > 1 {
        Err(Corrupt::Linked)
    } else if stat.st_size > LARGEST {
        Err(Corrupt::TooLarge)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_one_name() {
        for record in [Record::new("estate", 1).unwrap(), Record::new("calendar", i64::MAX).unwrap()] {
            assert_eq!(parse(&file_name(record)), Ok(record));
        }
        for (name, why) in [
            (c"estate", Corrupt::Name),
            (c"", Corrupt::Name),
            (c"\xff\xfe-1", Corrupt::Name),
            (c"Estate-1", Corrupt::Module),
            (c"../estate-1", Corrupt::Module),
            (c"-1", Corrupt::Module),
            (c"estate-", Corrupt::Id),
            (c"estate-0", Corrupt::Id),
            (c"estate--1", Corrupt::Id),
            (c"estate-+1", Corrupt::Id),
            (c"estate-01", Corrupt::Id),
            (c"estate-1 ", Corrupt::Id),
            (c"estate-9223372036854775808", Corrupt::Id),
        ] {
            assert_eq!(parse(name), Err(why), "{name:?}");
        }
    }
}
