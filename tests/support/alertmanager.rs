//! A real Alertmanager on a loopback port of its own.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{free_port, start_server};

/// A running Alertmanager; ended by its process id when dropped.
pub struct Alertmanager {
    child: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

const CONFIGURATION: &str = "route: { receiver: nobody, group_wait: 1s }
receivers: [ { name: nobody } ]
inhibit_rules:
- source_matchers: [ alertname = \"Root\" ]
  target_matchers: [ inhibited = \"yes\" ]
";

impl Alertmanager {
    /// Starts one and waits until it is ready. `None`, with a line on stderr, on a machine without the program, which is a
    /// failure in CI.
    pub fn start() -> Option<Self> {
        Self::start_with(CONFIGURATION)
    }

    /// The same with this configuration.
    pub fn start_with(text: &str) -> Option<Self> {
        // Without this it listens for a cluster on every address.
        let server = Self::start_as(text, &["--cluster.listen-address=".to_owned()])?;
        Some(server.unwrap_or_else(|why| panic!("{why}")))
    }

    /// Two of them that know each other: each delivers what the other has not delivered within a second.
    pub fn cluster(text: &str) -> Option<[Self; 2]> {
        let arguments = |own: u16, other: u16| {
            [
                format!("--cluster.listen-address=127.0.0.1:{own}"),
                format!("--cluster.peer=127.0.0.1:{other}"),
                "--cluster.peer-timeout=1s".to_owned(),
                "--cluster.settle-timeout=1s".to_owned(),
                "--cluster.gossip-interval=50ms".to_owned(),
                "--cluster.reconnect-interval=1s".to_owned(),
            ]
        };
        for _ in 0..5 {
            let ports = [free_port(), free_port()];
            let one = Self::start_as(text, &arguments(ports[0], ports[1]))?;
            let two = Self::start_as(text, &arguments(ports[1], ports[0]))?;
            match (one, two) {
                (Ok(one), Ok(two)) => return Some([one, two]),
                // Somebody else may have taken a port between them.
                (one, two) => eprintln!("{:?} {:?}", one.err(), two.err()),
            }
        }
        panic!("no cluster came up, on five pairs of ports");
    }

    /// How many it knows of its cluster, itself among them.
    pub fn peers(&self) -> usize {
        self.request("GET", "/api/v2/status", "").unwrap_or_default().matches("\"address\":").count()
    }

    /// `None`: this machine has no such program. An error: it does not become ready with these arguments.
    fn start_as(text: &str, arguments: &[String]) -> Option<Result<Self, String>> {
        let name = "prometheus-alertmanager";
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut places = std::env::split_paths(&path).chain(["/usr/bin".into()]);
        let Some(program) = places.find_map(|it| Some(it.join(name)).filter(|it| it.is_file())) else {
            assert!(
                std::env::var_os("CI").is_none(),
                "this machine has no `{name}`: install it, as .ci/run does"
            );
            eprintln!("skipped: this machine has no `{name}`");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        let configuration = directory.path().join("alertmanager.yml");
        std::fs::write(&configuration, text).unwrap();
        let launch = |port: u16| {
            Command::new(&program)
                .arg(format!("--config.file={}", configuration.display()))
                .arg(format!("--storage.path={}", directory.path().join("data").display()))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let is_ready = |port: u16| {
            request(port, "GET", "/-/ready", "").is_some_and(|answer| answer.starts_with("HTTP/1.0 200"))
        };
        let started = start_server("alertmanager", launch, is_ready);
        Some(started.map(|(child, port)| Self { child, port, _directory: directory }))
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends an alert with these labels, as JSON; `ends` is when it ends, as a time.
    pub fn send(&self, labels: &str, ends: Option<&str>) {
        let ends = ends.map(|at| format!(",\"endsAt\":\"{at}\"")).unwrap_or_default();
        let answer = self.request("POST", "/api/v2/alerts", &format!("[{{\"labels\":{labels}{ends}}}]"));
        assert!(answer.as_ref().is_some_and(|it| it.starts_with("HTTP/1.0 200")), "{answer:?}");
    }

    /// Silences all alerts with this label.
    pub fn silence(&self, label: &str, value: &str) {
        let body = format!(
            "{{\"matchers\":[{{\"name\":\"{label}\",\"value\":\"{value}\",\"isRegex\":false,\"isEqual\":true}}],\"startsAt\":\"2020-01-01T00:00:00Z\",\"endsAt\":\"2090-01-01T00:00:00Z\",\"createdBy\":\"a test\",\"comment\":\"c\"}}"
        );
        let answer = self.request("POST", "/api/v2/silences", &body);
        assert!(answer.as_ref().is_some_and(|it| it.starts_with("HTTP/1.0 200")), "{answer:?}");
    }

    /// The alerts as it lists them.
    pub fn alerts(&self) -> String {
        self.request("GET", "/api/v2/alerts", "").unwrap_or_default()
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Option<String> {
        request(self.port, method, path, body)
    }
}

fn request(port: u16, method: &str, path: &str, body: &str) -> Option<String> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    connection.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    connection.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    Some(answer)
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
