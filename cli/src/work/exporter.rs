//! The metrics for Prometheus: over a loopback port, or as a file for node_exporter's textfile collector.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use oo_webhooks_core::outbox::directory::Outbox;
use oo_webhooks_store_sql::holdings::Counts;
use oo_webhooks_store_sql::store::SqlStore;
use oo_webhooks_worker::metrics::Metrics;

use super::Places;
use crate::failure::Failure;
use crate::new_file;

/// Counting reads every row or file: once in this time is enough.
const COUNTS_LAST: Duration = Duration::from_secs(15);

/// A reader that is slower is let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest head of a request.
const LARGEST: usize = 8 * 1024;

/// Metrics for Prometheus.
#[derive(Args)]
pub(super) struct ExporterOptions {
    /// Serve http://127.0.0.1:PORT/metrics; 0 takes a free port and prints it
    #[arg(long, value_name = "PORT")]
    metrics_port: Option<u16>,
    /// Write them to this file every 15 s and at the end
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
}

/// What makes the text, and where it goes.
pub(super) struct Exporter {
    metrics: Arc<Metrics>,
    counter: Mutex<Counter>,
    file: Option<PathBuf>,
}

/// Counts what the outboxes hold, not more often than it must.
struct Counter {
    places: Countable,
    last: Option<(Instant, Counts)>,
}

enum Countable {
    Folders(Vec<PathBuf>),
    Database(Box<oo_webhooks_store_sql::location::Location>, Option<Box<SqlStore>>),
}

impl ExporterOptions {
    pub(super) fn start(&self, places: &Places, metrics: &Arc<Metrics>) -> Result<Arc<Exporter>, Failure> {
        let places = match places {
            Places::Folders(folders) => {
                Countable::Folders(folders.iter().map(|(_, path)| path.clone()).collect())
            }
            Places::Database(location) => Countable::Database(location.clone(), None),
        };
        let exporter = Arc::new(Exporter {
            metrics: Arc::clone(metrics),
            counter: Mutex::new(Counter { places, last: None }),
            file: self.metrics_file.clone(),
        });
        if let Some(port) = self.metrics_port {
            let failed =
                |error: std::io::Error| Failure::new(format!("cannot serve metrics on port {port}: {error}"));
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
            let address = listener.local_addr().map_err(failed)?;
            eprintln!("metrics: http://{address}/metrics");
            let served = Arc::clone(&exporter);
            let spawned = thread::Builder::new().name("metrics".to_owned()).spawn(move || {
                for stream in listener.incoming().flatten() {
                    // One reader at a time: a monitor is the only one.
                    let _ = served.answer(stream);
                }
            });
            spawned.map_err(failed)?;
        }
        Ok(exporter)
    }
}

impl Exporter {
    /// Writes the file, if one is wanted.
    pub(super) fn write(&self) -> Result<(), Failure> {
        match &self.file {
            Some(path) => new_file::write(path, &self.text(), "metrics file"),
            None => Ok(()),
        }
    }

    fn text(&self) -> String {
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        self.metrics.prometheus(counter.counts().as_ref())
    }

    /// Writes it as everything is now.
    pub(super) fn write_last(&self) -> Result<(), Failure> {
        self.counter.lock().unwrap_or_else(PoisonError::into_inner).last = None;
        self.write()
    }

    /// What the outboxes hold, as it was a few seconds ago at most.
    pub(super) fn counts(&self) -> Option<Counts> {
        self.counter.lock().unwrap_or_else(PoisonError::into_inner).counts()
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let end = Instant::now() + PATIENCE;
        let mut head = Vec::new();
        let mut buffer = [0; 1024];
        while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            let count = stream.read(&mut buffer)?;
            if count == 0 || head.len() > LARGEST || Instant::now() > end {
                return Ok(());
            }
            head.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
        let (status, text) = if head.starts_with(b"GET /metrics ") || head.starts_with(b"GET /metrics?") {
            ("200 OK", self.text())
        } else {
            ("404 Not Found", "the metrics are at /metrics\n".to_owned())
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
            text.len()
        );
        stream.write_all(answer.as_bytes())
    }
}

impl Counter {
    fn counts(&mut self) -> Option<Counts> {
        if let Some((_, counts)) = self.last.filter(|(at, _)| at.elapsed() < COUNTS_LAST) {
            return Some(counts);
        }
        let counts = self.places.counts()?;
        self.last = Some((Instant::now(), counts));
        Some(counts)
    }
}

impl Countable {
    /// `None` while the outbox cannot be read; the worker's log says why.
    fn counts(&mut self) -> Option<Counts> {
        match self {
            Self::Folders(paths) => {
                let mut sum = Counts { now: Some(std::time::SystemTime::now()), ..Counts::default() };
                for path in paths {
                    let counts = Outbox::open(path.as_path()).and_then(|outbox| outbox.counts()).ok()?;
                    sum.waiting += counts.waiting;
                    sum.sending += counts.sending;
                    sum.doubt += counts.doubt;
                    sum.failed += counts.failed;
                    sum.oldest_waiting =
                        [sum.oldest_waiting, counts.oldest_waiting].into_iter().flatten().min();
                }
                Some(sum)
            }
            Self::Database(location, store) => {
                if store.is_none() {
                    let mut opened = SqlStore::open(location).ok()?;
                    opened.set_patience(Duration::from_secs(2));
                    *store = Some(Box::new(opened));
                }
                store.as_mut()?.counts().ok()
            }
        }
    }
}
