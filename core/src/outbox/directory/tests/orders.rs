//! One sender, and before any two or three of its changes something else: a save, its death, another
//! sender's whole sweep. Whatever the order is, no save is lost and nothing is executed without one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::outbox::policy::LONGEST_PAUSE;
use crate::outcome::Outcome;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Act {
    Save,
    Die,
    OtherSender,
}

/// What happened to the one record, in its order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Saved,
    Began,
    Ended(Status),
    /// The sender whose changes the acts come before.
    Died,
}

type Log = Rc<RefCell<Vec<Moment>>>;

/// How the record lies in the outbox at first, and what must have happened to it before.
const BEGINNINGS: [(&str, &[&str], &[Moment]); 9] = [
    ("saved", &["new"], &[Moment::Saved]),
    ("due again", &["retry"], &[Moment::Saved]),
    ("due again and saved", &["retry", "new"], &[Moment::Saved]),
    ("in doubt and saved", &["doubt", "new"], &[DOUBTED, Moment::Saved]),
    ("failed and saved", &["failed", "new"], &[DOUBTED, Moment::Saved]),
    ("in doubt, due again", &["doubt", "retry"], &[DOUBTED, Moment::Saved]),
    ("left by a dead sender", &["sending"], &[Moment::Saved, Moment::Began]),
    ("left and saved", &["sending", "new"], &[Moment::Saved, Moment::Began, Moment::Saved]),
    ("left and in doubt before", &["sending", "doubt"], &[Moment::Saved, Moment::Began]),
];

const DOUBTED: Moment = Moment::Ended(Status::Timeout);

const ANSWERS: [Status; 3] = [Status::Ok, Status::ConnectFailed, Status::Timeout];

/// Changes of the longest sweep, the two of the call included.
const CHANGES: usize = 18;

#[test]
fn no_order_of_two_acts_loses_a_save_or_executes_without_one() {
    let acts = [Act::Save, Act::Die, Act::OtherSender];
    let mut orders = vec![vec![]];
    for first in 0..CHANGES {
        orders.extend(acts.map(|act| vec![(first, act)]));
        for second in first..CHANGES {
            for act in [Act::Save, Act::OtherSender] {
                orders.extend(acts.map(|other| vec![(first, act), (second, other)]));
            }
        }
    }
    try_all(&orders, &BEGINNINGS, WhenInDoubt::Hold);
}

#[test]
fn no_order_of_a_save_another_sender_and_a_death_does_so_either() {
    let mut orders = Vec::new();
    for save in 0..CHANGES {
        for other in 0..CHANGES {
            for death in save.max(other)..CHANGES {
                let mut order = vec![(save, Act::Save), (other, Act::OtherSender), (death, Act::Die)];
                order.sort_by_key(|(change, _)| *change);
                orders.push(order);
            }
        }
    }
    try_all(&orders, &BEGINNINGS[..2], WhenInDoubt::Hold);
}

#[test]
fn an_operator_who_lets_doubts_be_dropped_or_resent_loses_no_newer_save() {
    let mut orders = Vec::new();
    for save in 0..CHANGES {
        for death in save..CHANGES {
            orders.push(vec![(save, Act::Save), (death, Act::Die)]);
        }
    }
    try_all(&orders, &BEGINNINGS, WhenInDoubt::Drop);
    try_all(&orders, &BEGINNINGS, WhenInDoubt::Resend);
}

fn try_all(orders: &[Vec<(usize, Act)>], beginnings: &[(&str, &[&str], &[Moment])], wish: WhenInDoubt) {
    let mut tried = 0;
    for (beginning, places, before) in beginnings {
        for answer in ANSWERS {
            let room = Room::new();
            drop(room.outbox());
            // Up to where the changes went after the acts before the last one.
            let mut reached: HashMap<&[(usize, Act)], usize> = HashMap::new();
            for order in orders {
                let (before_last, last) = order.split_at(order.len().saturating_sub(1));
                let end = reached.get(before_last).copied().unwrap_or(CHANGES);
                if last.iter().any(|(change, _)| *change >= end) {
                    continue;
                }
                let log: Log = Rc::new(RefCell::new(before.to_vec()));
                for place in *places {
                    fs::write(room.join(place).join("address-1"), "").unwrap();
                }
                let in_time = run(&room, order, answer, wish, &log);
                check(&log.borrow(), &room, wish).unwrap_or_else(|wrong| {
                    panic!("{wrong}: {beginning}, {answer:?}, {order:?}: {:?}", log.borrow())
                });
                tried += u32::from(in_time);
                if let [(change, _)] = last
                    && !in_time
                {
                    reached.insert(before_last, *change);
                }
                for place in ["doubt", "failed", "lock"] {
                    let _ = fs::remove_file(room.join(place).join("address-1"));
                }
            }
        }
    }
    assert!(tried > 500, "only {tried} orders came about");
}

