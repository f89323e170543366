//! moto: a server with the API of AWS.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{free_port, python_with};

/// A server with the API of AWS; ended by its process id when dropped.
pub struct Moto {
    child: Child,
    pub url: String,
}

impl Moto {
    /// `None`: this machine has no moto, which is a failure in CI.
    pub fn start() -> Option<Self> {
        let python = python_with("moto.server")?;
        let port = free_port();
        let child = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, url: format!("http://127.0.0.1:{port}") };
        let until = Instant::now() + Duration::from_mins(1);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "moto does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(server)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
