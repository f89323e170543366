//! The names that the configuration defines, as plain data: what `check` needs to know about the outside.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What is configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Providers by name, with their kind (`prometheus`, `host`, …).
    pub providers: BTreeMap<String, String>,
    /// The time-out of a reading, for providers that configure their own.
    pub time_outs: BTreeMap<String, Duration>,
    /// Executors.
    pub executors: BTreeSet<String>,
    /// Teams.
    pub teams: BTreeSet<String>,
    /// Channels.
    pub channels: BTreeSet<String>,
    /// Whether there is a configuration file.
    pub configured: bool,
}

impl Catalogue {
    /// Returns the time-out of one reading of a provider: its own, else ten seconds, which is the default of network
    /// providers.
    pub fn time_out(&self, provider: &str) -> Duration {
        self.time_outs.get(provider).copied().unwrap_or(Duration::from_secs(10))
    }

    /// Whether metrics of a provider are read from Prometheus. Without a configuration the provider's name is taken as
    /// its kind.
    pub(super) fn asks_prometheus(&self, provider: &str) -> bool {
        match self.providers.get(provider) {
            Some(kind) => kind == "prometheus",
            None => !self.configured && provider == "prometheus",
        }
    }
}
