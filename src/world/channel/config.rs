//! `[channels.NAME]` of `rbl.toml`.

use serde::Deserialize;

use crate::world::setting::Key;

/// How a record is posted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ChannelConfig {
    /// Shown on the terminal, which says that nobody else was told.
    Terminal {},
}

/// The keys of each type.
pub const TYPES: &[(&str, &[Key])] = &[("terminal", &[])];
