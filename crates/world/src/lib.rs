//! The world of real runs: performs effects with providers, executors, teams, channels and people.
//!
//! [`Live`] hands each effect to a provider, an executor, a team, a channel, a person or the clock. What is configured comes
//! as [`Connections`], built from `rbl.toml` through the registries of the four families ([`kinds`]). The people beside a
//! run are behind two traits, [`people::People`] and [`people::Screen`], so that a run needs no terminal.
//!
//! *Invariant:* a value reaches a shell, a query or a URL as data kept apart from the author's text, all the way to the one
//! place that knows that language. Nothing is quoted by pasting.
#![allow(clippy::disallowed_methods)] // files, network, processes, the environment and the clock may be used here

pub mod channel;
pub mod executor;
mod http;
pub mod people;
pub mod provider;
mod secret_command;
pub mod secrets;
mod socket;
pub mod team;
pub mod wait;

mod aws;
mod aws_keys;
mod aws_role;
mod azure;
pub mod clock;
mod config_keys;
mod configured;
mod connections;
pub mod delivery;
mod delivery_context;
mod kubectl;
mod left_processes;
mod live;
mod plugin;
mod process;
mod registry;
mod service;
mod signals;
mod tool;
mod web_client;
mod webhook;
mod worker;

pub use configured::Configured;
pub use connections::{Connected, Connections};
pub use delivery_context::Outlet;
pub use left_processes::ProcessesHere;
pub use live::{Live, LiveBuilder};
pub use process::adopt_orphans;
pub use registry::{ConnectionKind, kinds, metric_types};
pub use signals::{Cancel, CancelSender, StopSignal, survive_file_limit};
pub use web_client::{WebAnswer, WebClient};
