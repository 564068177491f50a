//! The faults that are armed, found fast: thousands of them, one record each, cost a request no more than one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{Fault, FaultKind, Ids, Stage};
use crate::record::Record;

/// Chooses a fault by record, after the list of faults has been asked.
pub(crate) type Plan = Box<dyn Fn(&Record) -> Option<FaultKind> + Send + Sync>;

pub(crate) struct ArmedFaults {
    /// False means that nobody need look: the usual case, and the fast one.
    armed: AtomicBool,
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    slots: Vec<Slot>,
    queues: HashMap<Stage, FaultQueue>,
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
struct FaultQueue {
    general: Vec<usize>,
    by_id: HashMap<u64, Vec<usize>>,
}

impl ArmedFaults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        let armed = Self { armed: AtomicBool::new(false), lists: Mutex::default() };
        for fault in faults {
            armed.push(fault);
        }
        armed
    }

    pub(crate) fn push(&self, fault: Fault) {
        self.lock().push(fault);
        self.armed.store(true, Ordering::SeqCst);
    }

    /// Replaces the list; the plan stays.
    pub(crate) fn replace(&self, faults: Vec<Fault>) {
        let mut lists = self.lock();
        *lists = Lists { plan: lists.plan.take(), ..Lists::default() };
        for fault in faults {
            lists.push(fault);
        }
        self.armed.store(!lists.slots.is_empty() || lists.plan.is_some(), Ordering::SeqCst);
    }

    pub(crate) fn set_plan(&self, plan: Option<Plan>) {
        let mut lists = self.lock();
        lists.plan = plan.map(Arc::new);
        self.armed.store(!lists.slots.is_empty() || lists.plan.is_some(), Ordering::SeqCst);
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Lists::default();
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
        let mut lists = self.lock();
        if let Some(slot) = lists.take(Stage::Exchange, records) {
            return Some(Arc::clone(&slot.fault));
        }
        let plan = lists.plan.clone()?;
        // The plan is the caller's code: it runs without the lock.
        drop(lists);
        records.iter().find_map(|record| plan(record)).map(|kind| Arc::new(Fault::new(kind)))
    }

    /// The list as JSON, each fault with the number of its `hits`.
    pub(crate) fn to_json(&self) -> Value {
        let lists = self.lock();
        let described = lists.slots.iter().map(|slot| {
            let mut json = serde_json::to_value(&*slot.fault).unwrap_or_default();
            if let Value::Object(fields) = &mut json {
                fields.insert("hits".to_owned(), slot.hits.into());
            }
            json
        });
        described.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lists {
    fn push(&mut self, fault: Fault) {
        let index = self.slots.len();
        let queue = self.queues.entry(fault.kind.stage()).or_default();
        let single = |ids: &Ids| if let Ids::One(id) = ids { Some(*id) } else { None };
        let ids: Option<Vec<u64>> = fault.records.iter().map(single).collect();
        match ids.filter(|ids| !ids.is_empty()) {
            Some(ids) => ids.into_iter().for_each(|id| {
                let slots = queue.by_id.entry(id).or_default();
                if slots.last() != Some(&index) {
                    slots.push(index);
                }
            }),
            None => queue.general.push(index),
        }
        self.slots.push(Slot {
            kind: Arc::new(fault.kind.clone()),
            fault: Arc::new(fault),
            passed: 0,
            hits: 0,
        });
    }

    fn take(&mut self, stage: Stage, records: &[Record]) -> Option<&Slot> {
        let queue = self.queues.get_mut(&stage)?;
        let mut named: Vec<usize> =
            records.iter().filter_map(|record| queue.by_id.get(&record.id)).flatten().copied().collect();
        named.sort_unstable();
        named.dedup();
        let index = first_ready(&mut self.slots, &queue.general, &named, records)?;
        let slot = self.slots.get_mut(index)?;
        slot.hits += 1;
        if slot.fault.times == Some(slot.hits) {
            queue.forget(index, &slot.fault);
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

impl FaultQueue {
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
