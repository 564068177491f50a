//! What becomes of a record that waits: one table, [`next`], and the pauses between two tries, [`backoff`].
//!
//! Pure: no clock, no file, no random number. Every place that keeps records obeys it.

use std::time::Duration;

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nowhere: there is nothing to do.
    Gone,
    /// It is to be sent, now or after a pause.
    Waiting,
    /// A byte of its request may be on its way; no other sender takes it meanwhile.
    Sending {
        /// It was saved since the sending began.
        saved: bool,
    },
    /// It may have been executed or not; it stays until a person decides or it is saved again.
    Doubt,
    /// It was not executed and is not tried again; it stays until a person decides or it is saved again.
    Failed,
}

/// What happens to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The app saved the record.
    Saved,
    /// A sender is about to send it.
    Begun,
    /// onOffice executed it.
    Executed,
    /// No byte of the request was sent.
    NotSent,
    /// As [`Event::NotSent`], and [`backoff`] grants no further try.
    GivenUp,
    /// onOffice refused it.
    Rejected,
    /// It is not known whether onOffice executed it.
    InDoubt,
    /// The sender ended without saying what became of it.
    SenderDied,
    /// A person wants it to be sent again.
    Retried,
    /// A person wants it to be forgotten.
    Dropped,
}

/// What the operator wants to become of a record that is in doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WhenInDoubt {
    /// It stays for a person to decide: executed at most once.
    #[default]
    Hold,
    /// It is sent again after a pause: executed at least once, perhaps twice.
    Resend,
    /// It is counted and forgotten: executed at most once, perhaps never.
    Drop,
}

/// When a record that waits is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// As it was; also where it does not wait at all.
    Unchanged,
    /// At once.
    Now,
    /// After the pause of [`backoff`].
    AfterPause,
}

/// Why a record left its state. Each is counted: nothing disappears silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// onOffice executed it.
    Executed,
    /// It was not sent and waits for the next try.
    NotSent,
    /// It was not sent for a day: failed.
    GivenUp,
    /// onOffice refused it: failed, unless it was saved again meanwhile.
    Rejected,
    /// In doubt, and held for a person.
    Held,
    /// In doubt, and sent again, as the operator chose.
    Resent,
    /// In doubt, and forgotten, as the operator chose.
    Dropped,
    /// It was in doubt or had failed, and a newer save made it wait again.
    Superseded,
    /// A save of a record that waited already.
    Coalesced,
    /// A person had it sent again.
    Retried,
    /// A person had it forgotten.
    Removed,
}

impl Reason {
    /// Every reason, in the order of its number.
    pub const ALL: [Self; 11] = [
        Self::Executed,
        Self::NotSent,
        Self::GivenUp,
        Self::Rejected,
        Self::Held,
        Self::Resent,
        Self::Dropped,
        Self::Superseded,
        Self::Coalesced,
        Self::Retried,
        Self::Removed,
    ];

    /// Its name in reports: `given_up`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::NotSent => "not_sent",
            Self::GivenUp => "given_up",
            Self::Rejected => "rejected",
            Self::Held => "held",
            Self::Resent => "resent",
            Self::Dropped => "dropped",
            Self::Superseded => "superseded",
            Self::Coalesced => "coalesced",
            Self::Retried => "retried",
            Self::Removed => "removed",
        }
    }
}

/// What an event makes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Next {
    /// Where the record is now.
    pub state: State,
    /// When it is due.
    pub due: Due,
    /// What to count, if anything.
    pub count: Option<Reason>,
}

