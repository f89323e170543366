//! `[store]` of `rbl.toml`: the folder of the journal.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use rbl_check::{Key, KeyKind};

use crate::setting::Setting;

/// The configured journal folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreConfig {
    written: StoreSection,
    /// The directory of `rbl.toml`.
    base: PathBuf,
}

/// The content of the section.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(super) struct StoreSection {
    #[serde(default)]
    path: Option<Setting>,
}

/// The keys of `[store]`.
pub const STORE_KEYS: &[Key] = &[Key::optional(
    "path",
    KeyKind::Text,
    "`$XDG_STATE_HOME/rbl`, else `~/.local/state/rbl`",
    "the folder of the journal, on a disk of this machine",
)];

impl StoreConfig {
    pub(super) fn new(written: StoreSection, base: &Path) -> Self {
        Self { written, base: base.to_owned() }
    }

    /// The configured folder; `None` where none is configured.
    ///
    /// Errors: the variable or the file it comes from cannot be read, or is empty.
    pub fn folder(&self) -> Result<Option<PathBuf>, String> {
        let Some(path) = &self.written.path else { return Ok(None) };
        let path = path.resolve(&self.base).map_err(|why| why.text)?;
        if path.is_empty() {
            return Err("`path` of `[store]` in rbl.toml is empty".into());
        }
        Ok(Some(self.base.join(path)))
    }
}
