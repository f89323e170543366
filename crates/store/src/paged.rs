//! Whether the owner of a run was paged because nothing could be recorded: an empty file beside the lock of the run.
//!
//! *Why an empty file:* it has to be kept where the disk is full. An empty file needs no space for its content, only a
//! name, which most file systems have room for even then. Where it cannot be made, the owner is paged again.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rbl_syntax::value::Time;

/// Notes that the owner was paged now; returns whether that is kept.
pub(super) fn note(path: &Path) -> bool {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).is_ok()
}

/// When the owner was paged; `None`: they were not, or something was recorded since.
pub(super) fn at(path: &Path) -> Option<Time> {
    let made = std::fs::metadata(path).and_then(|note| note.modified()).ok()?;
    jiff::Timestamp::try_from(made).ok().map(Time)
}

/// Removes the note.
pub(super) fn forget(path: &Path) {
    // What could not be removed keeps a second page from being sent, until the next time that it can be.
    drop(std::fs::remove_file(path));
}
