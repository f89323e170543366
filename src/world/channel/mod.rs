//! Where records are posted.

pub mod config;
mod terminal;

pub use terminal::TerminalChannel;

use crate::run::{Delivery, Record};
use crate::value::Reason;

/// A place that records are posted to. It is called on a thread of its own.
pub trait Channel: Send + Sync {
    /// Posts it: who was told, or why nobody was.
    fn post(&self, record: &Record) -> Result<Delivery, Reason>;
}
