//! Everything that `rbl.toml` connects a run to, made from its sections.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rbl_check::{Catalogue, ExecutorFacts, Family};
use rbl_project::config::{
    ClientConfig, Config, HookConfig, PersonConfig, Section, ServeConfig, SshConfig, StoreConfig,
};
use rbl_runtime::teams::{PersonNames, TeamRules};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId};
use serde::Deserialize;
use smol_str::SmolStr;
use toml::de::Error;

use crate::channel::{self, Channel};
use crate::executor::{self, Executor, SshOptions};
use crate::provider::{self, Provider};
use crate::registry::{ConnectionKind, kind, kinds, metric_types};
use crate::team::{self, CommonTeamConfig, Pager};

/// A connection and the name of its kind.
pub struct Connected<T: ?Sized> {
    /// The `type` of its section.
    pub kind: &'static str,
    /// What it connects to.
    pub it: Arc<T>,
}

impl<T: ?Sized> std::fmt::Debug for Connected<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connected").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<T: ?Sized> Clone for Connected<T> {
    fn clone(&self) -> Self {
        Self { kind: self.kind, it: Arc::clone(&self.it) }
    }
}

/// The connections of a folder. The providers `host` and `file` are always there.
#[derive(Debug, Clone)]
pub struct Connections {
    /// The providers of `metric … from NAME`.
    pub providers: BTreeMap<SmolStr, Connected<dyn Provider>>,
    /// The executors of `define … as NAME "…"`.
    pub executors: BTreeMap<SmolStr, Connected<dyn Executor>>,
    /// The teams.
    pub teams: BTreeMap<SmolStr, Connected<dyn Pager>>,
    /// Who may answer for them, and how they are reached.
    pub team_rules: Arc<TeamRules>,
    /// The channels.
    pub channels: BTreeMap<SmolStr, Connected<dyn Channel>>,
    /// The channel of a `record` that names none.
    pub default_channel: Option<SmolStr>,
    /// How `on HOST` reaches a machine.
    pub ssh: SshConfig,
    /// Where runs are kept.
    pub store: StoreConfig,
    /// How the server listens.
    pub serve: ServeConfig,
    /// How commands with `--server` sign in.
    pub client: ClientConfig,
    /// The hooks through which alerts come in.
    pub hooks: BTreeMap<SmolStr, HookConfig>,
    /// The directory of `rbl.toml`; without one, the folder it was looked for.
    pub base: PathBuf,
    /// Whether there is an `rbl.toml`.
    pub configured: bool,
}

impl Connections {
    /// Without an `rbl.toml`: this machine, JSON files relative to the directory, and the terminal.
    pub fn built_in(base: &Path) -> Self {
        Self::of(&Config::none(base), base)
    }

    /// Parses the text of an `rbl.toml`; relative paths in it are relative to the directory of the file.
    ///
    /// Errors: all mistakes in it, in the order of the text.
    pub fn read(source: &Source, id: SourceId, base: &Path) -> Result<Self, Vec<Diagnostic>> {
        let loaded = Config::read(source, id, base, &kinds());
        let mut mistakes = loaded.mistakes;
        let mut connections = Self::of(&loaded.config, base);
        loaded.config.each_section(&mut mistakes, |family, name, kind, section| {
            connections.add(family, name, kind, section, base)
        });
        if mistakes.is_empty() { Ok(connections) } else { Err(mistakes.into_diagnostics()) }
    }

    /// What holds without any section.
    fn of(config: &Config, base: &Path) -> Self {
        let provider = |kind, it| (SmolStr::new_static(kind), Connected { kind, it });
        Self {
            providers: [provider("host", provider::host()), provider("file", provider::file(base))].into(),
            executors: BTreeMap::new(),
            teams: BTreeMap::new(),
            team_rules: Arc::new(TeamRules {
                fallback: config.fallback_team.clone(),
                people: config.people.iter().map(|(name, it)| (name.clone(), names(it))).collect(),
                server: config.serve.url.as_ref().and_then(|url| url.resolve(base).ok()),
                ..TeamRules::default()
            }),
            channels: BTreeMap::new(),
            default_channel: config.default_channel.clone(),
            ssh: config.ssh.clone(),
            store: config.store.clone(),
            serve: config.serve.clone(),
            client: config.client.clone(),
            hooks: config.hooks.clone(),
            base: base.to_owned(),
            configured: config.configured,
        }
    }

