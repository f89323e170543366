//! `[ssh]` of `rbl.toml`: how `on HOST` reaches a machine.

use rbl_check::{Key, KeyKind};
use serde::Deserialize;

/// The configuration of `on HOST`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "snake_case")]
pub struct SshConfig {
    /// The program, by name or path.
    pub command: String,
    /// Arguments before the host: `["-o", "BatchMode=yes"]`.
    pub options: Vec<String>,
}

impl Default for SshConfig {
    fn default() -> Self {
        Self { command: "ssh".into(), options: Vec::new() }
    }
}

/// The keys of `[ssh]`.
pub const SSH_KEYS: &[Key] = &[
    Key::optional("command", KeyKind::Plain, "ssh", "the program that reaches a host"),
    Key::optional("options", KeyKind::Words, "none", "arguments before the host"),
];
