//! The [`Testbed`]: the server and the files that all clients find.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, process};

use oo_webhooks_bench::exchange;

use super::placement::Placement;

pub struct Testbed {
    programs: PathBuf,
    folder: PathBuf,
    port: String,
    server: Child,
    placement: Placement,
}

impl Testbed {
    /// Writes requests and answers into a folder of its own and starts the server.
    pub fn set_up(placement: Placement) -> Testbed {
        let programs = env::current_exe().unwrap().parent().unwrap().to_owned();
        let folder = env::temp_dir().join(format!("oo-webhooks-bench-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("request.json"), exchange::request(1)).unwrap();
        for records in [1, 100] {
            fs::write(folder.join(format!("answer-{records}.json")), exchange::answer(records)).unwrap();
        }
        let mut command = Command::new(programs.join("bench-server"));
        command.arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = placement
            .start_server(|| command.spawn())
            .expect("cannot start bench-server, which is built beside this program");
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let testbed = Testbed { programs, folder, port: port.trim().to_owned(), server, placement };
        testbed.write_large_bundle();
        testbed
    }

    pub fn placement(&self) -> Placement {
        self.placement
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    pub fn port(&self) -> &str {
        &self.port
    }

    /// The system's certificate authorities and the server's.
    pub fn large_bundle(&self) -> PathBuf {
        self.folder.join("bundle.pem")
    }

    fn write_large_bundle(&self) {
        let mut bundle = fs::read_to_string(self.folder.join("ca.pem")).unwrap();
        bundle += &fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
        fs::write(self.large_bundle(), bundle).unwrap();
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
