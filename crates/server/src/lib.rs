//! `rbl serve`: takes alerts in through webhooks, starts the runbooks whose triggers mean them, and executes whatever is due.
//!
//! tokio and axum are used at the edge only: accept, verify, make durable, answer. Behind it are ordinary threads:
//!
//! - [`intake`]: one thread makes deliveries durable, many in one transaction; another decides what becomes of each alert
//!   and starts runs;
//! - [`workers`]: claims due runs and executes each on a thread; a run that waits holds none;
//! - [`runbooks`]: the checked runbooks, read again when a file changes;
//! - [`schedules`]: starts the runbooks whose schedules fire;
//! - [`unclaimed`]: pages the owner of a run that nobody can execute;
//! - [`fallback`]: pages the fallback team where deliveries cannot be taken;
//! - [`again`]: pages the owner where an alert still fires after its run has ended.
//!
//! *Invariant:* what was acknowledged to a sender is durable, and becomes of it what would have become of it without a
//! crash: each step can be repeated, and is known by its cause.
//!
//! *Not here:* the rules of alerts and runs, which belong to the engine; the terminal.
#![allow(clippy::disallowed_methods)] // files, the network, the environment and the clock may be used here

mod again;
mod api;
mod body_reader;
mod chat;
mod counters;
mod executed_runs;
mod fallback;
mod freeze;
mod heartbeat;
mod hook;
mod http;
mod intake;
mod last_runs;
mod listener;
mod log;
mod log_screen;
mod metrics;
mod runbooks;
mod schedules;
mod server;
mod server_log;
mod settings;
mod state;
mod stopping;
mod traces;
mod unclaimed;
mod workers;

pub use api::{TokenRight, hash_of_token, new_token};
pub use hook::{HookDelivered, HookError, read_alertmanager, read_posted};
pub use runbooks::find_runbooks;
pub use server::serve;
pub use settings::{ServerHook, ServerSettings};
