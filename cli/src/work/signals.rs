//! SIGTERM and SIGINT: the first one stops the worker, a second one ends the program.

use std::thread;

use oo_webhooks_worker::stop::StopHandle;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::failure::Failure;

pub(super) fn stop_on(stop: StopHandle) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGTERM, SIGINT])
        .map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))?;
    let spawned = thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in &mut signals {
            if stop.is_stopped() {
                // As if nobody had listened: the caller sees which signal it was.
                let _ = low_level::emulate_default_handler(signal);
            }
            stop.stop();
        }
    });
    spawned.map(drop).map_err(|error| Failure::new(format!("cannot start a thread: {error}")))
}
