//! Where metrics come from. A provider is one file and one line in [`KINDS`].

mod alertmanager;
mod cloudwatch;
mod dns;
mod elasticsearch;
mod exec;
mod file;
mod host;
mod http;
mod jsonpath;
mod kubernetes;
mod loki;
mod measured;
mod nodes;
mod partial;
mod prometheus;
mod reported;
mod sql;
mod starttls;
mod systemd;
mod tcp;
mod tls;
mod words;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::registry::ConnectionKind;
use rbl_runtime::{CommandLine, FiringQuery, Read, ReadTime, Reading, Secrets};
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// A source of metrics. Created at the start of every command, so creating one must be cheap: connections, certificates
/// and files wait until something is read.
///
/// *Invariant:* nothing that it says (a warning, a reason, a text) contains a secret. Numbers and labels are data, and are passed on as
/// they are.
pub trait Provider: Send + Sync + std::fmt::Debug {
    /// Reads a metric. An empty reading means that nothing was measured; each fault has its own kind of reason. It ends
    /// within the provider's own time-out, and may be abandoned on its thread before that.
    ///
    /// A secret typed in this run has to be replaced by its text before the call: only the world knows it.
    fn read(&self, read: &Read, now: Time) -> Result<Reading, Reason>;

    /// Whether one of these alerts still fires; `None` for a provider that knows no alerts.
    fn firing(&self, _query: &FiringQuery, _now: Time) -> Option<Result<bool, Reason>> {
        None
    }

    /// Whether [`Self::firing`] has an answer.
    fn knows_alerts(&self) -> bool {
        false
    }

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

    /// The names of the labels of a metric, or the values of one of them, for completion; of all metrics where `metric` is
    /// empty. Empty where it has no labels. Never called in a run.
    fn labels(&self, _metric: &str, _label: Option<&str>) -> Result<Vec<String>, Reason> {
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

/// Every kind of provider.
pub(crate) const KINDS: &[ConnectionKind<dyn Provider>] = &[
    prometheus::KIND,
    host::KIND,
    file::KIND,
    http::KIND,
    exec::KIND,
    alertmanager::KIND,
    loki::KIND,
    elasticsearch::KIND,
    sql::KIND,
    tls::KIND,
    dns::KIND,
    tcp::KIND,
    systemd::KIND,
    kubernetes::KIND,
    cloudwatch::KIND,
];

/// What a provider says about a reading, without secrets: another program's text may repeat what it was sent.
fn without_secrets(result: Result<Reading, Reason>, secrets: &Secrets) -> Result<Reading, Reason> {
    let reading = result.map_err(|reason| secrets.redact_reason(&reason))?;
    secrets.redacted(reading).known()
}

/// Refuses any time but now, for what looks at things as they are.
fn only_now(read: &Read) -> Result<(), Reason> {
    if read.time == ReadTime::Now {
        return Ok(());
    }
    Err(Reason::new(
        ReasonKind::NoHistory,
        format!("{} shows how it is now: it keeps no history", read.provider),
    ))
}

/// Refuses a metric of another type than this provider has.
fn not_of(read: &Read, has: &str) -> Reason {
    Reason::new(ReasonKind::ProviderError, format!("{} has {has} only", read.provider))
}

/// The provider `host` without an `rbl.toml`.
pub fn host() -> Arc<dyn Provider> {
    Arc::new(host::HostProvider)
}

/// The provider `file` without an `rbl.toml`: the query begins with the file.
pub fn file(base: &Path) -> Arc<dyn Provider> {
    Arc::new(file::FileProvider::new(file::FileProviderConfig::default(), base))
}
