//! A real `PostgreSQL` on a loopback port of its own, with TLS.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::start_server;

/// A running server, with a role `rbl` whose password is known; ended by its process id when dropped.
pub struct Postgres {
    child: Child,
    port: u16,
    directory: tempfile::TempDir,
}

/// The password of the role `rbl`.
pub const POSTGRES_PASSWORD: &str = "planted-Secret-0123456789";

impl Postgres {
    /// Starts one with these statements, and waits until it answers. `None`, with a line on stderr, on a machine without it, which is a
    /// failure in CI.
    pub fn start(statements: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "this machine has no `initdb`: install postgresql");
            eprintln!("skipped: this machine has no `initdb` of PostgreSQL");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        own(directory.path());
        certificate(directory.path());
        let data = directory.path().join("data");
        run(as_server(&programs.join("initdb"))
            .args(["-U", "postgres", "-A", "scram-sha-256", "--no-sync", "--pwfile"])
            .arg(directory.path().join("password"))
            .arg("-D")
            .arg(&data));
        let log = directory.path().join("log");
        let launch = |port: u16| {
            as_server(&programs.join("postgres"))
                .arg("-D")
                .arg(&data)
                .args(["-F", "-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
                .args(["-c", "ssl=on", "-c", "ssl_cert_file=../server.crt"])
                .args(["-c", "ssl_key_file=../server.key", "-c", "max_connections=20", "-c"])
                .arg(format!("unix_socket_directories={}", directory.path().display()))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(std::fs::File::create(&log).unwrap())
                .spawn()
                .unwrap()
        };
        let answers = |port: u16| psql(port, "SELECT 1").status.success();
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let started = start_server("PostgreSQL", launch, answers);
        let (child, port) = started.unwrap_or_else(|why| panic!("{why}: {}", said()));
        let server = Self { child, port, directory };
        let setup = format!("CREATE ROLE rbl LOGIN PASSWORD '{POSTGRES_PASSWORD}'; {statements}");
        let output = server.run(&setup);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(server)
    }

    /// Runs statements as the superuser.
    pub fn run(&self, statements: &str) -> std::process::Output {
        psql(self.port, statements)
    }

    /// Its address, as the role `rbl`, without a password.
    pub fn url(&self) -> String {
        format!("postgres://rbl@127.0.0.1:{}/postgres", self.port)
    }

    /// The folder of its socket and its files: `ca.crt` vouches for `localhost`.
    pub fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // At once, and with its children.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let until = Instant::now() + Duration::from_secs(10);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs statements as the superuser of the server on this port.
fn psql(port: u16, statements: &str) -> std::process::Output {
    Command::new("psql")
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"])
        .args(["-U", "postgres", "-d", "postgres", "-p", &port.to_string(), "-c", statements])
        .env("PGPASSWORD", "super")
        .env("PGCONNECT_TIMEOUT", "5")
        .output()
        .unwrap()
}

/// A certificate of the server, and the one that vouches for it.
fn certificate(folder: &Path) {
    std::fs::write(folder.join("password"), "super\n").unwrap();
    let script = "set -e
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.crt -addext basicConstraints=critical,CA:TRUE
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' > extensions
        openssl x509 -req -days 2 -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile extensions -out server.crt
        chmod 600 server.key";
    let output = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["server.key", "server.crt", "password"] {
        own(&folder.join(name));
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// `PostgreSQL` refuses to run as root: then it runs as its own user.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.current_dir("/");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn own(path: &Path) {
    if is_root() {
        run(Command::new("chown").arg("postgres:").arg(path));
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Where its programs are: Debian keeps those of each version in a folder of its own.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let of_debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let of_debian = of_debian.map(|version| version.path().join("bin"));
    of_debian.chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").is_file())
}
