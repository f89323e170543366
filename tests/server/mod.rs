//! `rbl serve`, as its senders and its people see it. Tests are named after the requirements they hold (S1 …).

mod addresses;
mod api;
mod authenticity;
mod backup;
mod bench;
mod changed_configuration;
mod chat;
mod client;
mod figures;
mod hostile;
mod metrics;
mod modes;
mod openapi;
mod outages;
mod packaging;
mod people;
mod real_alertmanager;
mod repeated_keys;
mod requirements;
mod running;
mod schedules;
mod senders;
mod slack;
mod starting;
mod stopping;
mod tokens;
mod tutorial;

pub use bench::{RunningServer, ServerBench, alert, delivery};
