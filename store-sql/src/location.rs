//! A [`Location`]: which database, on which server, as whom. It is read from a URL.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use oo_webhooks_core::outcome::Status;
use oo_webhooks_core::refusal::Refusal;
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use crate::dialect::Dialect;

/// Which database, on which server, as whom:
///
/// ```
/// use oo_webhooks_store_sql::location::Location;
///
/// let location: Location = "mariadb://worker:secret@db.example/shop".parse()?;
/// let location: Location = "postgres://worker@/shop?host=/run/postgresql".parse()?;
/// let location: Location = "mysql://worker@/shop?socket=/run/mysqld/mysqld.sock".parse()?;
/// # Ok::<(), oo_webhooks_core::refusal::Refusal>(())
/// ```
///
/// What has a meaning in a URL is written with `%`: `p%40ss` for `p@ss`. Parameters:
/// `socket=FILE` (`MariaDB`, `MySQL`) and `host=FOLDER` (`PostgreSQL`) connect through a Unix socket;
/// `sslmode=disable` and `sslmode=verify-full` say whether TLS is used, which always checks the server's
/// certificate and is the default for every host but this machine; `sslrootcert=FILE` names a PEM file of certificate
/// authorities to trust: instead of the bundled ones (`PostgreSQL`), or beside them (`MariaDB`, `MySQL`, whose driver
/// always has them).
#[derive(Clone)]
pub struct Location {
    pub(crate) dialect: Dialect,
    pub(crate) server: Server,
    pub(crate) user: String,
    pub(crate) password: Option<Zeroizing<String>>,
    pub(crate) database: String,
    pub(crate) tls: Tls,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Tcp(String, Option<u16>),
    /// `MariaDB`, `MySQL`: the socket; `PostgreSQL`: its folder.
    Socket(PathBuf),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    Off,
    Roots,
    CaFile(String),
}

impl Location {
    /// What the URL says of the dialect. Whether `mysql://` leads to `MySQL` or to `MariaDB` is seen when it is
    /// opened; both speak the same SQL here.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether the URL has a password.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Another password than the URL's.
    pub fn set_password(&mut self, password: &str) {
        self.password = Some(Zeroizing::new(password.to_owned()));
    }
}

impl FromStr for Location {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let with_host = with_host(text);
        let url = Url::parse(with_host.as_deref().unwrap_or(text)).map_err(|error| {
            refusal(&format!("the database is no URL ({error}): write mariadb://user:password@host/database"))
        })?;
        let dialect = match url.scheme() {
            "mariadb" => Dialect::MariaDb,
            "mysql" => Dialect::MySql,
            "postgres" | "postgresql" => Dialect::PostgreSql,
            other => {
                let shown: String = other.chars().take(40).collect();
                let cure = "use mariadb://, mysql:// or postgres://";
                return Err(refusal(&format!("unknown kind of database {shown:?}: {cure}")));
            }
        };
        let Parameters { socket, mut user, sslmode, sslrootcert } = parameters(&url, dialect)?;
        if !url.username().is_empty() {
            user = Some(decoded("user", url.username())?);
        }
        let user =
            user.ok_or_else(|| refusal("the database's URL names no user: write user@ before the host"))?;
        let password = url.password().map(|password| decoded("password", password).map(Zeroizing::new));
        let database = decoded("database", url.path().trim_start_matches('/'))?;
        if database.is_empty() {
            return Err(refusal("the database's URL names no database: write /database after the host"));
        }
        let host = if with_host.is_some() { "" } else { url.host_str().unwrap_or_default() };
        let host = decoded("host", host)?;
        let server = match socket {
            Some(path) => Server::Socket(PathBuf::from(path)),
            None if host.starts_with('/') => Server::Socket(PathBuf::from(host)),
            None if host.is_empty() => {
                return Err(refusal("the database's URL names no host: write one after the @, or a socket"));
            }
            None => Server::Tcp(host, url.port()),
        };
        let tls = tls(&server, sslmode.as_deref(), sslrootcert)?;
        Ok(Self { dialect, server, user, password: password.transpose()?, database, tls })
    }
}

/// `mariadb://worker@db.example/shop`: without the password.
impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.dialect == Dialect::PostgreSql { "postgres" } else { self.dialect.as_str() };
        write!(formatter, "{scheme}://{}@", self.user)?;
        match &self.server {
            Server::Tcp(host, Some(port)) => write!(formatter, "{host}:{port}/{}", self.database),
            Server::Tcp(host, None) => write!(formatter, "{host}/{}", self.database),
            Server::Socket(path) => write!(formatter, "{}/{}", path.display(), self.database),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Location({self})")
    }
}

#[derive(Default)]
struct Parameters {
    socket: Option<String>,
    user: Option<String>,
    sslmode: Option<String>,
    sslrootcert: Option<String>,
}

fn parameters(url: &Url, dialect: Dialect) -> Result<Parameters, Refusal> {
    let mut parameters = Parameters::default();
    for (name, value) in url.query_pairs() {
        let value = value.into_owned();
        match (&*name, dialect) {
            ("host", Dialect::PostgreSql) if value.starts_with('/') => parameters.socket = Some(value),
            ("socket", Dialect::MariaDb | Dialect::MySql) => parameters.socket = Some(value),
            ("user", _) => parameters.user = Some(value),
            ("sslmode", _) => parameters.sslmode = Some(value),
            ("sslrootcert", _) => parameters.sslrootcert = Some(value),
            _ => {
                let shown: String = name.chars().take(40).collect();
                let socket = if dialect == Dialect::PostgreSql { "host=/folder" } else { "socket" };
                return Err(refusal(&format!(
                    "the database's URL has an unknown parameter {shown:?}: use {socket}, user, sslmode or sslrootcert"
                )));
            }
        }
    }
    Ok(parameters)
}

