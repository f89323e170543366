//! `[executors.NAME]`, `[ssh]` and `[shell]` of `rbl.toml`.

use serde::Deserialize;

use crate::world::setting::{Bytes, Key, KeyKind, Seconds};

/// An executor of `define … as EXECUTOR "…"`. There is none yet: commands and instructions need no section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecutorConfig {}

/// The keys of each type of executor.
pub const TYPES: &[(&str, &[Key])] = &[];

/// How `on HOST` reaches a machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "snake_case")]
pub struct SshConfig {
    /// The program, as it is found on the path or by its own.
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

/// How commands run.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default)]
pub struct ShellConfig {
    /// How long a command may take that says no `within`.
    pub within: Seconds,
    /// How much of what a command prints is kept.
    pub output: Bytes,
}

impl Default for ShellConfig {
    fn default() -> Self {
        Self { within: Seconds(600.0), output: Bytes(1_000_000) }
    }
}

/// The keys of `[shell]`.
pub const SHELL_KEYS: &[Key] = &[
    Key::optional("within", KeyKind::Duration, "10m", "how long a command may take that says no `within`"),
    Key::optional("output", KeyKind::Data, "1MB", "how much of what a command prints is kept"),
];
