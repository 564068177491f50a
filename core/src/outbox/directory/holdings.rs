//! What an outbox holds, for people and monitors, and what a person may do about it.

use std::cell::Cell;
use std::collections::BinaryHeap;
use std::ffi::{CStr, CString};
use std::time::SystemTime;

use rustix::fs::Stat;

use super::entry;
use super::folder::{Folder, changed, is_regular, modified};
use super::note::{self, unix_milliseconds};
use super::trouble::Trouble;
use super::{Others, Outbox};
use crate::outbox::policy::{Event, State, WhenInDoubt, next};
use crate::outcome::Status;
use crate::record::Record;
use crate::refusal::Refusal;

/// A state in which an outbox holds a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It will be sent.
    Waiting,
    /// It is being sent, or its sender died and no sweep has seen it since.
    Sending,
    /// It may have been executed or not: a person decides.
    Doubt,
    /// It was not executed and is not tried again.
    Failed,
}

impl Held {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sending, Self::Doubt, Self::Failed];

    /// Its name: `waiting`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Doubt => "doubt",
            Self::Failed => "failed",
        }
    }
}

/// How many records are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that will be sent, now or after a pause.
    pub waiting: u64,
    /// Records that are being sent.
    pub sending: u64,
    /// Records that a person must decide about.
    pub doubt: u64,
    /// Records that are not tried again.
    pub failed: u64,
    /// Files that are no record's, in `corrupt/` or not there yet.
    pub corrupt: u64,
    /// Since when the record that waits longest has waited, by its last save.
    pub oldest_waiting: Option<SystemTime>,
}

/// A record that an outbox holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Its state.
    pub state: Held,
    /// Waiting: the last save or, where that was later, the first try that failed. Otherwise: when it got into
    /// this state.
    pub since: SystemTime,
    /// When it is due, while it waits.
    pub due: Option<SystemTime>,
    /// The status of the last try; `None` before the first.
    pub status: Option<Status>,
    /// onOffice's error code; 0 when it gave none.
    pub error_code: i32,
    /// One line about the last try; empty before the first. Never a token or a secret.
    pub message: String,
}

impl Outbox {
    /// How many records are in each state. It reads every name, and locks nothing: where others work at
    /// the same time, a record may be missed or counted where it was.
    ///
    /// # Errors
    /// `OutboxFailed`, with the cause and the cure.
    pub fn counts(&self) -> Result<Counts, Refusal> {
        self.explained("read", || {
            let mut counts = Counts::default();
            let corrupt = Cell::new(0);
            for (state, count) in [
                (Held::Waiting, &mut counts.waiting),
                (Held::Sending, &mut counts.sending),
                (Held::Doubt, &mut counts.doubt),
                (Held::Failed, &mut counts.failed),
            ] {
                let oldest = &mut counts.oldest_waiting;
                self.each(
                    state,
                    |_, _, stat| {
                        *count += 1;
                        if state == Held::Waiting {
                            let time = modified(stat);
                            *oldest = Some(oldest.map_or(time, |oldest| oldest.min(time)));
                        }
                        Ok(true)
                    },
                    || corrupt.set(corrupt.get() + 1),
                )?;
            }
            self.others()?.corrupt.each_name(|_| {
                corrupt.set(corrupt.get() + 1);
                true
            })?;
            counts.corrupt = corrupt.get();
            Ok(counts)
        })
    }

    /// The records in a state, the oldest first, at most `most` of them.
    ///
    /// # Errors
    /// `OutboxFailed`, with the cause and the cure.
    pub fn list(&self, state: Held, most: usize) -> Result<Vec<Entry>, Refusal> {
        self.list_where(state, most, |_| true)
    }

    /// As [`Outbox::list`], of the records that are wanted. Only `most` are in memory, however many there are.
    ///
    /// # Errors
    /// As [`Outbox::list`].
    pub fn list_where(
        &self,
        state: Held,
        most: usize,
        is_wanted: impl Fn(Record) -> bool,
    ) -> Result<Vec<Entry>, Refusal> {
        self.explained("read", || {
            // By time and name; the newest goes first where there are too many.
            let mut oldest: BinaryHeap<(SystemTime, CString)> = BinaryHeap::new();
            self.each(
                state,
                |name, record, stat| {
                    if is_wanted(record) {
                        oldest.push((modified(stat), name.to_owned()));
                        if oldest.len() > most {
                            oldest.pop();
                        }
                    }
                    Ok(true)
                },
                || {},
            )?;
            let mut entries = Vec::new();
            for (_, name) in oldest.into_sorted_vec() {
                if let Ok(record) = entry::parse(&name) {
                    entries.extend(self.entry(state, record)?);
                }
            }
            Ok(entries)
        })
    }

