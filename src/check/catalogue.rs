//! The names that are configured, as plain data: what a check of names needs to know of `rbl.toml`.

use std::collections::{BTreeMap, BTreeSet};

/// The configured names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Each provider's name and its kind (`prometheus`, `host`, `file`, `exec`, `http`). `host` and `file` are always there.
    pub providers: BTreeMap<String, String>,
    /// The executors of `define … as EXECUTOR "…"`.
    pub executors: BTreeSet<String>,
    /// The teams of `escalate to`, `owner` and `by`.
    pub teams: BTreeSet<String>,
    /// The channels of `record … to`.
    pub channels: BTreeSet<String>,
    /// Whether there is an `rbl.toml` at all: without one, every team and channel is this terminal.
    pub configured: bool,
}
