//! The floor: what an exchange costs at least. A blocking socket, rustls, a request by template that goes out
//! in one piece, and only as much HTTP as finds the end of the answer.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, OnceLock};

use memchr::memmem;
use oo_webhooks_bench::client::{self, Caller, Target};
use oo_webhooks_bench::exchange::{self, FIRST_ID, Signer};
use oo_webhooks_bench::template;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

fn main() {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    client::run(|target| Floor::new(target, CONFIG.get_or_init(|| Arc::new(config(target)))));
}

struct Floor {
    socket: TcpStream,
    tls: ClientConnection,
    signer: Signer,
    head: String,
    body: String,
    request: String,
    answer: Vec<u8>,
    /// The records of the answer that `parse` reads.
    prepared: usize,
}

impl Floor {
    fn new(target: &Target, config: &Arc<ClientConfig>) -> Floor {
        let (host, port, path) = target.parts();
        let socket = TcpStream::connect((host, port)).unwrap();
        socket.set_nodelay(true).unwrap();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let tls = ClientConnection::new(Arc::clone(config), name).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n\
             Accept: application/json\r\nContent-Length: "
        );
        let (body, request, answer) = <(String, String, Vec<u8>)>::default();
        Floor { socket, tls, signer: Signer::new(), head, body, request, answer, prepared: 0 }
    }

    fn receive(&mut self) {
        let mut piece = [0; 16 * 1024];
        loop {
            match self.tls.reader().read(&mut piece) {
                Ok(0) => panic!("the server closed the connection"),
                Ok(amount) => return self.answer.extend_from_slice(&piece[..amount]),
                Err(_) => {
                    assert_ne!(self.tls.read_tls(&mut self.socket).unwrap(), 0);
                    self.tls.process_new_packets().unwrap();
                }
            }
        }
    }
}

impl Caller for Floor {
    fn call(&mut self, records: usize, first_id: usize) {
        while self.tls.is_handshaking() {
            self.tls.complete_io(&mut self.socket).unwrap();
        }
        template::request(&self.signer, records, first_id, &mut self.body);
        self.request.clear();
        write!(self.request, "{}{}\r\n\r\n{}", self.head, self.body.len(), self.body).unwrap();
        self.tls.writer().write_all(self.request.as_bytes()).unwrap();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.socket).unwrap();
        }
        self.answer.clear();
        loop {
            self.receive();
            if let Some(body) = whole_body(&self.answer) {
                return assert!(template::all_executed(body, records));
            }
        }
    }

    fn sign(&mut self, records: usize) {
        template::request(&self.signer, records, FIRST_ID, &mut self.body);
    }

    fn parse(&mut self, records: usize) {
        if self.prepared != records {
            self.sign(records);
            self.answer = exchange::answer_to(self.body.as_bytes());
            self.prepared = records;
        }
        assert!(template::all_executed(&self.answer, records));
    }
}

fn whole_body(answer: &[u8]) -> Option<&[u8]> {
    const LENGTH: &str = "Content-Length: ";
    let head = memmem::find(answer, b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..head]).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "));
    let length = text.split(LENGTH).nth(1).unwrap().split('\r').next().unwrap();
    answer[head..].get(..length.parse().unwrap())
}

fn config(target: &Target) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&target.ca_pem()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}
