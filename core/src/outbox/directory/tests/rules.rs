//! What the outbox promises to those who use it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::*;
use crate::outbox::policy::{LONGEST, Reason};

/// A clock that a test sets.
fn clock_of(outbox: &mut Outbox) -> Arc<AtomicU64> {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    outbox.set_clock(move || SystemTime::now() + Duration::from_secs(clock.load(Ordering::Relaxed)));
    seconds
}

/// Drains with one answer to everything; what was sent.
fn drain(outbox: &Outbox, status: Status) -> (Report, Vec<i64>) {
    let mut sent = Vec::new();
    let report = outbox.drain(Limits::default(), |record| {
        sent.push(record.id());
        result(record, status)
    });
    assert!(report.trouble.is_none(), "{report:?}");
    (report, sent)
}

fn is_empty(room: &Room) -> bool {
    ["tmp", "new", "retry", "sending", "doubt", "failed", "corrupt", "lock"]
        .iter()
        .all(|folder| room.names(folder).is_empty())
}

#[test]
fn saves_of_a_record_become_one_call_and_leave_nothing_behind() {
    let room = Room::new();
    let outbox = room.outbox();
    for _ in 0..5 {
        outbox.put(record(1)).unwrap();
        room.outbox().put(record(2)).unwrap();
    }
    assert_eq!(outbox.counts().unwrap().waiting, 2);
    assert_eq!(fs::metadata(room.join("new/address-1")).unwrap().len(), 0);

    let (report, mut sent) = drain(&outbox, Status::Ok);
    sent.sort_unstable();
    assert_eq!(sent, [1, 2]);
    assert_eq!((report.count(Reason::Executed), report.tried), (2, 2));
    assert!(is_empty(&room));
}

#[test]
fn the_flushed_outbox_behaves_as_the_other() {
    let room = Room::new();
    let mut outbox = room.outbox();
    outbox.set_fsync(true);
    outbox.put(record(1)).unwrap();
    drain(&outbox, Status::ConnectFailed);
    assert_eq!(room.names("retry"), ["address-1"]);
    outbox.put(record(2)).unwrap();
    assert_eq!(drain(&outbox, Status::Ok).1, [2]);
}

#[test]
fn what_cannot_be_flushed_before_the_call_is_not_sent_and_waits() {
    let room = Room::new();
    let mut outbox = room.outbox();
    outbox.put(record(1)).unwrap();
    outbox.set_fsync(true);
    let fails = |change| if change == "sync" { Err(Errno::IO) } else { Ok(()) };
    let report = faults::with(fails, || outbox.drain(Limits::default(), |_| panic!("it was sent"))).unwrap();
    assert!(report.trouble.is_some());
    assert_eq!(room.names("new"), ["address-1"]);
}

#[test]
fn the_longest_due_is_sent_first() {
    let room = Room::new();
    let outbox = room.outbox();
    for (id, age) in [(1, 100), (2, 300), (3, 200)] {
        outbox.put(record(id)).unwrap();
        let file = fs::File::open(room.join(format!("new/address-{id}"))).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }
    assert_eq!(drain(&outbox, Status::Ok).1, [2, 3, 1]);
}

#[test]
fn a_sweep_sends_no_more_than_it_may() {
    let room = Room::new();
    let outbox = room.outbox();
    for id in 1..=250 {
        outbox.put(record(id)).unwrap();
    }
    let mut sent = 0;
    let mut count_sent = |limits| {
        outbox.drain(limits, |record| {
            sent += 1;
            result(record, Status::Ok)
        });
        std::mem::take(&mut sent)
    };
    assert_eq!(count_sent(Limits { most: Some(3), deadline: None }), 3);
    assert_eq!(count_sent(Limits { most: Some(0), deadline: None }), 0);
    assert_eq!(count_sent(Limits { most: None, deadline: Some(Duration::ZERO) }), 0);
    // More than are looked at together.
    assert_eq!(count_sent(Limits::default()), 247);
}

