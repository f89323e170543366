//! A real Prometheus on a loopback port of its own.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{start_server, wait_until_ready};

/// The settings that it is started with.
#[derive(Default)]
pub struct Setup<'a> {
    /// Samples of the past, in `OpenMetrics`: `name{label="x"} 1 1790000000`; the closing `# EOF` is appended.
    pub past: &'a str,
    /// What it scrapes, every second, as job `rbl`.
    pub scrape: Vec<SocketAddr>,
    /// Its rules, as YAML; empty: none.
    pub rules: &'a str,
    /// More of its configuration.
    pub more: &'a str,
    /// More arguments.
    pub arguments: Vec<&'a str>,
}

/// A running Prometheus; ended by its process id when dropped.
pub struct Prometheus {
    child: Child,
    port: u16,
    directory: tempfile::TempDir,
    program: PathBuf,
    arguments: Vec<String>,
}

impl Prometheus {
    /// Starts one and waits until it is ready. `None`, with a line on stderr, on a machine without the program.
    pub fn start(setup: &Setup<'_>) -> Option<Self> {
        let program = find("prometheus")?;
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if !setup.past.is_empty() {
            let file = directory.path().join("past.om");
            std::fs::write(&file, format!("{}# EOF\n", setup.past)).unwrap();
            let output = Command::new(find("promtool")?)
                .args(["tsdb", "create-blocks-from", "openmetrics"])
                .args([&file, &data])
                .output()
                .unwrap();
            assert!(output.status.success(), "promtool: {}", String::from_utf8_lossy(&output.stderr));
        }
        let targets: Vec<String> = setup.scrape.iter().map(|address| format!("'{address}'")).collect();
        let configuration = format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 1s }}\nscrape_configs:\n- job_name: rbl\n  static_configs: [ {{ targets: [{}] }} ]\n",
            targets.join(", ")
        );
        std::fs::write(directory.path().join("rules.yml"), setup.rules).unwrap();
        let rules = if setup.rules.is_empty() { "" } else { "rule_files: [ rules.yml ]\n" };
        let configuration = format!("{configuration}{rules}{}", setup.more);
        let configuration =
            configuration.replacen("scrape_timeout: 1s", "scrape_timeout: 1s, evaluation_interval: 1s", 1);
        std::fs::write(directory.path().join("prometheus.yml"), configuration).unwrap();
        let arguments: Vec<String> = setup.arguments.iter().map(|it| (*it).to_owned()).collect();
        let launch = |port: u16| launch(&program, &directory, port, &arguments);
        let started = start_server("prometheus", launch, is_ready);
        let (child, port) = started.unwrap_or_else(|why| panic!("{why}, in {}", directory.path().display()));
        Some(Self { child, port, directory, program, arguments })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it at once; what was scraped last may be lost.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Restarts it at the same address, with its data, and waits until it is ready.
    pub fn restart(&mut self) {
        self.kill();
        self.child = launch(&self.program, &self.directory, self.port, &self.arguments);
        let port = self.port;
        wait_until_ready("prometheus", &mut self.child, || is_ready(port))
            .unwrap_or_else(|why| panic!("{why}, in {}", self.directory.path().display()));
    }
}

fn is_ready(port: u16) -> bool {
    let ask = || {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(Duration::from_secs(2)))?;
        connection.write_all(b"GET /-/ready HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok::<_, std::io::Error>(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.0 200"))
}

fn launch(program: &PathBuf, directory: &tempfile::TempDir, port: u16, arguments: &[String]) -> Child {
    Command::new(program)
        .arg(format!("--config.file={}", directory.path().join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
        .arg("--storage.tsdb.retention.time=100y")
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The program on the path or in `/usr/bin`.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin")])
        .map(|directory| directory.join(program))
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: this machine has no `{program}`");
    }
    found
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.kill();
    }
}
