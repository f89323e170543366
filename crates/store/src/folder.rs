//! The folder of the journal, readable only by its owner.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rbl_runtime::journal::StoreError;
use rbl_syntax::io_error::{reading, writing};

/// The file in the folder. SQLite puts two more beside it, whose names begin with this one.
pub(super) const JOURNAL: &str = "journal.sqlite3";

/// The folder of the lock files of runs.
const LOCKS: &str = "locks";

/// The lock file of the run with this number.
pub(super) fn lock(folder: &Path, id: i64) -> PathBuf {
    // Not the run's name: a name can be anything, and a number is a file name on every system.
    folder.join(LOCKS).join(id.to_string())
}

/// Creates the folder, its parents, and the file, if they do not exist.
pub(super) fn make(folder: &Path) -> Result<(), StoreError> {
    let locks = folder.join(LOCKS);
    if !locks.is_dir() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&locks);
        made.map_err(|why| cannot("make the folder", &locks, &why))?;
        // The names of what was created have to be as durable as what will be written into it.
        for made in [folder.parent(), Some(folder)].into_iter().flatten() {
            let parent = if made.as_os_str().is_empty() { Path::new(".") } else { made };
            let _ = File::open(parent).and_then(|parent| parent.sync_all());
        }
    }
    let file = folder.join(JOURNAL);
    let opened = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&file);
    opened.map(drop).map_err(|why| cannot("write", &file, &why))
}

/// An error that says what is in the way, and what can be done about it.
pub(super) fn cannot(what: &str, path: &Path, why: &std::io::Error) -> StoreError {
    let words = if what == "read" { reading(why) } else { writing(why) };
    let advice = match why.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ": make room, then resume",
        _ => "",
    };
    StoreError::Unavailable(format!("cannot {what} {}: {words}{advice}", path.display()))
}