#[test]
fn a_save_while_it_is_sent_causes_one_more_sending_whatever_the_answer_is() {
    for (answer, after) in [
        (Status::Ok, "new"),
        (Status::Rejected, "new"),
        (Status::Timeout, "new"),
        (Status::ConnectFailed, "new retry"),
    ] {
        let room = Room::new();
        let outbox = room.outbox();
        outbox.put(record(1)).unwrap();
        outbox.drain(Limits::default(), |record| {
            outbox.put(record).unwrap();
            outbox.put(record).unwrap();
            result(record, answer)
        });
        let places: Vec<&str> = ["new", "retry", "sending", "doubt", "failed"]
            .into_iter()
            .filter(|folder| !room.names(folder).is_empty())
            .collect();
        assert_eq!(places.join(" "), after, "{answer:?}");
        assert_eq!(outbox.counts().unwrap().waiting, 1);
    }
}

#[test]
fn an_outage_costs_one_try_a_sweep_and_an_hour_of_it_loses_nothing() {
    let room = Room::new();
    let mut outbox = room.outbox();
    let seconds = clock_of(&mut outbox);
    for id in 1..=20 {
        outbox.put(record(id)).unwrap();
    }
    let mut tries = 0;
    while seconds.fetch_add(10, Ordering::Relaxed) < 3600 {
        let (report, sent) = drain(&outbox, Status::ConnectTimeout);
        assert!(sent.len() <= 1 && report.tried <= 1);
        assert_eq!(report.stopped_by.is_some(), sent.len() == 1);
        tries += sent.len();
    }
    assert!(tries > 20, "{tries}");
    assert_eq!(outbox.counts().unwrap().waiting, 20);
    seconds.fetch_add(600, Ordering::Relaxed);
    let (report, mut sent) = drain(&outbox, Status::Ok);
    sent.sort_unstable();
    assert_eq!(sent, (1..=20).collect::<Vec<_>>());
    assert_eq!(report.count(Reason::Executed), 20);
    assert!(is_empty(&room));
}

#[test]
fn a_save_during_a_pause_waits_for_its_end_and_is_sent_with_it() {
    let room = Room::new();
    let mut outbox = room.outbox();
    let seconds = clock_of(&mut outbox);
    outbox.put(record(1)).unwrap();
    drain(&outbox, Status::ConnectFailed);
    let due = outbox.list(Held::Waiting, 9).unwrap()[0].due.unwrap();
    outbox.put(record(1)).unwrap();
    assert_eq!(outbox.counts().unwrap().waiting, 1);
    assert_eq!(outbox.list(Held::Waiting, 9).unwrap()[0].due.unwrap(), due);
    if SystemTime::now() < due {
        assert_eq!(drain(&outbox, Status::Ok).1, [0; 0]);
    }
    seconds.store(2, Ordering::Relaxed);
    assert_eq!(drain(&outbox, Status::Ok).1, [1]);
    assert!(is_empty(&room));
}

#[test]
fn what_was_not_sent_for_a_day_has_failed_and_says_so() {
    let room = Room::new();
    let mut outbox = room.outbox();
    let seconds = clock_of(&mut outbox);
    outbox.put(record(1)).unwrap();
    drain(&outbox, Status::DnsFailed);
    seconds.store(LONGEST.as_secs() + 1, Ordering::Relaxed);
    let (report, _) = drain(&outbox, Status::DnsFailed);
    assert_eq!(report.count(Reason::GivenUp), 1);
    let entry = outbox.list(Held::Failed, 9).unwrap().remove(0);
    assert_eq!((entry.record, entry.status), (record(1), Some(Status::DnsFailed)));
    assert_eq!(entry.message, "address 1: dns_failed");
}

