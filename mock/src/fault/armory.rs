//! The faults that are armed, found fast: thousands of them, one record each, cost a request no more than one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{Fault, FaultKind, Ids, Stage};
use crate::record::Record;

/// Chooses a fault by record, after the list of faults has been asked.
pub(crate) type Plan = Box<dyn Fn(&Record) -> Option<FaultKind> + Send + Sync>;

pub(crate) struct Armory {
    /// False means that nobody need look: the usual case, and the fast one.
    armed: AtomicBool,
    arms: Mutex<Arms>,
}

#[derive(Default)]
struct Arms {
    slots: Vec<Slot>,
    lanes: HashMap<Stage, Lane>,
    plan: Option<Arc<Plan>>,
}

struct Slot {
    fault: Arc<Fault>,
    kind: Arc<FaultKind>,
    passed: u64,
    hits: u64,
}

/// Indices of the slots that still count at one stage, each list in ascending order.
#[derive(Default)]
struct Lane {
    general: Vec<usize>,
    by_id: HashMap<u64, Vec<usize>>,
}

impl Armory {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        let armory = Self { armed: AtomicBool::new(false), arms: Mutex::default() };
        for fault in faults {
            armory.push(fault);
        }
        armory
    }

    pub(crate) fn push(&self, fault: Fault) {
        self.lock().push(fault);
        self.armed.store(true, Ordering::SeqCst);
    }

    /// Replaces the list; the plan stays.
    pub(crate) fn replace(&self, faults: Vec<Fault>) {
        let mut arms = self.lock();
        *arms = Arms { plan: arms.plan.take(), ..Arms::default() };
        for fault in faults {
            arms.push(fault);
        }
        self.armed.store(!arms.slots.is_empty() || arms.plan.is_some(), Ordering::SeqCst);
    }

    pub(crate) fn set_plan(&self, plan: Option<Plan>) {
        let mut arms = self.lock();
        arms.plan = plan.map(Arc::new);
        self.armed.store(!arms.slots.is_empty() || arms.plan.is_some(), Ordering::SeqCst);
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Arms::default();
        self.armed.store(false, Ordering::SeqCst);
    }

    /// The fault for an event before the records are known.
    pub(crate) fn take(&self, stage: Stage) -> Option<Arc<FaultKind>> {
        let armed = self.armed.load(Ordering::SeqCst);
        armed.then(|| self.lock().take(stage, &[]).map(|slot| Arc::clone(&slot.kind)))?
    }

    /// The fault for a request that has been read.
    pub(crate) fn take_for(&self, records: &[Record]) -> Option<Arc<Fault>> {
        if !self.armed.load(Ordering::SeqCst) {
            return None;
        }
        let mut arms = self.lock();
        if let Some(slot) = arms.take(Stage::Exchange, records) {
            return Some(Arc::clone(&slot.fault));
        }
        let plan = arms.plan.clone()?;
        // The plan is the caller's code: it runs without the lock.
        drop(arms);
        records.iter().find_map(|record| plan(record)).map(|kind| Arc::new(Fault::new(kind)))
    }

    /// The list as JSON, each fault with the number of its `hits`.
    pub(crate) fn to_json(&self) -> Value {
        let arms = self.lock();
        let described = arms.slots.iter().map(|slot| {
            let mut json = serde_json::to_value(&*slot.fault).unwrap_or_default();
            if let Value::Object(fields) = &mut json {
                fields.insert("hits".to_owned(), slot.hits.into());
            }
            json
        });
        described.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Arms> {
        self.arms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arms {
    fn push(&mut self, fault: Fault) {
        let index = self.slots.len();
        let lane = self.lanes.entry(fault.kind.stage()).or_default();
        let single = |ids: &Ids| if let Ids::One(id) = ids { Some(*id) } else { None };
        let ids: Option<Vec<u64>> = fault.records.iter().map(single).collect();
        match ids.filter(|ids| !ids.is_empty()) {
            Some(ids) => ids.into_iter().for_each(|id| {
                let slots = lane.by_id.entry(id).or_default();
                if slots.last() != Some(&index) {
                    slots.push(index);
                }
            }),
            None => lane.general.push(index),
        }
        self.slots.push(Slot {
            kind: Arc::new(fault.kind.clone()),
            fault: Arc::new(fault),
            passed: 0,
            hits: 0,
        });
    }

    fn take(&mut self, stage: Stage, records: &[Record]) -> Option<&Slot> {
        let lane = self.lanes.get_mut(&stage)?;
        let mut named: Vec<usize> =
            records.iter().filter_map(|record| lane.by_id.get(&record.id)).flatten().copied().collect();
        named.sort_unstable();
        named.dedup();
        let index = first_ready(&mut self.slots, &lane.general, &named, records)?;
        let slot = self.slots.get_mut(index)?;
        slot.hits += 1;
        if slot.fault.times == Some(slot.hits) {
            lane.forget(index, &slot.fault);
        }
        Some(slot)
    }
}

/// The first slot, over both lists in order, that matches and has nothing more to skip.
fn first_ready(slots: &mut [Slot], general: &[usize], named: &[usize], records: &[Record]) -> Option<usize> {
    let (mut general, mut named) = (general.iter().peekable(), named.iter().peekable());
    loop {
        let from_general = match (general.peek(), named.peek()) {
            (Some(left), Some(right)) => left < right,
            (left, _) => left.is_some(),
        };
        let index = *if from_general { general.next() } else { named.next() }?;
        let slot = slots.get_mut(index)?;
        if slot.fault.times == Some(0) || !slot.fault.matches(records) {
            continue;
        }
        if slot.passed == slot.fault.skip {
            return Some(index);
        }
        slot.passed += 1;
    }
}

impl Lane {
    fn forget(&mut self, index: usize, fault: &Fault) {
        if let Ok(position) = self.general.binary_search(&index) {
            self.general.remove(position);
        }
        for ids in &fault.records {
            let Ids::One(id) = ids else { continue };
            if let Some(slots) = self.by_id.get_mut(id) {
                slots.retain(|slot| *slot != index);
            }
        }
    }
}
