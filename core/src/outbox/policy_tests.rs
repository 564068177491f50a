//! The table is checked in a world of two writers, two senders, a person and an onOffice that answers
//! anything: every order in which they can act. Each wrong cell of the table must be found.

use std::collections::HashSet;

use super::*;

type Table<'a> = &'a dyn Fn(State, Event) -> Option<Next>;

#[allow(clippy::struct_excessive_bools)] // Facts that do not depend on each other.
/// The record, everybody who acts on it, and what is true of it whatever the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct World {
    state: State,
    /// Saves that each writer will still make.
    saves: [u8; 2],
    /// Whether each sender is sending.
    sending: [bool; 2],
    deaths: u8,
    decisions: u8,
    /// No sending has begun since the last save.
    untried: bool,
    /// A save may not have been executed yet, and no person or operator gave it up.
    open: bool,
    /// There is a reason to send: a save, a person's wish, or a try of which not a byte was sent.
    reason: bool,
    /// It waits for the end of a pause.
    pausing: bool,
}

const START: World = World {
    state: State::Gone,
    saves: [3, 2],
    sending: [false, false],
    deaths: 2,
    decisions: 2,
    untried: false,
    open: false,
    reason: false,
    pausing: false,
};

impl World {
    /// The record after an event, and what is wrong with it.
    fn react(mut self, table: Table, event: Event) -> Result<Self, String> {
        let was = self.state;
        let next = table(was, event).ok_or_else(|| format!("{event:?} has no place in {was:?}"))?;
        self.state = next.state;
        let left_sending = matches!(was, State::Sending { .. }) && event != Event::Saved;
        let was_held = matches!(was, State::Doubt | State::Failed);
        if (left_sending || was_held) && next.count.is_none() {
            return Err(format!("{event:?} in {was:?} is not counted"));
        }
        let is_new_reason = matches!(event, Event::Saved | Event::Retried);
        if was == State::Waiting && next.state == State::Waiting && next.due != Due::Unchanged {
            return Err(format!("{event:?} changed the time of the next try"));
        }
        if is_new_reason && next.state == State::Waiting && was != State::Waiting && next.due != Due::Now {
            return Err(format!("{event:?} in {was:?} does not send at once"));
        }
        if event == Event::Retried && next.state != State::Waiting {
            return Err("what a person wants to be sent does not wait to be".to_owned());
        }
        if next.state == State::Waiting {
            match next.due {
                Due::Now => self.pausing = false,
                Due::AfterPause => self.pausing = true,
                Due::Unchanged if was == State::Waiting => {}
                Due::Unchanged => return Err(format!("{event:?} in {was:?} leaves no time to send")),
            }
        } else {
            self.pausing = false;
        }
        Ok(self)
    }

    /// Every world that can come next, or what is wrong with one.
    fn successors(self, table: Table, when_in_doubt: WhenInDoubt) -> Result<Vec<Self>, String> {
        let mut worlds = Vec::new();
        for writer in 0..2 {
            if self.saves[writer] > 0 {
                let mut world = self.react(table, Event::Saved)?;
                world.saves[writer] -= 1;
                (world.untried, world.open, world.reason) = (true, true, true);
                worlds.push(world);
            }
        }
        for sender in 0..2 {
            worlds.extend(self.acts_of_a_sender(sender, table, when_in_doubt)?);
        }
        worlds.extend(self.acts_of_a_person(table)?);
        Ok(worlds)
    }

    fn acts_of_a_sender(
        self,
        sender: usize,
        table: Table,
        when_in_doubt: WhenInDoubt,
    ) -> Result<Vec<Self>, String> {
        let mut worlds = Vec::new();
        if !self.sending[sender] {
            if table(self.state, Event::Begun).is_some() {
                let mut world = self.react(table, Event::Begun)?;
                if self.sending.contains(&true) {
                    return Err("two senders send the record at a time".to_owned());
                }
                if !self.reason {
                    return Err("a sending without a reason".to_owned());
                }
                world.sending[sender] = true;
                (world.untried, world.reason) = (false, false);
                worlds.push(world);
            }
            if self.state == State::Waiting && self.deaths > 0 {
                let mut world = self.react(table, Event::SenderDied)?;
                world.deaths -= 1;
                worlds.push(world);
            }
            return Ok(worlds);
        }
        for event in [Event::Executed, Event::NotSent, Event::GivenUp, Event::Rejected, Event::InDoubt] {
            worlds.push(self.settled(sender, table, event, when_in_doubt)?);
        }
        if self.deaths > 0 {
            let mut world = self.settled(sender, table, Event::SenderDied, when_in_doubt)?;
            world.deaths -= 1;
            worlds.push(world);
        }
        Ok(worlds)
    }

