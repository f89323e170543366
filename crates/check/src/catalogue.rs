//! The names that the configuration knows, as plain data: what `check` needs to know of the outside.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What is configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Providers by name, with their kind (`prometheus`, `host`, …).
    pub providers: BTreeMap<String, String>,
    /// How long a reading may take, of the providers that have a time-out of their own.
    pub time_outs: BTreeMap<String, Duration>,
    /// Executors.
    pub executors: BTreeSet<String>,
    /// Teams.
    pub teams: BTreeSet<String>,
    /// Channels.
    pub channels: BTreeSet<String>,
    /// Whether there is a configuration file at all.
    pub configured: bool,
}

impl Catalogue {
    /// How long one reading of a provider may take: its own time-out, else ten seconds, which is what the providers over
    /// the network have where nothing is configured.
    pub fn time_out(&self, provider: &str) -> Duration {
        self.time_outs.get(provider).copied().unwrap_or(Duration::from_secs(10))
    }
}
