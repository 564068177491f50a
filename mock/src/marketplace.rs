//! The marketplace: which webhooks are registered, the calls of them that wait, and what came of those that are over.
//! One thread makes the calls, so that no answer of the API waits for a receiver. Whether the real API waits is not
//! known (docs/api-facts.md, `call-synchronous`).

use std::collections::VecDeque;
use std::net::{Shutdown, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;
use crate::delivery::{self, Delivery};
use crate::record::Record;
use crate::state::{Place, State};
use crate::webhook::Webhook;

/// How many calls wait at most; a further one is not made, and told so.
const WAITING: usize = 1000;
/// How long somebody waits before they look whether the mock is being stopped.
const LOOK: Duration = Duration::from_millis(50);
/// How many results are kept: the newest.
const KEPT: usize = 10_000;

pub(crate) struct Marketplace {
    inner: Mutex<Inner>,
    changed: Condvar,
    at_start: Vec<Webhook>,
}

#[derive(Default)]
struct Inner {
    webhooks: Vec<Webhook>,
    waiting: VecDeque<Call>,
    /// The connection of the call that is being made.
    current: Option<TcpStream>,
    calling: bool,
    newest: VecDeque<Delivery>,
    total: u64,
    /// How often all was forgotten: what was begun before that is not told.
    resets: u64,
    closed: bool,
}

#[derive(Clone)]
struct Call {
    webhook: Webhook,
    record: Record,
    execution: u64,
    place: Place,
}

impl Marketplace {
    pub(crate) fn new(webhooks: Vec<Webhook>) -> Self {
        let inner = Inner { webhooks: webhooks.clone(), ..Inner::default() };
        Self { inner: Mutex::new(inner), changed: Condvar::new(), at_start: webhooks }
    }

    pub(crate) fn webhooks(&self) -> Vec<Webhook> {
        self.lock().webhooks.clone()
    }

    pub(crate) fn replace(&self, webhooks: Vec<Webhook>) {
        self.lock().webhooks = webhooks;
    }

    /// Has the webhooks of `record` called. Those for new records and those for changed ones: the API executes both.
    pub(crate) fn execute(&self, record: Record, execution: u64, place: Place) {
        let mut inner = self.lock();
        let all = inner.webhooks.iter().filter(|webhook| webhook.module == record.module);
        let calls: Vec<Call> =
            all.map(|webhook| Call { webhook: webhook.clone(), record, execution, place }).collect();
        for call in calls {
            if inner.waiting.len() < WAITING {
                inner.waiting.push_back(call);
            } else {
                inner.note(&call, Err(format!("not called: {WAITING} calls wait already")));
            }
        }
        self.changed.notify_all();
    }

    /// Makes the calls until the mock is gone.
    pub(crate) fn run(&self, state: &State) {
        while let Some((call, resets)) = self.next() {
            let target = call.webhook.target(call.record, call.execution, state.clock.seconds());
            let result = delivery::call(call.webhook.endpoint(), &target, |stream| self.opened(stream));
            state.log.line(call.place.connection, call.place.request, || describe(&call, &result));
            let mut inner = self.lock();
            (inner.calling, inner.current) = (false, None);
            if inner.resets == resets {
                inner.note(&call, result);
            }
            self.changed.notify_all();
        }
    }

    fn next(&self) -> Option<(Call, u64)> {
        let inner = self.lock();
        let wait = self.changed.wait_while(inner, |inner| inner.waiting.is_empty() && !inner.closed);
        let mut inner = wait.unwrap_or_else(PoisonError::into_inner);
        if inner.closed {
            return None;
        }
        inner.calling = true;
        let resets = inner.resets;
        inner.waiting.pop_front().map(|call| (call, resets))
    }

    fn opened(&self, stream: &TcpStream) {
        let mut inner = self.lock();
        inner.current = stream.try_clone().ok();
        if inner.closed {
            inner.end_current();
        }
    }

    /// The results after `sequence` that are kept, how many there were, and how many calls are still to be made.
    /// Waits up to `patience` for the last of these, but not when `stopping`.
    pub(crate) fn deliveries(
        &self,
        sequence: u64,
        patience: Duration,
        stopping: impl Fn() -> bool,
    ) -> (Vec<Delivery>, u64, usize) {
        let end = Instant::now() + patience;
        let mut inner = self.lock();
        while inner.left() > 0 && !stopping() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(inner, left.min(LOOK));
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let newest = inner.newest.iter().filter(|it| it.sequence > sequence).cloned().collect();
        (newest, inner.total, inner.left())
    }

    /// Forgets calls and results, and has the webhooks that it had at the start.
    pub(crate) fn reset(&self) {
        let mut inner = self.lock();
        let (resets, calling, current) = (inner.resets + 1, inner.calling, inner.current.take());
        let webhooks = self.at_start.clone();
        *inner = Inner { webhooks, current, calling, resets, ..Inner::default() };
        self.changed.notify_all();
    }

    /// Ends the thread that makes the calls, also in the middle of one.
    pub(crate) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.end_current();
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn left(&self) -> usize {
        self.waiting.len() + usize::from(self.calling)
    }

    fn note(&mut self, call: &Call, result: Result<u16, String>) {
        self.total += 1;
        let (status, error) = result.map_or_else(|error| (0, error), |status| (status, String::new()));
        self.newest.push_back(Delivery {
            sequence: self.total,
            execution: call.execution,
            module: call.record.module,
            id: call.record.id,
            event: call.webhook.event,
            url: call.webhook.url().to_owned(),
            status,
            error,
            time_ms: clock::unix_milliseconds(),
        });
        if self.newest.len() > KEPT {
            self.newest.pop_front();
        }
    }

    fn end_current(&self) {
        if let Some(stream) = &self.current {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn describe(call: &Call, result: &Result<u16, String>) -> String {
    let what = match result {
        Ok(status) => format!("HTTP {status}"),
        Err(error) => error.clone(),
    };
    format!("called {} for {}: {what}", call.webhook.url(), call.record)
}