fn tls(server: &Server, mode: Option<&str>, ca_file: Option<String>) -> Result<Tls, Refusal> {
    let Server::Tcp(host, _) = server else { return Ok(Tls::Off) };
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
    match (mode, ca_file) {
        (Some("disable"), None) => Ok(Tls::Off),
        (Some("disable"), Some(_)) => {
            Err(refusal("the database's URL says sslmode=disable and sslrootcert: leave one of them out"))
        }
        (None | Some("verify-full"), Some(ca_file)) => Ok(Tls::CaFile(ca_file)),
        (None, None) if is_here => Ok(Tls::Off),
        (None | Some("verify-full"), None) => Ok(Tls::Roots),
        (Some(other), _) => {
            let shown: String = other.chars().take(40).collect();
            Err(refusal(&format!("unknown sslmode {shown:?}: use disable or verify-full")))
        }
    }
}

/// `user@/database` with a host, which the URL standard wants there; `None` where the URL has one.
fn with_host(text: &str) -> Option<String> {
    let (before, after) = text.split_once("@/")?;
    let (_, user) = before.split_once("://")?;
    if user.contains(['/', '?', '#']) {
        return None;
    }
    Some(format!("{before}@localhost/{after}"))
}

fn decoded(what: &str, text: &str) -> Result<String, Refusal> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| refusal(&format!("the database's URL: its {what} is not UTF-8")))?;
    Ok(decoded.into_owned())
}

fn refusal(message: &str) -> Refusal {
    Refusal::new(Status::InvalidOption, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(url: &str) -> Location {
        url.parse().unwrap_or_else(|refusal| panic!("{url}: {refusal}"))
    }

    #[test]
    fn a_url_says_all() {
        let over_tcp = location("mariadb://w%40rk:p%2Fss@db.example:3307/shop");
        assert_eq!(over_tcp.dialect, Dialect::MariaDb);
        assert_eq!(over_tcp.server, Server::Tcp("db.example".to_owned(), Some(3307)));
        assert_eq!((over_tcp.user.as_str(), over_tcp.database.as_str()), ("w@rk", "shop"));
        assert_eq!(over_tcp.password.as_ref().map(|it| it.as_str()), Some("p/ss"));

        for url in [
            "postgres://w@/shop?host=/run/postgresql",
            "postgresql://w@%2Frun%2Fpostgresql/shop",
            "postgres:///shop?host=/run/postgresql&user=w",
        ] {
            assert_eq!(location(url).server, Server::Socket(PathBuf::from("/run/postgresql")), "{url}");
            assert_eq!(location(url).user, "w");
        }
        for url in ["mysql://w@localhost/shop?socket=/run/a@/b", "mariadb://w:p@/shop?socket=/run/a@/b"] {
            assert_eq!(location(url).server, Server::Socket(PathBuf::from("/run/a@/b")), "{url}");
        }
    }

    #[test]
    fn tls_is_used_unless_it_stays_on_the_machine_or_is_switched_off() {
        for (url, tls) in [
            ("mysql://w@db.example/s", Tls::Roots),
            ("mysql://w@db.example/s?sslmode=verify-full", Tls::Roots),
            ("mysql://w@localhost/s", Tls::Off),
            ("postgres://w@127.0.0.1/s", Tls::Off),
            ("postgres://w@localhost/s?sslmode=verify-full", Tls::Roots),
            ("postgres://w@db.example/s?sslmode=disable", Tls::Off),
            ("postgres://w@db.example/s?sslrootcert=/ca.pem", Tls::CaFile("/ca.pem".to_owned())),
            ("postgres://w@/s?host=/run", Tls::Off),
        ] {
            assert_eq!(location(url).tls, tls, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_cure_and_never_the_password() {
        for (url, named) in [
            ("shop", "mariadb://"),
            ("sqlite:///shop", "sqlite"),
            ("mysql://:geheim@h/shop", "user"),
            ("mysql://u:geheim@h/", "database"),
            ("mysql://u:geheim@/shop", "host"),
            ("mysql://u:geheim@h/shop?sslmode=prefer", "prefer"),
            ("mysql://u:geheim@h/shop?sslmode=disable&sslrootcert=/a", "sslrootcert"),
            ("mysql://u:geheim@h/shop?host=/run", "host"),
            ("postgres://u:geheim@h/shop?target=x", "target"),
            ("postgres://u:geheim%ff@h/shop", "password"),
        ] {
            let refusal = url.parse::<Location>().unwrap_err();
            assert_eq!(refusal.status(), Status::InvalidOption);
            assert!(refusal.message().contains(named), "{url}: {refusal}");
            assert!(!refusal.message().contains("geheim"), "{url}: {refusal}");
        }
        let shown = format!("{0} {0:?}", location("mysql://u:geheim@h:3/shop"));
        assert_eq!(shown, "mysql://u@h:3/shop Location(mysql://u@h:3/shop)");
    }
}
