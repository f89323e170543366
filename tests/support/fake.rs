//! A server that answers each request with exactly the bytes a test wants, when it wants, and records what arrived.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Bytes to send, after a delay; then the connection is closed.
#[derive(Clone)]
pub struct Response {
    pub bytes: Vec<u8>,
    pub after: Duration,
    /// After this many bytes, one byte at a time with a pause before each.
    pub trickle: Option<(usize, Duration)>,
}

impl Response {
    /// A complete answer.
    pub fn of(status: &str, content_type: &str, body: &str) -> Self {
        Self::with(status, &format!("Content-Type: {content_type}\r\n"), body)
    }

    /// A complete answer with these header lines.
    pub fn with(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        Self::raw(text.as_bytes())
    }

    /// JSON with 200.
    pub fn json(body: &str) -> Self {
        Self::of("200 OK", "application/json", body)
    }

    /// These bytes and no more.
    pub fn raw(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), after: Duration::ZERO, trickle: None }
    }

    /// The first bytes at once, and then one byte at a time.
    pub fn trickling(self, from: usize, pause: Duration) -> Self {
        Self { trickle: Some((from, pause)), ..self }
    }

    /// Not before.
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

type Answerer = Box<dyn Fn(&str) -> Response + Send + Sync>;

struct Shared {
    answerer: Answerer,
    requests: Mutex<Vec<String>>,
    stopped: AtomicBool,
}

/// The server, on a loopback port of its own; stops when dropped.
pub struct Fake {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Fake {
    /// Answers each request (its head and body) with the result of the function.
    pub fn start(answerer: impl Fn(&str) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answerer: Box::new(answerer),
            requests: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if of_thread.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(mut connection) = connection else { continue };
                let of_connection = Arc::clone(&of_thread);
                std::thread::spawn(move || {
                    let _ = serve(&mut connection, &of_connection);
                });
            }
        });
        Self { address, shared }
    }

    /// Always the same answer.
    pub fn always(response: Response) -> Self {
        Self::start(move |_| response.clone())
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that arrived, each request's head and body as one text.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }
}

fn serve(connection: &mut TcpStream, shared: &Shared) -> std::io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut seen = Vec::new();
    let mut buffer = vec![0; 65536];
    loop {
        if let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&seen[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap_or(0));
            if seen.len() >= end + 4 + length {
                break;
            }
        }
        let count = connection.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        seen.extend_from_slice(&buffer[..count]);
    }
    let request = String::from_utf8_lossy(&seen).into_owned();
    let response = (shared.answerer)(&request);
    shared.requests.lock().unwrap().push(request);
    std::thread::sleep(response.after);
    let Some((from, pause)) = response.trickle else { return connection.write_all(&response.bytes) };
    let (at_once, slowly) = response.bytes.split_at(from.min(response.bytes.len()));
    connection.write_all(at_once)?;
    for byte in slowly {
        std::thread::sleep(pause);
        connection.write_all(std::slice::from_ref(byte))?;
    }
    Ok(())
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}
