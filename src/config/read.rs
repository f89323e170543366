//! Reads the whole file: its sections, and the entries of each section.

use std::path::Path;

use serde::Deserialize;
use smol_str::SmolStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::section::{Reader, check_keys, type_of};
use super::store::{STORE_KEYS, StoreConfig};
use super::{Config, ConfiguredProvider};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Source, SourceId};
use crate::world::provider::{self, provider_type};
use crate::world::setting::Key;
use crate::world::{channel, executor, team};

/// The known sections.
const SECTIONS: &[&str] = &["providers", "executors", "teams", "channels", "ssh", "store"];

type Table<'a> = DeTable<'a>;
type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

/// The configuration, or all mistakes in the order of the text.
pub(super) fn config(source: &Source, id: SourceId, base: &Path) -> Result<Config, Vec<Diagnostic>> {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    let mut reader = Reader::new(source.text(), id);
    for error in &errors {
        reader.syntax(error);
    }
    reader.written_secrets();
    if !errors.is_empty() {
        return Err(reader.finish());
    }
    let mut config = Config { configured: true, ..Config::built_in(base) };
    for (name, value) in table.get_ref() {
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
        match section {
            "ssh" => {
                config.ssh =
                    plain(&mut reader, value, content, executor::config::SSH_KEYS).unwrap_or(config.ssh);
            }
            "store" => {
                let written = plain(&mut reader, value, content, STORE_KEYS);
                config.store = StoreConfig::new(written.unwrap_or_default(), base);
            }
            _ => named(&mut reader, section, content, &mut config, base),
        }
    }
    if reader.is_clean() { Ok(config) } else { Err(reader.finish()) }
}

/// Reads a section with keys of its own: `[ssh]`, `[store]`.
fn plain<T: for<'de> Deserialize<'de>>(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    content: &Table<'_>,
    keys: &'static [Key],
) -> Option<T> {
    if !check_keys(reader, content, keys, false) {
        return None;
    }
    reader.made(value, T::deserialize(ValueDeserializer::from(value.clone())))
}

/// Reads a section of named entries: `[teams.database]`.
fn named(reader: &mut Reader<'_>, section: &str, content: &Table<'_>, config: &mut Config, base: &Path) {
    for entry @ (name, value) in content {
        let Some(keys) = value.get_ref().as_table() else {
            let help = format!("write `[{section}.NAME]`, and the keys below it");
            reader.wrong(value, &format!("`{}` in `{section}` is not a section", name.get_ref()), &help);
            continue;
        };
        let written = SmolStr::from(name.get_ref().as_ref());
        match section {
            "providers" => {
                let types: Vec<_> = provider::TYPES.iter().map(|one| (one.kind, one.keys)).collect();
                let Some(kind) = checked(reader, "provider", entry, keys, &types).and_then(provider_type)
                else {
                    continue;
                };
                let made = (kind.configure)(ValueDeserializer::from(value.clone()), base);
                if let Some(provider) = reader.made(value, made) {
                    config.providers.insert(written, ConfiguredProvider { kind: kind.kind, provider });
                }
            }
            "teams" => {
                if checked(reader, "team", entry, keys, team::config::TYPES).is_some() {
                    let made = Deserialize::deserialize(ValueDeserializer::from(value.clone()));
                    config.teams.extend(reader.made(value, made).map(|team| (written, team)));
                }
            }
            "channels" => {
                if checked(reader, "channel", entry, keys, channel::config::TYPES).is_some() {
                    let made = Deserialize::deserialize(ValueDeserializer::from(value.clone()));
                    config.channels.extend(reader.made(value, made).map(|channel| (written, channel)));
                }
            }
            // There is no type of executor yet: every entry is reported.
            _ => {
                checked(reader, "executor", entry, keys, executor::config::TYPES);
            }
        }
    }
}

/// The type of a section, if the type and all keys are right.
fn checked(
    reader: &mut Reader<'_>,
    what: &str,
    (name, _): Entry<'_, '_>,
    content: &Table<'_>,
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
