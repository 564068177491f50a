//! [`Call`]: everything that is drawn for one call. The client's process and the server's both draw
//! it, from the seed and the call's number, so neither has to tell the other.

use std::time::Duration;

use oo_webhooks_mock::{FaultKind, Module, Record};

use crate::draw::Draw;
use crate::fault;

/// Room in the numbering of records: those of call 3 have the ids 3 * 512 + 1 to 3 * 512 + 512.
const IDS_OF_A_CALL: u64 = 512;

/// Timeouts that many calls share, and with them a pool of connections.
pub const COMMON_TIMEOUTS_MS: [u64; 4] = [150, 200, 250, 300];

/// Added to a seed: every fault of a call is stray bytes.
pub const STRAYS_ONLY: u64 = 1 << 63;

/// One call: what is asked, how, and what goes wrong.
pub struct Call {
    pub number: u64,
    /// Of no other call: the ledger tells exactly how often this call had them executed.
    pub records: Vec<Record>,
    pub caller: Caller,
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// The client is made for this call and dropped behind it; otherwise it is one that the threads share.
    pub own_client: bool,
    pub through_proxy: bool,
    pub fault: Option<Fault>,
}

/// Whose credentials sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Ordinary,
    /// Refused by the API with 240.
    Provider,
    /// Signs with a wrong secret: refused with 137.
    Stranger,
}

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: FaultKind,
    /// The answer says the opposite of what happened: no client can see through it.
    pub is_lie: bool,
}

impl Call {
    pub fn draw(seed: u64, number: u64) -> Call {
        let draw = &mut Draw::new(seed, number);
        let records = records(draw, number);
        let caller =
            *draw.weighted(&[(980, Caller::Ordinary), (10, Caller::Provider), (10, Caller::Stranger)]);
        let timeout = Duration::from_millis(*draw.one_of(&COMMON_TIMEOUTS_MS));
        // Settings that no other call has come with connections that no other call has.
        let own_connection = draw.per_mille(150);
        let connect_timeout = match own_connection {
            true if draw.per_mille(200) => Duration::from_millis(draw.below(100) + 50),
            true => Duration::from_millis(10_000 + number),
            false => Duration::from_secs(5),
        };
        let through_proxy = draw.per_mille(60);
        let own_client = own_connection || through_proxy || draw.per_mille(300);
        let mut fault = if seed & STRAYS_ONLY == 0 {
            draw.per_mille(360).then(|| fault::draw(draw, &records, timeout))
        } else {
            draw.per_mille(500).then(|| fault::draw_stray(draw, &records))
        };
        let is_refused =
            caller != Caller::Ordinary || records.iter().any(|record| Call::is_unknown(seed, record));
        if let Some(fault) = &mut fault {
            fault.is_lie |= is_refused && fault::says_success(&fault.kind);
        }
        Call { number, records, caller, timeout, connect_timeout, own_client, through_proxy, fault }
    }

    /// The number of the call that a record belongs to.
    pub fn number_of(record: &Record) -> u64 {
        (record.id - 1) / IDS_OF_A_CALL
    }

    /// Whether a record is one that does not exist: then the answer to its action is an error.
    pub fn is_unknown(seed: u64, record: &Record) -> bool {
        // A stream beyond those of the calls.
        Draw::new(seed, u64::MAX - record.id).per_mille(10)
    }
}

fn records(draw: &mut Draw, number: u64) -> Vec<Record> {
    let count = match draw.below(1000) {
        0..700 => 1,
        700..999 => draw.between(2, 5),
        // More than one send of the kernel's takes, so that a request can break in the middle.
        _ => draw.between(200, 500),
    };
    let module =
        |draw: &mut Draw| *draw.one_of(&[Module::Estate, Module::Address, Module::Task, Module::Calendar]);
    (1..=count)
        .map(|index| Record::new(module(draw), number * IDS_OF_A_CALL + index.unsigned_abs()))
        .collect()
}
