//! A [`Worker`]: threads that sweep until they are stopped.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use oo_webhooks_core::outbox::policy::{Next, Reason};
use oo_webhooks_core::record::Record;
use oo_webhooks_core::result::RecordResult;
use oo_webhooks_store_sql::Trouble;

use crate::accounts::Accounts;
use crate::limiter::Limiter;
use crate::metrics::Metrics;
use crate::outages::Outages;
use crate::pulse::Pulse;
use crate::settings::Settings;
use crate::stop::StopHandle;
use crate::sweep::{Sweep, Swept};

/// With [`Worker::run_once`] a thread that found nothing looks again after so long, while others work.
const TURN: Duration = Duration::from_millis(50);

/// Something that a log tells.
#[derive(Clone, Copy, Debug)]
pub enum Report<'a> {
    /// A call is over, and its result is about to be written down.
    Sent {
        /// Its account.
        account: &'a str,
        /// What is known of the record.
        result: &'a RecordResult,
    },
    /// What became of a record of a database, sent or refused without a call, is written down.
    Settled {
        /// Its account.
        account: &'a str,
        /// The record.
        record: Record,
        /// The call's result; `None` where there was no call.
        result: Option<&'a RecordResult>,
        /// What the store made of it; `None` when it was not this worker's any more.
        next: Option<Next>,
    },
    /// The store refused something or is away; it is tried again.
    Trouble(&'a Trouble),
}

type Reporter = Box<dyn Fn(&Report<'_>) + Send + Sync>;

/// Takes records from an outbox, executes their webhooks and settles them.
pub struct Worker(Shared);

/// What all threads have.
pub struct Shared {
    pub(crate) accounts: Accounts,
    pub(crate) settings: Settings,
    pub(crate) stop: StopHandle,
    pub(crate) limiter: Limiter,
    pub(crate) outages: Outages,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) pulse: Pulse,
    reporter: Option<Reporter>,
}

impl Worker {
    /// A worker for these accounts.
    pub fn new(accounts: Accounts, settings: Settings) -> Self {
        Self(Shared {
            accounts,
            settings,
            stop: StopHandle::new(),
            limiter: Limiter::new(settings.calls_per_second),
            outages: Outages::default(),
            metrics: Arc::default(),
            pulse: Pulse::default(),
            reporter: None,
        })
    }

    /// Is called with everything that a log tells, by the thread that it happens in.
    pub fn set_reporter(&mut self, reporter: impl Fn(&Report<'_>) + Send + Sync + 'static) {
        self.0.reporter = Some(Box::new(reporter));
    }

    /// Stops it: it claims nothing more, finishes its calls, writes down their results and returns.
    pub fn stop_handle(&self) -> StopHandle {
        self.0.stop.clone()
    }

    /// What it has done, also while it runs.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.0.metrics)
    }

    /// Whether its threads are stuck, also while it runs.
    pub fn pulse(&self) -> Pulse {
        self.0.pulse.clone()
    }

    /// Works until it is stopped. `open` gives each thread a store of its own. A store that is away is
    /// waited for.
    ///
    /// # Errors
    /// The first [`Trouble`] that does not pass by itself; the other threads have ended then too.
    pub fn run<S: Sweep>(&self, open: impl Fn() -> Result<S, Trouble> + Sync) -> Result<(), Trouble> {
        let shared = &self.0;
        let open_at_last = || loop {
            shared.pulse.beat();
            match open() {
                Err(trouble) if trouble.is_temporary() => {
                    shared.trouble(&trouble);
                    if shared.stop.wait(shared.settings.pause) {
                        return Ok(None);
                    }
                }
                opened => return opened.map(Some),
            }
        };
        self.threads(|| {
            let Some(mut store) = open_at_last()? else { return Ok(()) };
            while !shared.stop.is_stopped() {
                shared.pulse.beat();
                match store.sweep(shared) {
                    Ok(Swept { records: 0, has_more: false }) => {
                        shared.stop.wait(shared.settings.pause);
                    }
                    Ok(_) => {}
                    Err(trouble) if trouble.is_temporary() => {
                        shared.trouble(&trouble);
                        shared.stop.wait(shared.settings.pause);
                    }
                    Err(trouble) => return Err(trouble),
                }
            }
            Ok(())
        })
    }

    /// Sends what is due and returns.
    ///
    /// # Errors
    /// The first [`Trouble`].
    pub fn run_once<S: Sweep>(&self, open: impl Fn() -> Result<S, Trouble> + Sync) -> Result<(), Trouble> {
        let shared = &self.0;
        // A thread that finds nothing waits for the others: one of them may be collecting for all.
        let idle = AtomicUsize::new(0);
        self.threads(|| {
            let mut store = open()?;
            let mut is_idle = false;
            while !shared.stop.is_stopped() {
                shared.pulse.beat();
                let swept = store.sweep(shared)?;
                let found_nothing = swept.records == 0 && !swept.has_more;
                if found_nothing && !is_idle {
                    idle.fetch_add(1, Ordering::SeqCst);
                } else if !found_nothing && is_idle {
                    idle.fetch_sub(1, Ordering::SeqCst);
                }
                is_idle = found_nothing;
                if is_idle
                    && (idle.load(Ordering::SeqCst) >= shared.settings.threads || shared.stop.wait(TURN))
                {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Runs `work` in as many threads as the settings say, this one among them.
    fn threads(&self, work: impl Fn() -> Result<(), Trouble> + Sync) -> Result<(), Trouble> {
        let stop = &self.0.stop;
        let run = || {
            let mut ending = Ending { stop, pulse: &self.0.pulse, is_good: false };
            let done = work();
            ending.is_good = done.is_ok();
            done
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..self.0.settings.threads).map(|_| scope.spawn(run)).collect();
            others.into_iter().fold(run(), |done, other| {
                done.and(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })
        })
    }
}

/// A thread that ends with an error or a panic ends the others: half a worker is not seen by anybody.
struct Ending<'a> {
    stop: &'a StopHandle,
    pulse: &'a Pulse,
    is_good: bool,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.pulse.end();
        if !self.is_good {
            self.stop.stop();
        }
    }
}

impl Shared {
    pub(crate) fn add_reason(&self, reason: Reason, times: u64) {
        if times > 0 {
            self.metrics.add_reason(reason, times);
        }
    }

    /// Counts a call and tells of its results.
    pub(crate) fn sent(&self, account: &str, duration: Duration, results: &[RecordResult]) {
        self.pulse.beat();
        self.metrics.add_call(duration);
        for result in results {
            self.metrics.add_outcome(result.outcome());
            self.report(&Report::Sent { account, result });
        }
    }

    pub(crate) fn trouble(&self, trouble: &Trouble) {
        self.pulse.beat();
        self.metrics.add_trouble();
        self.report(&Report::Trouble(trouble));
    }

    pub(crate) fn report(&self, report: &Report<'_>) {
        if let Some(reporter) = &self.reporter {
            reporter(report);
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Worker").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
