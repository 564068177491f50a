//! `oo-webhooks mock`: starts the mock server, says where it is, and ends it cleanly.

mod options;
mod printer;

use std::io::{self, Read, Write};
use std::thread;

use oo_webhooks_mock::{Mock, StopHandle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;
use crate::new_file;
pub(crate) use options::Options;

/// Runs until a signal, `POST /mock/stop` or, when asked for, the parent's end.
pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let (ca_file, ready_file) = (options.ca_file.clone(), options.ready_file.clone());
    let exit_with_parent = options.exit_with_parent;
    // Before the mock exists: a signal that comes early must not be lost.
    let signals = Signals::new([SIGTERM, SIGINT])
        .map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))?;
    let quiet = options.quiet;
    let mut settings = options.into_settings()?;
    let (printer, last_lines) = printer::start().map_err(|error| thread_failed(&error))?;
    if !quiet {
        settings.log = Some(Box::new(printer));
    }
    let mock = Mock::start(settings).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => Failure::usage(error.to_string()),
        _ => Failure::new(error.to_string()),
    })?;
    stop_on_signal(signals, mock.stop_handle())?;
    if exit_with_parent {
        stop_at_end_of_input(mock.stop_handle())?;
    }

    let mut places = format!("listening {}\n", mock.url());
    if let Some(url) = mock.control_url() {
        places.extend(["control ", &url, "\n"]);
    }
    if let Some(path) = &ca_file {
        new_file::write(path, mock.ca_pem(), "CA file")?;
        places.extend(["ca-file ", &path.display().to_string(), "\n"]);
    }
    // Whoever started the mock may have closed the pipe: the mock serves all the same.
    let _ = io::stdout().write_all(places.as_bytes()).and_then(|()| io::stdout().flush());
    if let Some(path) = &ready_file {
        new_file::write(path, &places, "ready file")?;
    }
    mock.wait();
    drop(mock);
    last_lines.wait();
    Ok(())
}

fn stop_on_signal(mut signals: Signals, stop_handle: StopHandle) -> Result<(), Failure> {
    spawn(move || {
        if signals.forever().next().is_some() {
            stop_handle.stop();
        }
    })
}

fn stop_at_end_of_input(stop_handle: StopHandle) -> Result<(), Failure> {
    spawn(move || {
        let mut buffer = [0; 512];
        let mut input = io::stdin().lock();
        loop {
            match input.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => break,
                _ => {}
            }
        }
        stop_handle.stop();
    })
}

/// A thread that ends with the program.
fn spawn(body: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let spawned = thread::Builder::new().spawn(body);
    spawned.map(drop).map_err(|error| thread_failed(&error))
}

fn thread_failed(error: &io::Error) -> Failure {
    Failure::new(format!("cannot start a thread: {error}"))
}