/// A clock that was wrong when the pause was set must not make the record wait for years.
#[test]
fn a_pause_that_is_longer_than_any_pause_is_over() {
    let room = Room::new();
    let outbox = room.outbox();
    let file = fs::File::create(room.join("retry/address-1")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(20 * 365 * 86_400)).unwrap();
    assert_eq!(drain(&outbox, Status::Ok).1, [1]);
}

#[test]
fn a_sweep_ends_where_the_next_record_would_fare_alike() {
    for status in Status::ALL {
        let room = Room::new();
        let outbox = room.outbox();
        outbox.put(record(1)).unwrap();
        outbox.put(record(2)).unwrap();
        let goes_on =
            matches!(status, Status::Ok | Status::NotAllowed | Status::UnknownRecord | Status::Rejected);
        let (report, sent) = drain(&outbox, status);
        assert_eq!(sent.len(), if goes_on { 2 } else { 1 }, "{status:?}");
        assert_eq!(report.stopped_by.map(|result| result.status()), (!goes_on).then_some(status));
    }
}

#[test]
fn a_doubt_is_held_until_a_newer_save_or_as_the_operator_chose() {
    let room = Room::new();
    let mut outbox = room.outbox();
    let seconds = clock_of(&mut outbox);
    outbox.put(record(1)).unwrap();
    assert_eq!(drain(&outbox, Status::Timeout).0.count(Reason::Held), 1);
    seconds.store(30 * 86_400, Ordering::Relaxed);
    assert_eq!(drain(&outbox, Status::Ok).1, [0; 0]);
    outbox.put(record(1)).unwrap();
    assert_eq!((outbox.counts().unwrap().waiting, outbox.counts().unwrap().doubt), (1, 0));
    let (report, sent) = drain(&outbox, Status::Ok);
    assert_eq!((report.count(Reason::Superseded), sent), (1, vec![1]));
    assert!(is_empty(&room));

    outbox.set_when_in_doubt(WhenInDoubt::Drop);
    outbox.put(record(2)).unwrap();
    assert_eq!(drain(&outbox, Status::Timeout).0.count(Reason::Dropped), 1);
    assert!(is_empty(&room));

    outbox.set_when_in_doubt(WhenInDoubt::Resend);
    outbox.put(record(3)).unwrap();
    assert_eq!(drain(&outbox, Status::Timeout).0.count(Reason::Resent), 1);
    seconds.fetch_add(LONGEST.as_secs() + 1, Ordering::Relaxed);
    let (report, sent) = drain(&outbox, Status::Timeout);
    assert_eq!((report.count(Reason::Held), sent), (1, vec![3]), "after a day a person decides");
}

#[test]
fn a_dead_senders_record_is_in_doubt_and_says_why() {
    let room = Room::new();
    let outbox = room.outbox();
    outbox.put(record(1)).unwrap();
    let dies = |change| if change == "send" { faults::die() } else { Ok(()) };
    let report = faults::with(dies, || {
        outbox.drain(Limits::default(), |record| {
            faults::about_to("send").unwrap();
            result(record, Status::Ok)
        })
    });
    assert!(report.is_none());
    assert_eq!(outbox.counts().unwrap().sending, 1);
    let (report, sent) = drain(&outbox, Status::Ok);
    assert_eq!((report.dead_senders, report.count(Reason::Held), sent.len()), (1, 1, 0));
    let entry = outbox.list(Held::Doubt, 9).unwrap().remove(0);
    assert!(entry.message.contains("its sender ended"), "{}", entry.message);
}

#[test]
fn who_sends_a_record_has_it_to_itself() {
    let room = Room::new();
    let outbox = room.outbox();
    outbox.put(record(1)).unwrap();
    outbox.drain(Limits::default(), |record| {
        outbox.put(record).unwrap();
        let (report, sent) = drain(&room.outbox(), Status::Ok);
        assert_eq!((report.busy, report.dead_senders, sent.len()), (1, 0, 0));
        assert!(outbox.retry(record, None).is_err() && outbox.remove(record, None).is_err());
        result(record, Status::Ok)
    });
    assert_eq!(drain(&outbox, Status::Ok).1, [1]);
}

