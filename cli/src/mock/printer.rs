//! Prints lines on a thread of its own. Whoever starts the mock with a pipe and forgets to read from it must not find
//! the mock hanging when the pipe is full: lines that find no room are dropped, and their number is told.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Room for a burst while the reader is busy.
const LINES: usize = 10_000;
/// How long the end waits for lines that nobody may be reading.
const PATIENCE: Duration = Duration::from_millis(500);

/// The end that the mock writes lines to.
pub(super) struct Printer {
    lines: SyncSender<Vec<u8>>,
    dropped: usize,
}

/// Waits for the last lines.
pub(super) struct Finish {
    done: Receiver<()>,
}

pub(super) fn start() -> io::Result<(Printer, Finish)> {
    let (lines, received) = sync_channel(LINES);
    let (finished, done) = sync_channel(1);
    thread::Builder::new().spawn(move || {
        print(&received);
        let _ = finished.send(());
    })?;
    Ok((Printer { lines, dropped: 0 }, Finish { done }))
}

/// Each batch of waiting lines goes out in one piece. A closed pipe ends nothing but the printing.
fn print(lines: &Receiver<Vec<u8>>) {
    while let Ok(mut text) = lines.recv() {
        text.extend(lines.try_iter().take(100).flatten());
        let mut out = io::stdout();
        let _ = out.write_all(&text).and_then(|()| out.flush());
    }
}

impl Write for Printer {
    /// Takes one line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut text = Vec::new();
        if self.dropped > 0 {
            text.extend(format!("({} lines dropped: nobody reads them)\n", self.dropped).bytes());
        }
        text.extend(line);
        if self.lines.try_send(text).is_ok() {
            self.dropped = 0;
        } else {
            self.dropped += 1;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Finish {
    /// Returns when all lines are out, or when it seems that nobody wants them. The printers must be gone.
    pub(super) fn wait(&self) {
        let _: Result<(), RecvTimeoutError> = self.done.recv_timeout(PATIENCE);
    }
}
