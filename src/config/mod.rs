//! Parses `rbl.toml` into a [`Config`]: providers, executors, teams and channels by name, or a list of errors.
//!
//! *Not here:* finding and reading the file, which is [`world::config_file`](crate::world::config_file)'s.

// There is no type of executor yet, so its configuration has no value.
#![allow(clippy::zero_sized_map_values)]

mod read;
mod section;
pub mod store;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::check::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, SourceId};
use crate::world::channel::config::ChannelConfig;
use crate::world::executor::config::{ExecutorConfig, SshConfig};
use crate::world::provider::{self, Provider};
use crate::world::team::config::TeamConfig;
use store::StoreConfig;

/// The configuration. Its providers always include `host` and `file`.
#[derive(Debug, Clone)]
pub struct Config {
    /// The providers of `metric … from NAME`.
    pub providers: BTreeMap<SmolStr, ConfiguredProvider>,
    /// The executors of `define … as NAME "…"`.
    pub executors: BTreeMap<SmolStr, ExecutorConfig>,
    /// The teams.
    pub teams: BTreeMap<SmolStr, TeamConfig>,
    /// The channels.
    pub channels: BTreeMap<SmolStr, ChannelConfig>,
    /// How `on HOST` reaches a machine.
    pub ssh: SshConfig,
    /// Where runs are kept.
    pub store: StoreConfig,
    /// Whether there is an `rbl.toml`.
    pub configured: bool,
}

/// A provider and the name of its type.
#[derive(Debug, Clone)]
pub struct ConfiguredProvider {
    /// The `type` of its section.
    pub kind: &'static str,
    /// The provider.
    pub provider: Arc<dyn Provider>,
}

impl Config {
    /// Without an `rbl.toml`: this machine, JSON files relative to the directory, and the terminal.
    pub fn built_in(base: &Path) -> Self {
        let provider = |kind, provider| (SmolStr::new_static(kind), ConfiguredProvider { kind, provider });
        Self {
            providers: [provider("host", provider::host()), provider("file", provider::file(base))].into(),
            executors: BTreeMap::new(),
            teams: BTreeMap::new(),
            channels: BTreeMap::new(),
            ssh: SshConfig::default(),
            store: StoreConfig::default(),
            configured: false,
        }
    }

    /// Parses the text of an `rbl.toml`; relative paths in it are relative to the directory of the file.
    ///
    /// Errors: all mistakes in it, in the order of the text.
    pub fn read(source: &Source, id: SourceId, base: &Path) -> Result<Self, Vec<Diagnostic>> {
        read::config(source, id, base)
    }

    /// The configured names, as the check needs them.
    pub fn catalogue(&self) -> Catalogue {
        let names = |names: Vec<&SmolStr>| names.into_iter().map(SmolStr::to_string).collect();
        Catalogue {
            providers: self
                .providers
                .iter()
                .map(|(name, one)| (name.to_string(), one.kind.to_owned()))
                .collect(),
            time_outs: self
                .providers
                .iter()
                .filter_map(|(name, one)| Some((name.to_string(), one.provider.time_out()?)))
                .collect(),
            executors: names(self.executors.keys().collect()),
            teams: names(self.teams.keys().collect()),
            channels: names(self.channels.keys().collect()),
            configured: self.configured,
        }
    }
}
