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
mod running;
mod schedules;
mod starting;
mod stopping;

pub use bench::{ServerBench, alert, delivery};
