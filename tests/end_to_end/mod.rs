//! The built binary against the real world: a real Prometheus, real shells, a real sshd, a real terminal.

mod backfill;
mod hostile;
mod hostile_hosts;
mod hostile_text;
mod latency;
mod malformed;
mod pane;
mod repl;
mod repl_ahead;
mod repl_prometheus;
pub mod streams;
mod terminal;