/// The table. `None` where the event cannot happen in that state: a caller that sees one must not act on it.
///
/// An answer may come after its sender was taken for dead: it still settles the doubt.
pub const fn next(state: State, event: Event, when_in_doubt: WhenInDoubt) -> Option<Next> {
    use State::{Doubt, Failed, Gone, Sending, Waiting};

    #[allow(clippy::unnecessary_wraps)] // It is what the whole table gives.
    const fn to(state: State, due: Due, count: Option<Reason>) -> Option<Next> {
        Some(Next { state, due, count })
    }

    match (state, event) {
        (Gone, Event::Saved) => to(Waiting, Due::Now, None),
        (Waiting, Event::Saved) => to(Waiting, Due::Unchanged, Some(Reason::Coalesced)),
        (Sending { saved: false }, Event::Saved) => to(Sending { saved: true }, Due::Unchanged, None),
        (Sending { saved: true }, Event::Saved) => {
            to(Sending { saved: true }, Due::Unchanged, Some(Reason::Coalesced))
        }
        (Doubt | Failed, Event::Saved) => to(Waiting, Due::Now, Some(Reason::Superseded)),

        (Waiting, Event::Begun) => to(Sending { saved: false }, Due::Unchanged, None),
        // It had not sent a byte.
        (Waiting, Event::SenderDied) => to(Waiting, Due::Unchanged, None),

        (Sending { saved: false } | Doubt, Event::Executed) => {
            to(Gone, Due::Unchanged, Some(Reason::Executed))
        }
        (Sending { saved: true }, Event::Executed) => to(Waiting, Due::Now, Some(Reason::Executed)),

        (Sending { .. } | Doubt, Event::NotSent) => to(Waiting, Due::AfterPause, Some(Reason::NotSent)),

        (Sending { saved: false } | Doubt, Event::GivenUp) => {
            to(Failed, Due::Unchanged, Some(Reason::GivenUp))
        }
        (Sending { saved: true }, Event::GivenUp) => to(Waiting, Due::Now, Some(Reason::GivenUp)),

        (Sending { saved: false } | Doubt, Event::Rejected) => {
            to(Failed, Due::Unchanged, Some(Reason::Rejected))
        }
        (Sending { saved: true }, Event::Rejected) => to(Waiting, Due::Now, Some(Reason::Rejected)),

        (Sending { saved: true }, Event::InDoubt | Event::SenderDied) => {
            to(Waiting, Due::Now, Some(Reason::Superseded))
        }
        (Sending { saved: false }, Event::InDoubt | Event::SenderDied) => match when_in_doubt {
            WhenInDoubt::Hold => to(Doubt, Due::Unchanged, Some(Reason::Held)),
            WhenInDoubt::Resend => to(Waiting, Due::AfterPause, Some(Reason::Resent)),
            WhenInDoubt::Drop => to(Gone, Due::Unchanged, Some(Reason::Dropped)),
        },
        // It was counted when it got there.
        (Doubt, Event::InDoubt) => to(Doubt, Due::Unchanged, None),

        (Doubt | Failed, Event::Retried) => to(Waiting, Due::Now, Some(Reason::Retried)),
        (Waiting | Doubt | Failed, Event::Dropped) => to(Gone, Due::Unchanged, Some(Reason::Removed)),

        (Gone | Doubt | Failed, Event::Begun | Event::SenderDied)
        | (
            Gone | Waiting | Failed,
            Event::Executed | Event::NotSent | Event::GivenUp | Event::Rejected | Event::InDoubt,
        )
        | (Gone | Waiting, Event::Retried)
        | (Gone, Event::Dropped)
        | (Sending { .. }, Event::Begun | Event::Retried | Event::Dropped) => None,
    }
}

/// A record that was never sent for so long is given up.
pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The longest pause that [`backoff`] gives.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 3600);

/// The pause before the next try of a record whose tries have failed for `failing` by now; `None` when it
/// is given up.
///
/// Full jitter, so that records which failed together are not tried together: any time up to a limit
/// that doubles with `failing` from 1 s to 5 min in the first hour, and then is 30 min, 2 h, 5 h and 10 h.
/// `random` is any number, each as likely as the others.
pub fn backoff(failing: Duration, random: u64) -> Option<Duration> {
    const HOUR: u64 = 3600;
    if failing >= LONGEST {
        return None;
    }
    let seconds = failing.as_secs();
    let limit = match seconds {
        0..HOUR => (seconds + 1).next_power_of_two().min(300),
        seconds if seconds < 2 * HOUR => HOUR / 2,
        seconds if seconds < 4 * HOUR => 2 * HOUR,
        seconds if seconds < 9 * HOUR => 5 * HOUR,
        _ => 10 * HOUR,
    };
    Some(Duration::from_millis(1 + random % (limit * 1000)))
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
