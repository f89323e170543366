//! `[teams.NAME]` of `rbl.toml`.

use serde::Deserialize;

use crate::world::setting::{Key, KeyKind};

/// How a team is paged, and who belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum TeamConfig {
    /// Shows the page on the terminal, with a note that nobody else was notified.
    Terminal {
        /// Who may answer what is `by` this team; empty is anybody.
        #[serde(default)]
        members: Vec<String>,
    },
}

impl TeamConfig {
    /// Who may answer what is `by` this team; empty is anybody.
    pub fn members(&self) -> &[String] {
        match self {
            Self::Terminal { members } => members,
        }
    }
}

/// The keys of each type.
pub const TYPES: &[(&str, &[Key])] = &[(
    "terminal",
    &[Key::optional("members", KeyKind::Words, "anybody", "who may answer what is `by` this team")],
)];
