//! The names that the configuration knows, as plain data: what `check` needs to know of the outside.

use std::collections::{BTreeMap, BTreeSet};

/// What is configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Providers by name, with their kind (`prometheus`, `host`, …).
    pub providers: BTreeMap<String, String>,
    /// Executors.
    pub executors: BTreeSet<String>,
    /// Teams.
    pub teams: BTreeSet<String>,
    /// Channels.
    pub channels: BTreeSet<String>,
    /// Whether there is a configuration file at all.
    pub configured: bool,
}
