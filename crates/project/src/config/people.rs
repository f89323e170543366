//! `[people.NAME]` of `rbl.toml`: a person's names elsewhere; and what the teams say of people, of channels and of each other.

use rbl_check::{Family, Key, KeyKind};
use rbl_syntax::diagnostic::{Safety, did_you_mean};
use serde::Deserialize;
use smol_str::SmolStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::section::SectionReader;

/// The names of a person elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PersonConfig {
    /// Where they sign in.
    pub sign_in: Option<String>,
    /// Their id in Slack.
    pub slack: Option<String>,
    /// Their address in Matrix.
    pub matrix: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
}

/// The keys of `[people.NAME]`.
pub const PERSON_KEYS: &[Key] = &[
    Key::optional("sign_in", KeyKind::Plain, "none", "the name with which they sign in elsewhere"),
    Key::optional("slack", KeyKind::Plain, "none", "their id in Slack, like `U024BE7LH`"),
    Key::optional("matrix", KeyKind::Plain, "none", "their address in Matrix, like `@ana:example.com`"),
    Key::optional("email", KeyKind::Plain, "none", "their mail address"),
];

/// The key of `[teams]` that is not the name of a team.
pub(super) const FALLBACK: &str = "fallback";

/// What `[teams] fallback` names, and where.
pub(super) fn fallback<'a, 'i>(teams: &'a DeTable<'i>) -> Option<&'a Spanned<DeValue<'i>>> {
    let (_, value) = teams.get_key_value(FALLBACK)?;
    value.get_ref().as_table().is_none().then_some(value)
}

/// Checks that the teams name people, channels and teams that there are, and that what they ask of people can be had.
pub(super) fn check(reader: &mut SectionReader<'_>, teams: &DeTable<'_>, config: &Config) {
    if let Some(value) = fallback(teams) {
        named(reader, "fallback", value, Family::Team, config, None);
    }
    for (name, content) in teams {
        let Some(content) = content.get_ref().as_table() else { continue };
        let team = name.get_ref().as_ref();
        if let Some((_, value)) = content.get_key_value("asks") {
            named(reader, "asks", value, Family::Channel, config, None);
        }
        if let Some((_, value)) = content.get_key_value("fallback") {
            named(reader, "fallback", value, Family::Team, config, Some(team));
        }
        let then = content.get("then").and_then(|it| it.get_ref().as_array());
        for value in then.into_iter().flatten() {
            named(reader, "then", value, Family::Team, config, Some(team));
        }
        members(reader, content, config);
    }
}

/// A key that names a channel or a team. `own`: the team that it belongs to.
fn named(
    reader: &mut SectionReader<'_>,
    key: &str,
    value: &Spanned<DeValue<'_>>,
    family: Family,
    config: &Config,
    own: Option<&str>,
) {
    let Some(name) = value.get_ref().as_str() else {
        let message = format!("`{key}` names a {}", family.word());
        return reader.wrong(value, &message, &format!("write its name: {key} = \"NAME\""));
    };
    if own == Some(name) {
        let help = "name another team: it is paged where this one cannot be reached";
        return reader.unfitting(value, &format!("`{name}` is its own fallback"), "the team itself", help);
    }
    if config.sections.contains_key(&(family, SmolStr::from(name))) {
        return;
    }
    let known = config.sections.keys().filter(|(one, _)| *one == family).map(|(_, name)| name.as_str());
    let what = family.word();
    let otherwise = format!("add `[{}.{name}]`, or name a {what} that there is", family.section());
    unknown(reader, value, &format!("there is no {what} `{name}`"), known, &otherwise);
}

/// A name that nothing has; the nearest one is offered.
fn unknown<'n>(
    reader: &mut SectionReader<'_>,
    value: &Spanned<DeValue<'_>>,
    message: &str,
    known: impl Iterator<Item = &'n str>,
    otherwise: &str,
) {
    let written = value.get_ref().as_str().unwrap_or_default();
    let near = did_you_mean(written, known).map(str::to_owned);
    let help = near.as_ref().map_or_else(|| otherwise.to_owned(), |near| format!("write \"{near}\""));
    let fix = near.map(|near| (format!("write `{near}`"), Safety::Choice, format!("\"{near}\"")));
    reader.wrong_name_fixed(value, message, &help, fix);
}

fn members(reader: &mut SectionReader<'_>, team: &DeTable<'_>, config: &Config) {
    let members = team.get("members").and_then(|it| it.get_ref().as_array());
    for member in members.into_iter().flatten() {
        let Some(name) = member.get_ref().as_str() else { continue };
        // Where nobody is described, members are names and nothing else.
        if config.people.is_empty() || config.people.contains_key(name) {
            continue;
        }
        let known = config.people.keys().map(SmolStr::as_str);
        let otherwise = format!("add `[people.{name}]`, or name somebody that there is");
        unknown(reader, member, &format!("there is nobody `{name}`"), known, &otherwise);
    }
    let count = members.map_or(0, |members| {
        let names: std::collections::BTreeSet<_> =
            members.iter().filter_map(|it| it.get_ref().as_str()).collect();
        names.len()
    });
    for key in ["quorum", "self_approval"] {
        if let Some((name, _)) = team.get_key_value(key)
            && count == 0
        {
            let help = "add `members = [\"NAME\"]`: without a list anybody answers, and nobody is told apart";
            reader.misplaced(name, &format!("there is a `{key}` and no `members`"), "of whom?", help);
        }
    }
    let quorum = team.get_key_value("quorum").and_then(|(name, value)| {
        let written = value.get_ref().as_integer()?;
        let number = i64::from_str_radix(&written.as_str().replace('_', ""), written.radix()).ok()?;
        Some((name, usize::try_from(number).ok()?))
    });
    if let Some((name, quorum)) = quorum
        && count > 0
        && quorum > count
    {
        let message = format!("{quorum} members have to approve, and there are {count}");
        reader.misplaced(name, &message, "never reached", &format!("write a number from 1 to {count}"));
    }
}
