//! [`Metrics`]: what a worker has done since it began, and its text for Prometheus.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use oo_webhooks_core::outbox::policy::Reason;
use oo_webhooks_core::outcome::Outcome;
use oo_webhooks_store_sql::collect::Collected;
use oo_webhooks_store_sql::holdings::Counts;

/// Upper ends, in seconds, of the buckets for the duration of calls.
const BUCKETS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// What a worker has done since it began.
#[derive(Debug, Default)]
pub struct Metrics {
    outcomes: Mutex<BTreeMap<&'static str, u64>>,
    reasons: Mutex<BTreeMap<&'static str, u64>>,
    collected: AtomicU64,
    refused: AtomicU64,
    leases_expired: AtomicU64,
    not_ours: AtomicU64,
    troubles: AtomicU64,
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    seconds: f64,
}

impl Metrics {
    /// How many sent records had this outcome.
    pub fn outcomes(&self, outcome: Outcome) -> u64 {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).get(outcome.name()).copied().unwrap_or(0)
    }

    /// How many records left their place for this reason.
    pub fn reasons(&self, reason: Reason) -> u64 {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner).get(reason.name()).copied().unwrap_or(0)
    }

    /// Calls.
    pub fn calls(&self) -> u64 {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// Times that the store refused something or was away.
    pub fn troubles(&self) -> u64 {
        self.troubles.load(Ordering::Relaxed)
    }

    /// The text for Prometheus; with `counts`, also what the outbox holds. No record's id is in it.
    pub fn prometheus(&self, counts: Option<&Counts>) -> String {
        let mut text = String::new();
        if let Some(counts) = counts {
            text += "# HELP oo_webhooks_records Records in the outbox by state.\n# TYPE oo_webhooks_records gauge\n";
            for (state, number) in [
                ("waiting", counts.waiting),
                ("sending", counts.sending),
                ("doubt", counts.doubt),
                ("failed", counts.failed),
            ] {
                text += &format!("oo_webhooks_records{{state=\"{state}\"}} {number}\n");
            }
            let age = match (counts.now, counts.oldest_waiting) {
                (Some(now), Some(oldest)) => now.duration_since(oldest).unwrap_or_default(),
                _ => Duration::ZERO,
            };
            text += "# HELP oo_webhooks_oldest_waiting_seconds How long the record that waits longest has waited.\n\
                     # TYPE oo_webhooks_oldest_waiting_seconds gauge\n";
            text += &format!("oo_webhooks_oldest_waiting_seconds {}\n", age.as_secs_f64());
        }
        text += "# HELP oo_webhooks_outcomes_total Sent records by outcome.\n# TYPE oo_webhooks_outcomes_total counter\n";
        for outcome in [Outcome::Executed, Outcome::Rejected, Outcome::NotSent, Outcome::InDoubt] {
            let (name, number) = (outcome.name(), self.outcomes(outcome));
            text += &format!("oo_webhooks_outcomes_total{{outcome=\"{name}\"}} {number}\n");
        }
        text += "# HELP oo_webhooks_reasons_total Records that left their state, by reason.\n# TYPE oo_webhooks_reasons_total counter\n";
        for reason in Reason::ALL {
            text += &format!(
                "oo_webhooks_reasons_total{{reason=\"{}\"}} {}\n",
                reason.name(),
                self.reasons(reason)
            );
        }
        for (name, help, number) in [
            ("collected", "Saves that were collected.", self.collected.load(Ordering::Relaxed)),
            ("coalesced", "Saves of records that waited already.", self.reasons(Reason::Coalesced)),
            ("refused", "Saves, or files, that name no record.", self.refused.load(Ordering::Relaxed)),
            ("leases_expired", "Records whose sender died.", self.leases_expired.load(Ordering::Relaxed)),
            (
                "late_results",
                "Results of records that were not this worker's any more.",
                self.not_ours.load(Ordering::Relaxed),
            ),
            ("troubles", "Times that the outbox refused something or was away.", self.troubles()),
        ] {
            text +=
                &format!("# HELP oo_webhooks_{name}_total {help}\n# TYPE oo_webhooks_{name}_total counter\n");
            text += &format!("oo_webhooks_{name}_total {number}\n");
        }
        self.write_calls(&mut text);
        text += "# HELP oo_webhooks_build_info The version.\n# TYPE oo_webhooks_build_info gauge\n";
        text += &format!("oo_webhooks_build_info{{version=\"{}\"}} 1\n", env!("CARGO_PKG_VERSION"));
        text
    }

    fn write_calls(&self, text: &mut String) {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *text += "# HELP oo_webhooks_call_duration_seconds Duration of calls.\n# TYPE oo_webhooks_call_duration_seconds histogram\n";
        for (end, number) in BUCKETS.iter().zip(calls.buckets) {
            *text += &format!("oo_webhooks_call_duration_seconds_bucket{{le=\"{end}\"}} {number}\n");
        }
        *text += &format!("oo_webhooks_call_duration_seconds_bucket{{le=\"+Inf\"}} {}\n", calls.count);
        *text += &format!("oo_webhooks_call_duration_seconds_sum {}\n", calls.seconds);
        *text += &format!("oo_webhooks_call_duration_seconds_count {}\n", calls.count);
    }

    pub(crate) fn add_outcome(&self, outcome: Outcome) {
        *self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).entry(outcome.name()).or_default() += 1;
    }

    pub(crate) fn add_reason(&self, reason: Reason, times: u64) {
        *self.reasons.lock().unwrap_or_else(PoisonError::into_inner).entry(reason.name()).or_default() +=
            times;
    }

    pub(crate) fn add_collected(&self, collected: &Collected) {
        self.collected.fetch_add(collected.saves, Ordering::Relaxed);
        self.refused.fetch_add(collected.refused, Ordering::Relaxed);
    }

    pub(crate) fn add_corrupt(&self, files: u64) {
        self.refused.fetch_add(files, Ordering::Relaxed);
    }

    pub(crate) fn add_expired(&self, expired: u64) {
        self.leases_expired.fetch_add(expired, Ordering::Relaxed);
    }

    pub(crate) fn add_late_result(&self) {
        self.not_ours.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_trouble(&self) {
        self.troubles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_call(&self, duration: Duration) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.count += 1;
        calls.seconds += duration.as_secs_f64();
        for (end, number) in BUCKETS.iter().zip(&mut calls.buckets) {
            *number += u64::from(duration.as_secs_f64() <= *end);
        }
    }
}
