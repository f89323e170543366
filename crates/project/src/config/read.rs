//! Reads the whole file: its sections, and the entries of each section.

use std::path::Path;

use rbl_check::{Family, Key, KindDescription};
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Source, SourceId};
use serde::Deserialize;
use smol_str::SmolStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::client::CLIENT_KEYS;
use super::hook::{self, HookConfig};
use super::people::{PERSON_KEYS, PersonConfig};
use super::section::{SectionReader, check_keys, type_of};
use super::serve::SERVE_KEYS;
use super::ssh::SSH_KEYS;
use super::store::{STORE_KEYS, StoreConfig};
use super::{Config, LoadedConfig, Mistakes};

/// The known sections.
const SECTIONS: &[&str] =
    &["providers", "executors", "teams", "channels", "people", "ssh", "store", "serve", "client", "hooks"];

/// The key of `[channels]` that is not the name of a channel.
const DEFAULT: &str = "default";

type TomlTable<'a> = DeTable<'a>;
type TableEntry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

/// The configuration, and all that is wrong with it.
pub(super) fn config(source: &Source, id: SourceId, base: &Path, kinds: &[KindDescription]) -> LoadedConfig {
    let mut config = Config { configured: true, text: source.text().into(), ..Config::none(base) };
    let mut reader = SectionReader::new(source.text(), id);
    let (table, errors) = DeTable::parse_recoverable(source.text());
    for error in &errors {
        reader.syntax(error);
    }
    reader.written_secrets();
    if errors.is_empty() {
        sections(&mut reader, table.get_ref(), &mut config, kinds);
    }
    let mistakes = Mistakes { text: source.text().to_owned(), id, found: reader.into_found() };
    LoadedConfig { config, mistakes }
}

fn sections(
    reader: &mut SectionReader<'_>,
    table: &TomlTable<'_>,
    config: &mut Config,
    kinds: &[KindDescription],
) {
    for (name, value) in table {
        let section: &str = name.get_ref();
        if !SECTIONS.contains(&section) {
            reader.unknown(name, "section", SECTIONS.iter().copied());
            continue;
        }
        let Some(content) = value.get_ref().as_table() else {
            reader.wrong(
                value,
                &format!("`{section}` is a section"),
                &format!("write `[{section}]` on a line of its own"),
            );
            continue;
        };
        match (section, Family::of_section(section)) {
            (_, Some(family)) => named(reader, family, content, config, kinds),
            ("ssh", None) => {
                config.ssh = plain(reader, value, content, SSH_KEYS).unwrap_or_default();
            }
            ("serve", None) => {
                super::serve::check(reader, content);
                config.serve = plain(reader, value, content, SERVE_KEYS).unwrap_or_default();
            }
            ("client", None) => {
                config.client = plain(reader, value, content, CLIENT_KEYS).unwrap_or_default();
            }
            ("hooks", None) => hooks(reader, content, config),
            ("people", None) => people(reader, content, config),
            _ => {
                super::store::check(reader, content);
                let written = plain(reader, value, content, STORE_KEYS);
                config.store = StoreConfig::new(written.unwrap_or_default(), &config.base);
            }
        }
    }
    let teams = table.get("teams").and_then(|it| it.get_ref().as_table());
    if let Some(teams) = teams.filter(|_| reader.is_clean()) {
        super::people::check(reader, teams, config);
    }
    if let Some((name, value)) = default_channel(table)
        && !config.sections.contains_key(&(Family::Channel, name.clone()))
        && reader.is_clean()
    {
        let message = format!("there is no channel `{name}`");
        let help = format!("add `[channels.{name}]`, or name a channel that there is");
        reader.wrong_name(value, &message, &help);
    }
}

/// What `[channels] default` names, and where.
fn default_channel<'a, 'i>(table: &'a TomlTable<'i>) -> Option<(SmolStr, &'a Spanned<DeValue<'i>>)> {
    let channels = table.iter().find(|(name, _)| name.get_ref() == "channels")?.1.get_ref().as_table()?;
    let value = channels.iter().find(|(name, _)| name.get_ref() == DEFAULT)?.1;
    Some((value.get_ref().as_str()?.into(), value))
}

