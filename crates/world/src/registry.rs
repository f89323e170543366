//! The kinds of connections, family by family: one array each, and a kind is one line in it.
//!
//! A [`ConnectionKind`] says what `rbl.toml` may write for it ([`KindDescription`]) and makes a connection from its section.
//! [`kinds`] hands the descriptions of all four families to the reader of `rbl.toml`, the checks, `rbl connections --kinds`
//! and the reference in `docs/`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rbl_check::{Family, KindDescription};
use rbl_syntax::tree::MetricType;
use toml::de::{Error, ValueDeserializer};

use crate::{channel, executor, provider, team};

/// A kind of connection of one family, which is made as a `T`.
pub struct ConnectionKind<T: ?Sized> {
    /// What it is called and which keys it takes.
    pub description: KindDescription,
    /// Makes one from its section; relative paths are relative to the directory of `rbl.toml`. Called at the start of every
    /// command, so it costs nothing: connections, certificates and files wait until they are used.
    pub configure: fn(ValueDeserializer<'_>, &Path) -> Result<Arc<T>, Error>,
}

/// Finds a kind by its name.
pub(crate) fn kind<T: ?Sized>(
    kinds: &'static [ConnectionKind<T>],
    name: &str,
) -> Option<&'static ConnectionKind<T>> {
    kinds.iter().find(|one| one.description.kind == name)
}

/// The types of metric that each kind of provider reads, by the name of the kind.
pub fn metric_types() -> BTreeMap<&'static str, &'static [MetricType]> {
    provider::KINDS.iter().map(|kind| (kind.description.kind, kind.description.metrics)).collect()
}

/// The descriptions of every kind, family by family.
pub fn kinds() -> Vec<KindDescription> {
    fn of<T: ?Sized>(
        kinds: &'static [ConnectionKind<T>],
        family: Family,
    ) -> impl Iterator<Item = KindDescription> {
        debug_assert!(kinds.iter().all(|one| one.description.family == family));
        kinds.iter().map(|one| one.description)
    }
    of(provider::KINDS, Family::Provider)
        .chain(of(executor::KINDS, Family::Executor))
        .chain(of(team::KINDS, Family::Team))
        .chain(of(channel::KINDS, Family::Channel))
        .collect()
}
