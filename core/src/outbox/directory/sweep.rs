//! [`Outbox::drain`]: one sweep over what is due. All that is done to a record is done with its lock.

use std::ffi::CStr;
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::Stat;
use rustix::io::Errno;

use super::entry::{self, Corrupt};
use super::folder::{Folder, c_name, is_regular, modified, set_modified};
use super::note::{self, Note, unix_milliseconds};
use super::trouble::Trouble;
use super::{Lock, Others, Outbox, random, sync_file, write};
use crate::outbox::policy::{Due, Event, LONGEST_PAUSE, Next, Reason, State, WhenInDoubt, backoff, next};
use crate::outcome::{Outcome, Status};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::result::RecordResult;

/// So many records are looked at together, the longest due first. What is in memory stays bounded when
/// millions wait.
const WINDOW: usize = if cfg!(test) { 100 } else { 10_000 };

/// After so many troubles of its folder a sweep ends: the next record would have the same.
const MOST_TROUBLES: u32 = 16;

/// What is left in `tmp/` for so long belongs to a writer that died before its save.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// How much one sweep may do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// So many records are sent at most; `None` for no limit.
    pub most: Option<u64>,
    /// After this time no sending is begun. One that has begun ends with its own timeout.
    pub deadline: Option<Duration>,
}

/// What a sweep did. Everything that left its place is counted by its reason.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Records that were sent, or tried to be.
    pub tried: u64,
    reasons: [u64; Reason::ALL.len()],
    /// Files that were no record's, now in `corrupt/`.
    pub corrupt: u64,
    /// Records whose sender had died while it sent them; each is counted by its reason too.
    pub dead_senders: u64,
    /// Files in `tmp/` of writers that died before their save, now removed.
    pub abandoned: u64,
    /// Records that another sender had.
    pub busy: u64,
    /// The result after which the sweep ended, since the next records would have fared alike.
    pub stopped_by: Option<RecordResult>,
    /// What the outbox's folders refused first. What it was about stays where it is.
    pub trouble: Option<Refusal>,
    troubles: u32,
}

impl Report {
    /// How many records left their place for this reason.
    pub fn count(&self, reason: Reason) -> u64 {
        let counts = Reason::ALL.into_iter().zip(self.reasons);
        counts.filter(|(counted, _)| *counted == reason).map(|(_, count)| count).sum()
    }

    pub(super) fn add(&mut self, reason: Option<Reason>) {
        for (counted, count) in Reason::ALL.into_iter().zip(&mut self.reasons) {
            *count += u64::from(Some(counted) == reason);
        }
    }
}

impl Outbox {
    /// Sends what is due, the longest due first, one record at a time, with `execute`, whose result decides
    /// what becomes of the record. Any number of threads and processes may do so at a time.
    ///
    /// A record is marked as being sent before `execute` is called: when this process dies in it, the
    /// record is in doubt. The sweep ends with the first failure of the network, of the host behind it or of
    /// the credentials: an outage costs one try a sweep.
    pub fn drain(&self, limits: Limits, execute: impl FnMut(Record) -> RecordResult) -> Report {
        let mut report = Report::default();
        match self.others() {
            Ok(others) => {
                let mut sweep = Sweep {
                    outbox: self,
                    others,
                    end: limits.deadline.and_then(|deadline| Instant::now().checked_add(deadline)),
                    most: limits.most.unwrap_or(u64::MAX),
                    report: &mut report,
                };
                sweep.run(execute);
            }
            Err(trouble) => report.trouble = Some(trouble.explain("drain", &self.path)),
        }
        report
    }
}

struct Sweep<'a> {
    outbox: &'a Outbox,
    others: &'a Others,
    end: Option<Instant>,
    most: u64,
    report: &'a mut Report,
}

