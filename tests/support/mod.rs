//! What tests start themselves: a real Prometheus, a real Alertmanager, an exporter to scrape, and a server that misbehaves on
//! purpose; and how they read the files beside a runbook.

mod alertmanager;
pub mod at_terminal;
mod disk;
mod exporter;
mod fake;
mod prometheus;
mod python;

pub use alertmanager::Alertmanager;
pub use disk::Disk;
pub use exporter::Exporter;
pub use fake::{Fake, Response};
pub use prometheus::{Prometheus, Setup};
pub use python::python_with;

use std::net::{Ipv4Addr, TcpListener};

/// A loopback port that nothing listens on.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
