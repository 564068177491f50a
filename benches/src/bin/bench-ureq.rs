//! ureq without us: as it comes with a timeout, or (`BENCH_RESOLVER=cached`) with a resolver that
//! looks the name up once and on the calling thread.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use oo_webhooks_bench::client::{self, Caller, Target};
use oo_webhooks_bench::exchange::{self, PATH};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

fn main() {
    let (target, cold) = client::arguments();
    let cached = std::env::var("BENCH_RESOLVER").is_ok_and(|resolver| resolver == "cached");
    let agent = if cached {
        let address = ("localhost", target.port).to_socket_addrs().unwrap().next().unwrap();
        Agent::with_parts(config(&target), DefaultConnector::default(), Cached(address))
    } else {
        Agent::new_with_config(config(&target))
    };
    let url: Uri = format!("https://localhost:{}{PATH}", target.port).parse().unwrap();
    let request = target.request();
    client::run(cold, || Bare { agent: agent.clone(), url: url.clone(), request: request.clone() });
}

struct Bare {
    agent: Agent,
    url: Uri,
    request: String,
}

impl Caller for Bare {
    fn call(&mut self) {
        let request = self.agent.post(&self.url).content_type("application/json");
        let mut response = request.send(&self.request).unwrap();
        assert!(exchange::says_success(&response.body_mut().read_to_vec().unwrap()));
    }
}

fn config(target: &Target) -> Config {
    let certificates: Vec<_> = parse_pem(&target.ca_pem())
        .filter_map(|item| match item.unwrap() {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    Agent::config_builder()
        .proxy(None) // whatever the environment says
        .timeout_global(Some(Duration::from_secs(30)))
        .tls_config(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&certificates)).build())
        .build()
}

#[derive(Debug)]
struct Cached(SocketAddr);

impl Resolver for Cached {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}
