//! The way to the API: settings, name, connection, TLS, proxy, clock. The server is asked for a page without
//! credentials.

use std::env;
use std::net::ToSocketAddrs;
use std::time::Instant;

use oo_webhooks_core::client::{Client, Probe};
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;

use super::finding::Finding;

/// The API refuses a timestamp that is further from its clock: docs/api-facts.md.
const CLOCK_LIMIT: i64 = 120;

/// What a `Date` header and a slow answer can be off by.
const CLOCK_NOISE: i64 = 5;

pub(super) fn look() -> Vec<Finding> {
    let mut options = Options::from_env();
    // Credentials are looked at elsewhere, and a page needs none.
    let _ = options.set_credentials("doctor", "doctor");
    let client = match options.client() {
        Ok(client) => client,
        Err(refusal) => return vec![Finding::bad("settings", refusal.message())],
    };
    let proxy = variable("ON_OFFICE_PROXY");
    let mut findings = vec![Finding::good("url", client.url())];
    findings.push(ca_file());
    findings.push(proxy_finding(proxy.as_deref()));
    // A proxy looks the name up by itself.
    if proxy.is_none() {
        findings.push(name(&client.url()));
    }
    findings.extend(server(&client));
    findings
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn ca_file() -> Finding {
    match variable("ON_OFFICE_CA_FILE") {
        None => Finding::good("certificates", "the bundled authorities"),
        Some(path) => Finding::good("certificates", format!("the authorities of {path}")),
    }
}

fn proxy_finding(ours: Option<&str>) -> Finding {
    let others = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    match (ours, others.into_iter().find(|name| variable(name).is_some())) {
        (Some(_), _) => Finding::good("proxy", "that of ON_OFFICE_PROXY"),
        (None, Some(name)) => Finding::warning("proxy", format!("{name} is set, which calls do not use"))
            .cure("set ON_OFFICE_PROXY, if calls must go through a proxy"),
        (None, None) => Finding::good("proxy", "none"),
    }
}

fn name(url: &str) -> Finding {
    let Some((host, port)) = host_and_port(url) else {
        return Finding::unknown("name", format!("no host in {url}"));
    };
    let begun = Instant::now();
    match (host.as_str(), port).to_socket_addrs() {
        Ok(addresses) => {
            let addresses: Vec<String> = addresses.map(|address| address.ip().to_string()).collect();
            let found = format!("{host} is {} ({} ms)", addresses.join(", "), begun.elapsed().as_millis());
            Finding::good("name", found)
        }
        Err(error) => Finding::bad("name", format!("{host}: {error}"))
            .cure("look at the host in ON_OFFICE_URL and at the name servers in /etc/resolv.conf"),
    }
}

/// Of a URL that the options took.
fn host_and_port(url: &str) -> Option<(String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let usual = if scheme == "http" { 80 } else { 443 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, usual),
    };
    Some((host.trim_matches(['[', ']']).to_owned(), port))
}

fn server(client: &Client) -> Vec<Finding> {
    let begun = Instant::now();
    let probe = client.probe();
    let milliseconds = begun.elapsed().as_millis();
    if probe.status != Status::Ok {
        return vec![Finding::bad("connection", &probe.message).cure(cure_of(probe.status))];
    }
    let found = format!("the server answers a GET with HTTP {} ({milliseconds} ms)", probe.http_status);
    vec![Finding::good("connection", found), clock(&probe), keep_alive(&probe)]
}

fn cure_of(status: Status) -> &'static str {
    match status {
        Status::DnsFailed => "look at the host in ON_OFFICE_URL and at the name servers in /etc/resolv.conf",
        Status::TlsFailed => {
            "look at this machine's clock; where a company's proxy signs certificates, name its authority in ON_OFFICE_CA_FILE"
        }
        Status::ProxyFailed => {
            "look at ON_OFFICE_PROXY, and whether the proxy lets CONNECT to port 443 through"
        }
        Status::Timeout | Status::ConnectTimeout => {
            "a firewall may drop what goes out: let port 443 of the API's host through, or set ON_OFFICE_PROXY"
        }
        _ => "look whether a firewall refuses port 443 of the API's host, and whether ON_OFFICE_URL is right",
    }
}

fn clock(probe: &Probe) -> Finding {
    let Some(ahead) = probe.clock_ahead else {
        return Finding::unknown("clock", "the server's answer has no Date");
    };
    let found = match ahead {
        ahead if ahead.abs() <= CLOCK_NOISE => "like the server's".to_owned(),
        ahead if ahead > 0 => format!("{ahead} s ahead of the server's"),
        ahead => format!("{} s behind the server's", -ahead),
    };
    let cure = format!("set it with NTP: the API refuses what differs by {CLOCK_LIMIT} s");
    match ahead.abs() {
        0..=CLOCK_NOISE => Finding::good("clock", found),
        difference if difference < CLOCK_LIMIT => Finding::warning("clock", found).cure(cure),
        _ => Finding::bad("clock", found).cure(cure),
    }
}

fn keep_alive(probe: &Probe) -> Finding {
    match &probe.keep_alive {
        Some(text) => Finding::good("keep-alive", format!("the server says {text}")),
        None => {
            Finding::good("keep-alive", "the server does not say how long; the library keeps 50 s at most")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    #[test]
    fn the_host_is_read_from_every_url_that_the_options_take() {
        for (url, expected) in [
            ("https://api.onoffice.de/api/stable/api.php", ("api.onoffice.de", 443)),
            ("https://h:8443/", ("h", 8443)),
            ("http://127.0.0.1/", ("127.0.0.1", 80)),
            ("http://[::1]:81/x", ("::1", 81)),
            ("https://[::1]/x:5", ("::1", 443)),
        ] {
            assert_eq!(host_and_port(url), Some((expected.0.to_owned(), expected.1)), "{url}");
        }
    }

    #[test]
    fn a_clock_is_bad_where_the_api_refuses_it() {
        for (ahead, grade) in [
            (Some(0), Grade::Good),
            (Some(-5), Grade::Good),
            (Some(30), Grade::Warning),
            (Some(-119), Grade::Warning),
            (Some(120), Grade::Bad),
            (Some(-4000), Grade::Bad),
            (None, Grade::Unknown),
        ] {
            let probe = Probe {
                status: Status::Ok,
                message: String::new(),
                http_status: 405,
                clock_ahead: ahead,
                keep_alive: None,
            };
            assert_eq!(clock(&probe).grade(), grade, "{ahead:?}");
        }
    }
}
