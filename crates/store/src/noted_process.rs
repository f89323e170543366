//! What the action that a run has begun has started: a small file for each run, beside its lock.
//!
//! *Why a file:* it is written while an action starts. A process lasts no longer than the machine is on, so its note need not be
//! synchronised with the disk, which is what most of a commit costs. An execution elsewhere outlives the machine, and its note too.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rbl_runtime::journal::{NotedWork, StoreError};

use super::folder::cannot;

/// The length of the file, filled up with blanks, so that one write replaces all of it. No note is nearly as long.
const LENGTH: usize = 4096;

/// Replaces the note.
pub(super) fn write(path: &Path, process: &NotedWork) -> Result<(), StoreError> {
    let mut text = serde_json::to_string(process).unwrap_or_default().into_bytes();
    if text.len() > LENGTH {
        return Ok(());
    }
    text.resize(LENGTH, b' ');
    let mut file = OpenOptions::new();
    let file = file.write(true).create(true).truncate(false).mode(0o600).open(path);
    let written = file.and_then(|mut file| {
        file.write_all(&text)?;
        if process.remote().is_some() { file.sync_data() } else { Ok(()) }
    });
    written.map_err(|why| cannot("write", path, &why))
}

/// The note; `None` where there is none, or one of another rbl.
pub(super) fn read(path: &Path) -> Result<Option<NotedWork>, StoreError> {
    match std::fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text).ok()),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(cannot("read", path, &why)),
    }
}

/// Removes the note, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(why) if why.kind() != ErrorKind::NotFound => Err(cannot("write", path, &why)),
        Ok(()) | Err(_) => Ok(()),
    }
}
