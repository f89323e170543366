//! `[channels.NAME]` of `rbl.toml`.

use serde::Deserialize;

use crate::world::setting::Key;

/// How a record is posted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ChannelConfig {
    /// Shows the record on the terminal, with a note that nobody else was notified.
    Terminal {},
}

/// The keys of each type.
pub const TYPES: &[(&str, &[Key])] = &[("terminal", &[])];
