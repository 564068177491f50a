//! A [`Connection`] to `MariaDB` or `MySQL`.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use mysql::consts::CapabilityFlags;
use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder, Params, SslOpts};

use crate::authorities;
use crate::connection::{Connection, Row, Value};
use crate::location::{Location, Server, Tls};
use crate::trouble::{Fault, one_line};

/// What each connection is told first, so that no default of the server changes what is true here.
const SESSION: [&str; 2] = [
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', \
     innodb_lock_wait_timeout = 10, autocommit = 1",
];

pub(crate) struct MySqlConnection(Conn);

impl MySqlConnection {
    pub(crate) fn open(location: &Location, timeout: Duration) -> Result<Self, Fault> {
        let options = OptsBuilder::new()
            .user(Some(&location.user))
            .pass(location.password.as_ref().map(|password| password.as_str()))
            .db_name(Some(&location.database))
            .prefer_socket(false)
            .tcp_connect_timeout(Some(timeout))
            .read_timeout(Some(Duration::from_secs(60)))
            .write_timeout(Some(Duration::from_secs(60)))
            .tcp_keepalive_time_ms(Some(30_000))
            // The rows that a statement found count, also those that it left as they were.
            .additional_capabilities(CapabilityFlags::CLIENT_FOUND_ROWS);
        let options = match &location.server {
            Server::Tcp(host, port) => options.ip_or_hostname(Some(host)).tcp_port(port.unwrap_or(3306)),
            Server::Socket(path) => options.socket(Some(path.display().to_string())),
        };
        let options = match &location.tls {
            Tls::Off => options,
            Tls::Roots => options.ssl_opts(SslOpts::default()),
            Tls::CaFile(path) => {
                // The driver would tell of a file without a certificate only by refusing every server.
                authorities::read(path)?;
                options.ssl_opts(SslOpts::default().with_root_cert_path(Some(PathBuf::from(path))))
            }
        };
        let mut connection = Self(Conn::new(options).map_err(fault)?);
        for statement in SESSION {
            connection.run(statement)?;
        }
        let read_only = connection.query("SELECT CAST(@@global.read_only AS SIGNED)", &[])?;
        if read_only.first().map(|row| row.int(0)).transpose()? != Some(0) {
            return Err(Fault::Lost("the server is read-only".to_owned()));
        }
        Ok(connection)
    }
}

impl Connection for MySqlConnection {
    fn execute(&mut self, statement: &str, values: &[Value]) -> Result<u64, Fault> {
        self.0.exec_drop(statement, parameters(values)?).map_err(fault)?;
        Ok(self.0.affected_rows())
    }

    fn query(&mut self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Fault> {
        let rows: Vec<mysql::Row> = self.0.exec(statement, parameters(values)?).map_err(fault)?;
        rows.into_iter()
            .map(|row| row.unwrap().into_iter().map(value).collect::<Result<_, _>>().map(Row))
            .collect()
    }

    fn run(&mut self, statements: &str) -> Result<(), Fault> {
        self.0.query_drop(statements).map_err(fault)
    }
}

fn parameters(values: &[Value]) -> Result<Params, Fault> {
    let parameter = |value: &Value| match value {
        Value::Null => Ok(mysql::Value::NULL),
        Value::Int(number) => Ok(mysql::Value::Int(*number)),
        Value::Text(text) => Ok(mysql::Value::Bytes(text.as_bytes().to_vec())),
        Value::Ints(_) | Value::Texts(_) => Err(Fault::Refused("MySQL has no lists".to_owned())),
    };
    if values.is_empty() {
        return Ok(Params::Empty);
    }
    Ok(Params::Positional(values.iter().map(parameter).collect::<Result<_, _>>()?))
}

fn value(value: mysql::Value) -> Result<Value, Fault> {
    match value {
        mysql::Value::NULL => Ok(Value::Null),
        mysql::Value::Int(number) => Ok(Value::Int(number)),
        mysql::Value::UInt(number) => Ok(Value::Int(i64::try_from(number).unwrap_or(i64::MAX))),
        mysql::Value::Bytes(bytes) => Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned())),
        other => Err(Fault::Refused(format!("the answer has a value of another kind: {other:?}"))),
    }
}

#[allow(clippy::needless_pass_by_value)] // As `map_err` gives it.
fn fault(error: mysql::Error) -> Fault {
    let text = one_line(&error.to_string());
    match &error {
        mysql::Error::MySqlError(error) => match error.code {
            // Deadlock, wait for a lock, row changed since it was read; the statement was killed.
            1213 | 1205 | 1020 | 1317 => Fault::Again(text),
            // Read-only, shutting down, killed, too many connections, not a member of its cluster.
            1290 | 1836 | 1792 | 1053 | 1077 | 1079 | 1927 | 1040 | 1203 | 1047 => Fault::Lost(text),
            1146 => Fault::Refused(format!(
                "{text}: make the tables with what `oo-webhooks schema` prints, in this database"
            )),
            1142 | 1143 => Fault::Refused(format!("{text}: grant what `oo-webhooks schema` says")),
            1665 => Fault::Refused(format!("{text}: set binlog_format to ROW or MIXED")),
            _ => Fault::Refused(text),
        },
        // The handshake is made when the first byte is read or written.
        mysql::Error::IoError(error) if is_of_certificate(Some(error)) => authorities::refused(&text),
        mysql::Error::CodecError(error) if is_of_certificate(error.source()) => authorities::refused(&text),
        mysql::Error::TlsError(_) => authorities::refused(&text),
        mysql::Error::DriverError(mysql::DriverError::TlsNotSupported) => {
            authorities::refused("the server does not support TLS")
        }
        mysql::Error::IoError(_) | mysql::Error::CodecError(_) | mysql::Error::DriverError(_) => {
            Fault::Lost(text)
        }
        mysql::Error::UrlError(_) | mysql::Error::FromValueError(_) | mysql::Error::FromRowError(_) => {
            Fault::Refused(text)
        }
    }
}

fn is_of_certificate(error: Option<&(dyn Error + 'static)>) -> bool {
    let error = error.and_then(|error| error.downcast_ref::<io::Error>()).and_then(io::Error::get_ref);
    let cause = error.and_then(|cause| cause.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::InvalidCertificate(_)))
}
