//! What the client claimed about a call, kept small until the ledger can be asked.

use std::time::Duration;

use oo_webhooks_core::outcome::{Outcome, Status};
use oo_webhooks_core::result::RecordResult;

use crate::answer::{Says, says};
use crate::call::Call;
use crate::fault;
use crate::wire::Seen;

/// What was claimed about one record.
#[derive(Clone, Copy, Default)]
pub struct Claim {
    status: u8,
    pub doubt: Option<Doubt>,
}

/// Why a claim is *in doubt*: could the truth have been known from what the client had?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// No byte of the request was handed to the kernel.
    NothingSent,
    /// A whole HTTP answer came, and a naive reading of it says one thing everywhere.
    AnswerSaysIt,
    /// A true answer in sound HTTP came, and was not understood.
    AnswerNotUnderstood,
    /// The kernel never took the request's last byte: JSON without its end is not executed.
    RequestCut,
    /// All of a true answer's JSON came, in an HTTP message that broke behind it.
    JsonCame,
    /// Bytes went out, and nothing came from which it could be known.
    NotKnowable,
}

impl Doubt {
    pub const ALL: [Doubt; 6] = [
        Doubt::NothingSent,
        Doubt::AnswerSaysIt,
        Doubt::AnswerNotUnderstood,
        Doubt::RequestCut,
        Doubt::JsonCame,
        Doubt::NotKnowable,
    ];

    pub fn describe(self) -> &'static str {
        match self {
            Doubt::NothingSent => "no byte of the request had been handed to the kernel",
            Doubt::AnswerSaysIt => "a whole answer that says it had come",
            Doubt::AnswerNotUnderstood => "a true answer in sound HTTP had come, and was not understood",
            Doubt::RequestCut => "the kernel had not taken the whole request",
            Doubt::JsonCame => "the answer's JSON had come, but not the end of its HTTP message",
            Doubt::NotKnowable => "not knowable",
        }
    }
}

impl Claim {
    pub fn of(call: &Call, index: usize, result: &RecordResult, seen: Seen) -> Claim {
        let status = u8::try_from(result.status().number()).unwrap_or(u8::MAX);
        let in_doubt = result.outcome() == Outcome::InDoubt;
        Claim { status, doubt: in_doubt.then(|| doubt(call, index, result, seen)) }
    }

    pub fn status(self) -> Status {
        Status::from_number(self.status.into()).unwrap_or(Status::Internal)
    }

    pub fn outcome(self) -> Outcome {
        self.status().outcome()
    }
}

fn doubt(call: &Call, index: usize, result: &RecordResult, seen: Seen) -> Doubt {
    let says: Option<Says> =
        result.body().and_then(|body| says(body, &call.records[index], call.records.len() == 1));
    let delivers_json =
        call.fault.as_ref().is_some_and(|fault| !fault.is_lie && fault::delivers_whole_json(&fault.kind));
    if seen.requests == 0 {
        Doubt::NothingSent
    } else if says.is_some() {
        Doubt::AnswerSaysIt
    } else if result.status() == Status::BadResponse && is_sound(call) {
        Doubt::AnswerNotUnderstood
    } else if seen.was_cut {
        Doubt::RequestCut
    } else if delivers_json && result.body().is_none() {
        Doubt::JsonCame
    } else {
        Doubt::NotKnowable
    }
}

/// Whether an answer to this call, if it comes at all, is true and sound.
fn is_sound(call: &Call) -> bool {
    call.fault.as_ref().is_none_or(|fault| !fault.is_lie && fault::is_sound(&fault.kind))
}

/// What one call did, its claims apart.
#[derive(Clone, Copy, Default)]
pub struct Course {
    pub number: u64,
    /// Beyond the deadline; nothing for a call that was in time.
    pub overrun: Duration,
    pub seen: Seen,
    /// Its claims are those from here on, in [`Notebook::claims`].
    pub first_claim: usize,
    pub claim_count: usize,
}

/// What one thread notes. Its memory is taken at the start, so that what grows later is not this.
pub struct Notebook {
    pub courses: Vec<Course>,
    pub claims: Vec<Claim>,
}

impl Notebook {
    /// With room for so many calls.
    pub fn new(calls: usize) -> Notebook {
        Notebook { courses: touched(calls), claims: touched(calls * 4) }
    }

    pub fn note(&mut self, call: &Call, taken: Duration, seen: Seen, results: &[RecordResult]) {
        self.courses.push(Course {
            number: call.number,
            overrun: taken.saturating_sub(call.timeout),
            seen,
            first_claim: self.claims.len(),
            claim_count: results.len(),
        });
        // A result too many belongs to no record; the count tells of it.
        let results = results.iter().take(call.records.len()).enumerate();
        self.claims.extend(results.map(|(index, result)| Claim::of(call, index, result, seen)));
    }
}

/// An empty list whose memory has been written to.
fn touched<T: Clone + Default>(capacity: usize) -> Vec<T> {
    let mut list = vec![T::default(); capacity];
    for item in &mut list {
        // A write that the optimiser may not leave out.
        *std::hint::black_box(item) = T::default();
    }
    list.clear();
    list
}
