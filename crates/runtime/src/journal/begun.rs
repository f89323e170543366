//! [`Begun`]: the first entry of every run, with everything needed to walk it again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Alert;
use rbl_syntax::value::{Time, Value};

/// The inputs of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Begun {
    /// The version of the entry format; [`Self::FORMAT`] for entries this rbl wrote.
    pub format: u32,
    /// The version of rbl that wrote it.
    pub rbl: SmolStr,
    /// The run's id.
    pub run: SmolStr,
    /// Who started it.
    pub by: String,
    /// The source texts, the runbook's own first.
    pub sources: Vec<RecordedSource>,
    /// The kinds of the configured providers by name: queries are checked with them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub providers: BTreeMap<String, String>,
    /// The given parameters, by name.
    pub params: BTreeMap<SmolStr, Value>,
    /// The alert that started it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alert: Option<Alert>,
    /// When its schedule fired.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scheduled: Option<Time>,
    /// Whether every action is confirmed before it starts (`--confirm`): those questions are part of the run.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub confirm: bool,
}

impl Begun {
    /// The entry format that this rbl writes.
    pub const FORMAT: u32 = 1;
}

/// A source text of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedSource {
    /// Its name, as shown.
    pub name: SmolStr,
    /// Its permanent identity: see [`rbl_check::Loader`].
    pub identity: String,
    /// The text itself.
    pub text: String,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}
