//! The names that the configuration defines, as plain data: what `check` needs to know about the outside.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rbl_syntax::tree::MetricType;

/// The kind of provider that knows which alerts fire.
pub const ALERTMANAGER: &str = "alertmanager";

/// What is configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Providers by name, with their kind (`prometheus`, `host`, …).
    pub providers: BTreeMap<String, String>,
    /// The types of metric that each kind of provider reads.
    pub metrics: BTreeMap<&'static str, &'static [MetricType]>,
    /// The time-out of a reading, for providers that configure their own.
    pub time_outs: BTreeMap<String, Duration>,
    /// Executors.
    pub executors: BTreeSet<String>,
    /// What is known of them, by name.
    pub executor_facts: BTreeMap<String, ExecutorFacts>,
    /// Teams.
    pub teams: BTreeSet<String>,
    /// Channels.
    pub channels: BTreeSet<String>,
    /// Whether there is a configuration file.
    pub configured: bool,
}

/// What the check knows of an executor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExecutorFacts {
    /// Its kind: `http`.
    pub kind: String,
    /// Whether the other side takes a second beginning of the same action for the first one.
    pub begins_once: bool,
}

impl Catalogue {
    /// What is known of an executor. Without a configuration its name is taken as its kind.
    pub(super) fn executor(&self, name: &str) -> Option<ExecutorFacts> {
        let facts = self.executor_facts.get(name).cloned();
        facts.or_else(|| {
            (!self.configured).then(|| ExecutorFacts { kind: name.to_owned(), begins_once: false })
        })
    }

    /// Returns the time-out of one reading of a provider: its own, else ten seconds, which is the default of network
    /// providers.
    pub fn time_out(&self, provider: &str) -> Duration {
        self.time_outs.get(provider).copied().unwrap_or(Duration::from_secs(10))
    }

    /// The types of metric that a kind of provider reads; `None` for a kind that is not known here.
    pub(super) fn reads(&self, kind: &str) -> Option<&'static [MetricType]> {
        self.metrics.get(kind).copied()
    }

    /// The longest time that asking whether an alert fires takes: every Alertmanager is asked.
    pub fn alert_time_out(&self) -> Duration {
        let asked = self.providers.iter().filter(|(_, kind)| *kind == ALERTMANAGER);
        asked.map(|(name, _)| self.time_out(name)).sum()
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
