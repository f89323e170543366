//! Providers: the sources of metrics. A provider is one file and one entry in [`TYPES`].

mod endpoint;
mod exec;
mod file;
mod host;
mod http;
mod keys;
mod mask;
mod measured;
mod process;
mod prometheus;
mod proxy;
mod resolve;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::run::{CommandLine, Read, Reading};
use crate::value::{Reason, Time};
use crate::world::setting::Key;

/// A source of metrics. Created at the start of every command, so creating one must be cheap: connections, certificates
/// and files wait until something is read.
///
/// *Invariant:* nothing that it returns (a reading, a warning, a reason) contains a secret.
pub trait Provider: Send + Sync + std::fmt::Debug {
    /// Reads a metric. An empty reading means that nothing was measured; each fault has its own kind of reason. It ends
    /// within the provider's own time-out, and may be abandoned on its thread before that.
    ///
    /// A secret typed in this run has to be replaced by its text before the call: only the world knows it.
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason>;

    /// What is known of the metric that a plain query reads; `None` where nothing is known. Called by a check, never in
    /// a
    /// run.
    fn describe(&self, _query: &CommandLine) -> Result<Option<Described>, Reason> {
        Ok(None)
    }

    /// The names that a query can begin with, for completion; empty where it keeps no list. Never called in a run.
    fn names(&self) -> Result<Vec<String>, Reason> {
        Ok(Vec::new())
    }

    /// The longest time a reading takes, if it has its own time-out.
    fn time_out(&self) -> Option<Duration> {
        None
    }

    /// Tests the connection: what answers ("Prometheus 2.42.0"), or why nothing does.
    fn test(&self) -> Result<String, Reason>;
}

/// A provider's own knowledge of a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Whether it is a counter.
    pub grows: bool,
    /// Its unit, in the provider's word (`seconds`); empty where the provider does not say.
    pub unit: String,
    /// Whether the unit is derived from the metric's name.
    pub by_name: bool,
}

/// A type of provider: `type = "…"` in `rbl.toml`.
#[derive(Clone, Copy)]
pub struct ProviderType {
    /// Its name.
    pub kind: &'static str,
    /// A short description.
    pub summary: &'static str,
    /// The keys of its section, without `type`.
    pub keys: &'static [Key],
    /// Creates one from its section; relative paths are relative to the directory.
    pub configure: Configure,
}

/// Creates a provider from its section.
pub type Configure = fn(toml::de::ValueDeserializer<'_>, &Path) -> Result<Arc<dyn Provider>, toml::de::Error>;

/// Every type of provider.
pub const TYPES: &[ProviderType] = &[prometheus::TYPE, host::TYPE, file::TYPE, http::TYPE, exec::TYPE];

/// The type with this name.
pub fn provider_type(kind: &str) -> Option<&'static ProviderType> {
    TYPES.iter().find(|one| one.kind == kind)
}

/// The provider `host` without an `rbl.toml`.
pub fn host() -> Arc<dyn Provider> {
    Arc::new(host::Host)
}

/// The provider `file` without an `rbl.toml`: the query begins with the file.
pub fn file(base: &Path) -> Arc<dyn Provider> {
    Arc::new(file::File::new(file::Config::default(), base))
}