/// Reads a section with keys of its own: `[ssh]`, `[store]`.
fn plain<T: for<'de> Deserialize<'de>>(
    reader: &mut SectionReader<'_>,
    value: &Spanned<DeValue<'_>>,
    content: &TomlTable<'_>,
    keys: &'static [Key],
) -> Option<T> {
    if !check_keys(reader, content, keys, false) {
        return None;
    }
    T::deserialize(ValueDeserializer::from(value.clone()))
        .map_err(|error| reader.unfit(value.span(), &error))
        .ok()
}

/// Reads a section of named entries: `[teams.database]`.
fn named(
    reader: &mut SectionReader<'_>,
    family: Family,
    content: &TomlTable<'_>,
    config: &mut Config,
    kinds: &[KindDescription],
) {
    let section = family.section();
    let types: Vec<(&'static str, &'static [Key])> =
        kinds.iter().filter(|one| one.family == family).map(|one| (one.kind, one.keys)).collect();
    for entry @ (name, value) in content {
        if family == Family::Channel && name.get_ref() == DEFAULT && value.get_ref().as_table().is_none() {
            match value.get_ref().as_str() {
                Some(channel) => config.default_channel = Some(channel.into()),
                None => reader.wrong(
                    value,
                    "`default` names a channel",
                    "write its name: default = \"incidents\"",
                ),
            }
            continue;
        }
        if family == Family::Team
            && name.get_ref() == super::people::FALLBACK
            && value.get_ref().as_table().is_none()
        {
            config.fallback_team = value.get_ref().as_str().map(SmolStr::from);
            continue;
        }
        let Some(keys) = value.get_ref().as_table() else {
            let help = format!("write `[{section}.NAME]`, and the keys below it");
            reader.wrong(value, &format!("`{}` in `{section}` is not a section", name.get_ref()), &help);
            continue;
        };
        let Some(kind) = checked(reader, family.word(), entry, keys, &types) else { continue };
        config.sections.insert((family, SmolStr::from(name.get_ref().as_ref())), kind);
    }
}

/// Reads `[people.NAME]`.
fn people(reader: &mut SectionReader<'_>, content: &TomlTable<'_>, config: &mut Config) {
    for (name, value) in content {
        let Some(keys) = value.get_ref().as_table() else {
            let help = "write `[people.NAME]`, and the keys below it";
            reader.wrong(value, &format!("`{}` in `people` is not a section", name.get_ref()), help);
            continue;
        };
        if let Some(person) = plain::<PersonConfig>(reader, value, keys, PERSON_KEYS) {
            config.people.insert(name.get_ref().as_ref().into(), person);
        }
    }
}

/// Reads `[hooks.NAME]`.
fn hooks(reader: &mut SectionReader<'_>, content: &TomlTable<'_>, config: &mut Config) {
    for entry @ (name, value) in content {
        let Some(keys) = value.get_ref().as_table() else {
            let help = "write `[hooks.NAME]`, and the keys below it";
            reader.wrong(value, &format!("`{}` in `hooks` is not a section", name.get_ref()), help);
            continue;
        };
        let Some(kind) = checked(reader, "hook", entry, keys, &hook::types()) else { continue };
        if !hook::check(reader, name, keys) {
            continue;
        }
        match HookConfig::read(kind, value) {
            Ok(Some(hook)) => drop(config.hooks.insert(name.get_ref().as_ref().into(), hook)),
            Ok(None) => {}
            Err(error) => reader.unfit(value.span(), &error),
        }
    }
}

/// The type of a section, if the type and all keys are right.
fn checked(
    reader: &mut SectionReader<'_>,
    what: &str,
    (name, _): TableEntry<'_, '_>,
    content: &TomlTable<'_>,
    types: &[(&'static str, &'static [Key])],
) -> Option<&'static str> {
    let (kind, keys) = type_of(reader, what, name, content, types)?;
    let mut right = check_keys(reader, content, keys, true);
    for key in keys.iter().filter(|key| key.required && !content.contains_key(key.name)) {
        right = false;
        let message = format!("the {what} `{}` has no `{}`", name.get_ref(), key.name);
        reader.push(
            Diagnostic::new(
                Code::CONFIG_MISSING_KEY,
                message,
                reader.place(name),
                format!("`{kind}` needs it"),
            )
            .help(format!(
                "add `{} = …` with {}: {}",
                key.name,
                key.kind.in_words(),
                key.meaning
            )),
        );
    }
    right.then_some(kind)
}
