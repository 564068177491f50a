//! The tables, by dialect and version. Somebody who may create tables runs what [`schema`] gives, once.

use crate::dialect::Dialect;

/// The version of the tables that this program works with.
pub const VERSION: u32 = 1;

/// The statements of each version, in order: the first makes the tables, each other one changes those of
/// the version before it.
const MYSQL: [&str; VERSION as usize] = [include_str!("../schema/mysql-1.sql")];
const POSTGRESQL: [&str; VERSION as usize] = [include_str!("../schema/postgresql-1.sql")];

/// The statements that make the tables where there are none.
pub fn schema(dialect: Dialect) -> String {
    migrations(dialect, 0)
}

/// The statements that bring tables of version `from` to [`VERSION`]; none where they are of it. 0 stands
/// for a database without the tables.
pub fn migrations(dialect: Dialect, from: u32) -> String {
    let (all, collation) = match dialect {
        // Each distinguishes every two texts, also by case and by a space at the end.
        Dialect::MariaDb => (MYSQL, "utf8mb4_nopad_bin"),
        Dialect::MySql => (MYSQL, "utf8mb4_0900_bin"),
        Dialect::PostgreSql => (POSTGRESQL, ""),
    };
    let newer: Vec<&str> = all.into_iter().skip(from as usize).collect();
    newer.join("\n").replace("@COLLATION@", collation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_says_that_it_is_there() {
        for dialect in Dialect::ALL {
            for version in 1..=VERSION {
                let text = migrations(dialect, version - 1);
                let end = format!("INSERT INTO oo_webhooks_schema (version) VALUES ({version});");
                assert!(text.contains(&end) && !text.contains("@COLLATION@"), "{dialect}");
            }
            assert_eq!(migrations(dialect, VERSION), "");
        }
    }
}
