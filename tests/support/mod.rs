//! What tests start themselves: a real Prometheus, a real Alertmanager, an exporter to scrape, and a server that misbehaves on
//! purpose; and how they read the files beside a runbook.

mod alertmanager;
pub mod at_terminal;
mod disk;
mod exporter;
mod fake;
mod kubectl;
mod moto;
mod openssl;
mod postgres;
mod prometheus;
mod python;
pub mod slack;

pub use alertmanager::Alertmanager;
pub use disk::Disk;
pub use exporter::Exporter;
pub use fake::{Fake, Response};
pub use kubectl::has_kubectl;
pub use moto::Moto;
pub use openssl::Certificates;
pub use postgres::{POSTGRES_PASSWORD, Postgres};
pub use prometheus::{Prometheus, Setup};
pub use python::python_with;

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A tool that tests need; without it they are left out, except in CI.
pub fn tool(found: Option<PathBuf>, name: &str) -> Option<PathBuf> {
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is missing");
        eprintln!("left out: {name} is not installed");
    }
    found
}

/// A loopback port that nothing listens on. It is below those that the system gives away by itself, so that no connection and no
/// listener of another test has it before the server for which it is meant.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let turn = std::process::id().wrapping_mul(977).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + u16::try_from(turn % 12_000).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Whether something listens on a loopback port. A connection can reach itself where nothing does: that is none.
pub fn listens(port: u16) -> bool {
    let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    connection.is_ok_and(|it| it.local_addr().ok() != it.peer_addr().ok())
}

/// Starts a server on a loopback port, and waits until it is ready. Somebody else may take the port between its choice and the
/// start: a server that has ended by itself is started again on another port, at most five times in all.
pub fn start_server(
    name: &str,
    launch: impl Fn(u16) -> Child,
    is_ready: impl Fn(u16) -> bool,
) -> Result<(Child, u16), String> {
    for _ in 0..5 {
        let port = free_port();
        let mut child = launch(port);
        match wait_until_ready(name, &mut child, || is_ready(port)) {
            Ok(()) => return Ok((child, port)),
            Err(why) if matches!(child.try_wait(), Ok(Some(_))) => eprintln!("{why}"),
            Err(why) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(why);
            }
        }
    }
    Err(format!("{name} ended five times before it was ready"))
}

/// Waits until a server that was started is ready. An error: it has ended, or it is not ready within a minute.
pub fn wait_until_ready(name: &str, child: &mut Child, is_ready: impl Fn() -> bool) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_mins(1);
    while Instant::now() < deadline {
        let ready = is_ready();
        // Looked at afterwards: whoever answers may be somebody else, who has taken the port of one that has ended.
        if let Some(status) = child.try_wait().unwrap() {
            return Err(format!("{name} ended with {status} before it was ready"));
        }
        if ready {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("{name} was not ready within 60s"))
}

/// Writes a program that is run at once. A child writes it: a handle of ours that can write would be inherited by whatever another
/// thread starts at the same time, and the system refuses to run a file that somebody can write ("Text file busy").
pub fn write_program(path: &Path, text: &str) {
    let script = r#"printf "%s" "$1" > "$0" && chmod 755 "$0""#;
    let status = Command::new("sh").args(["-c", script]).arg(path).arg(text).status().unwrap();
    assert!(status.success(), "{}", path.display());
}
