//! The floor: what an exchange costs at least. A blocking socket, rustls, a request made by hand
//! that goes out in one piece, and only as much HTTP as finds the end of the answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use oo_webhooks_bench::client::{self, Caller, Target};
use oo_webhooks_bench::exchange::{self, PATH};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

fn main() {
    let (target, cold) = client::arguments();
    let config = Arc::new(config(&target));
    let request = request(&target);
    client::run(cold, || Floor::new(target.port, Arc::clone(&config), request.clone()));
}

struct Floor {
    socket: TcpStream,
    tls: ClientConnection,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Floor {
    fn new(port: u16, config: Arc<ClientConfig>, request: Vec<u8>) -> Floor {
        let socket = TcpStream::connect(("localhost", port)).unwrap();
        socket.set_nodelay(true).unwrap();
        let tls = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
        Floor { socket, tls, request, answer: Vec::with_capacity(16 * 1024) }
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
    fn call(&mut self) {
        while self.tls.is_handshaking() {
            self.tls.complete_io(&mut self.socket).unwrap();
        }
        self.tls.writer().write_all(&self.request).unwrap();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.socket).unwrap();
        }
        self.answer.clear();
        loop {
            self.receive();
            if let Some(body) = whole_body(&self.answer) {
                return assert!(exchange::says_success(body));
            }
        }
    }
}

fn whole_body(answer: &[u8]) -> Option<&[u8]> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..head]).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "));
    let length = text.split("Content-Length: ").nth(1).unwrap().split('\r').next().unwrap();
    answer[head..].get(..length.parse().unwrap())
}

fn config(target: &Target) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&target.ca_pem()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn request(target: &Target) -> Vec<u8> {
    let body = target.request();
    let port = target.port;
    format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
