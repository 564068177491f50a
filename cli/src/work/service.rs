//! The worker as a service: says to systemd that it is ready, alive and what it does, and writes the metrics.

use std::env;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use oo_webhooks_core::outcome::Outcome;
use oo_webhooks_worker::metrics::Metrics;
use oo_webhooks_worker::pulse::Pulse;
use oo_webhooks_worker::worker::Worker;
use sd_notify::NotifyState;

use super::exporter::Exporter;
use crate::failure::Failure;

/// The status line and the metrics file are renewed so often.
const PERIOD: Duration = Duration::from_secs(15);

/// A thread that has shown no sign of life for two calls and so long besides is stuck.
const GRACE: Duration = Duration::from_secs(60);

/// A thread that ends when this is ended.
pub(super) struct Service {
    exporter: Arc<Exporter>,
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl Service {
    pub(super) fn start(
        worker: &Worker,
        longest_call: Duration,
        exporter: Arc<Exporter>,
    ) -> Result<Self, Failure> {
        let watchdog = sd_notify::watchdog_enabled();
        let stuck_after = longest_call * 2 + GRACE;
        if let Some(limit) = watchdog.filter(|limit| *limit < longest_call * 2) {
            return Err(Failure::usage(format!(
                "WatchdogSec is {} s, and a call may take {} s: set it to twice that at least",
                limit.as_secs(),
                longest_call.as_secs()
            )));
        }
        notify(&[NotifyState::Ready]);
        let (end, ended) = channel();
        let (pulse, metrics) = (worker.pulse(), worker.metrics());
        let theirs = Arc::clone(&exporter);
        let period = watchdog.map_or(PERIOD, |limit| (limit / 3).min(PERIOD));
        let spawned = thread::Builder::new().name("service".to_owned()).spawn(move || {
            let mut renewed: Option<Instant> = None;
            loop {
                if watchdog.is_some() && is_alive(&pulse, stuck_after) {
                    notify(&[NotifyState::Watchdog]);
                }
                if renewed.is_none_or(|renewed| renewed.elapsed() >= PERIOD) {
                    renewed = Some(Instant::now());
                    renew(&theirs, &metrics);
                }
                if !matches!(ended.recv_timeout(period), Err(RecvTimeoutError::Timeout)) {
                    return;
                }
            }
        });
        let thread = spawned.map_err(|error| Failure::new(format!("cannot start a thread: {error}")))?;
        Ok(Self { exporter, end, thread })
    }

    /// Says goodbye and writes the metrics for the last time.
    pub(super) fn end(self, metrics: &Metrics) -> Result<(), Failure> {
        notify(&[NotifyState::Stopping, NotifyState::Status(&line(metrics, ""))]);
        drop(self.end);
        let _ = self.thread.join();
        self.exporter.write_last()
    }
}

fn is_alive(pulse: &Pulse, stuck_after: Duration) -> bool {
    pulse.longest_silence() < stuck_after
}

fn renew(exporter: &Exporter, metrics: &Metrics) {
    // Counting reads every row or file: it is done for a manager that is told, not for nobody.
    if env::var_os("NOTIFY_SOCKET").is_some() {
        let holds = exporter.counts().map_or(String::new(), |counts| {
            format!(
                "{} waiting, {} sending, {} in doubt, {} failed; ",
                counts.waiting, counts.sending, counts.doubt, counts.failed
            )
        });
        notify(&[NotifyState::Status(&line(metrics, &holds))]);
    }
    if let Err(failure) = exporter.write() {
        eprintln!("{failure}");
    }
}

fn line(metrics: &Metrics, holds: &str) -> String {
    let count = |outcome| metrics.outcomes(outcome);
    format!(
        "{holds}since the start: {} executed, {} rejected, {} not sent, {} in doubt",
        count(Outcome::Executed),
        count(Outcome::Rejected),
        count(Outcome::NotSent),
        count(Outcome::InDoubt)
    )
}

/// Without systemd it does nothing.
fn notify(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
