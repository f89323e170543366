//! [`Sender`]: sends requests over one connection, as a webhook does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// See the module.
pub struct Sender {
    stream: BufReader<TcpStream>,
}

impl Sender {
    /// Connects to a server on this machine.
    pub fn to(port: u16) -> Option<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
        Some(Self { stream: BufReader::new(stream) })
    }

    /// Gets an address, with a token where one is given: the status and the body.
    pub fn get(&mut self, path: &str, token: &str) -> Option<(u16, String)> {
        let token =
            if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{token}\r\n"))
    }

    /// Delivers a body to the hook: the status.
    pub fn deliver(&mut self, body: &str) -> Option<u16> {
        let length = body.len();
        let head = "POST /hooks/alertmanager HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
        self.send(&format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}")).map(|(code, _)| code)
    }

    fn send(&mut self, request: &str) -> Option<(u16, String)> {
        self.stream.get_mut().write_all(request.as_bytes()).ok()?;
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        let code = line.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some((code, String::from_utf8(body).ok()?))
    }
}

/// An alert as Alertmanager sends it, with these labels beside its name.
pub fn alert(name: &str, labels: &[(&str, &str)], fingerprint: &str) -> String {
    let labels: String = labels.iter().map(|(name, value)| format!(",\"{name}\":\"{value}\"")).collect();
    format!(
        "{{\"status\":\"firing\",\"labels\":{{\"alertname\":\"{name}\"{labels},\"severity\":\"page\",\"job\":\"node\"}},\
         \"annotations\":{{\"summary\":\"something is wrong there\"}},\"startsAt\":\"2026-11-29T03:00:00Z\",\
         \"endsAt\":\"0001-01-01T00:00:00Z\",\"generatorURL\":\"http://prometheus:9090/graph\",\"fingerprint\":\"{fingerprint}\"}}"
    )
}

/// A delivery of these alerts.
pub fn delivery(alerts: &[String]) -> String {
    let all = alerts.join(",");
    format!(
        "{{\"version\":\"4\",\"receiver\":\"rbl\",\"status\":\"firing\",\"groupKey\":\"{{}}\",\"alerts\":[{all}]}}"
    )
}
