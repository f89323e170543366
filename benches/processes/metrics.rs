//! A server that answers like Prometheus on a free port of this machine.
#![allow(dead_code)] // each benchmark uses some of it

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// The body of the answer to the body of a request.
type Answers = dyn Fn(&str) -> String + Send + Sync;

/// Starts a server that answers always with the same numbers.
pub(crate) fn serve() -> String {
    serve_answers(|query| {
        let value = if query.starts_with("query=sum%28up") { "1" } else { "0.812" };
        format!(
            r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[1790000000,"{value}"]}}]}}}}"#
        )
    })
}

/// Starts a server; it ends with this process. Its processor time belongs to this process, and is in no figure.
pub(crate) fn serve_answers(answers: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let answers: Arc<Answers> = Arc::new(answers);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || answer(&stream.unwrap(), &*answers));
        }
    });
    address
}

/// Answers until the client closes the connection.
fn answer(stream: &TcpStream, answers: &Answers) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut last) = (0, false);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim().to_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            last |= line == "connection: close";
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let body = answers(&String::from_utf8_lossy(&body));
        let mut stream = stream;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
        // Write the answer in one piece: several pieces would wait for acknowledgements, which measures the network
        // instead of the programs.
        let answer = format!("{head}{}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).is_err() || last {
            return;
        }
    }
}
