//! The program beside a mock of the API, and a folder that is gone when its test is.
#![allow(dead_code)] // Each test program uses a part.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // All of this is test code.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use oo_webhooks_mock::{DEFAULT_SECRET, DEFAULT_TOKEN, Mock, Settings};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(30);

/// A mock, and a folder with its CA file and an outbox.
pub struct World {
    pub mock: Mock,
    pub folder: Folder,
}

/// A folder of a test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("oo-webhooks-cli-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file that only its owner may read.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let mock = Mock::start(settings).unwrap();
        let folder = Folder::new();
        mock.write_ca(Path::new(&folder.path("ca.pem"))).unwrap();
        fs::create_dir(folder.path("box")).unwrap();
        Self { mock, folder }
    }

    /// The outbox.
    pub fn outbox(&self) -> String {
        self.folder.path("box")
    }

    /// The program with the credentials and the URL of the mock.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command
            .env("ON_OFFICE_TOKEN", DEFAULT_TOKEN)
            .env("ON_OFFICE_SECRET", DEFAULT_SECRET)
            .env("ON_OFFICE_URL", self.mock.url())
            .env("ON_OFFICE_CA_FILE", self.folder.path("ca.pem"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        Done::of(&mut self.command(arguments))
    }

    /// With `--outbox` behind the arguments.
    pub fn on_outbox(&self, arguments: &[&str]) -> Done {
        self.run(&[arguments, &["--outbox", &self.outbox()]].concat())
    }
}

/// The program without any of its variables.
pub fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oo-webhooks"));
    command.args(arguments).stdin(Stdio::null());
    for name in ["TOKEN", "SECRET", "URL", "CA_FILE", "PROXY", "TIMEOUT_MS"] {
        command.env_remove(format!("ON_OFFICE_{name}"));
    }
    for name in ["OUTBOX", "DATABASE", "DATABASE_PASSWORD"] {
        command.env_remove(format!("OO_WEBHOOKS_{name}"));
    }
    command.env_remove("NOTIFY_SOCKET").env_remove("WATCHDOG_USEC").env_remove("WATCHDOG_PID");
    command
}

/// How a run ended, and what it printed.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Self {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It must have ended well.
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// A running program that never outlives its test.
pub struct Running(pub Child);

impl Running {
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        until("the program ends", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for something that another process does.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < end, "{what}: not within {LIMIT:?}");
        thread::yield_now();
    }
}
