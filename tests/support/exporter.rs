//! A small exporter: what it exposes can be changed while it is scraped.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
struct Shared {
    metrics: Mutex<BTreeMap<String, String>>,
    broken: AtomicBool,
    stopped: AtomicBool,
}

/// An exporter on a loopback port of its own; stops when dropped.
pub struct Exporter {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Exporter {
    /// Exposes nothing yet.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if of_thread.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(mut connection) = connection else { continue };
                let _ = answer(&mut connection, &of_thread);
            }
        });
        Self { address, shared }
    }

    /// Where Prometheus finds it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets a series, as the exposition format writes it: `queue_depth{shard="a"}`.
    pub fn set(&self, series: &str, value: impl std::fmt::Display) {
        self.shared.metrics.lock().unwrap().insert(series.to_owned(), value.to_string());
    }

    /// Takes a series away.
    pub fn remove(&self, series: &str) {
        self.shared.metrics.lock().unwrap().remove(series);
    }

    /// Answers every scrape with an error, or no longer.
    pub fn fail(&self, broken: bool) {
        self.shared.broken.store(broken, Ordering::SeqCst);
    }
}

fn answer(connection: &mut TcpStream, shared: &Shared) -> std::io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = connection.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        seen.extend_from_slice(&buffer[..count]);
    }
    if shared.broken.load(Ordering::SeqCst) {
        return connection
            .write_all(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let metrics = shared.metrics.lock().unwrap().clone();
    let body: String = metrics.iter().map(|(series, value)| format!("{series} {value}\n")).collect();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(format!("{head}{body}").as_bytes())
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // The listener is woken to see it.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}
