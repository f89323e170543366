//! The configuration of a folder: the nearest `rbl.toml`, its contents, and the findings about it.

use std::path::Path;
use std::sync::Arc;

use crate::connections::Connections;
use rbl_check::Catalogue;
use rbl_project::Refusal;
use rbl_project::config::file;
use rbl_project::files::tidy;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId, Sources};

/// The configuration that applies to a folder.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The parsed configuration; `None` if it has errors.
    pub connections: Option<Connections>,
    /// The path of the file, as it is shown; `None` if there is no file.
    pub file: Option<String>,
    /// The text of the file.
    pub sources: Arc<Sources>,
    /// The findings about it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Configured {
    /// Reads the nearest `rbl.toml` upwards from a folder. Fails only if the file cannot be read, not if it has
    /// mistakes.
    pub fn find(folder: &Path) -> Result<Self, Refusal> {
        let found = file::find(folder);
        let mut sources = Sources::new();
        let Some(path) = found else {
            let connections = Some(Connections::built_in(folder));
            return Ok(Self { connections, file: None, sources: sources.into(), diagnostics: Vec::new() });
        };
        let text = file::read(&path).map_err(|why| Refusal::new(format!("cannot read {why}")))?;
        let shown = shown(&path);
        let source = Source::new(shown.as_str(), text);
        let id: SourceId = sources.add(source.clone());
        let base = path.parent().unwrap_or(Path::new("."));
        let (connections, diagnostics) = match Connections::read(&source, id, base) {
            Ok(connections) => (Some(connections), Vec::new()),
            Err(diagnostics) => (None, diagnostics),
        };
        Ok(Self { connections, file: Some(shown), sources: sources.into(), diagnostics })
    }

    /// Whether the file itself names an entry of the section.
    pub fn names_entry(&self, section: &str, name: &str) -> bool {
        self.entry(section, name).is_some()
    }

    fn entry(&self, section: &str, name: &str) -> Option<toml::Value> {
        let (_, source) = self.sources.iter().next()?;
        let table: toml::Table = source.text().parse().ok()?;
        table.get(section)?.get(name).cloned()
    }

    /// The names that a check needs to know.
    pub fn catalogue(&self) -> Catalogue {
        self.connections.as_ref().map(Connections::catalogue).unwrap_or_default()
    }
}

/// A path relative to the current folder, if that is shorter.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let from_here = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    tidy(from_here.unwrap_or(path)).to_string_lossy().into_owned()
}
