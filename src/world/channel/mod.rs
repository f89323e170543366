//! Channels: where records are posted.

pub mod config;
mod terminal;

pub use terminal::TerminalChannel;

use crate::run::{Delivery, Record};
use crate::value::Reason;

/// Posts records. It is called on a thread of its own.
pub trait Channel: Send + Sync {
    /// Posts a record; returns how it was delivered, or why it was not.
    fn post(&self, record: &Record) -> Result<Delivery, Reason>;
}
