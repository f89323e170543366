//! The first entry of every run: all that is needed to walk it again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Alert;
use rbl_syntax::value::{Time, Value};

/// With what a run began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Begun {
    /// The version of the form of these entries; [`Self::FORMAT`] where this rbl wrote them.
    pub format: u32,
    /// The version of rbl that wrote it.
    pub rbl: SmolStr,
    /// The run's id.
    pub run: SmolStr,
    /// Who started it.
    pub by: String,
    /// The texts it was made from, the runbook's own first.
    pub sources: Vec<RecordedSource>,
    /// The kinds of the providers that were configured, by name: queries are checked by them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub providers: BTreeMap<String, String>,
    /// The parameters that were given, by name.
    pub params: BTreeMap<SmolStr, Value>,
    /// The alert that started it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alert: Option<Alert>,
    /// When its schedule came round.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scheduled: Option<Time>,
    /// Whether every action is asked about before it is done (`--confirm`): those questions are part of the run.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub confirm: bool,
}

impl Begun {
    /// The form of the entries that this rbl writes.
    pub const FORMAT: u32 = 1;
}

/// A text that a run was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedSource {
    /// As it is shown.
    pub name: SmolStr,
    /// What names it for good: see [`rbl_check::Loader`].
    pub identity: String,
    /// The text itself.
    pub text: String,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}
