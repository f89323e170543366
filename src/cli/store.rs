//! The journal of this machine: where it is, and how its errors are reported.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use rbl_engine::{Engine, EngineError};
use rbl_project::Refusal;
use rbl_project::config::StoreConfig;
use rbl_runtime::journal::StoreError;
use rbl_store::{ServerDeed, ServerLock, ServerLogEntry, Sqlite, SqliteReader};
use rbl_world::Connections;

/// `--store`, of every command that reads runs.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StoreArgument {
    /// Where the runs are, instead of `[store]` in rbl.toml: `sqlite:FOLDER`
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
}

/// The folder of the journal: `--store`, else `url` or `path` of `[store]`, else `$XDG_STATE_HOME/rbl`, else `~/.local/state/rbl`.
pub(super) fn folder(config: &Connections, asked: &StoreArgument) -> Result<PathBuf, Refusal> {
    if let Some(url) = &asked.store {
        return StoreConfig::folder_at(url).map_err(|why| Refusal::new(format!("`--store {url}`: {why}")));
    }
    let env = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    match config.store.folder() {
        Ok(Some(folder)) => Ok(folder),
        Ok(None) => chosen(env("XDG_STATE_HOME"), env("HOME")),
        Err(why) => Err(Refusal::new(format!("there is no place for the journal: {why}"))),
    }
}

/// The folder that the environment gives. A relative `XDG_STATE_HOME` is ignored, as its specification says.
fn chosen(state: Option<PathBuf>, home: Option<PathBuf>) -> Result<PathBuf, Refusal> {
    state
        .filter(|path| path.is_absolute())
        .or_else(|| home.map(|home| home.join(".local/state")))
        .map(|state| state.join("rbl"))
        .ok_or_else(|| {
            Refusal::new("there is no place for the journal: neither XDG_STATE_HOME nor HOME is set")
                .help("say where: `[store]` with `path = \"FOLDER\"` in rbl.toml")
        })
}

/// Opens the journal for running.
pub(super) fn engine(folder: &Path) -> Result<Engine, Refusal> {
    let store = Sqlite::open(folder).map_err(|why| refusal(&why))?;
    Ok(Engine::new(Arc::new(store)))
}

/// Adds to the log of the server.
pub(super) fn log(journal: &Sqlite, deed: ServerDeed, by: &str, about: String) -> Result<(), Refusal> {
    let entry = ServerLogEntry { deed, by: by.into(), about, texts: Vec::new() };
    journal.log(&entry, rbl_world::clock::now()).map_err(|why| refusal(&why))
}

/// Opens the journal for reading.
pub(super) fn open_reader(folder: &Path) -> Result<SqliteReader, Refusal> {
    SqliteReader::open(folder).map_err(|why| refusal(&why))
}

/// Whether a server lives that executes the runs of this journal: then a command only sends a signal.
pub(super) fn has_server(folder: &Path) -> Result<bool, Refusal> {
    ServerLock::is_held(folder).map_err(|why| refusal(&why))
}

/// Converts an error of the journal to a refusal.
pub(super) fn refusal(why: &StoreError) -> Refusal {
    EngineError::from(why.clone()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_folder_then_home() {
        let path = |text: &str| Some(PathBuf::from(text));
        let chosen = |state, home| chosen(state, home).map(|it| it.to_string_lossy().into_owned());
        assert_eq!(chosen(path("/state"), path("/home/ana")).unwrap(), "/state/rbl");
        assert_eq!(chosen(None, path("/home/ana")).unwrap(), "/home/ana/.local/state/rbl");
        assert_eq!(chosen(path("state"), path("/home/ana")).unwrap(), "/home/ana/.local/state/rbl");
        assert!(chosen(None, None).unwrap_err().to_string().contains("[store]"));
    }
}
