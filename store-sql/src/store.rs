//! A [`SqlStore`]: one connection to the outbox in a database, and what keeps it alive.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use oo_webhooks_core::outbox::policy::WhenInDoubt;

use crate::connection::{Connection, Row, Value};
use crate::dialect::Dialect;
use crate::location::Location;
use crate::mysql_connection::MySqlConnection;
use crate::postgresql_connection::PostgreSqlConnection;
use crate::random::random;
use crate::schema;
use crate::sql::translated;
use crate::trouble::{Fault, Trouble};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// So often a transaction is run that the database rolls back, as for a deadlock; fewer where each takes long.
const MOST_TRIES: u32 = 20;
const FEWEST_TRIES: u32 = 3;

/// The outbox in a database, through one connection: one for each thread that works on it.
///
/// A connection that is lost is made anew, and what was under way is done again where that changes nothing:
/// a claim of which it is not known whether it counted is looked up by its token, and a result that was
/// written twice is written once.
pub struct SqlStore {
    location: Location,
    connection: Option<Box<dyn Connection>>,
    patience: Duration,
    pub(crate) when_in_doubt: WhenInDoubt,
    pub(crate) worker: String,
}

impl SqlStore {
    /// Connects to the primary server and checks that the tables are there, in the version that this program
    /// works with.
    ///
    /// # Errors
    /// A [`Trouble`] that names the cause and the cure.
    pub fn open(location: &Location) -> Result<Self, Trouble> {
        let mut store = Self {
            location: location.clone(),
            connection: None,
            patience: Duration::from_secs(30),
            when_in_doubt: WhenInDoubt::default(),
            worker: format!("pid {}", std::process::id()),
        };
        let connection = store.connect().map_err(|fault| store.explain(fault))?;
        store.connection = Some(connection);
        Ok(store)
    }

    /// For so long a lost connection is made anew before an operation fails. The default is 30 s.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// What becomes of a record that is in doubt. The default is to hold it for a person.
    pub fn set_when_in_doubt(&mut self, when_in_doubt: WhenInDoubt) {
        self.when_in_doubt = when_in_doubt;
    }

    /// The name that people see beside what this store is sending, at most 64 characters of it.
    pub fn set_worker(&mut self, worker: &str) {
        self.worker = worker.chars().take(64).collect();
    }

    /// Where the tables are.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Runs `work` in a transaction of its own, again where the database rolled it back or was lost.
    pub(crate) fn transact<T>(
        &mut self,
        mut work: impl FnMut(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, Trouble> {
        self.persist(|session| {
            session.run("BEGIN")?;
            let done = work(session)?;
            session.run("COMMIT")?;
            Ok(done)
        })
    }

    /// Runs `work`, which must be one statement or do no harm when it is begun anew.
    pub(crate) fn persist<T>(
        &mut self,
        mut work: impl FnMut(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, Trouble> {
        let end = Instant::now() + self.patience;
        let mut tries = 0;
        let mut pause = Duration::from_millis(20);
        loop {
            let fault = match self.try_once(&mut work) {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            tries += 1;
            let wait = match &fault {
                Fault::Again(_) if tries < FEWEST_TRIES || (tries < MOST_TRIES && Instant::now() < end) => {
                    Duration::from_micros(random() % 20_000)
                }
                Fault::Lost(_) if Instant::now() + pause < end => {
                    pause = (pause * 2).min(Duration::from_secs(1));
                    pause / 2
                }
                _ => return Err(self.explain(fault)),
            };
            thread::sleep(wait);
        }
    }

    fn try_once<T>(&mut self, work: &mut impl FnMut(&mut Session) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let mut session = Session { connection: connection.as_mut(), dialect: self.location.dialect };
        let done = work(&mut session);
        // A connection on which something failed is in an unknown state unless it rolls back.
        if done.is_ok() || (!matches!(done, Err(Fault::Lost(_))) && connection.run("ROLLBACK").is_ok()) {
            self.connection = Some(connection);
        }
        done
    }

    fn connect(&self) -> Result<Box<dyn Connection>, Fault> {
        let mut connection: Box<dyn Connection> = match self.location.dialect {
            Dialect::MariaDb | Dialect::MySql => {
                Box::new(MySqlConnection::open(&self.location, CONNECT_TIMEOUT)?)
            }
            Dialect::PostgreSql => Box::new(PostgreSqlConnection::open(&self.location, CONNECT_TIMEOUT)?),
        };
        check_version(connection.as_mut())?;
        Ok(connection)
    }

    fn explain(&self, fault: Fault) -> Trouble {
        let location = &self.location;
        match fault {
            Fault::Again(why) => Trouble::unavailable(format!("the database {location} is too busy: {why}")),
            Fault::Lost(why) => Trouble::unavailable(format!("no use of the database {location}: {why}")),
            Fault::Refused(why) => Trouble::refused(format!("the database {location} refused: {why}")),
        }
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqlStore").field("location", &self.location).finish_non_exhaustive()
    }
}

fn check_version(connection: &mut dyn Connection) -> Result<(), Fault> {
    let rows = connection.query("SELECT MAX(version) FROM oo_webhooks_schema", &[])?;
    let found = rows.first().map(|row| row.optional_int(0)).transpose()?.flatten().unwrap_or(0);
    let known = i64::from(schema::VERSION);
    match found {
        found if found == known => Ok(()),
        found if found < known => Err(Fault::Refused(format!(
            "its tables are of version {found}, this program needs {known}: run what `oo-webhooks schema` prints for that version"
        ))),
        found => Err(Fault::Refused(format!(
            "its tables are of version {found}, this program knows {known} at most: update the program"
        ))),
    }
}

/// A connection that speaks the words of [`crate::sql`].
pub(crate) struct Session<'a> {
    connection: &'a mut dyn Connection,
    pub(crate) dialect: Dialect,
}

impl Session<'_> {
    pub(crate) fn execute(&mut self, statement: &str, values: &[Value]) -> Result<u64, Fault> {
        self.connection.execute(&translated(statement, self.dialect), values)
    }

    pub(crate) fn query(&mut self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        self.connection.query(&translated(statement, self.dialect), values)
    }

    pub(crate) fn run(&mut self, statements: &str) -> Result<(), Fault> {
        self.connection.run(statements)
    }
}

/// A store may move to another thread.
const _: fn() = || {
    fn moves<T: Send>() {}
    moves::<SqlStore>();
};
