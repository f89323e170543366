//! Connections that are no HTTP: to the host of an address, through the proxy that holds for it.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use rbl_runtime::{Secrets, base64_padded};
use rbl_syntax::value::{Reason, ReasonKind};
use ureq::http::Uri;
use url::Url;

use super::{proxy, tls};

/// The longest answer of a proxy, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// Connects to the host of an address (`ws`, `wss`), within this time altogether.
///
/// Errors: it cannot be reached, or the proxy refuses.
pub(crate) fn connect(url: &Url, within: Duration, secrets: &Secrets) -> Result<TcpStream, Reason> {
    let until = Instant::now() + within;
    let unreachable = |text: String| Reason::new(ReasonKind::Unreachable, text);
    let secure = url.scheme() == "wss";
    let host = url.host_str().unwrap_or_default();
    let port = url.port().unwrap_or(if secure { 443 } else { 80 });
    let scheme = if secure { "https" } else { "http" };
    let address: Uri = format!("{scheme}://{host}:{port}/")
        .parse()
        .map_err(|_| unreachable("the address names no host".into()))?;
    let Some(chosen) = proxy::choose(&address)? else {
        return reach(host.trim_matches(['[', ']']), port, until)
            .map_err(|why| unreachable(format!("{host}: {}", cause(&why))));
    };
    chosen.hide(secrets);
    let refused = |why: &std::io::Error| unreachable(format!("{} by {chosen}", cause(why)));
    let mut stream = reach(chosen.proxy.host(), chosen.proxy.port(), until).map_err(|why| refused(&why))?;
    let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some(password) = chosen.proxy.password() {
        let pair = format!("{}:{password}", chosen.proxy.username().unwrap_or_default());
        head.push_str("Proxy-Authorization: Basic ");
        head.push_str(&base64_padded(pair.as_bytes()));
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let left = || until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let timed = stream.set_read_timeout(Some(left())).and_then(|()| stream.set_write_timeout(Some(left())));
    timed.and_then(|()| stream.write_all(head.as_bytes())).map_err(|why| refused(&why))?;
    let answer = answer(&mut stream, until).map_err(|why| refused(&why))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        return Ok(stream);
    }
    Err(unreachable(format!("{chosen} refused to connect to {host} ({})", rbl_syntax::one_line(status))))
}

/// Tries every address of a host.
fn reach(host: &str, port: u16, until: Instant) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for address in (host, port).to_socket_addrs()? {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => return Ok(stream),
            Err(why) => last = why,
        }
    }
    Err(last)
}

/// The head of an answer, byte by byte: what follows it is not ours to read.
fn answer(stream: &mut TcpStream, until: Instant) -> std::io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD || Instant::now() > until || stream.read(&mut byte)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Why a connection is not there, in words.
pub(crate) fn cause(why: &std::io::Error) -> String {
    if let Some(why) = tls::inside(why) {
        return tls::cause(why);
    }
    match why.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        std::io::ErrorKind::UnexpectedEof => "the connection was closed".to_owned(),
        _ => rbl_syntax::one_line(&why.to_string()),
    }
}
