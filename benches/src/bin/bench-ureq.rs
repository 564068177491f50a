//! ureq without us, with serde: an agent with a timeout, and a resolver that looks the name up once and on the
//! calling thread. As it comes, ureq starts a thread for a lookup in each call.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::OnceLock;
use std::time::Duration;

use oo_webhooks_bench::client::{self, Caller, Target};
use oo_webhooks_bench::exchange::{self, FIRST_ID, Signer};
use oo_webhooks_bench::typed;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

fn main() {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    client::run(|target| Bare {
        agent: AGENT.get_or_init(|| agent(target)).clone(),
        url: target.url.parse().unwrap(),
        signer: Signer::new(),
        answer: Vec::new(),
        prepared: 0,
    });
}

struct Bare {
    agent: Agent,
    url: Uri,
    signer: Signer,
    answer: Vec<u8>,
    /// The records of the answer that `parse` reads.
    prepared: usize,
}

impl Caller for Bare {
    fn call(&mut self, records: usize, first_id: usize) {
        let request = self.agent.post(&self.url).content_type("application/json");
        let mut response = request.send(typed::request(&self.signer, records, first_id)).unwrap();
        assert!(typed::all_executed(&response.body_mut().read_to_vec().unwrap(), records));
    }

    fn sign(&mut self, records: usize) {
        std::hint::black_box(typed::request(&self.signer, records, FIRST_ID));
    }

    fn parse(&mut self, records: usize) {
        if self.prepared != records {
            self.answer = exchange::answer_to(typed::request(&self.signer, records, FIRST_ID).as_bytes());
            self.prepared = records;
        }
        assert!(typed::all_executed(&self.answer, records));
    }
}

fn agent(target: &Target) -> Agent {
    let (host, port, _) = target.parts();
    let address = (host, port).to_socket_addrs().unwrap().next().unwrap();
    Agent::with_parts(config(target), DefaultConnector::default(), Cached(address))
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