    fn settled(
        self,
        sender: usize,
        table: Table,
        event: Event,
        when_in_doubt: WhenInDoubt,
    ) -> Result<Self, String> {
        let mut world = self.react(table, event)?;
        world.sending[sender] = false;
        match event {
            Event::Executed => world.open = self.untried,
            Event::NotSent => {
                world.reason = true;
                if !world.pausing {
                    return Err("no pause after a try that failed".to_owned());
                }
            }
            Event::InDoubt | Event::SenderDied if !self.untried => match when_in_doubt {
                WhenInDoubt::Hold => {}
                WhenInDoubt::Resend => {
                    world.reason = true;
                    if !world.pausing {
                        return Err("no pause after a try in doubt".to_owned());
                    }
                }
                WhenInDoubt::Drop => world.open = false,
            },
            _ => {}
        }
        if world.untried && world.pausing && event != Event::NotSent {
            return Err(format!("{event:?} makes a new save wait for a pause"));
        }
        Ok(world)
    }

    fn acts_of_a_person(self, table: Table) -> Result<Vec<Self>, String> {
        let mut worlds = Vec::new();
        if self.decisions == 0 {
            return Ok(worlds);
        }
        if matches!(self.state, State::Doubt | State::Failed) {
            let mut world = self.react(table, Event::Retried)?;
            world.reason = true;
            worlds.push(world);
        }
        if matches!(self.state, State::Waiting | State::Doubt | State::Failed) {
            let mut world = self.react(table, Event::Dropped)?;
            (world.untried, world.open, world.reason) = (false, false, false);
            worlds.push(world);
        }
        for world in &mut worlds {
            world.decisions -= 1;
        }
        Ok(worlds)
    }

    /// What is true at every moment.
    fn check(self, table: Table) -> Result<(), String> {
        let will_be_tried = matches!(self.state, State::Waiting | State::Sending { saved: true });
        if self.untried && !will_be_tried {
            return Err("a save after which nothing is sent".to_owned());
        }
        if self.open && self.state == State::Gone {
            return Err("a save that is neither executed nor visible".to_owned());
        }
        if self.sending.contains(&true) != matches!(self.state, State::Sending { .. }) {
            return Err("the state does not say whether somebody sends".to_owned());
        }
        if self.state == State::Waiting && table(self.state, Event::Begun).is_none() {
            return Err("a record that waits for ever".to_owned());
        }
        if self.state == State::Gone && self.reason {
            return Err("a reason to send was forgotten".to_owned());
        }
        Ok(())
    }
}

/// How many worlds there are, or how the first wrong one came about.
fn explore(table: Table, when_in_doubt: WhenInDoubt) -> Result<usize, String> {
    let mut seen = HashSet::from([START]);
    let mut to_do = vec![START];
    while let Some(world) = to_do.pop() {
        for next in world.successors(table, when_in_doubt).map_err(|wrong| format!("{wrong}: {world:?}"))? {
            next.check(table).map_err(|wrong| format!("{wrong}: {world:?} to {next:?}"))?;
            if seen.insert(next) {
                to_do.push(next);
            }
        }
    }
    Ok(seen.len())
}

const STATES: [State; 6] = [
    State::Gone,
    State::Waiting,
    State::Sending { saved: false },
    State::Sending { saved: true },
    State::Doubt,
    State::Failed,
];

const EVENTS: [Event; 10] = [
    Event::Saved,
    Event::Begun,
    Event::Executed,
    Event::NotSent,
    Event::GivenUp,
    Event::Rejected,
    Event::InDoubt,
    Event::SenderDied,
    Event::Retried,
    Event::Dropped,
];

const WISHES: [WhenInDoubt; 3] = [WhenInDoubt::Hold, WhenInDoubt::Resend, WhenInDoubt::Drop];

#[test]
fn no_order_of_events_loses_a_save_or_sends_without_one() {
    for wish in WISHES {
        let worlds = explore(&|state, event| next(state, event, wish), wish).unwrap();
        assert!(worlds > 500, "{wish:?}: {worlds} worlds");
    }
}

#[test]
fn the_worlds_visit_every_cell_of_the_table_but_those_of_late_answers() {
    let visited = std::cell::RefCell::new(HashSet::new());
    for wish in WISHES {
        let table = |state, event| {
            let found = next(state, event, wish);
            visited.borrow_mut().extend(found.map(|_| (state, event)));
            found
        };
        explore(&table, wish).unwrap();
    }
    let visited = visited.into_inner();
    for state in STATES {
        for event in EVENTS {
            let is_late = state == State::Doubt
                && matches!(
                    event,
                    Event::Executed | Event::NotSent | Event::GivenUp | Event::Rejected | Event::InDoubt
                );
            let exists = next(state, event, WhenInDoubt::Hold).is_some();
            assert_eq!(visited.contains(&(state, event)), exists && !is_late, "{state:?} {event:?}");
        }
    }
}

/// Planted bugs: one cell at a time says another state, another time, counts nothing or has no entry.
#[test]
fn every_wrong_cell_of_the_table_is_found() {
    let mut planted = 0;
    let mut missed = Vec::new();
    for state in STATES {
        for event in EVENTS {
            for wrong in wrong_cells(state, event) {
                planted += 1;
                let found = WISHES.into_iter().any(|wish| {
                    let table = |at, what| {
                        if (at, what) == (state, event) { wrong } else { next(at, what, wish) }
                    };
                    // A cell that depends on the wish is only wrong for the others.
                    next(state, event, wish) != wrong && explore(&table, wish).is_err()
                });
                if !found && !is_harmless(state, event, wrong) {
                    missed.push(format!("{state:?} {event:?} {wrong:?}"));
                }
            }
        }
    }
    assert!(planted > 250, "{planted} bugs were planted");
    assert!(missed.is_empty(), "{missed:#?}");
}

