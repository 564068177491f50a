//! The words in which the statements here are written once for all dialects.
//!
//! `?` is a value, `NOW()` the server's time, `AFTER(?)` so many microseconds from now, `TIME(?)` and
//! `MICROS[column]` a time from and to microseconds since 1970, and `SAVED[column]` the same of what an app wrote,
//! which may be any time that there is, or none.

use crate::dialect::Dialect;

/// Both are the start of the statement: an index serves a comparison with them.
const MYSQL_NOW: &str = "UTC_TIMESTAMP(6)";
const POSTGRESQL_NOW: &str = "statement_timestamp()";

pub(crate) fn translated(statement: &str, dialect: Dialect) -> String {
    let (now, after, time) = match dialect {
        Dialect::MariaDb | Dialect::MySql => (
            MYSQL_NOW,
            "(UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND)",
            "(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL ? MICROSECOND)",
        ),
        Dialect::PostgreSql => (
            POSTGRESQL_NOW,
            "(statement_timestamp() + ?::bigint * interval '1 microsecond')",
            "('epoch'::timestamptz + ?::bigint * interval '1 microsecond')",
        ),
    };
    let statement = match dialect {
        Dialect::MariaDb | Dialect::MySql => statement.to_owned(),
        Dialect::PostgreSql => statement.replace("AS SIGNED", "AS bigint"),
    };
    let epoch = match dialect {
        Dialect::MariaDb | Dialect::MySql => "TIMESTAMP'1970-01-01 00:00:00'",
        Dialect::PostgreSql => "'epoch'::timestamptz",
    };
    let statement =
        replaced(&statement, "SAVED[", |column| format!("MICROS[LEAST(GREATEST({column}, {epoch}), NOW())]"));
    let statement = statement.replace("NOW()", now).replace("AFTER(?)", after).replace("TIME(?)", time);
    let statement = with_micros(&statement, dialect);
    if dialect == Dialect::PostgreSql { numbered(&statement) } else { statement }
}

fn with_micros(statement: &str, dialect: Dialect) -> String {
    replaced(statement, "MICROS[", |column| match dialect {
        Dialect::PostgreSql => format!("(extract(epoch from {column}) * 1000000)::bigint"),
        Dialect::MariaDb | Dialect::MySql => {
            format!("TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', {column})")
        }
    })
}

/// The statement with each `word` and its argument, up to `]`, replaced.
fn replaced(statement: &str, word: &str, meaning: impl Fn(&str) -> String) -> String {
    let mut parts = statement.split(word);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (argument, rest) = part.split_once(']').unwrap_or((part, ""));
        text += &meaning(argument);
        text += rest;
    }
    text
}

fn numbered(statement: &str) -> String {
    let mut text = String::with_capacity(statement.len() + 16);
    for (index, part) in statement.split('?').enumerate() {
        if index > 0 {
            text += &format!("${index}");
        }
        text += part;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_gets_its_words() {
        let statement = "SELECT MICROS[a.b] FROM t WHERE c <= NOW() AND d = ? AND e > AFTER(?)";
        assert_eq!(
            translated(statement, Dialect::MySql),
            "SELECT TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', a.b) FROM t \
             WHERE c <= UTC_TIMESTAMP(6) AND d = ? AND e > (UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND)"
        );
        assert_eq!(
            translated(statement, Dialect::PostgreSql),
            "SELECT (extract(epoch from a.b) * 1000000)::bigint FROM t WHERE c <= statement_timestamp() \
             AND d = $1 AND e > (statement_timestamp() + $2::bigint * interval '1 microsecond')"
        );
    }
}
