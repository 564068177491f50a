//! The other end, in a process of its own: a mock whose faults are drawn, with background faults of its own.
//! In its own process it leaves the client's threads, files and memory to be measured alone.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use oo_webhooks_mock::{Account, ErrorShape, Fault, Mock, Record, Settings, TlsVersions};

pub use oo_webhooks_mock::{DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET, DEFAULT_TOKEN};

use crate::call::Call;
use crate::draw::Draw;
use crate::{fault, faulty_proxy};

/// The argument that makes this program the server.
pub const ROLE: &str = "server";

/// How often the background fault changes.
const BACKGROUND_EVERY: Duration = Duration::from_millis(30);
const CLOSE_IDLE_EVERY: Duration = Duration::from_millis(400);
const RESTART_EVERY: Duration = Duration::from_secs(7);

/// How often each record was executed.
pub type Ledger = BTreeMap<u64, u32>;

/// The client's hold on the server.
pub struct Server {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub url: String,
    /// A proxy through which it can be reached too.
    pub proxy: String,
    ca_file: PathBuf,
}

impl Server {
    /// Starts the process; when this returns, it accepts connections.
    pub fn start(seed: u64, calls: u64) -> io::Result<Server> {
        let mut process = Command::new(env::current_exe()?)
            .args([ROLE, &seed.to_string(), &calls.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = process.stdin.take();
        let answers = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut answers = BufReader::new(answers);
        let url = line(&mut answers)?;
        let proxy = line(&mut answers)?;
        let mut pem = String::new();
        loop {
            let next = line(&mut answers)?;
            if next.is_empty() {
                break;
            }
            pem += &next;
            pem.push('\n');
        }
        let ca_file = env::temp_dir().join(format!("oo-webhooks-soak-{}.pem", process::id()));
        fs::write(&ca_file, pem)?;
        Ok(Server { process, orders, answers, url, proxy, ca_file })
    }

    pub fn ca_file(&self) -> &str {
        self.ca_file.to_str().unwrap_or_default()
    }

    /// Ends it. What was still waiting there to be executed has been when this returns.
    pub fn close(mut self) -> io::Result<Ledger> {
        self.orders = None;
        let mut text = String::new();
        self.answers.read_to_string(&mut text)?;
        self.process.wait()?;
        let entry = |line: &str| {
            let (id, count) = line.split_once(' ')?;
            Some((id.parse().ok()?, count.parse().ok()?))
        };
        let complete = text.strip_suffix("end\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        complete.lines().map(|line| entry(line).ok_or_else(|| io::ErrorKind::InvalidData.into())).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.process.wait();
        let _ = fs::remove_file(&self.ca_file);
    }
}

/// How the server speaks: drawn once for a run, since public sources disagree about the real one.
pub struct Style {
    tls_versions: TlsVersions,
    error_shape: ErrorShape,
    codes_as_strings: bool,
}

impl Style {
    pub fn draw(seed: u64) -> Style {
        let draw = &mut Draw::new(seed, STYLE);
        let shapes = [ErrorShape::Repeated, ErrorShape::ActionOnly, ErrorShape::Generic, ErrorShape::TopOnly];
        Style {
            tls_versions: *draw.one_of(&[TlsVersions::Tls12, TlsVersions::Tls13]),
            error_shape: *draw.one_of(&shapes),
            codes_as_strings: draw.per_mille(500),
        }
    }

    pub fn describe(&self) -> String {
        let codes = if self.codes_as_strings { "text" } else { "numbers" };
        format!("{:?}, errors {:?}, codes as {codes}", self.tls_versions, self.error_shape)
    }
}

/// Streams beyond those of the calls and their records.
const STYLE: u64 = 1 << 62;
const BACKGROUND: u64 = STYLE + 1;

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

/// What the server's process does: serves until its input ends, then tells what it executed.
pub fn run(seed: u64, calls: u64) -> io::Result<()> {
    let style = Style::draw(seed);
    let mock = Mock::start(Settings {
        accounts: vec![
            Account::ordinary(DEFAULT_TOKEN, DEFAULT_SECRET),
            Account::provider(DEFAULT_PROVIDER_TOKEN, DEFAULT_SECRET),
        ],
        unknown_records: unknown_records(seed, calls),
        tls_versions: style.tls_versions,
        error_shape: style.error_shape,
        codes_as_strings: style.codes_as_strings,
        strict: true,
        ..Settings::default()
    })?;
    mock.set_plan(move |record| Call::draw(seed, Call::number_of(record)).fault.map(|fault| fault.kind));
    let mut out = BufWriter::new(io::stdout().lock());
    let proxy = faulty_proxy::open(mock.address(), seed)?;
    write!(out, "{}\nhttp://{proxy}\n{}\n\n", mock.url(), mock.ca_pem().trim_end())?;
    out.flush()?;

    let (sender, closing) = channel();
    thread::scope(|scope| {
        let mock = &mock;
        scope.spawn(move || make_background_faults(mock, seed, &closing));
        let _ = io::stdin().read_to_end(&mut Vec::new());
        drop(sender);
    });
    mock.stop();
    let mut ledger = Ledger::new();
    for entry in mock.ledger() {
        *ledger.entry(entry.id).or_default() += 1;
    }
    for (id, count) in ledger {
        writeln!(out, "{id} {count}")?;
    }
    writeln!(out, "end")?;
    out.flush()
}

fn unknown_records(seed: u64, calls: u64) -> HashSet<Record> {
    (0..calls)
        .flat_map(|number| Call::draw(seed, number).records)
        .filter(|record| Call::is_unknown(seed, record))
        .collect()
}

/// Faults of connections, which hit the next one, connections closed while idle, and restarts.
fn make_background_faults(mock: &Mock, seed: u64, closing: &Receiver<()>) {
    let draw = &mut Draw::new(seed, BACKGROUND);
    let (mut closed, mut restarted) = (Instant::now(), Instant::now());
    while closing.recv_timeout(BACKGROUND_EVERY) == Err(RecvTimeoutError::Timeout) {
        mock.set_faults(vec![Fault::new(fault::draw_background(draw)).once()]);
        if closed.elapsed() > CLOSE_IDLE_EVERY {
            mock.close_idle_connections();
            closed = Instant::now();
        }
        if restarted.elapsed() > RESTART_EVERY {
            // A port that cannot be bound again shows as calls that are not sent, to the end.
            let _ = mock.restart();
            restarted = Instant::now();
        }
    }
    mock.set_faults(Vec::new());
}