/// Who had the lock before removes its file while another one waits to lock it: that lock is worth nothing.
#[test]
fn a_lock_whose_file_is_gone_is_no_lock() {
    let room = Room::new();
    let outbox = room.outbox();
    outbox.put(record(1)).unwrap();
    let path = room.to_path_buf();
    let mut steps = VecDeque::from(["flock", "send"]);
    let act = move |change: &'static str| {
        if steps.front() == Some(&change) {
            steps.pop_front();
            let other = Outbox::open(&path).unwrap();
            let (report, sent) = drain(&other, Status::Ok);
            if change == "flock" {
                assert_eq!(sent, [1]);
                other.put(record(1)).unwrap();
            } else {
                assert_eq!((report.busy + report.dead_senders, sent.len()), (0, 0));
                other.put(record(1)).unwrap();
                let (report, sent) = drain(&other, Status::Ok);
                assert_eq!((report.busy, report.dead_senders, sent.len()), (1, 0, 0), "it is being sent");
            }
        }
        Ok(())
    };
    let mut sent = 0;
    faults::with(act, || {
        outbox.drain(Limits::default(), |record| {
            faults::about_to("send").unwrap();
            sent += 1;
            result(record, Status::Ok)
        })
    });
    assert_eq!(sent, 1);
    assert_eq!(drain(&outbox, Status::Ok).1, [1]);
    assert!(is_empty(&room));
}

#[test]
fn what_another_sender_did_since_the_look_is_seen_before_the_call() {
    let room = Room::new();
    let outbox = room.outbox();
    for (id, age) in [(1, 100), (2, 50), (3, 20)] {
        outbox.put(record(id)).unwrap();
        let file = fs::File::open(room.join(format!("new/address-{id}"))).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }
    let mut sent = Vec::new();
    let report = outbox.drain(Limits::default(), |record| {
        if sent.is_empty() {
            // One was tried in vain and saved again, one was left by a sender that died.
            let pausing = fs::File::create(room.join("retry/address-2")).unwrap();
            pausing.set_modified(SystemTime::now() + Duration::from_secs(60)).unwrap();
            fs::write(room.join("sending/address-3"), "").unwrap();
        }
        sent.push(record.id());
        result(record, Status::Ok)
    });
    assert_eq!(sent, [1, 3]);
    assert_eq!((report.dead_senders, report.count(Reason::Superseded)), (1, 1));
    assert_eq!(
        (room.names("new"), room.names("retry")),
        (vec!["address-2".into()], vec!["address-2".into()])
    );
}

#[test]
fn threads_share_an_outbox_and_send_each_record_once() {
    let room = Room::new();
    let outbox = room.outbox();
    let sent = AtomicU64::new(0);
    for id in 1..=60 {
        outbox.put(record(id)).unwrap();
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                outbox.drain(Limits::default(), |record| {
                    sent.fetch_add(1, Ordering::Relaxed);
                    result(record, Status::Ok)
                });
            });
        }
    });
    assert_eq!(sent.load(Ordering::Relaxed), 60);
    assert!(is_empty(&room));
}