    /// What is known of a record; `None` when it is not there.
    ///
    /// # Errors
    /// `OutboxFailed`, with the cause and the cure.
    pub fn find(&self, record: Record) -> Result<Option<Entry>, Refusal> {
        self.explained("read", || self.entry_in_any_state(record))
    }

    /// The record whose last try was the last one of all and did not end well; `None` where there is none.
    ///
    /// # Errors
    /// `OutboxFailed`, with the cause and the cure.
    pub fn last_error(&self) -> Result<Option<Entry>, Refusal> {
        self.explained("read", || {
            let others = self.others()?;
            let mut last: Option<((i64, i64), Held, Record)> = None;
            let places = [
                (Held::Waiting, &others.retry),
                (Held::Doubt, &others.doubt),
                (Held::Failed, &others.failed),
            ];
            for (state, folder) in places {
                let newest = |_: &CStr, record, stat: &Stat| {
                    let changed = changed(stat);
                    if last.is_none_or(|(latest, ..)| changed > latest) {
                        last = Some((changed, state, record));
                    }
                    Ok(true)
                };
                visit_all(folder, &[], newest, || {})?;
            }
            let Some((_, state, record)) = last else { return Ok(None) };
            Ok(self.entry(state, record)?.filter(|entry| entry.status.is_some()))
        })
    }

    /// Has a record that is in doubt or has failed sent again, which executes it twice when it was executed.
    ///
    /// With `since`, that of an [`Entry`], nothing is done when the record got into its state at another
    /// time: it is not the one that was looked at.
    ///
    /// # Errors
    /// `InvalidArgument` when it is neither in doubt nor failed, or not as it was; `OutboxFailed`.
    pub fn retry(&self, record: Record, since: Option<SystemTime>) -> Result<(), Refusal> {
        let what = format!("retry {record} in");
        self.decide(record, since, Event::Retried, &what)
    }

    /// Has a record that waits, is in doubt or has failed forgotten. `since` as for [`Outbox::retry`].
    ///
    /// # Errors
    /// `InvalidArgument` when there is no such record or it is not as it was; `OutboxFailed`.
    pub fn remove(&self, record: Record, since: Option<SystemTime>) -> Result<(), Refusal> {
        let what = format!("drop {record} from");
        self.decide(record, since, Event::Dropped, &what)
    }

    fn decide(
        &self,
        record: Record,
        since: Option<SystemTime>,
        event: Event,
        what: &str,
    ) -> Result<(), Refusal> {
        let refuse = |why: &str| {
            Err(Refusal::new(Status::InvalidArgument, format!("cannot {what} the outbox: {why}")))
        };
        let lock = self.explained(what, || self.lock(record))?;
        let Some(_lock) = lock else { return refuse("it is being sent: try again when it is not") };
        let Some(entry) = self.explained(what, || self.entry_in_any_state(record))? else {
            return refuse("it is not there");
        };
        if since.is_some_and(|since| unix_milliseconds(since) != unix_milliseconds(entry.since)) {
            return refuse("it is not as it was when you looked: look at it again");
        }
        let state = match entry.state {
            Held::Waiting => State::Waiting,
            Held::Sending => return refuse("its sender died: drain the outbox first"),
            Held::Doubt => State::Doubt,
            Held::Failed => State::Failed,
        };
        if next(state, event, WhenInDoubt::Hold).is_none() {
            return refuse("it waits to be sent already");
        }
        self.explained(what, || match (state, event) {
            (_, Event::Retried) => {
                self.place(record)?;
                forget(record, &[&self.others()?.doubt, &self.others()?.failed])
            }
            (State::Waiting, _) => self.forget_waiting(record, entry.since),
            _ => forget(record, &[&self.others()?.doubt, &self.others()?.failed]),
        })
    }

    /// A writer may save the record at the same moment, and that save is not what was looked at: the file
    /// is taken out of `new/` first, looked at, and put back when it is newer. Where this process dies in
    /// between, the record is in doubt.
    fn forget_waiting(&self, record: Record, since: SystemTime) -> Result<(), Trouble> {
        let name = entry::file_name(record);
        let others = self.others()?;
        let sending = &others.sending;
        if self.new.rename(&name, sending, &name)? {
            if sending.stat(&name)?.is_some_and(|stat| modified(&stat) > since) {
                sending.rename(&name, &self.new, &name)?;
                return Ok(());
            }
            sending.remove(&name)?;
        }
        forget(record, &[&others.retry, &others.doubt, &others.failed])
    }

