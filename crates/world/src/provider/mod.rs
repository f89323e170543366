//! Where metrics come from. A provider is one file and one line in [`KINDS`].

mod exec;
mod file;
mod host;
mod http;
mod keys;
mod measured;
mod process;
mod prometheus;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::registry::Kind;
use rbl_runtime::{CommandLine, Read, Reading};
use rbl_syntax::value::{Reason, Time};

/// A source of metrics. Made at the start of every command, so making one costs nothing: connections, certificates and
/// files wait until something is read.
///
/// *Invariant:* nothing that comes back (a reading, a warning, a reason) holds a secret.
pub trait Provider: Send + Sync + std::fmt::Debug {
    /// Reads a metric. Nothing measured is an empty reading; a fault is a reason of its own kind. It ends within the
    /// provider's own time-out, and may be abandoned on its thread before.
    ///
    /// A value that is a secret typed in this run has to be replaced by its text before: only the world knows it.
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason>;

    /// What is known of the metric that a query reads as it is; `None` where nothing is. Asked for by a check, never in a
    /// run.
    fn describe(&self, _query: &CommandLine) -> Result<Option<Described>, Reason> {
        Ok(None)
    }

    /// The names that a query can begin with, for whoever types one; none where it keeps no list. Never asked for in a run.
    fn names(&self) -> Result<Vec<String>, Reason> {
        Ok(Vec::new())
    }

    /// How long a reading may take, where it has a time-out of its own.
    fn time_out(&self) -> Option<Duration> {
        None
    }

    /// Whether it answers: what does ("Prometheus 2.42.0"), or why nothing does.
    fn test(&self) -> Result<String, Reason>;
}

/// What a provider knows of a metric by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Whether it only ever grows: a counter.
    pub grows: bool,
    /// The unit it is counted in, in the provider's word (`seconds`); empty where it does not say.
    pub unit: String,
    /// Whether the name of the metric says this unit.
    pub by_name: bool,
}

/// Every kind of provider.
pub(crate) const KINDS: &[Kind<dyn Provider>] =
    &[prometheus::KIND, host::KIND, file::KIND, http::KIND, exec::KIND];

/// The provider `host` as it is without an `rbl.toml`.
pub fn host() -> Arc<dyn Provider> {
    Arc::new(host::Host)
}

/// The provider `file` as it is without an `rbl.toml`: the query begins with the file.
pub fn file(base: &Path) -> Arc<dyn Provider> {
    Arc::new(file::File::new(file::Config::default(), base))
}
