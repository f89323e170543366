//! moto: a server with the API of AWS.

use std::process::{Child, Command, Stdio};

use super::{listens, python_with, start_server};

/// A server with the API of AWS; ended by its process id when dropped.
pub struct Moto {
    child: Child,
    pub url: String,
}

impl Moto {
    /// `None`: this machine has no moto, which is a failure in CI.
    pub fn start() -> Option<Self> {
        let python = python_with("moto.server")?;
        let launch = |port: u16| {
            Command::new(&python)
                .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let (child, port) = start_server("moto", launch, listens).unwrap();
        Some(Self { child, url: format!("http://127.0.0.1:{port}") })
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
