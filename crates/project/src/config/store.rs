//! `[store]` of `rbl.toml`: the folder of the journal.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::DeTable;

use rbl_check::{Key, KeyKind};

use super::section::SectionReader;
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
    #[serde(default)]
    url: Option<Setting>,
}

/// The keys of `[store]`.
pub const STORE_KEYS: &[Key] = &[
    Key::optional(
        "path",
        KeyKind::Text,
        "`$XDG_STATE_HOME/rbl`, else `~/.local/state/rbl`",
        "the folder of the journal, on a disk of this machine",
    ),
    Key::optional("url", KeyKind::Text, "`path`", "the same as an address: `sqlite:FOLDER`"),
];

/// What a [`StoreConfig`] address begins with.
const SQLITE: &str = "sqlite:";

/// Reports two places for the journal.
pub(super) fn check(reader: &mut SectionReader<'_>, content: &DeTable<'_>) {
    if let (Some(_), Some((url, _))) = (content.get("path"), content.get_key_value("url")) {
        let help = "keep one of them: `path = \"FOLDER\"` is `url = \"sqlite:FOLDER\"`";
        reader.misplaced(url, "there are two places for the journal", "besides `path`", help);
    }
    if let Some((name, value)) = content.get_key_value("url")
        && let Some(Err(why)) = value.get_ref().as_str().map(folder_of)
    {
        reader.misplaced(name, "the journal cannot be kept there", "not an address rbl knows", &why);
    }
}

/// The folder that an address of a store names.
///
/// Errors: why there is none, in words.
fn folder_of(url: &str) -> Result<&str, String> {
    match url.strip_prefix(SQLITE) {
        Some("") => Err("write the folder behind it: `sqlite:FOLDER`".into()),
        Some(folder) => Ok(folder),
        None if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
            Err("runs cannot be kept in PostgreSQL yet: write `sqlite:FOLDER`".into())
        }
        None => Err("write `sqlite:FOLDER`".into()),
    }
}

impl StoreConfig {
    pub(super) fn new(written: StoreSection, base: &Path) -> Self {
        Self { written, base: base.to_owned() }
    }

    /// The folder that an address names, as `--store` gives it: `sqlite:FOLDER`.
    ///
    /// Errors: why there is none, in words.
    pub fn folder_at(url: &str) -> Result<PathBuf, String> {
        folder_of(url).map(PathBuf::from)
    }

    /// The configured folder; `None` where none is configured.
    ///
    /// Errors: the variable or the file it comes from cannot be read, or is empty.
    pub fn folder(&self) -> Result<Option<PathBuf>, String> {
        if let Some(url) = &self.written.url {
            let url = url.resolve(&self.base).map_err(|why| why.text)?;
            let folder = folder_of(&url).map_err(|why| format!("`url` of `[store]` in rbl.toml: {why}"))?;
            return Ok(Some(self.base.join(folder)));
        }
        let Some(path) = &self.written.path else { return Ok(None) };
        let path = path.resolve(&self.base).map_err(|why| why.text)?;
        if path.is_empty() {
            return Err("`path` of `[store]` in rbl.toml is empty".into());
        }
        Ok(Some(self.base.join(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(section: StoreSection) -> Result<Option<PathBuf>, String> {
        StoreConfig::new(section, Path::new("/etc/rbl")).folder()
    }

    #[test]
    fn an_address_names_a_folder() {
        let url = |text: &str| folder(StoreSection { url: Some(Setting::Text(text.into())), path: None });
        assert_eq!(url("sqlite:/var/lib/rbl"), Ok(Some("/var/lib/rbl".into())));
        assert_eq!(url("sqlite:runs"), Ok(Some("/etc/rbl/runs".into())));
        for refused in ["postgres://db/rbl", "postgresql://db", "sqlite:", "/var/lib/rbl"] {
            assert!(url(refused).unwrap_err().contains("sqlite:FOLDER"), "{refused}");
        }
        let path = StoreSection { path: Some(Setting::Text("runs".into())), url: None };
        assert_eq!(folder(path), Ok(Some("/etc/rbl/runs".into())));
        assert_eq!(folder(StoreSection::default()), Ok(None));
    }
}