/// One sweep in which the acts happen, and then sweeps until nothing is due. Whether all acts happened.
fn run(room: &Room, order: &[(usize, Act)], answer: Status, wish: WhenInDoubt, log: &Log) -> bool {
    let path = room.to_path_buf();
    let mut changes = 0;
    let mut to_come = order.to_vec();
    let acts_left = Rc::new(RefCell::new(order.len()));
    let (acted, act_log, last_log) = (Rc::clone(&acts_left), Rc::clone(log), Rc::clone(log));
    let act = move |_: &'static str| {
        while to_come.first().is_some_and(|(change, _)| *change == changes) {
            *acted.borrow_mut() -= 1;
            match to_come.remove(0).1 {
                Act::Save => {
                    Outbox::open(&path).unwrap().put(record(1)).unwrap();
                    act_log.borrow_mut().push(Moment::Saved);
                }
                Act::OtherSender => sweep(&path, wish, Status::Ok, &act_log, Duration::ZERO),
                Act::Die => {
                    act_log.borrow_mut().push(Moment::Died);
                    faults::die()
                }
            }
        }
        changes += 1;
        assert!(changes <= CHANGES, "a sweep makes more changes than are interrupted");
        Ok(())
    };
    let path = room.to_path_buf();
    faults::with(act, move || sweep(&path, wish, answer, &last_log, Duration::ZERO));
    for pauses in 1..4 {
        if is_quiet(room) {
            break;
        }
        sweep(room, wish, Status::Ok, log, LONGEST_PAUSE * pauses);
    }
    *acts_left.borrow() == 0
}

fn sweep(path: &Path, wish: WhenInDoubt, answer: Status, log: &Log, later: Duration) {
    let mut outbox = Outbox::open(path).unwrap();
    outbox.set_when_in_doubt(wish);
    outbox.set_clock(move || SystemTime::now() + later);
    let report = outbox.drain(Limits::default(), |record| {
        log.borrow_mut().push(Moment::Began);
        // Others act while it is on its way too, and a process may die before the answer and after it.
        faults::about_to("send").unwrap();
        faults::about_to("receive").unwrap();
        log.borrow_mut().push(Moment::Ended(answer));
        result(record, answer)
    });
    assert!(report.trouble.is_none() && report.corrupt == 0, "{report:?}");
}

fn check(log: &[Moment], room: &Room, wish: WhenInDoubt) -> Result<(), &'static str> {
    // There is a reason to send; there may be one, as after an answer that its sender took to the grave.
    let (mut reason, mut perhaps) = (false, false);
    let mut last = None;
    for moment in log {
        match moment {
            Moment::Saved => reason = true,
            Moment::Began if !reason && !perhaps && wish != WhenInDoubt::Resend => {
                return Err("sent without a save");
            }
            Moment::Began => (reason, perhaps) = (false, false),
            Moment::Ended(status) => reason |= status.outcome() == Outcome::NotSent,
            Moment::Died if last == Some(Moment::Ended(Status::ConnectFailed)) => {
                (reason, perhaps) = (false, true);
            }
            Moment::Died => {}
        }
        if *moment != Moment::Saved {
            last = Some(*moment);
        }
    }
    if reason {
        return Err("the last save was never sent");
    }
    // A death may leave a file in tmp/ and lock/, which counts for nothing.
    if !is_quiet(room) {
        return Err("something waits for ever");
    }
    let is_held = !room.names("doubt").is_empty() || !room.names("failed").is_empty();
    match last {
        Some(Moment::Ended(Status::Ok)) if is_held => Err("it is held although it was executed"),
        Some(Moment::Began | Moment::Ended(Status::Timeout)) if !is_held && wish == WhenInDoubt::Hold => {
            Err("it is not held")
        }
        _ => Ok(()),
    }
}

fn is_quiet(room: &Room) -> bool {
    ["new", "retry", "sending"].iter().all(|place| !room.join(place).join("address-1").exists())
}
