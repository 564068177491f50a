//! The server of the benchmark where there is no nginx: HTTPS, TLS 1.3, connections kept alive, a thread each,
//! and always the documented answer of success with the labels of the request. It checks nothing, so that its own
//! time does not hide that of the clients. It ends with its standard input.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::{env, fs, thread};

use memchr::memmem;
use oo_webhooks_bench::exchange;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

/// `bench-server FOLDER`: takes `server.pem` and `server.key` there and prints its port.
fn main() {
    let folder = env::args().nth(1).unwrap();
    let config = Arc::new(config(Path::new(&folder)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for socket in listener.incoming().map(Result::unwrap) {
            let config = Arc::clone(&config);
            // A connection that a client breaks off is none of the server's concern.
            thread::spawn(move || serve(socket, config));
        }
    });
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
}

fn serve(mut socket: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
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
                    let body = exchange::answer_to(&request);
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    tls.writer().write_all(&[head.as_bytes(), &body].concat())?;
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

fn is_whole(request: &[u8]) -> bool {
    let Some(head) = memmem::find(request, b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
    let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    request.len() >= head + 4 + length
}

fn config(folder: &Path) -> ServerConfig {
    let pem = |name| fs::read(folder.join(name)).unwrap();
    let certificates = CertificateDer::pem_slice_iter(&pem("server.pem")).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(&pem("server.key")).unwrap();
    ServerConfig::builder().with_no_client_auth().with_single_cert(certificates, key).unwrap()
}
