//! A [`Connection`] to `PostgreSQL`.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use postgres::config::SslMode;
use postgres::error::SqlState;
use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::authorities;
use crate::connection::{Connection, Row, Value};
use crate::location::{Location, Server, Tls};
use crate::trouble::{Fault, one_line};

/// What each connection is told first. In a database of encoding `SQL_ASCII` text is whatever an app wrote, which the
/// server would refuse to send as UTF-8.
const SESSION: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; SET statement_timeout = '60s'; \
    SET idle_in_transaction_session_timeout = '60s'; SELECT set_config('client_encoding', \
    CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, false); \
    SET standard_conforming_strings = on; SET synchronous_commit = on";

pub(crate) struct PostgreSqlConnection {
    client: Client,
    prepared: HashMap<String, Statement>,
}

impl PostgreSqlConnection {
    pub(crate) fn open(location: &Location, timeout: Duration) -> Result<Self, Fault> {
        let mut config = Config::new();
        config
            .user(&location.user)
            .dbname(&location.database)
            .application_name("oo-webhooks")
            .connect_timeout(timeout)
            .keepalives_idle(Duration::from_secs(30))
            .tcp_user_timeout(Duration::from_secs(60));
        if let Some(password) = &location.password {
            config.password(password.as_bytes());
        }
        match &location.server {
            Server::Tcp(host, port) => config.host(host).port(port.unwrap_or(5432)),
            Server::Socket(path) => config.host_path(path),
        };
        let client = match &location.tls {
            Tls::Off => config.ssl_mode(SslMode::Disable).connect(NoTls),
            Tls::Roots => {
                let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
                config.ssl_mode(SslMode::Require).connect(connector(roots))
            }
            Tls::CaFile(path) => {
                config.ssl_mode(SslMode::Require).connect(connector(authorities::read(path)?))
            }
        };
        let client = client.map_err(|error| fault(&error))?;
        let mut connection = Self { client, prepared: HashMap::new() };
        connection.run(SESSION)?;
        let standby = "SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END::bigint";
        if connection.query(standby, &[])?.first().map(|row| row.int(0)).transpose()? != Some(0) {
            return Err(Fault::Lost("the server is read-only".to_owned()));
        }
        Ok(connection)
    }

    fn prepared(&mut self, statement: &str) -> Result<Statement, Fault> {
        if let Some(prepared) = self.prepared.get(statement) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(statement).map_err(|error| fault(&error))?;
        self.prepared.insert(statement.to_owned(), prepared.clone());
        Ok(prepared)
    }
}

impl Connection for PostgreSqlConnection {
    fn execute(&mut self, statement: &str, values: &[Value]) -> Result<u64, Fault> {
        let statement = self.prepared(statement)?;
        self.client.execute(&statement, &parameters(values)).map_err(|error| fault(&error))
    }

    fn query(&mut self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let statement = self.prepared(statement)?;
        let rows = self.client.query(&statement, &parameters(values)).map_err(|error| fault(&error))?;
        rows.iter().map(row).collect()
    }

    fn run(&mut self, statements: &str) -> Result<(), Fault> {
        self.client.batch_execute(statements).map_err(|error| fault(&error))
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Ints(numbers) => numbers.to_sql(kind, out),
            Self::Texts(texts) => texts.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        let texts = [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::TEXT_ARRAY, Type::VARCHAR_ARRAY];
        let numbers = [Type::INT4, Type::INT8, Type::INT8_ARRAY];
        texts.contains(kind) || numbers.contains(kind)
    }

    to_sql_checked!();
}

fn row(row: &postgres::Row) -> Result<Row, Fault> {
    let value = |(index, column): (usize, &postgres::Column)| match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(|it| it.map_or(Value::Null, Value::Int)),
        Type::INT4 => {
            row.try_get::<_, Option<i32>>(index).map(|it| it.map_or(Value::Null, |it| Value::Int(it.into())))
        }
        _ => row.try_get::<_, Option<Lossy>>(index).map(|it| it.map_or(Value::Null, |it| Value::Text(it.0))),
    };
    let values: Result<Vec<Value>, _> = row.columns().iter().enumerate().map(value).collect();
    values.map(Row).map_err(|error| fault(&error))
}

/// Text of a column. In a database whose encoding is `SQL_ASCII` it is whatever an app wrote.
struct Lossy(String);

impl<'a> FromSql<'a> for Lossy {
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn accepts(kind: &Type) -> bool {
        <String as FromSql>::accepts(kind)
    }
}

fn connector(roots: RootCertStore) -> MakeRustlsConnect {
    MakeRustlsConnect::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

fn fault(error: &postgres::Error) -> Fault {
    let mut text = one_line(&error.to_string());
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = one_line(&cause.to_string());
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    let Some(code) = error.code() else {
        return if text.contains("certificate") || text.contains("server does not support TLS") {
            authorities::refused(&text)
        } else {
            Fault::Lost(text)
        };
    };
    // 40: deadlock or conflict; 55P03: wait for a lock; 57014: cancelled.
    let again = [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED];
    // Read-only after a failover; its idle transaction was ended.
    let lost = [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT];
    let class = code.code().get(..2).unwrap_or_default();
    if again.contains(code) || class == "40" {
        Fault::Again(text)
    // 08: connection; 57P: the server stops, starts or killed it; 53: too many connections, memory or disk;
    // 58: the system under it failed.
    } else if lost.contains(code) || matches!(class, "08" | "53" | "57" | "58") {
        Fault::Lost(text)
    } else if *code == SqlState::UNDEFINED_TABLE {
        Fault::Refused(format!(
            "{text}: make the tables with what `oo-webhooks schema` prints, in this database"
        ))
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        Fault::Refused(format!("{text}: grant what `oo-webhooks schema` says"))
    } else {
        Fault::Refused(text)
    }
}
