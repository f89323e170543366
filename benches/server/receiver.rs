//! [`Receiver`]: a Prometheus and a pager in one, which note when each request came.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// When something came, by what it was about: the text between `id%3D%22` or `id=` and the next quote.
type Arrivals = Arc<Mutex<BTreeMap<String, Vec<Instant>>>>;

/// See the module. It lives as long as the process.
pub struct Receiver {
    address: SocketAddr,
    arrivals: Arrivals,
}

impl Receiver {
    /// Answers each query with this value, and whatever is posted with 200.
    pub fn start(value: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (address, arrivals) = (listener.local_addr().unwrap(), Arrivals::default());
        let kept = Arc::clone(&arrivals);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let arrivals = Arc::clone(&arrivals);
                std::thread::spawn(move || answer(stream, value, &arrivals));
            }
        });
        Self { address, arrivals: kept }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came so far.
    pub fn arrivals(&self) -> BTreeMap<String, Vec<Instant>> {
        self.arrivals.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, value: &str, arrivals: &Arrivals) {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    loop {
        let (mut request, mut length) = (String::new(), 0);
        loop {
            let before = request.len();
            if !stream.read_line(&mut request).is_ok_and(|read| read > 0) {
                return;
            }
            let line = request[before..].to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let now = Instant::now();
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        request.push_str(&String::from_utf8_lossy(&body));
        let about = ["id%3D%22", "id=\\\"", "id="].into_iter().find_map(|mark| {
            let rest = request.split_once(mark)?.1;
            let end = rest.find(|it: char| !it.is_alphanumeric() && it != '-').unwrap_or(rest.len());
            Some(rest[..end].to_owned())
        });
        arrivals.lock().unwrap().entry(about.unwrap_or_default()).or_default().push(now);
        let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let body = format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{{\"metric\":{{}},\"value\":[{at},\"{value}\"]}}]}}}}"
        );
        let length = body.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        if stream.get_mut().write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}