impl<'a> Sweep<'a> {
    fn run(&mut self, mut execute: impl FnMut(Record) -> RecordResult) {
        self.bury_the_dead();
        self.remove_the_abandoned();
        loop {
            let before = self.report.tried + self.report.corrupt;
            let (due, is_all) = self.due();
            for record in due {
                if self.is_over() || self.report.tried >= self.most {
                    return;
                }
                let visited = self.visit(record, &mut execute);
                self.note_trouble(visited);
            }
            if is_all || self.report.tried + self.report.corrupt == before {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.report.stopped_by.is_some()
            || self.report.troubles >= MOST_TROUBLES
            || self.end.is_some_and(|end| Instant::now() >= end)
    }

    fn note_trouble(&mut self, result: Result<(), Trouble>) {
        if let Err(trouble) = result {
            self.report.troubles += 1;
            self.report.trouble.get_or_insert_with(|| trouble.explain("drain", &self.outbox.path));
        }
    }

    /// What is in `sending/` and not locked was left by a sender that died.
    fn bury_the_dead(&mut self) {
        for record in self.records_in(&self.others.sending) {
            if self.is_over() {
                return;
            }
            let buried = self.lock(record).and_then(|lock| match lock {
                Some(_lock) => self.bury(record),
                None => Ok(()),
            });
            self.note_trouble(buried);
        }
    }

    fn bury(&mut self, record: Record) -> Result<(), Trouble> {
        let name = entry::file_name(record);
        let Some(stat) = self.others.sending.stat(&name)? else { return Ok(()) };
        if let Err(why) = entry::check(&stat) {
            self.corrupt(&self.others.sending, &name, why);
            return Ok(());
        }
        self.report.dead_senders += 1;
        let before = note::read(&self.others.sending, &name, &stat)?.unwrap_or_default();
        let note = Note {
            failing_since: before.failing_since,
            status: Some(Status::ConnectionLost),
            error_code: 0,
            message: format!("{record}: in doubt: its sender ended while it was sending"),
        };
        self.settle(record, Event::SenderDied, note)
    }

    fn remove_the_abandoned(&mut self) {
        let tmp = &self.outbox.tmp;
        let mut names = Vec::new();
        let listed = tmp.each_name(|name| {
            names.push(name.to_owned());
            names.len() < WINDOW
        });
        self.note_trouble(listed);
        for name in names {
            if self.is_over() {
                return;
            }
            let removed = tmp.stat(&name).and_then(|stat| {
                let Some(stat) = stat else { return Ok(()) };
                let age = (self.outbox.clock)().duration_since(modified(&stat)).unwrap_or_default();
                if !is_regular(&stat) {
                    self.corrupt(tmp, &name, Corrupt::Kind);
                } else if age >= ABANDONED && tmp.remove(&name)? {
                    self.report.abandoned += 1;
                }
                Ok(())
            });
            self.note_trouble(removed);
        }
    }

    /// The records that are due, the longest due first, and whether that is all of them.
    fn due(&mut self) -> (Vec<Record>, bool) {
        let now = (self.outbox.clock)();
        let mut due: Vec<(SystemTime, Record)> = Vec::new();
        let mut bad = Vec::new();
        let mut is_all = true;
        let (new, retry) = (&self.outbox.new, &self.others.retry);
        for folder in [new, retry] {
            let end = due.len() + WINDOW;
            let listed = folder.each_name(|name| {
                match entry::parse(name) {
                    Ok(record) => match time_due(folder, retry, name, now) {
                        Ok(Some(time)) => due.push((time, record)),
                        Ok(None) => {}
                        // The visit says what is wrong.
                        Err(_) => due.push((now, record)),
                    },
                    // However many there are, they keep no record from being found.
                    Err(why) if bad.len() < WINDOW => bad.push((folder, name.to_owned(), why)),
                    Err(_) => is_all = false,
                }
                let has_room = due.len() < end;
                is_all &= has_room;
                has_room
            });
            self.note_trouble(listed);
        }
        for (folder, name, why) in bad {
            if self.is_over() {
                break;
            }
            self.corrupt(folder, &name, why);
        }
        oldest_first(&mut due);
        (due.into_iter().map(|(_, record)| record).collect(), is_all)
    }

    fn records_in(&mut self, folder: &Folder) -> Vec<Record> {
        let mut records = Vec::new();
        let mut bad = Vec::new();
        let listed = folder.each_name(|name| {
            match entry::parse(name) {
                Ok(record) => records.push(record),
                Err(why) => bad.push((name.to_owned(), why)),
            }
            records.len() + bad.len() < WINDOW
        });
        self.note_trouble(listed);
        for (name, why) in bad {
            self.corrupt(folder, &name, why);
        }
        records
    }

    fn visit(
        &mut self,
        record: Record,
        execute: &mut impl FnMut(Record) -> RecordResult,
    ) -> Result<(), Trouble> {
        let name = entry::file_name(record);
        let Some(_lock) = self.lock(record)? else {
            self.report.busy += 1;
            return Ok(());
        };
        self.bury(record)?;
        let Some(note) = self.begin(&name)? else { return Ok(()) };

        self.report.tried += 1;
        let result = execute(record);

        let now = (self.outbox.clock)();
        let mut note_after = Note::of(&result);
        // A clock that was set back does not make a record wait for ever.
        let since = note.failing_since.filter(|since| *since <= now).unwrap_or(now);
        note_after.failing_since = Some(since);
        let event = match result.outcome() {
            Outcome::Executed => Event::Executed,
            Outcome::Rejected => Event::Rejected,
            Outcome::InDoubt => Event::InDoubt,
            Outcome::NotSent if pause(since, now).is_none() => Event::GivenUp,
            Outcome::NotSent => Event::NotSent,
        };
        if ends_the_sweep(result.status()) {
            self.report.stopped_by = Some(result);
        }
        self.settle(record, event, note_after)
    }

    /// Makes the record one that is being sent, if it still is to be; its note.
    fn begin(&mut self, name: &CStr) -> Result<Option<Note>, Trouble> {
        let (new, retry) = (&self.outbox.new, &self.others.retry);
        if let Some(stat) = retry.stat(name)? {
            if let Err(why) = entry::check(&stat) {
                self.corrupt(retry, name, why);
            } else if is_due(&stat, (self.outbox.clock)()) {
                // Over a save that came during the pause: they are one.
                retry.rename(name, new, name)?;
            } else {
                return Ok(None);
            }
        }
        let Some(stat) = new.stat(name)? else { return Ok(None) };
        if let Err(why) = entry::check(&stat) {
            self.corrupt(new, name, why);
            return Ok(None);
        }
        let Some(note) = note::read(new, name, &stat)? else {
            self.corrupt(new, name, Corrupt::Content);
            return Ok(None);
        };
        // It was saved since it got there, or it would not be in new/ too.
        for (folder, state) in [(&self.others.doubt, State::Doubt), (&self.others.failed, State::Failed)] {
            if folder.stat(name)?.is_some_and(|stat| is_regular(&stat)) && folder.remove(name)? {
                self.report.add(self.next(state, Event::Saved).count);
            }
        }
        if !new.rename(name, &self.others.sending, name)? {
            return Ok(None);
        }
        if self.outbox.fsync
            && let Err(trouble) = self.others.sending.sync().and_then(|()| new.sync())
        {
            self.others.sending.rename(name, new, name)?;
            return Err(trouble);
        }
        Ok(Some(note))
    }

    /// Puts what was being sent where the table says.
    fn settle(&mut self, record: Record, event: Event, note: Note) -> Result<(), Trouble> {
        let name = entry::file_name(record);
        let (new, sending) = (&self.outbox.new, &self.others.sending);
        // A save that comes after this look is not lost: new/ comes before every other place but sending/.
        let saved = new.stat(&name)?.is_some();
        let now = (self.outbox.clock)();
        let since = note.failing_since.unwrap_or(now);
        let pause = pause(since, now);
        let after = match self.next(State::Sending { saved }, event) {
            // Sent again and again for a day, and still in doubt.
            Next { due: Due::AfterPause, .. } if pause.is_none() => {
                expected(State::Sending { saved }, event, WhenInDoubt::Hold)
            }
            after => after,
        };
        let note = Note { failing_since: Some(since), ..note };
        let (place, due) = match (after.state, after.due) {
            (State::Waiting, Due::AfterPause) => {
                (&self.others.retry, pause.and_then(|pause| now.checked_add(pause)))
            }
            (State::Doubt, _) => (&self.others.doubt, None),
            (State::Failed, _) => (&self.others.failed, None),
            // Gone, or waiting in new/ by a newer save.
            _ => {
                sending.remove(&name)?;
                self.report.add(after.count);
                return Ok(());
            }
        };
        // The place is what counts: where there is no room for the note, the record goes there without.
        let written = self.write_note(&name, &note, due);
        sending.rename(&name, place, &name)?;
        self.report.add(after.count);
        written
    }

    /// Replaces the file in `sending/` by one with a note, which is due at a time.
    fn write_note(&self, name: &CStr, note: &Note, due: Option<SystemTime>) -> Result<(), Trouble> {
        let tmp = &self.outbox.tmp;
        let (temporary, fd) = self.outbox.new_file()?;
        let written = write(tmp, &fd, note.to_text().as_bytes())
            .and_then(|()| match due {
                Some(due) => set_modified(&fd, due).map_err(|errno| tmp.trouble(errno)),
                None => Ok(()),
            })
            .and_then(|()| if self.outbox.fsync { sync_file(tmp, &fd) } else { Ok(()) })
            .and_then(|()| tmp.rename(&temporary, &self.others.sending, name));
        self.outbox.tidy(&temporary, written).map(drop)
    }

    /// The record's lock. What stands in its place and cannot be one is moved away.
    fn lock(&mut self, record: Record) -> Result<Option<Lock<'a>>, Trouble> {
        match self.outbox.lock(record) {
            Err(Trouble { errno: Errno::LOOP | Errno::ISDIR | Errno::NXIO, .. }) => {
                self.corrupt(&self.others.lock, &entry::file_name(record), Corrupt::Kind);
                self.outbox.lock(record)
            }
            lock => lock,
        }
    }

    /// Moves a file that is no record's out of the way, with the reason in its new name. Where that fails
    /// it stays, and stands in nobody's way.
    fn corrupt(&mut self, folder: &Folder, name: &CStr, why: Corrupt) {
        let time = unix_milliseconds(SystemTime::now());
        let (process, number) = (std::process::id(), self.report.corrupt);
        let mut new_name = format!("{}.{time}.{process}.{number}.", why.word()).into_bytes();
        new_name.extend(name.to_bytes().iter().take(180));
        match folder.rename(name, &self.others.corrupt, &c_name(new_name)) {
            Ok(moved) => self.report.corrupt += u64::from(moved),
            Err(trouble) => {
                self.report.trouble.get_or_insert_with(|| trouble.explain("drain", &self.outbox.path));
            }
        }
    }

    fn next(&self, state: State, event: Event) -> Next {
        expected(state, event, self.outbox.when_in_doubt)
    }
}

/// The table's answer to what a sender does, in the states in which it does it.
fn expected(state: State, event: Event, when_in_doubt: WhenInDoubt) -> Next {
    next(state, event, when_in_doubt).unwrap_or_else(|| unreachable!("{event:?} in {state:?}"))
}

fn pause(since: SystemTime, now: SystemTime) -> Option<Duration> {
    backoff(now.duration_since(since).unwrap_or_default(), random())
}

fn oldest_first(records: &mut [(SystemTime, Record)]) {
    records.sort_unstable_by_key(|(time, _)| *time);
}

/// Since when the record of a file in `new/` or `retry/` is due; `None` when it is not, or the other folder
/// says so.
fn time_due(
    folder: &Folder,
    retry: &Folder,
    name: &CStr,
    now: SystemTime,
) -> Result<Option<SystemTime>, Trouble> {
    let waits = retry.stat(name)?;
    let stat = if std::ptr::eq(folder, retry) {
        waits.filter(|stat| is_due(stat, now))
    } else if waits.is_none() {
        folder.stat(name)?
    } else {
        // A save during a pause waits for its end.
        None
    };
    Ok(stat.map(|stat| modified(&stat)))
}

/// Whether a file in `retry/` is due. A time further away than any pause comes from a clock that was wrong.
fn is_due(stat: &Stat, now: SystemTime) -> bool {
    modified(stat).duration_since(now).is_ok_and(|pause| pause > LONGEST_PAUSE) || modified(stat) <= now
}

/// Whether the next record would fare alike: the network, the host or the credentials are the cause.
fn ends_the_sweep(status: Status) -> bool {
    match status.outcome() {
        Outcome::Executed => false,
        Outcome::NotSent | Outcome::InDoubt => true,
        Outcome::Rejected => matches!(status, Status::NotAuthenticated | Status::ClockSkew),
    }
}
