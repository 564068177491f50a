//! One readable line for each request, to wherever the owner wants it. Secrets, signatures and whole tokens never
//! get here.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use crate::clock;

#[derive(Default)]
pub(crate) struct Log {
    sink: Option<Mutex<Box<dyn Write + Send>>>,
}

impl Log {
    pub(crate) fn new(sink: Option<Box<dyn Write + Send>>) -> Self {
        Self { sink: sink.map(Mutex::new) }
    }

    /// Writes `time connection/request text`. A silent log does not even build the text, and a broken sink
    /// (a closed pipe) must not disturb the exchange.
    pub(crate) fn line(&self, connection: u64, request: u64, text: impl FnOnce() -> String) {
        let Some(sink) = &self.sink else { return };
        let time = clock::time_of_day(clock::unix_milliseconds());
        let line = format!("{time} {connection}/{request} {}\n", text());
        let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sink.write_all(line.as_bytes()).and_then(|()| sink.flush());
    }
}

/// The beginning of a text that may be as long as a request.
pub(crate) fn shortened(text: &str) -> String {
    const LIMIT: usize = 200;
    let shown: String = text.chars().take(LIMIT).collect();
    if shown.len() < text.len() { shown + "…" } else { shown }
}

/// A text without line ends and other characters that would leave its line.
pub(crate) fn printable(text: &str) -> String {
    let escaped = |character: char| {
        if character.is_control() { character.escape_default().to_string() } else { character.to_string() }
    };
    text.chars().map(escaped).collect()
}

/// Text that came from a client, made harmless and short for a log line.
pub(crate) fn quoted(text: &str) -> String {
    const LIMIT: usize = 40;
    let shown: String = text.chars().take(LIMIT).flat_map(char::escape_debug).collect();
    if text.chars().nth(LIMIT).is_some() { format!("'{shown}…'") } else { format!("'{shown}'") }
}
