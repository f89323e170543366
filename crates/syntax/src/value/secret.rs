//! Secrets are only ever references. The value is read outside, at the moment it is passed on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Stands in the place of a secret that was printed or answered. Where it comes from outside it is a part that is not known.
pub const MASK: &str = "•••";

/// Where a secret's value comes from. The value itself never enters a [`Value`](super::Value), an effect or an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretRef {
    /// An environment variable.
    Env(SmolStr),
    /// A file; the last line end is removed.
    File(SmolStr),
    /// What a command prints; the last line end is removed.
    Command(SecretCommand),
    /// Typed by a person in this run; the key identifies the answer in the world that holds it.
    Asked(SmolStr),
}

/// A command that prints a secret. No value is ever put into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SecretCommand {
    /// The command, for `/bin/sh`.
    pub command: SmolStr,
    /// The folder of the runbook, in which it runs; `None` is the current folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub folder: Option<SmolStr>,
}