fn wrong_cells(state: State, event: Event) -> Vec<Option<Next>> {
    let is_late = state == State::Doubt
        && matches!(
            event,
            Event::Executed | Event::NotSent | Event::GivenUp | Event::Rejected | Event::InDoubt
        );
    if is_late {
        return Vec::new(); // Nobody acts on them in this world: they have a test of their own.
    }
    let Some(right) = next(state, event, WhenInDoubt::Hold) else {
        // The one event that the world tries in every state.
        return if event == Event::Begun {
            let begun = State::Sending { saved: false };
            vec![Some(Next { state: begun, due: Due::Unchanged, count: None })]
        } else {
            Vec::new()
        };
    };
    let mut wrong = vec![None];
    wrong.extend(STATES.iter().flat_map(|state| {
        [Due::Unchanged, Due::Now, Due::AfterPause].map(|due| Some(Next { state: *state, due, ..right }))
    }));
    wrong.push(Some(Next { count: None, ..right }));
    wrong.retain(|cell| *cell != Some(right));
    wrong
}

/// Cells that are different without being wrong.
fn is_harmless(state: State, event: Event, wrong: Option<Next>) -> bool {
    let (Some(right), Some(wrong)) = (next(state, event, WhenInDoubt::Hold), wrong) else { return false };
    let held = [State::Doubt, State::Failed];
    // When what does not wait is due.
    let only_time = wrong.state == right.state && wrong.state != State::Waiting;
    // Failed instead of doubt and the other way round: both are visible, and only words tell them apart.
    let only_folder = held.contains(&wrong.state) && held.contains(&right.state);
    // Visible, and not repeated, although it was executed or a person gave it up.
    let kept = right.state == State::Gone && held.contains(&wrong.state);
    // Nothing left its place: these counts are for the curious.
    let only_not_counted = wrong.state == right.state
        && wrong.due == right.due
        && !matches!(state, State::Sending { .. } | State::Doubt | State::Failed);
    only_time || only_folder || kept || only_not_counted
}

#[test]
fn a_late_answer_settles_the_doubt() {
    let settle = |event| next(State::Doubt, event, WhenInDoubt::Hold).unwrap();
    assert_eq!(settle(Event::Executed).state, State::Gone);
    assert_eq!(settle(Event::Rejected).state, State::Failed);
    assert_eq!(settle(Event::GivenUp).state, State::Failed);
    assert_eq!((settle(Event::NotSent).state, settle(Event::NotSent).due), (State::Waiting, Due::AfterPause));
    assert_eq!(settle(Event::InDoubt).state, State::Doubt);
}

#[test]
fn an_operator_chooses_what_becomes_of_a_doubt() {
    for event in [Event::InDoubt, Event::SenderDied] {
        let next = |wish| next(State::Sending { saved: false }, event, wish).unwrap();
        assert_eq!(next(WhenInDoubt::Hold).count, Some(Reason::Held));
        assert_eq!(next(WhenInDoubt::Resend).count, Some(Reason::Resent));
        assert_eq!(next(WhenInDoubt::Drop).count, Some(Reason::Dropped));
    }
}

#[test]
fn pauses_double_from_a_second_to_five_minutes_and_then_take_hours() {
    // All times up to the limit occur, for some random number.
    let longest = |minutes: f64| {
        let failing = Duration::from_secs_f64(60.0 * minutes);
        (1..40_000).filter_map(|second| backoff(failing, second * 1000 - 1)).max()
    };
    let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
    assert_eq!(longest(0.0), Some(Duration::from_secs(1)));
    assert_eq!(longest(1.5 / 60.0), Some(Duration::from_secs(2)));
    assert_eq!(longest(1.0), Some(Duration::from_secs(64)));
    assert_eq!(longest(10.0), minutes(5));
    assert_eq!(longest(59.9), minutes(5));
    assert_eq!(longest(60.0), minutes(30));
    assert_eq!(longest(120.0), minutes(2 * 60));
    assert_eq!(longest(300.0), minutes(5 * 60));
    assert_eq!(longest(1000.0), Some(LONGEST_PAUSE));
    assert_eq!(longest(24.0 * 60.0), None);
}

#[test]
fn a_record_is_tried_dozens_of_times_before_it_is_given_up() {
    let (mut failing, mut tries, mut first_hour) = (Duration::ZERO, 0, 0);
    let mut random = 1_u64;
    while let Some(pause) = backoff(failing, random) {
        assert!(pause > Duration::ZERO && pause <= LONGEST_PAUSE);
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 1;
        failing += pause;
        tries += 1;
        first_hour += u32::from(failing < Duration::from_secs(3600));
    }
    assert!((15..80).contains(&first_hour), "{first_hour} tries in the first hour");
    assert!(tries - first_hour < 60, "{tries} tries");
}
