//! [`Sqlite::copy`]: a whole journal, as it is at one moment, in another folder.

use std::fs::File;
use std::path::Path;

use super::folder::{self, cannot};
use super::{Sqlite, connection, error};
use rbl_runtime::journal::StoreError;

/// The file that is written, before it becomes the journal.
const PART: &str = "journal.copy";

impl Sqlite {
    /// Copies everything that the journal in a folder holds at this moment into another folder, which has none. Other processes
    /// may use the first one meanwhile.
    ///
    /// Errors: there is a journal already, there is none to copy, or no room. Nothing is left behind then.
    pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
        let source = connection::open_read_only(from)?;
        let source = source
            .ok_or_else(|| StoreError::Unavailable(format!("there is no journal in {}", from.display())))?;
        let target = Self::file(to);
        if target.exists() {
            return Err(StoreError::Unavailable(format!(
                "there is a journal in {} already: copy to a folder without one, or move that one away",
                to.display()
            )));
        }
        std::fs::create_dir_all(to).map_err(|why| cannot("make the folder", to, &why))?;
        let part = to.join(PART);
        let copied = written(&source, from, &part).and_then(|()| {
            std::fs::rename(&part, &target).map_err(|why| cannot("write", &target, &why))?;
            let folder = File::open(to).and_then(|folder| folder.sync_all());
            folder.map_err(|why| cannot("write", to, &why))
        });
        if copied.is_err() {
            drop(std::fs::remove_file(&part));
            return copied;
        }
        // What a run that was cut off may have left running on this machine is noted beside the journal.
        let processes = from.join(folder::PROCESSES);
        let beside = to.join(folder::PROCESSES);
        let notes = std::fs::read_dir(&processes).into_iter().flatten().filter_map(Result::ok);
        for note in notes {
            std::fs::create_dir_all(&beside).map_err(|why| cannot("make the folder", &beside, &why))?;
            let target = beside.join(note.file_name());
            std::fs::copy(note.path(), &target).map_err(|why| cannot("write", &target, &why))?;
        }
        // Made as a new one is: its other folders, its log, readable only by its owner.
        Self::open(to).map(drop)
    }
}

/// Writes a copy, durable.
fn written(source: &rusqlite::Connection, from: &Path, part: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // One that was interrupted before may have left this behind.
    drop(std::fs::remove_file(part));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(part);
    made.map_err(|why| cannot("write", part, &why))?;
    let name = part.to_string_lossy().into_owned();
    source.execute("VACUUM INTO ?1", [&name]).map_err(|why| error::store_error(&why, &Sqlite::file(from)))?;
    File::open(part).and_then(|file| file.sync_all()).map_err(|why| cannot("write", part, &why))
}
