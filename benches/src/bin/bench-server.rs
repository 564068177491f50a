//! The server that all clients call: HTTPS with a P-256 certificate, TLS 1.3, connections kept
//! alive, a thread each, and always the same answer, but for the identifier, which is that of the request.
//! It checks nothing, so that its own time does not hide that of the clients. It ends with its standard input.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::{env, fs, thread};

use oo_webhooks_bench::exchange;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

/// `bench-server FOLDER`: puts `ca.pem` there and prints its port.
fn main() {
    let folder = env::args().nth(1).unwrap();
    let config = Arc::new(config(Path::new(&folder)));
    let answer = Answer::of(&exchange::answer(1));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for socket in listener.incoming().map(Result::unwrap) {
            let (config, answer) = (Arc::clone(&config), answer.clone());
            // A connection that a client breaks off is none of the server's concern.
            thread::spawn(move || serve(socket, config, &answer));
        }
    });
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
}

fn serve(mut socket: TcpStream, config: Arc<ServerConfig>, answer: &Answer) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut socket)?;
    }
    let mut request = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        match tls.reader().read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(amount) => {
                request.extend_from_slice(&piece[..amount]);
                if is_whole(&request) {
                    tls.writer().write_all(&answer.to(&request))?;
                    request.clear();
                    while tls.wants_write() {
                        tls.write_tls(&mut socket)?;
                    }
                }
            }
            Err(_) => {
                if tls.read_tls(&mut socket)? == 0 {
                    return Ok(());
                }
                tls.process_new_packets().map_err(io::Error::other)?;
            }
        }
    }
}

const IDENTIFIER: &str = "\"identifier\":\"";

/// The answer, around the place of the identifier.
#[derive(Clone)]
struct Answer {
    before: Arc<str>,
    after: Arc<str>,
}

impl Answer {
    fn of(body: &str) -> Self {
        let start = body.find(IDENTIFIER).unwrap() + IDENTIFIER.len();
        let end = start + body[start..].find('"').unwrap();
        Self { before: body[..start].into(), after: body[end..].into() }
    }

    fn to(&self, request: &[u8]) -> Vec<u8> {
        let start = request.windows(IDENTIFIER.len()).position(|bytes| bytes == IDENTIFIER.as_bytes());
        let rest = start.map_or(&[][..], |start| &request[start + IDENTIFIER.len()..]);
        let identifier = rest.split(|byte| *byte == b'"').next().unwrap_or_default();
        let length = self.before.len() + identifier.len() + self.after.len();
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{}",
            self.before
        )
        .into_bytes();
        answer.extend_from_slice(identifier);
        answer.extend_from_slice(self.after.as_bytes());
        answer
    }
}

fn is_whole(request: &[u8]) -> bool {
    let Some(head) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
    let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    request.len() >= head + 4 + length
}

fn config(folder: &Path) -> ServerConfig {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Its own name: OpenSSL takes a certificate whose issuer has the same name for self-signed.
    ca.distinguished_name.push(DnType::CommonName, "authority of the benchmark");
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap()
}