#[test]
fn a_person_lists_what_is_held_and_decides() {
    let room = Room::new();
    let outbox = room.outbox();
    let mut answers = VecDeque::from([Status::UnknownRecord, Status::Rejected, Status::Timeout]);
    for id in 1..=3 {
        outbox.put(record(id)).unwrap();
    }
    let mut sent = Vec::new();
    outbox.drain(Limits::default(), |record| {
        sent.push(record);
        result(record, answers.pop_front().unwrap()).with_error_code(292)
    });
    let counts = outbox.counts().unwrap();
    assert_eq!((counts.waiting, counts.failed, counts.doubt, counts.sending), (0, 2, 1, 0));
    let failed = outbox.list(Held::Failed, 9).unwrap();
    assert_eq!(failed.iter().map(|entry| entry.record).collect::<Vec<_>>(), sent[..2]);
    assert_eq!((failed[0].status, failed[0].error_code), (Some(Status::UnknownRecord), 292));
    assert_eq!(outbox.list(Held::Failed, 1).unwrap(), failed[..1]);

    outbox.retry(failed[0].record, Some(failed[0].since)).unwrap();
    assert_eq!(outbox.list(Held::Failed, 9).unwrap(), failed[1..]);
    let again = outbox.retry(failed[0].record, None).unwrap_err();
    assert!(again.message().contains("waits to be sent already"), "{again}");
    assert_eq!(again.status(), Status::InvalidArgument);
    assert!(outbox.retry(record(77), None).unwrap_err().message().contains("not there"));

    outbox.remove(failed[1].record, None).unwrap();
    outbox.remove(sent[2], None).unwrap();
    outbox.remove(failed[0].record, None).unwrap();
    assert!(is_empty(&room));
}

/// A list that a person looks at for minutes must not be acted on where the world has moved on.
#[test]
fn nothing_is_done_to_what_changed_since_it_was_listed() {
    let room = Room::new();
    let outbox = room.outbox();
    outbox.put(record(1)).unwrap();
    let file = fs::File::open(room.join("new/address-1")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    let listed = outbox.list(Held::Waiting, 9).unwrap().remove(0);
    outbox.put(record(1)).unwrap();
    let refused = outbox.remove(record(1), Some(listed.since)).unwrap_err();
    assert!(refused.message().contains("not as it was"), "{refused}");

    let file = fs::File::create(room.join("doubt/address-2")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    let listed = outbox.list(Held::Doubt, 9).unwrap().remove(0);
    fs::write(room.join("doubt/address-2"), "").unwrap();
    assert!(outbox.retry(record(2), Some(listed.since)).is_err());
    assert!(outbox.remove(record(2), Some(listed.since)).is_err());
    assert_eq!(outbox.counts().unwrap().doubt, 1);
}

#[test]
fn a_save_at_the_moment_of_its_removal_stays() {
    for change in 0..7 {
        let room = Room::new();
        let outbox = room.outbox();
        outbox.put(record(1)).unwrap();
        let file = fs::File::open(room.join("new/address-1")).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
        let writer = room.outbox();
        let (mut changes, saved) = (0, Arc::new(AtomicU64::new(0)));
        let count = Arc::clone(&saved);
        let save = move |_: &'static str| {
            if changes == change {
                writer.put(record(1)).unwrap();
                count.fetch_add(1, Ordering::Relaxed);
            }
            changes += 1;
            Ok(())
        };
        // Before it has the lock nobody has looked yet: that save is what is removed.
        faults::with(save, || outbox.remove(record(1), None)).unwrap().unwrap();
        let is_there = outbox.counts().unwrap().waiting == 1;
        assert_eq!(is_there, change > 1 && saved.load(Ordering::Relaxed) == 1, "change {change}");
    }
}

#[test]
fn what_a_writer_left_in_tmp_is_removed_after_a_day_and_counted() {
    let room = Room::new();
    let outbox = room.outbox();
    fs::write(room.join("tmp/young"), "").unwrap();
    let old = fs::File::create(room.join("tmp/old")).unwrap();
    old.set_modified(SystemTime::now() - Duration::from_secs(90_000)).unwrap();
    assert_eq!(drain(&outbox, Status::Ok).0.abandoned, 1);
    assert_eq!(room.names("tmp"), ["young"]);
}

#[test]
fn an_outbox_is_laid_out_once_and_finished_where_that_was_cut_short() {
    let room = Room::new();
    for change in 0..3 {
        let mut changes = 0;
        let dies = move |_: &'static str| {
            if changes == change {
                faults::die();
            }
            changes += 1;
            Ok(())
        };
        let path = room.to_path_buf();
        faults::with(dies, || drop(Outbox::open(path)));
    }
    let outbox = room.outbox();
    assert_eq!(fs::read_to_string(room.join("version")).unwrap(), "1\n");
    outbox.put(record(1)).unwrap();
    assert_eq!(drain(&outbox, Status::Ok).1, [1]);
}

