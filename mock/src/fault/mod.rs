//! Faults: what goes wrong, whom it hits and how often.

mod armed;
mod effect;
mod kind;
mod stray;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use armed::ArmedFaults;
pub(crate) use kind::Stage;
pub use kind::{CloseMoment, Contradiction, FaultKind, Moment, StatusBody};
pub(crate) use stray::Stray;
pub use stray::{StrayContent, StrayGap};

use crate::record::{Module, Record};
use crate::style::ErrorShape;

/// A fault and whom it hits. Of several, the first that matches a request is used.
///
/// As JSON: the fields of its [`FaultKind`], and any of `times`, `skip`, `records` and `module`.
///
/// ```
/// use oo_webhooks_mock::{Fault, FaultKind, Ending};
///
/// let json = r#"{"kind": "drop_after_executing", "how": "reset", "times": 2, "records": [7, [100, 199]]}"#;
/// let fault: Fault = serde_json::from_str(json).unwrap();
/// let same = Fault::new(FaultKind::DropAfterExecuting { how: Ending::Reset }).times(2).id(7).ids(100, 199);
/// assert_eq!(fault, same);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How many requests it hits (connections, for the kinds that act before a request); all when absent.
    pub times: Option<u64>,
    /// How many that match are left alone before.
    pub skip: u64,
    /// Only requests with one of these ids; all when empty. Only kinds that act on a request that has been read
    /// know its records. An error code hits only the actions of these records, unless it is told on the top level
    /// only.
    pub records: Vec<Ids>,
    /// Only requests with a record of this module.
    pub module: Option<Module>,
}

/// One id, or all from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Ids {
    /// Just this one.
    One(u64),
    /// Both ends included.
    Range(u64, u64),
}

/// More in one answer would be a fault of the mock's machine and not of the client's.
const MOST_BYTES: usize = 1_000_000_000;
const MOST_MEGABYTES: usize = 10_000;
const MOST_TIMES: usize = 1_000_000;

impl Fault {
    /// A fault that hits everything, for ever.
    pub fn new(kind: FaultKind) -> Self {
        Self { kind, times: None, skip: 0, records: Vec::new(), module: None }
    }

    /// Hits only once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Hits only so many times.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Leaves out the first ones.
    #[must_use]
    pub fn skip(self, skip: u64) -> Self {
        Self { skip, ..self }
    }

    /// Hits this id, beside others named before.
    #[must_use]
    pub fn id(mut self, id: u64) -> Self {
        self.records.push(Ids::One(id));
        self
    }

    /// Hits the ids from `first` to `last`, beside others named before.
    #[must_use]
    pub fn ids(mut self, first: u64, last: u64) -> Self {
        self.records.push(Ids::Range(first, last));
        self
    }

    /// Hits only this module.
    #[must_use]
    pub fn module(self, module: Module) -> Self {
        Self { module: Some(module), ..self }
    }

    fn is_filtered(&self) -> bool {
        !self.records.is_empty() || self.module.is_some()
    }

    fn matches(&self, records: &[Record]) -> bool {
        !self.is_filtered() || records.iter().any(|record| self.names(*record))
    }

    fn names(&self, record: Record) -> bool {
        self.module.is_none_or(|module| module == record.module)
            && (self.records.is_empty() || self.records.iter().any(|ids| ids.contain(record.id)))
    }

    /// Whether an action of a request that is hit is left alone: an error of the API can stand at some actions only.
    /// Every other kind does something to the whole answer, as does an error that is told on the top level only.
    pub(crate) fn spares(&self, record: Option<Record>) -> bool {
        let tells_each =
            matches!(&self.kind, FaultKind::ErrorCode { shape, .. } if *shape != ErrorShape::TopOnly);
        tells_each && self.is_filtered() && !record.is_some_and(|record| self.names(record))
    }

    /// Whether the record of an action that is in order is executed.
    pub(crate) fn executes(&self, record: Record) -> bool {
        self.kind.executes() || self.spares(Some(record))
    }

    /// What makes no sense as a fault, in one line.
    fn check(self) -> Result<Self, String> {
        if self.is_filtered() && self.kind.stage() != Stage::Exchange {
            let name = self.kind.name();
            return Err(format!("{name} acts before the record is known: leave out records and module"));
        }
        match self.kind {
            FaultKind::Oversized { bytes, .. } if bytes > MOST_BYTES => {
                Err(format!("oversized takes {MOST_BYTES} bytes at most"))
            }
            FaultKind::GzipBomb { megabytes } if megabytes > MOST_MEGABYTES => {
                Err(format!("gzip_bomb takes {MOST_MEGABYTES} megabytes at most"))
            }
            FaultKind::Continue100 { count } if count > MOST_TIMES => {
                Err(format!("continue_100 takes a count of {MOST_TIMES} at most"))
            }
            FaultKind::WrongCount { results } if results > MOST_TIMES => {
                Err(format!("wrong_count takes {MOST_TIMES} results at most"))
            }
            FaultKind::StrayWithHandshake { results, .. }
            | FaultKind::StrayInBody { results, .. }
            | FaultKind::StrayBeforeAnswer { results, .. }
            | FaultKind::StrayBehindAnswer { results, .. }
                if results > MOST_TIMES =>
            {
                Err(format!("{} takes {MOST_TIMES} results at most", self.kind.name()))
            }
            FaultKind::Drip { bytes: 0, .. } => Err("drip needs at least 1 byte a piece".to_owned()),
            FaultKind::HttpStatus { status, .. } | FaultKind::Redirect { status, .. }
                if !(200..=599).contains(&status) =>
            {
                Err(format!("HTTP status {status} is not between 200 and 599"))
            }
            _ => Ok(self),
        }
    }
}

impl Ids {
    fn contain(self, id: u64) -> bool {
        match self {
            Self::One(one) => one == id,
            Self::Range(first, last) => (first..=last).contains(&id),
        }
    }
}

impl TryFrom<Map<String, Value>> for Fault {
    type Error = String;

    /// Strict, unlike serde's flattening: a field that a kind does not have is an error, not a fault that silently
    /// does something else.
    fn try_from(mut fields: Map<String, Value>) -> Result<Self, String> {
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let (times, skip, records, module) = (take("times"), take("skip"), take("records"), take("module"));
        // `GET /mock/faults` tells the hits; the same list may be sent back.
        take("hits");
        let given: Vec<String> = fields.keys().cloned().collect();
        let kind: FaultKind = parsed("kind", Value::Object(fields))?;
        let known = serde_json::to_value(&kind).map_err(|error| error.to_string())?;
        if let Some(stranger) = given.iter().find(|name| known.get(name.as_str()).is_none()) {
            return Err(format!("fault {} has no field {stranger}", kind.name()));
        }
        let skip: Option<u64> = parsed("skip", skip)?;
        let records: Option<Vec<Ids>> = parsed("records", records)?;
        Self {
            kind,
            times: parsed("times", times)?,
            skip: skip.unwrap_or_default(),
            records: records.unwrap_or_default(),
            module: parsed("module", module)?,
        }
        .check()
    }
}

fn parsed<T: serde::de::DeserializeOwned>(field: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("fault: {field}: {error}"))
}