    fn entry_in_any_state(&self, record: Record) -> Result<Option<Entry>, Trouble> {
        for state in [Held::Sending, Held::Waiting, Held::Doubt, Held::Failed] {
            if let Some(entry) = self.entry(state, record)? {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// What is known of a record in one state; `None` when it is not in it.
    fn entry(&self, state: Held, record: Record) -> Result<Option<Entry>, Trouble> {
        let others = self.others()?;
        let name = entry::file_name(record);
        // What was tried says more than a save that came afterwards.
        let places = match state {
            Held::Waiting => [&others.retry, &self.new],
            _ => [folder_of(state, others); 2],
        };
        for folder in places {
            let Some(stat) = folder.stat(&name)?.filter(|stat| entry::check(stat).is_ok()) else { continue };
            let note = note::read(folder, &name, &stat)?.unwrap_or_default();
            let time = modified(&stat);
            let waits = state == Held::Waiting;
            let saved = self.new.stat(&name)?.map_or(SystemTime::UNIX_EPOCH, |stat| modified(&stat));
            return Ok(Some(Entry {
                record,
                state,
                since: if waits { note.failing_since.unwrap_or(time).max(saved) } else { time },
                due: waits.then_some(time),
                status: note.status,
                error_code: note.error_code,
                message: note.message,
            }));
        }
        Ok(None)
    }

    /// Calls `each` with every record in a state, once, and its file. A record is in the first of sending,
    /// waiting, doubt and failed where it has a file.
    fn each(
        &self,
        state: Held,
        mut each: impl FnMut(&CStr, Record, &Stat) -> Result<bool, Trouble>,
        mut corrupt: impl FnMut(),
    ) -> Result<(), Trouble> {
        let others = self.others()?;
        let (new, retry, sending, doubt) = (&self.new, &others.retry, &others.sending, &others.doubt);
        let places: &[(&Folder, &[&Folder])] = match state {
            Held::Sending => &[(sending, &[])],
            Held::Waiting => &[(retry, &[sending]), (new, &[sending, retry])],
            Held::Doubt => &[(doubt, &[sending, new, retry])],
            Held::Failed => &[(&others.failed, &[sending, new, retry, doubt])],
        };
        for (folder, before) in places {
            visit_all(folder, before, &mut each, &mut corrupt)?;
        }
        Ok(())
    }

    fn explained<T>(&self, what: &str, ask: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Refusal> {
        ask().map_err(|trouble| trouble.explain(what, &self.path))
    }
}

/// Visits each file of a folder until one visit says that it is enough.
fn visit_all(
    folder: &Folder,
    before: &[&Folder],
    mut each: impl FnMut(&CStr, Record, &Stat) -> Result<bool, Trouble>,
    mut corrupt: impl FnMut(),
) -> Result<(), Trouble> {
    let mut trouble = None;
    folder.each_name(|name| {
        let visited = visit(folder, before, name, &mut each, &mut corrupt);
        visited.unwrap_or_else(|wrong| {
            trouble = Some(wrong);
            false
        })
    })?;
    trouble.map_or(Ok(()), Err)
}

fn visit(
    folder: &Folder,
    before: &[&Folder],
    name: &CStr,
    each: &mut impl FnMut(&CStr, Record, &Stat) -> Result<bool, Trouble>,
    corrupt: &mut impl FnMut(),
) -> Result<bool, Trouble> {
    let Some(stat) = folder.stat(name)? else { return Ok(true) };
    let Some(record) = entry::parse(name).ok().filter(|_| entry::check(&stat).is_ok()) else {
        corrupt();
        return Ok(true);
    };
    for place in before {
        if place.stat(name)?.is_some() {
            return Ok(true);
        }
    }
    each(name, record, &stat)
}

fn folder_of(state: Held, others: &Others) -> &Folder {
    match state {
        Held::Failed => &others.failed,
        Held::Doubt => &others.doubt,
        Held::Sending | Held::Waiting => &others.sending,
    }
}

fn forget(record: Record, folders: &[&Folder]) -> Result<(), Trouble> {
    let name = entry::file_name(record);
    for folder in folders {
        if folder.stat(&name)?.is_some_and(|stat| is_regular(&stat)) {
            folder.remove(&name)?;
        }
    }
    Ok(())
}
