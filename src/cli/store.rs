//! The journal of this machine: where it is, and how its errors are reported.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rbl_engine::{Engine, EngineError};
use rbl_project::Refusal;
use rbl_runtime::journal::StoreError;
use rbl_store::{Sqlite, SqliteReader};
use rbl_world::Connections;

/// The folder of the journal: `path` of `[store]`, else `$XDG_STATE_HOME/rbl`, else `~/.local/state/rbl`.
pub(super) fn folder(config: &Connections) -> Result<PathBuf, Refusal> {
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

/// Opens the journal for reading.
pub(super) fn open_reader(folder: &Path) -> Result<SqliteReader, Refusal> {
    SqliteReader::open(folder).map_err(|why| refusal(&why))
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
