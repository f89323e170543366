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

use std::net::{Ipv4Addr, TcpListener};

/// A loopback port that nothing listens on.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
