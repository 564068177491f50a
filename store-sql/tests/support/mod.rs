//! Real database servers for the tests: each on a Unix socket in a folder of its own, as an unprivileged
//! user, ended by its process id when the test program ends, however it ends.
#![allow(dead_code)] // Each test program uses a part.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // All of this is test code.
#![allow(clippy::single_match_else)] // The two dialects stand beside each other.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mysql::prelude::Queryable;
use oo_webhooks_store_sql::dialect::Dialect;
use oo_webhooks_store_sql::location::Location;
use oo_webhooks_store_sql::schema::schema;
use oo_webhooks_store_sql::store::SqlStore;

/// The dialects that are tested here. `MySQL` is not in Debian.
pub const DIALECTS: [Dialect; 2] = [Dialect::MariaDb, Dialect::PostgreSql];

/// A server.
pub struct Server {
    dialect: Dialect,
    folder: PathBuf,
    options: Vec<String>,
    /// In the name of `PostgreSQL`'s socket.
    port: u16,
    guard: Option<Guard>,
}

/// Ends the server when its standard input ends, which is when this process does.
struct Guard {
    shell: Child,
    input: Option<ChildStdin>,
    server: u32,
}

impl Server {
    /// The one that the tests of this program share. Each has a database of its own in it.
    pub fn shared(dialect: Dialect) -> &'static Self {
        static SERVERS: [OnceLock<Server>; 2] = [OnceLock::new(), OnceLock::new()];
        let index = usize::from(dialect == Dialect::PostgreSql);
        SERVERS[index].get_or_init(|| Self::start(dialect))
    }

    /// A server for a test that ends it.
    pub fn start(dialect: Dialect) -> Self {
        let mut server = Self::installed(dialect);
        server.run();
        server
    }

    /// A server that does not run yet.
    pub fn installed(dialect: Dialect) -> Self {
        static SERVERS: AtomicU32 = AtomicU32::new(0);
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("oo-webhooks-{}-{}-{number}", dialect, std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        if let Some((user, group)) = unprivileged(dialect) {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let server = Self { dialect, folder, options: Vec::new(), port: 5432, guard: None };
        server.install();
        server
    }

    /// The server's own options, for the next time it runs.
    pub fn set_options(&mut self, options: impl IntoIterator<Item = String>) {
        self.options = options.into_iter().collect();
    }

    /// The port that `PostgreSQL` has in the name of its socket.
    pub fn set_port(&mut self, port: u16) {
        self.port = port;
    }

    /// The dialect.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Where all that it has is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives a file to the user as whom it runs.
    pub fn give(&self, file: &Path) {
        if let Some((user, group)) = unprivileged(self.dialect) {
            chown(file, Some(user), Some(group)).unwrap();
        }
    }

    fn install(&self) {
        let data = self.folder.join("data");
        let mut command = match self.dialect {
            Dialect::PostgreSql => {
                let mut command = Command::new(postgresql_program("initdb"));
                command.args([
                    "--auth=trust",
                    "--username=root",
                    "--no-sync",
                    "--encoding=UTF8",
                    "--locale=C",
                ]);
                command.arg("-D").arg(&data);
                command
            }
            _ => {
                let mut command = Command::new("mariadb-install-db");
                command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
                command.arg("--innodb-log-file-size=8M");
                command.arg(format!("--datadir={}", data.display()));
                // Two that begin at once would take each other's temporary tables.
                command.arg(format!("--tmpdir={}", self.folder.display()));
                command
            }
        };
        self.as_unprivileged(&mut command);
        let output = command.output().unwrap_or_else(|error| {
            panic!("{command:?}: {error}: install the packages of the part sql in tools/packages")
        });
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts it, again after [`Server::stop`] or [`Server::kill`].
    pub fn run(&mut self) {
        let data = self.folder.join("data");
        // The shell says the server's process id, waits for the end of its input and ends the server. The
        // folder goes with the test program.
        let script = r#"folder=$1; shift; "$@" </dev/null >>"$folder/log" 2>&1 & echo $!
            read -r keep; kill -KILL $! 2>/dev/null; wait; [ "$keep" = keep ] || rm -rf "$folder""#;
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(&self.folder);
        match self.dialect {
            Dialect::PostgreSql => {
                command.arg(postgresql_program("postgres")).arg("-D").arg(&data);
                command.arg("-k").arg(&self.folder);
                command.args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100"]);
                command.args(["-c", "shared_buffers=64MB"]);
            }
            _ => {
                command.args([
                    "mariadbd",
                    "--no-defaults",
                    "--skip-networking",
                    "--innodb-flush-log-at-trx-commit=2",
                ]);
                command.args(["--innodb-log-file-size=64M", "--skip-log-bin"]);
                command.arg(format!("--datadir={}", data.display()));
                command.arg(format!("--tmpdir={}", self.folder.display()));
                command.arg(format!("--socket={}", self.socket().display()));
            }
        }
        command.args(&self.options);
        self.as_unprivileged(&mut command);
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = shell.stdin.take();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.guard = Some(Guard { shell, input, server: line.trim().parse().unwrap() });
        self.wait_until_it_answers();
    }

    fn wait_until_it_answers(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            match self.try_admin("SELECT 1") {
                Ok(()) => return,
                Err(why) if Instant::now() > end => {
                    panic!("{why}: {}", fs::read_to_string(self.folder.join("log")).unwrap_or_default())
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.end("-KILL");
    }

    /// Ends it as an administrator does who does not wait for its clients.
    pub fn stop(&mut self) {
        self.end(if self.dialect == Dialect::PostgreSql { "-INT" } else { "-TERM" });
    }

    fn end(&mut self, signal: &str) {
        let Some(mut guard) = self.guard.take() else { return };
        let server = guard.server.to_string();
        assert!(Command::new("kill").args([signal, &server]).status().unwrap().success());
        wait_for_the_end_of(guard.server);
        let _ = guard.input.take().unwrap().write_all(b"keep\n");
        guard.shell.wait().unwrap();
        let _ = fs::remove_file(self.folder.join("data/postmaster.pid"));
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Runs statements as the administrator.
    pub fn admin(&self, statements: &str) {
        self.try_admin(statements).unwrap();
    }

    fn try_admin(&self, statements: &str) -> Result<(), String> {
        let database = if self.dialect == Dialect::PostgreSql { "postgres" } else { "mysql" };
        Client::try_open(self, "root", database)?.try_run(statements)
    }

    /// A new database with the tables.
    pub fn database(&self) -> Database<'_> {
        self.database_with("")
    }

    /// A new database with the tables, made with these options.
    pub fn database_with(&self, options: &str) -> Database<'_> {
        let database = self.made(options);
        database.client().run(&schema(self.dialect));
        database
    }

    /// A new database with nothing in it.
    pub fn empty_database(&self) -> Database<'_> {
        self.made("")
    }

    fn made(&self, options: &str) -> Database<'_> {
        static DATABASES: AtomicU32 = AtomicU32::new(0);
        let name = format!("shop{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.admin(&format!("CREATE DATABASE {name} {options}"));
        Database { server: self, name }
    }

    fn as_unprivileged(&self, command: &mut Command) {
        command.current_dir(&self.folder);
        if let Some((user, group)) = unprivileged(self.dialect) {
            command.uid(user).gid(group);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.input.take());
            let _ = guard.shell.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A database on a server.
pub struct Database<'a> {
    server: &'a Server,
    name: String,
}

impl Database<'_> {
    /// The administrator's connection.
    pub fn client(&self) -> Client {
        self.client_as("root")
    }

    /// Somebody's connection.
    pub fn client_as(&self, user: &str) -> Client {
        Client::try_open(self.server, user, &self.name).unwrap()
    }

    /// What a store is opened with.
    pub fn location(&self) -> Location {
        self.location_as("root")
    }

    /// What a store is opened with by somebody.
    pub fn location_as(&self, user: &str) -> Location {
        self.url_as(user).parse().unwrap()
    }

    /// Its URL for somebody.
    pub fn url_as(&self, user: &str) -> String {
        let name = &self.name;
        match self.server.dialect {
            Dialect::PostgreSql => format!("postgres://{user}@/{name}?host={}", self.server.folder.display()),
            _ => format!("mariadb://{user}@/{name}?socket={}", self.server.socket().display()),
        }
    }

    /// A store on it.
    pub fn store(&self) -> SqlStore {
        SqlStore::open(&self.location()).unwrap()
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The dialect.
    pub fn dialect(&self) -> Dialect {
        self.server.dialect
    }
}

/// An app's own connection, which is not the library's.
pub enum Client {
    MySql(Box<mysql::Conn>),
    PostgreSql(Box<postgres::Client>),
}

impl Client {
    fn try_open(server: &Server, user: &str, database: &str) -> Result<Self, String> {
        if server.dialect == Dialect::PostgreSql {
            let mut config = postgres::Config::new();
            config.host_path(&server.folder).port(server.port).user(user).dbname(database);
            let client = config.connect(postgres::NoTls).map_err(|error| error.to_string())?;
            return Ok(Self::PostgreSql(Box::new(client)));
        }
        let options = mysql::OptsBuilder::new()
            .socket(Some(server.socket().display().to_string()))
            .user(Some(user))
            .db_name(Some(database));
        Ok(Self::MySql(Box::new(mysql::Conn::new(options).map_err(|error| error.to_string())?)))
    }

    /// Runs statements.
    pub fn run(&mut self, statements: &str) {
        self.try_run(statements).unwrap_or_else(|why| panic!("{statements}: {why}"));
    }

    /// Runs statements; why it failed.
    pub fn try_run(&mut self, statements: &str) -> Result<(), String> {
        match self {
            Self::MySql(client) => {
                let mut result = client.query_iter(statements).map_err(|error| error.to_string())?;
                while let Some(set) = result.iter() {
                    for row in set {
                        row.map_err(|error| error.to_string())?;
                    }
                }
                Ok(())
            }
            Self::PostgreSql(client) => client.batch_execute(statements).map_err(|error| {
                error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
            }),
        }
    }

    /// Every row of an answer, its columns joined by `|`.
    pub fn rows(&mut self, query: &str) -> Vec<String> {
        match self {
            Self::MySql(client) => {
                let rows: Vec<mysql::Row> =
                    client.query(query).unwrap_or_else(|why| panic!("{query}: {why}"));
                let text = |value: mysql::Value| match value {
                    mysql::Value::NULL => "NULL".to_owned(),
                    other => mysql::from_value::<String>(other),
                };
                rows.into_iter()
                    .map(|row| row.unwrap().into_iter().map(text).collect::<Vec<_>>().join("|"))
                    .collect()
            }
            Self::PostgreSql(client) => {
                let messages = client.simple_query(query).unwrap_or_else(|why| panic!("{query}: {why}"));
                messages
                    .iter()
                    .filter_map(|message| match message {
                        postgres::SimpleQueryMessage::Row(row) => Some(
                            (0..row.len())
                                .map(|index| row.get(index).unwrap_or("NULL"))
                                .collect::<Vec<_>>()
                                .join("|"),
                        ),
                        _ => None,
                    })
                    .collect()
            }
        }
    }

    /// The only value of an answer.
    pub fn value(&mut self, query: &str) -> String {
        let rows = self.rows(query);
        assert_eq!(rows.len(), 1, "{query}: {rows:?}");
        rows[0].clone()
    }

    /// A save, as an app says it.
    pub fn save(&mut self, module: &str, id: i64) {
        self.run(&format!("INSERT INTO oo_webhooks_outbox (module, record_id) VALUES ('{module}', {id})"));
    }
}

/// The user and group for a server: none where the tests are run by somebody without rights.
fn unprivileged(dialect: Dialect) -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let name = if dialect == Dialect::PostgreSql { "postgres" } else { "mysql" };
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with(&format!("{name}:")));
    let line = line
        .unwrap_or_else(|| panic!("no user {name}: install the packages of the part sql in tools/packages"));
    let mut fields = line.split(':').skip(2);
    Some((fields.next().unwrap().parse().unwrap(), fields.next().unwrap().parse().unwrap()))
}

fn postgresql_program(name: &str) -> PathBuf {
    let folder = Path::new("/usr/lib/postgresql");
    let versions =
        fs::read_dir(folder).map(|versions| versions.flatten().map(|entry| entry.path()).collect());
    let mut versions: Vec<PathBuf> = versions.unwrap_or_default();
    versions.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    versions.pop().map_or_else(|| PathBuf::from(name), |version| version.join("bin").join(name))
}

fn wait_for_the_end_of(process: u32) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let is_over =
            state.is_empty() || state.rsplit(')').next().is_some_and(|rest| rest.trim().starts_with('Z'));
        if is_over {
            return;
        }
        assert!(Instant::now() < end, "process {process} does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The server's time in so many seconds, as SQL.
pub fn from_now(dialect: Dialect, seconds: i64) -> String {
    match dialect {
        Dialect::PostgreSql => format!("now() + interval '{seconds} seconds'"),
        _ => format!("UTC_TIMESTAMP(6) + INTERVAL {seconds} SECOND"),
    }
}
