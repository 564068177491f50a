//! What all connections share: who may call, which records exist, the clock, the ledger, the counters, the armed
//! faults and the open connections.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::api_error::ApiError;
use crate::clock::{self, WallClock};
use crate::connections::Connections;
use crate::counts::{Counters, Counts, tick};
use crate::fault::ArmedFaults;
use crate::ledger::{Entry, Ledger};
use crate::log::{Log, shortened};
use crate::marketplace::Marketplace;
use crate::record::Record;
use crate::refusals::{Refusals, Refused};
use crate::settings::{Account, AccountKind, Settings};
use crate::signature::Key;
use crate::stop_handle::StopHandle;
use crate::style::Style;

pub(crate) struct State {
    callers: HashMap<String, Caller>,
    unknown_records: HashSet<Record>,
    pub(crate) strict: bool,
    pub(crate) names: Vec<String>,
    pub(crate) style: Style,
    pub(crate) keep_alive: bool,
    pub(crate) clock: WallClock,
    pub(crate) ledger: Ledger,
    pub(crate) refusals: Refusals,
    pub(crate) counters: Counters,
    pub(crate) faults: ArmedFaults,
    pub(crate) marketplace: Marketplace,
    pub(crate) log: Log,
    /// The bytes of the last answer that echoed its request, for faults that give it once more.
    earlier: Mutex<Vec<u8>>,
    /// The connections of the API's port and of the control port.
    pub(crate) connections: Connections,
    pub(crate) control_connections: Connections,
    pub(crate) stop_handle: StopHandle,
}

/// An account, ready to check signatures.
pub(crate) struct Caller {
    pub(crate) token: String,
    pub(crate) prefix: String,
    pub(crate) key: Key,
    pub(crate) kind: AccountKind,
}

/// Which request of which connection.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) connection: u64,
    pub(crate) request: u64,
}

impl State {
    /// The bytes of the last answer that echoed its request.
    pub(crate) fn earlier(&self) -> MutexGuard<'_, Vec<u8>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            callers: settings.accounts.into_iter().map(|it| (it.token.clone(), Caller::from(it))).collect(),
            unknown_records: settings.unknown_records,
            strict: settings.strict,
            names: settings.names,
            style: Style {
                error_shape: settings.error_shape,
                codes_as_strings: settings.codes_as_strings,
                date_header: settings.date_header,
            },
            keep_alive: settings.keep_alive,
            clock: WallClock::new(settings.clock),
            ledger: Ledger::default(),
            refusals: Refusals::default(),
            counters: Counters::default(),
            faults: ArmedFaults::new(settings.faults),
            marketplace: Marketplace::new(settings.webhooks),
            log: Log::new(settings.log),
            earlier: Mutex::default(),
            connections: Connections::new(settings.idle_timeout, settings.max_connections),
            control_connections: Connections::new(settings.idle_timeout, settings.max_connections),
            stop_handle: StopHandle::default(),
        }
    }

    pub(crate) fn caller(&self, token: &str) -> Option<&Caller> {
        self.callers.get(token)
    }

    /// Whether `text` is a secret, to tell someone who swapped the two.
    pub(crate) fn knows_secret(&self, text: &str) -> bool {
        self.callers.values().any(|caller| caller.key.is(text))
    }

    pub(crate) fn knows(&self, record: Record) -> bool {
        !self.unknown_records.contains(&record)
    }

    /// Executes the webhooks of `record`: from here on it is in the ledger, and they are called.
    pub(crate) fn execute(&self, record: Record, token: &str, timestamp: i64, place: Place) {
        let sequence = self.ledger.add(Entry {
            sequence: 0,
            module: record.module,
            id: record.id,
            token: token.to_owned(),
            timestamp,
            connection: place.connection,
            request: place.request,
            time_ms: clock::unix_milliseconds(),
        });
        tick(&self.counters.executed);
        self.marketplace.execute(record, sequence, place);
    }

    /// Notes that an action, or a whole request, was refused.
    pub(crate) fn refuse(&self, record: Option<Record>, error: &ApiError, place: Place) {
        self.refusals.add(Refused {
            sequence: 0,
            code: error.code,
            message: shortened(&error.message),
            hint: error.hint.clone(),
            module: record.map(|record| record.module),
            id: record.map(|record| record.id),
            connection: place.connection,
            request: place.request,
            time_ms: clock::unix_milliseconds(),
        });
        tick(&self.counters.refused);
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counters.read(self.connections.open())
    }

    /// Forgets what happened and what is armed, and has clock and webhooks as at the start. Connections stay open.
    pub(crate) fn reset(&self) {
        self.faults.clear();
        self.clock.reset();
        self.ledger.clear();
        self.marketplace.reset();
        self.refusals.clear();
        self.counters.reset();
    }
}

impl From<Account> for Caller {
    fn from(account: Account) -> Self {
        Self {
            prefix: account.token.chars().take(4).collect(),
            key: Key::new(&account.secret),
            token: account.token,
            kind: account.kind,
        }
    }
}
