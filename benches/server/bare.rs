//! [`BareReceiver`]: the least that takes deliveries over HTTP and keeps them: each is inserted as it came, those that wait are committed
//! together, and each is answered when it is durable.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// What came in, and who waits for it.
type Waiting = (String, Sender<()>);

/// See the module; over when dropped.
pub struct BareReceiver {
    /// Where it listens.
    pub port: u16,
    over: Arc<AtomicBool>,
}

/// An empty table in a file of its own, durable at each commit.
pub fn table(folder: &Path) -> rusqlite::Connection {
    let file = folder.join("bare.sqlite3");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.execute_batch("CREATE TABLE delivery (id INTEGER PRIMARY KEY, body TEXT NOT NULL)").unwrap();
    connection
}

impl BareReceiver {
    /// Keeps what comes in a table in this folder.
    pub fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (queue, waiting) = channel();
        let connection = table(folder);
        std::thread::spawn(move || write(connection, &waiting));
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let queue = queue.clone();
                std::thread::spawn(move || answer(stream, &queue));
            }
        });
        Self { port, over }
    }
}

impl Drop for BareReceiver {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Has it look whether it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn write(mut connection: rusqlite::Connection, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        let batch: Vec<Waiting> = std::iter::once(first).chain(waiting.try_iter().take(511)).collect();
        let transaction = connection.transaction().unwrap();
        for (body, _) in &batch {
            let mut insert = transaction.prepare_cached("INSERT INTO delivery (body) VALUES (?1)").unwrap();
            insert.execute([body]).unwrap();
        }
        transaction.commit().unwrap();
        for (_, answer) in batch {
            let _ = answer.send(());
        }
    }
}

fn answer(stream: TcpStream, queue: &Sender<Waiting>) {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if !stream.read_line(&mut line).is_ok_and(|read| read > 0) {
                return;
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let (sender, durable) = channel();
        if queue.send((String::from_utf8(body).unwrap(), sender)).is_err() || durable.recv().is_err() {
            return;
        }
        let answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";
        if stream.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
