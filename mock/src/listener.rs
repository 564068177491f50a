//! A port: bound, accepting, closed, and bound again.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::connection::{self, Port};
use crate::counts::tick;
use crate::state::State;

/// Room for a burst of clients that connect at once.
const BACKLOG: i32 = 1024;
/// Enough for a handshake and the deepest JSON; the default would be a lot for hundreds of connections.
const STACK: usize = 1024 * 1024;

pub(crate) struct Listener {
    address: SocketAddr,
    /// Bound but not listening: nobody else is given the port while the mock is stopped.
    _reservation: Socket,
    port: Port,
    state: Arc<State>,
    accepting: Mutex<Option<JoinHandle<()>>>,
    numbers: Arc<AtomicU64>,
}

impl Listener {
    pub(crate) fn open(address: SocketAddr, port: Port, state: &Arc<State>) -> io::Result<Self> {
        let reservation = bound(address)?;
        let address = reservation.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let listener = Self {
            address,
            _reservation: reservation,
            port,
            state: Arc::clone(state),
            accepting: Mutex::new(None),
            numbers: Arc::default(),
        };
        listener.start()?;
        Ok(listener)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens, unless it does already.
    pub(crate) fn start(&self) -> io::Result<()> {
        let mut accepting = self.accepting.lock().unwrap_or_else(PoisonError::into_inner);
        if accepting.is_some() {
            return Ok(());
        }
        let socket = bound(self.address)?;
        socket.listen(BACKLOG)?;
        self.port.connections(&self.state).reopen();
        let (state, port, numbers) = (Arc::clone(&self.state), self.port.clone(), Arc::clone(&self.numbers));
        let accept = move || accept(&TcpListener::from(socket), &state, &port, &numbers);
        *accepting = Some(thread::Builder::new().name("mock accept".to_owned()).spawn(accept)?);
        Ok(())
    }

    /// Closes the port and its connections, and returns when their threads are done.
    pub(crate) fn stop(&self) {
        let mut accepting = self.accepting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = accepting.take() else { return };
        let connections = self.port.connections(&self.state);
        connections.begin_stop();
        // Wakes the accepting thread, which sees that it should stop.
        let _ = TcpStream::connect_timeout(&self.reachable(), Duration::from_secs(1));
        connections.close_all();
        let _ = thread.join();
    }

    /// The address as a client writes it: a wildcard becomes loopback.
    pub(crate) fn reachable(&self) -> SocketAddr {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(ip, self.address.port())
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn accept(listener: &TcpListener, state: &Arc<State>, port: &Port, numbers: &AtomicU64) {
    let connections = port.connections(state);
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let accepted = listener.accept();
        if connections.stopping() {
            break;
        }
        let Ok((socket, _)) = accepted else {
            // Out of file descriptors, most likely: wait for some to be given back.
            connections.pause(Duration::from_millis(10));
            continue;
        };
        let number = numbers.fetch_add(1, Ordering::SeqCst) + 1;
        if let Port::Api(_) = port {
            tick(&state.counters.connections);
        }
        threads.retain(|thread| !thread.is_finished());
        let (state, port) = (Arc::clone(state), port.clone());
        let serve = move || connection::serve(&state, &port, socket, number);
        if let Ok(thread) =
            thread::Builder::new().name(format!("mock {number}")).stack_size(STACK).spawn(serve)
        {
            threads.push(thread);
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}
