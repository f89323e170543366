//! `rbl serve`, as its senders and its people see it. Tests are named after the requirements they hold (S1 …).

mod api;
mod authenticity;
mod bench;
mod chat;
mod client;
mod figures;
mod hostile;
mod metrics;
mod modes;
mod openapi;
mod packaging;
mod people;
mod real_alertmanager;
mod requirements;
mod running;
mod schedules;
mod senders;
mod starting;
mod stopping;
mod tutorial;

pub use bench::{ServerBench, alert, delivery};
