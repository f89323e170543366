//! `rbl.toml`: its text becomes a [`Config`], typed data in which every section is of a known kind and every key is checked,
//! or a list of what is wrong with it.
//!
//! *Not here:* building providers, executors, teams and channels from their sections. The crate `world` does that, and
//! hands over the descriptions of its kinds.

mod client;
pub mod file;
mod hook;
mod people;
mod read;
mod section;
mod serve;
mod ssh;
mod store;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rbl_check::{Family, KindDescription};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId};
use smol_str::SmolStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

pub use client::{CLIENT_KEYS, ClientConfig};
pub use hook::{HOOK_KINDS, HookConfig, HookDescription, HookKind, HookPaths};
pub use people::{PERSON_KEYS, PersonConfig};
pub use serve::{AfterQuiet, ConfiguredMode, SERVE_KEYS, ServeConfig};
pub use ssh::{SSH_KEYS, SshConfig};
pub use store::{STORE_KEYS, StoreConfig};

/// What an `rbl.toml` says, as data.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The kind of each named section: `[teams.database]` is `(Family::Team, "database")`. All its keys are right.
    pub sections: BTreeMap<(Family, SmolStr), &'static str>,
    /// `[channels] default`: the channel of a `record` that names none.
    pub default_channel: Option<SmolStr>,
    /// `[teams] fallback`: the team that is paged where another one cannot be reached.
    pub fallback_team: Option<SmolStr>,
    /// The people, by name.
    pub people: BTreeMap<SmolStr, PersonConfig>,
    /// How `on HOST` reaches a machine.
    pub ssh: SshConfig,
    /// Where runs are kept.
    pub store: StoreConfig,
    /// How the server listens.
    pub serve: ServeConfig,
    /// How commands with `--server` sign in.
    pub client: ClientConfig,
    /// The hooks through which alerts come in, by name.
    pub hooks: BTreeMap<SmolStr, HookConfig>,
    /// The directory of the file: relative paths are relative to it.
    pub base: PathBuf,
    /// Whether there is an `rbl.toml`.
    pub configured: bool,
    /// The text of the file: the sections are read from it.
    text: Arc<str>,
}

/// The content of a named section.
pub struct Section<'a>(&'a Spanned<DeValue<'a>>);

impl<'a> Section<'a> {
    /// Reads it, for `T::deserialize`.
    pub fn value(&self) -> ValueDeserializer<'a> {
        ValueDeserializer::from(self.0.clone())
    }
}

/// A [`Config`], and what is wrong with its file.
#[derive(Debug)]
pub struct LoadedConfig {
    /// Without the sections in which something is wrong.
    pub config: Config,
    /// What was found so far; a caller that builds the sections adds what it finds.
    pub mistakes: Mistakes,
}

/// What is wrong with an `rbl.toml`, in the order of the text, with secrets masked.
#[derive(Debug)]
pub struct Mistakes {
    text: String,
    id: SourceId,
    found: Vec<Diagnostic>,
}

impl Mistakes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds that a section, written at these bytes, does not fit the type that its kind reads it into.
    fn unfit(&mut self, section: std::ops::Range<usize>, error: &toml::de::Error) {
        let mut reader = section::SectionReader::new(&self.text, self.id);
        reader.unfit(section, error);
        self.found.extend(reader.into_found());
    }

    /// All of them.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        section::in_order(&self.text, self.found)
    }
}

impl Config {
    /// Without an `rbl.toml`.
    pub fn none(base: &Path) -> Self {
        Self { base: base.to_owned(), ..Self::default() }
    }

    /// Reads the text of an `rbl.toml`, whose directory is `base`, against the kinds there are.
    pub fn read(source: &Source, id: SourceId, base: &Path, kinds: &[KindDescription]) -> LoadedConfig {
        read::config(source, id, base, kinds)
    }

    /// Hands over the content of each named section, for its kind to read; what does not fit goes to the mistakes.
    pub fn each_section(
        &self,
        mistakes: &mut Mistakes,
        mut read: impl FnMut(Family, &SmolStr, &'static str, &Section<'_>) -> Result<(), toml::de::Error>,
    ) {
        let (table, _) = DeTable::parse_recoverable(&self.text);
        for ((family, name), kind) in &self.sections {
            let section = table.get_ref().get(family.section()).and_then(|it| it.get_ref().as_table());
            let Some(value) = section.and_then(|it| it.get(name.as_str())) else { continue };
            if let Err(error) = read(*family, name, kind, &Section(value)) {
                mistakes.unfit(value.span(), &error);
            }
        }
    }
}
