//! A server in a folder of its own, and whoever sends to it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;
use crate::support::free_port;

/// A team whose pages are lines of `pages.txt`.
const PAGER: &str = r#"read -r question
case $question in
  *'"ask":"test"'*) echo '{"name": "a pager"}'; exit ;;
esac
printf '%s\n' "$question" >> pages.txt
echo '{"delivered": true, "by": "a pager"}'
"#;

/// How long a test waits for what has to happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// The folder of a server: its configuration, its runbooks, its journal.
pub struct ServerBench {
    pub shell: Shell,
    pub port: u16,
}

/// A server that runs; killed when dropped.
pub struct RunningServer<'b> {
    bench: &'b ServerBench,
    child: Child,
}

impl ServerBench {
    /// With these lines in `[serve]`, and these sections after it. Its runs act, unless one of the lines says otherwise.
    pub fn new(serve: &str, sections: &str) -> Self {
        let (shell, port) = (Shell::new(), free_port());
        shell.write("page.sh", PAGER);
        let mode = if serve.contains("mode = ") { "" } else { "mode = \"act\"\n" };
        let configuration = format!(
            "[serve]\nlisten = \"127.0.0.1:{port}\"\n{mode}{serve}\n[teams.ops]\ntype = \"exec\"\ncommand = [\"sh\", \"page.sh\"]\n{sections}\n"
        );
        shell.write("rbl.toml", configuration);
        Self { shell, port }
    }

    /// Writes a runbook that handles an alert of this name: everything below its owner is the body.
    pub fn runbook(&self, file: &str, trigger: &str, body: &str) -> &Self {
        let text = format!("runbook \"{file}\"\ntrigger alert {trigger}\nowner \"ops\"\n{body}\n");
        self.shell.write(file, text);
        self
    }

    /// Starts the server, and waits until it is ready.
    pub fn start(&self) -> RunningServer<'_> {
        let mut log = std::fs::OpenOptions::new();
        let log = log.create(true).append(true).open(self.shell.path().join("server.log")).unwrap();
        let mut command = self.shell.command("serve");
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let server = RunningServer { bench: self, child };
        self.until("the server is ready", || server.get("/-/ready").is_some_and(|(code, _)| code == 200));
        server
    }

    /// Waits until something holds.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn() -> bool) {
        self.until_or(holds, || what.to_owned());
    }

    /// The same; what was missing is said as it is at the end of the wait.
    #[track_caller]
    fn until_or(&self, holds: impl Fn() -> bool, missing: impl Fn() -> String) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "not within {PATIENCE:?}: {}\n{}", missing(), self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the servers logged.
    pub fn log(&self) -> String {
        self.read("server.log")
    }

    /// The text of a file; empty where there is none.
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.shell.path().join(file)).unwrap_or_default()
    }

    /// The journal of the server, past it.
    pub fn journal(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.shell.state().join("rbl/journal.sqlite3")).unwrap()
    }

    /// The runs, the oldest first.
    pub fn runs(&self) -> Vec<serde_json::Value> {
        let mut runs = self.shell.rbl("runs --all --format json").code(0).json();
        runs.reverse();
        runs
    }

    /// The states of the runs, the oldest first.
    pub fn states(&self) -> Vec<String> {
        self.runs().iter().map(|run| run["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until there are these runs, in these states.
    #[track_caller]
    pub fn until_states(&self, states: &[&str]) {
        self.until_or(
            || self.states() == states,
            || format!("the runs are {states:?}, not {:?}", self.states()),
        );
    }

    /// What became of the alerts that came in, the newest delivery first.
    pub fn became(&self) -> Vec<String> {
        // Without a limit it lists the newest 50 deliveries.
        let lines = self.shell.rbl("hooks --limit 1000000 --format json").code(0).json();
        lines.iter().map(|line| line["became"].as_str().unwrap_or("waits").to_owned()).collect()
    }

    /// Waits until something became of everything that came in.
    #[track_caller]
    pub fn until_settled(&self) {
        self.until("everything is settled", || self.became().iter().all(|it| it != "waits"));
    }

    /// The reasons of the pages so far.
    pub fn pages(&self) -> Vec<String> {
        let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        let pages = self.read("pages.txt");
        pages.lines().map(|line| read(line)["reason"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Sends a request, and reads the answer: its status and its body. `None`: nobody answers.
    pub fn request(&self, head: &str, body: &[u8]) -> Option<(u16, String)> {
        let answer = self.answer(head, body)?;
        let code = answer.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        Some((code, body))
    }

    /// The same; the whole answer, with its headers.
    pub fn answer(&self, head: &str, body: &[u8]) -> Option<String> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        connection.set_read_timeout(Some(PATIENCE)).ok()?;
        let head = format!("{head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        connection.write_all(head.as_bytes()).ok()?;
        // A body that is refused may not be read to its end.
        let _ = connection.write_all(body);
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer);
        Some(String::from_utf8_lossy(&answer).into_owned()).filter(|it| !it.is_empty())
    }

    /// Sends a delivery to the hook `alertmanager`, as a sender on this machine.
    pub fn deliver(&self, body: &str) -> Option<(u16, String)> {
        let head = "POST /hooks/alertmanager HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
        self.request(head, body.as_bytes())
    }

    /// Sends it until it is taken.
    #[track_caller]
    pub fn delivered(&self, body: &str) {
        let answer = self.deliver(body);
        assert_eq!(answer.as_ref().map(|(code, _)| *code), Some(202), "{answer:?}\n{}", self.log());
    }
}

impl RunningServer<'_> {
    /// Gets an address.
    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        self.bench.request(&format!("GET {path} HTTP/1.1\r\nHost: localhost"), b"")
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a crash does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Stops it with SIGTERM, and waits for its end.
    pub fn stop(self) -> ExitStatus {
        self.signal(rustix::process::Signal::TERM);
        self.ended()
    }

    /// Sends SIGTERM, and waits until it begins nothing any more; what runs goes on.
    #[track_caller]
    pub fn begin_stop(&self) {
        self.signal(rustix::process::Signal::TERM);
        self.bench.until("it stops", || {
            let is_ready = self.get("/-/ready").is_some_and(|(code, _)| code == 200);
            !is_ready && self.bench.log().contains("stopping: nothing more is begun")
        });
    }

    /// Waits for its end.
    pub fn ended(mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "it did not stop\n{}", self.bench.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for RunningServer<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An alert as Alertmanager sends it. `labels` are pairs of JSON without the name.
pub fn alert(name: &str, status: &str, labels: &str, fingerprint: &str, starts: &str) -> String {
    let more = if labels.is_empty() { String::new() } else { format!(",{labels}") };
    let ends = if status == "resolved" { "2026-11-29T04:00:00Z" } else { "0001-01-01T00:00:00Z" };
    format!(
        "{{\"status\":\"{status}\",\"labels\":{{\"alertname\":\"{name}\"{more}}},\"annotations\":{{}},\
         \"startsAt\":\"{starts}\",\"endsAt\":\"{ends}\",\"fingerprint\":\"{fingerprint}\"}}"
    )
}

/// A delivery of these alerts.
pub fn delivery(alerts: &[String]) -> String {
    format!("{{\"version\":\"4\",\"status\":\"firing\",\"alerts\":[{}]}}", alerts.join(","))
}