#[test]
fn an_outbox_of_another_version_is_refused() {
    let room = Room::new();
    fs::write(room.join("version"), "2\n").unwrap();
    let refused = Outbox::open(room.to_path_buf()).unwrap_err();
    assert_eq!(refused.status(), Status::OutboxFailed);
    assert!(refused.message().contains("update this library"), "{refused}");
    assert_eq!(room.names("."), ["version"]);
}

/// Everything the disk can refuse, at every step of a save: it says so, and nothing is half-written.
#[test]
fn a_save_that_fails_says_why_and_leaves_nothing() {
    for (errno, words) in [
        (Errno::NOSPC, "no space left on device: free space or inodes"),
        (Errno::DQUOT, "quota"),
        (Errno::ROFS, "read-only file system: mount it writable"),
        (Errno::ACCESS, "permission denied in its folder"),
        (Errno::PERM, "permission denied in its folder"),
        (Errno::XDEV, "different filesystems"),
        (Errno::NAMETOOLONG, "too long"),
        (Errno::ISDIR, "remove it"),
        (Errno::MFILE, "ulimit -n"),
        (Errno::IO, "Input/output error"),
    ] {
        for step in ["create", "rename"] {
            let room = Room::new();
            let outbox = room.outbox();
            let fails = move |change| if change == step { Err(errno) } else { Ok(()) };
            let refused = faults::with(fails, || outbox.put(record(1))).unwrap().unwrap_err();
            assert_eq!(refused.status(), Status::OutboxFailed);
            let message = refused.message();
            assert!(message.contains(words) && message.contains("save address 1 in the outbox"), "{message}");
            assert!(is_empty(&room), "{errno:?} at {step}");
        }
    }
}

#[test]
fn an_outbox_that_is_not_there_or_no_folder_is_refused_with_the_cure() {
    let room = Room::new();
    let refused = |path: PathBuf| Outbox::open(path).unwrap_err().message().to_owned();
    let missing = refused(room.join("missing"));
    assert!(missing.contains("no such file or directory: make the folder with mkdir"), "{missing}");
    fs::write(room.join("file"), "").unwrap();
    assert!(refused(room.join("file")).contains("not a directory: put a folder"));
    assert!(refused(room.join("x".repeat(300))).contains("too long"));

    let outbox = room.outbox();
    fs::remove_dir(room.join("new")).unwrap();
    let gone = outbox.put(record(1)).unwrap_err();
    assert!(gone.message().contains("its folder new/ is missing, make it"), "{gone}");
    assert!(room.names("tmp").is_empty());
}

/// Where no note can be written the record still goes to its place.
#[test]
fn a_full_disk_keeps_no_record_from_its_place() {
    for (answer, place) in
        [(Status::Timeout, "doubt"), (Status::Rejected, "failed"), (Status::DnsFailed, "retry")]
    {
        let room = Room::new();
        let outbox = room.outbox();
        outbox.put(record(1)).unwrap();
        let full = |change| if change == "create" { Err(Errno::NOSPC) } else { Ok(()) };
        let report =
            faults::with(full, || outbox.drain(Limits::default(), |record| result(record, answer))).unwrap();
        assert!(
            report
                .trouble
                .as_ref()
                .is_some_and(|trouble| trouble.message().contains("no space left on device"))
        );
        assert_eq!(room.names(place), ["address-1"]);
        assert_eq!(report.tried, 1);
    }
}
