//! The way to a database over TLS, on real servers with a certificate authority of the test's own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use oo_webhooks_core::record::Record;
use oo_webhooks_store_sql::Trouble;
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::location::Location;
use oo_webhooks_store_sql::store::SqlStore;

use support::{DIALECTS, Server};

/// A server that takes connections over TCP at a port, and none without TLS. Its certificate is for `localhost`.
struct World {
    server: Server,
    port: u16,
}

impl World {
    fn new(dialect: Dialect) -> Self {
        let mut server = Server::installed(dialect);
        let folder = server.folder().to_path_buf();
        let ca = authority(&folder, "ca");
        authority(&folder, "other");
        let key = certificate(&folder, &ca);
        server.give(&key);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = match dialect {
            Dialect::PostgreSql => vec![
                "listen_addresses=127.0.0.1".to_owned(),
                format!("port={port}"),
                "ssl=on".to_owned(),
                format!("ssl_cert_file={}", folder.join("server.pem").display()),
                format!("ssl_key_file={}", key.display()),
            ],
            _ => vec![
                "--skip-networking=0".to_owned(),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--port={port}"),
                "--require-secure-transport=1".to_owned(),
                format!("--ssl-cert={}", folder.join("server.pem").display()),
                format!("--ssl-key={}", key.display()),
            ],
        };
        if dialect == Dialect::PostgreSql {
            let hba = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
            fs::write(folder.join("data/pg_hba.conf"), hba).unwrap();
            server.set_options(options.into_iter().flat_map(|option| ["-c".to_owned(), option]));
            // Its socket has the port in its name; the tests' own connections take that from here.
            server.set_port(port);
        } else {
            server.set_options(options);
        }
        server.run();
        Self { server, port }
    }

    /// What opening a store says with these parameters of the URL.
    fn open(&self, database: &str, host: &str, parameters: &str) -> Result<SqlStore, Trouble> {
        let scheme = if self.server.dialect() == Dialect::PostgreSql { "postgres" } else { "mariadb" };
        let parameters = parameters.replace("FOLDER", &self.server.folder().display().to_string());
        let url = format!("{scheme}://root@{host}:{}/{database}{parameters}", self.port);
        SqlStore::open(&url.parse::<Location>().unwrap())
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    let output = output.expect("install the packages of the part sql in tools/packages");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

const NEW_KEY: [&str; 6] = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/// A certificate authority; the stem of its files.
fn authority(folder: &Path, name: &str) -> String {
    let (key, pem, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/CN=authority {name}"));
    let own = ["-x509", "-days", "2", "-keyout", &key, "-out", &pem, "-subj", &subject];
    openssl(folder, &[&NEW_KEY[..], &own].concat());
    name.to_owned()
}

/// A certificate for `localhost`, signed by an authority; its key.
fn certificate(folder: &Path, authority: &str) -> PathBuf {
    let own = ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server"];
    openssl(folder, &[&NEW_KEY[..], &own].concat());
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    let (ca, key) = (format!("{authority}.pem"), format!("{authority}.key"));
    let sign = ["x509", "-req", "-days", "2", "-in", "server.csr", "-CA", &ca, "-CAkey", &key];
    openssl(folder, &[&sign[..], &["-CAcreateserial", "-extfile", "names", "-out", "server.pem"]].concat());
    let key = folder.join("server.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    key
}

#[test]
fn only_a_server_whose_authority_is_named_is_used() {
    for dialect in DIALECTS {
        let world = World::new(dialect);
        let database = world.server.database();
        let name = database.name();

        let mut store = world.open(name, "localhost", "?sslrootcert=FOLDER/ca.pem").unwrap();
        store.put("", Record::new("task", 1).unwrap()).unwrap();
        assert_eq!(store.collect().unwrap().saves, 1, "{dialect}");
        world.open(name, "localhost", "?sslmode=verify-full&sslrootcert=FOLDER/ca.pem").unwrap();

        let begun = Instant::now();
        for (host, parameters, named) in [
            ("localhost", "?sslrootcert=FOLDER/other.pem", "sslrootcert=FILE"),
            // The bundled authorities.
            ("localhost", "?sslmode=verify-full", "sslrootcert=FILE"),
            // Not a name of the certificate.
            ("127.0.0.1", "?sslrootcert=FOLDER/ca.pem", "127.0.0.1"),
            ("localhost", "?sslrootcert=FOLDER/nowhere.pem", "nowhere.pem"),
            ("localhost", "?sslrootcert=FOLDER/names", "names: it holds no certificate"),
            // The server's own rule.
            ("localhost", "?sslmode=disable", "refused"),
        ] {
            let trouble = world.open(name, host, parameters).unwrap_err();
            assert!(trouble.message().contains(named), "{dialect} {host} {parameters}: {trouble}");
            assert!(!trouble.is_temporary(), "{dialect} {host} {parameters}: {trouble}");
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{dialect}: what does not pass is not tried again"
        );
    }
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    for dialect in DIALECTS {
        let mut world = World::new(dialect);
        world.server.stop();
        let port = world.port;
        world.server.set_options(match dialect {
            Dialect::PostgreSql => {
                let options = ["-c", "listen_addresses=127.0.0.1", "-c"].map(str::to_owned);
                options.into_iter().chain([format!("port={port}")]).collect::<Vec<_>>()
            }
            _ => vec!["--skip-networking=0".to_owned(), format!("--port={port}"), "--skip-ssl".to_owned()],
        });
        world.server.run();
        let database = world.server.database();
        let trouble = world.open(database.name(), "localhost", "?sslmode=verify-full").unwrap_err();
        let words = trouble.message();
        assert!(words.contains("TLS") && words.contains("sslmode=disable"), "{dialect}: {words}");
        assert!(!trouble.is_temporary(), "{dialect}: {trouble}");
    }
}
