//! Plain connections to a host and port, in a time, and in words why there is none.

use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rbl_syntax::one_line;

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum NoConnection {
    /// The time was over: while the name was looked up, or while nothing answered.
    TimedOut,
    /// The system says why.
    Refused(Error),
}

/// Why a connection did not come about, for messages.
pub(crate) fn no_connection(error: &Error, server: &str) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => format!("connection refused by {server}"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            format!("there is no way to {server}: {}", one_line(&error.to_string()))
        }
        ErrorKind::NotFound => format!("{server}: no such socket"),
        // A failed look-up has no kind of its own, and is no error of the system.
        _ if error.raw_os_error().is_none() => format!("no such host: {server}"),
        _ => format!("{server}: {}", one_line(&error.to_string())),
    }
}

/// The addresses of a host. The system's look-up knows no time-out, so it may be left behind in a thread of its own.
pub(crate) fn addresses(host: &str, port: u16, until: Instant) -> Result<Vec<SocketAddr>, NoConnection> {
    let (say, said) = channel();
    let host = host.to_owned();
    let looks = std::thread::Builder::new().name("look-up".into()).spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<SocketAddr>>);
        let _ = say.send(found);
    });
    looks.map_err(NoConnection::Refused)?;
    match said.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(found) => found.map_err(NoConnection::Refused),
        Err(_) => Err(NoConnection::TimedOut),
    }
}

/// A connection to the first of these addresses that accepts one, and how long that took.
pub(crate) fn connect(
    addresses: &[SocketAddr],
    until: Instant,
) -> Result<(TcpStream, Duration), NoConnection> {
    let mut why = NoConnection::Refused(Error::from(ErrorKind::AddrNotAvailable));
    for (at, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NoConnection::TimedOut);
        }
        // One that says nothing leaves time for the others.
        let others = u32::try_from(addresses.len().saturating_sub(at)).unwrap_or(1).max(1);
        let began = Instant::now();
        match TcpStream::connect_timeout(address, left / others) {
            Ok(stream) => return Ok((stream, began.elapsed())),
            Err(error) if error.kind() == ErrorKind::TimedOut => why = NoConnection::TimedOut,
            Err(error) => why = NoConnection::Refused(error),
        }
    }
    Err(why)
}
