//! A proxy on the way to the server. It spoils connections where the server cannot: before there is
//! a tunnel, in the middle of a handshake, and in the middle of a request that is on its way.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::draw::Draw;

/// Streams of numbers for its connections.
const PROXY: u64 = 1 << 61;

/// What becomes of one connection.
#[derive(Clone, Copy)]
enum Hazard {
    None,
    ClosesUnasked,
    Stalls,
    /// Answers the wish for a tunnel with this, and ends.
    Refuses(&'static str),
    /// Passes answers on in pieces of so many bytes.
    Drips(usize, Duration),
    /// Ends behind so many bytes from the client.
    CutsRequests(usize),
    /// Ends behind so many bytes to the client.
    CutsAnswers(usize),
}

const REFUSALS: [&str; 6] = [
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno\n",
    "HTTP/1.1 2",
    "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "",
];

/// Opens the proxy; its threads end with the process.
pub fn open(server: SocketAddr, seed: u64) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::Builder::new().spawn(move || {
        for (number, client) in (PROXY..).zip(listener.incoming()) {
            let hazard = Hazard::draw(&mut Draw::new(seed, number));
            let travel = move || client.and_then(|client| travel(client, server, hazard));
            // Without a thread the connection is dropped, which is a hazard too.
            let _ = thread::Builder::new().spawn(travel);
        }
    })?;
    Ok(address)
}

impl Hazard {
    fn draw(draw: &mut Draw) -> Hazard {
        let bytes = |draw: &mut Draw, most| usize::try_from(draw.below(most)).unwrap_or(0);
        match draw.below(20) {
            0 => Hazard::ClosesUnasked,
            1 => Hazard::Stalls,
            2 | 3 => Hazard::Refuses(draw.one_of::<&'static str>(&REFUSALS)),
            4 => Hazard::Drips(bytes(draw, 300) + 1, Duration::from_millis(draw.below(40))),
            5..8 => Hazard::CutsRequests(bytes(draw, 4000)),
            8..10 => Hazard::CutsAnswers(bytes(draw, 4000)),
            _ => Hazard::None,
        }
    }
}

fn travel(mut client: TcpStream, server: SocketAddr, hazard: Hazard) -> io::Result<()> {
    if let Hazard::ClosesUnasked = hazard {
        return Ok(());
    }
    read_head(&mut client)?;
    match hazard {
        Hazard::Stalls => return io::copy(&mut client, &mut io::sink()).map(drop),
        Hazard::Refuses(answer) => {
            client.write_all(answer.as_bytes())?;
            client.shutdown(Shutdown::Write)?;
            return io::copy(&mut client, &mut io::sink()).map(drop);
        }
        _ => {}
    }
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    thread::scope(|scope| {
        let (client, server) = (&client, &server);
        let limit = if let Hazard::CutsRequests(bytes) = hazard { bytes } else { usize::MAX };
        scope.spawn(move || pass(client, server, limit, None, limit < usize::MAX));
        let limit = if let Hazard::CutsAnswers(bytes) = hazard { bytes } else { usize::MAX };
        let drip = if let Hazard::Drips(bytes, pause) = hazard { Some((bytes, pause)) } else { None };
        pass(server, client, limit, drip, true);
    });
    Ok(())
}

/// Reads a request for a tunnel to its empty line.
fn read_head(client: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 4096 {
        client.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(())
}

/// Passes bytes on until one side ends or the limit is reached. `ends_both` says that both directions
/// end with this one.
fn pass(from: &TcpStream, to: &TcpStream, limit: usize, drip: Option<(usize, Duration)>, ends_both: bool) {
    let _ = pass_bytes(from, to, limit, drip);
    let _ = to.shutdown(if ends_both { Shutdown::Both } else { Shutdown::Write });
    if ends_both {
        let _ = from.shutdown(Shutdown::Both);
    }
}

fn pass_bytes(
    mut from: &TcpStream,
    mut to: &TcpStream,
    limit: usize,
    drip: Option<(usize, Duration)>,
) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    let mut left = limit;
    while left > 0 {
        let room = buffer.len().min(left);
        let length = from.read(&mut buffer[..room])?;
        if length == 0 {
            break;
        }
        left -= length;
        let (size, pause) = drip.unwrap_or((length, Duration::ZERO));
        for piece in buffer[..length].chunks(size) {
            to.write_all(piece)?;
            thread::sleep(pause);
        }
    }
    Ok(())
}