    fn add(
        &mut self,
        family: Family,
        name: &SmolStr,
        kind: &'static str,
        section: &Section<'_>,
        base: &Path,
    ) -> Result<(), Error> {
        match family {
            Family::Provider => put(&mut self.providers, provider::KINDS, name, kind, section, base),
            Family::Executor => put(&mut self.executors, executor::KINDS, name, kind, section, base),
            Family::Channel => put(&mut self.channels, channel::KINDS, name, kind, section, base),
            Family::Team => {
                let common = CommonTeamConfig::deserialize(section.value())?;
                Arc::make_mut(&mut self.team_rules).teams.insert(name.clone(), common.rule(kind));
                put(&mut self.teams, team::KINDS, name, kind, section, base)
            }
        }
    }

    /// Everything that is configured, family by family: its name and its kind.
    pub fn all(&self) -> impl Iterator<Item = (Family, &str, &'static str)> {
        fn of<T: ?Sized>(
            all: &BTreeMap<SmolStr, Connected<T>>,
            family: Family,
        ) -> impl Iterator<Item = (Family, &str, &'static str)> {
            all.iter().map(move |(name, one)| (family, name.as_str(), one.kind))
        }
        of(&self.providers, Family::Provider)
            .chain(of(&self.executors, Family::Executor))
            .chain(of(&self.teams, Family::Team))
            .chain(of(&self.channels, Family::Channel))
    }

    /// The configured names, as the check needs them.
    pub fn catalogue(&self) -> Catalogue {
        let names = |names: Vec<&SmolStr>| names.into_iter().map(SmolStr::to_string).collect();
        let providers = || self.providers.iter();
        Catalogue {
            providers: providers().map(|(name, one)| (name.to_string(), one.kind.to_owned())).collect(),
            time_outs: providers()
                .filter_map(|(name, one)| Some((name.to_string(), one.it.time_out()?)))
                .collect(),
            metrics: metric_types(),
            executors: names(self.executors.keys().collect()),
            executor_facts: self.executors.iter().map(facts).collect(),
            teams: names(self.teams.keys().collect()),
            channels: names(self.channels.keys().collect()),
            configured: self.configured,
        }
    }

    /// How hosts are reached.
    pub fn ssh_options(&self) -> SshOptions {
        let mut ssh = SshOptions::default();
        ssh.command =
            std::iter::once(self.ssh.command.clone()).chain(self.ssh.options.iter().cloned()).collect();
        ssh
    }
}

fn facts((name, one): (&SmolStr, &Connected<dyn Executor>)) -> (String, ExecutorFacts) {
    (name.to_string(), ExecutorFacts { kind: one.kind.to_owned(), begins_once: one.it.begins_once() })
}

/// The names of a person elsewhere.
fn names(person: &PersonConfig) -> PersonNames {
    let PersonConfig { sign_in, slack, matrix, email } = person.clone();
    PersonNames { sign_in, slack, matrix, email }
}

fn put<T: ?Sized>(
    all: &mut BTreeMap<SmolStr, Connected<T>>,
    kinds: &'static [ConnectionKind<T>],
    name: &SmolStr,
    kind_name: &'static str,
    section: &Section<'_>,
    base: &Path,
) -> Result<(), Error> {
    // The reader of `rbl.toml` lets only kinds of the registry pass.
    if let Some(kind) = kind(kinds, kind_name) {
        let it = (kind.configure)(section.value(), base)?;
        all.insert(name.clone(), Connected { kind: kind_name, it });
    }
    Ok(())
}
