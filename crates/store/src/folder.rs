//! The folder of the journal, readable only by its owner.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use rbl_runtime::journal::StoreError;
use rbl_syntax::io_error::{reading, writing};

/// The file in the folder. SQLite puts two more beside it, whose names begin with this one.
pub(super) const JOURNAL: &str = "journal.sqlite3";

/// The folder of the lock files of runs.
const LOCKS: &str = "locks";

/// The folder of the processes that are noted.
pub(super) const PROCESSES: &str = "processes";

/// The file of the process that is noted for the run with this lock file.
pub(super) fn process(folder: &Path, lock: &Path) -> PathBuf {
    folder.join(PROCESSES).join(lock.file_name().unwrap_or_default())
}

/// The lock file of the run with this number.
pub(super) fn lock(folder: &Path, id: i64) -> PathBuf {
    // Not the run's name: a name can be anything, and a number is a file name on every system.
    folder.join(LOCKS).join(id.to_string())
}

/// The file that says that the owner of the run with this lock file was paged because nothing could be recorded.
pub(super) fn paged(lock: &Path) -> PathBuf {
    let mut path = lock.as_os_str().to_owned();
    path.push("-paged");
    path.into()
}

/// Creates the folder, its parents, and the file, if they do not exist.
pub(super) fn make(folder: &Path) -> Result<(), StoreError> {
    let (locks, processes) = (folder.join(LOCKS), folder.join(PROCESSES));
    let is_new = !locks.is_dir();
    for inner in [&locks, &processes] {
        if !inner.is_dir() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(inner);
            made.map_err(|why| cannot("make the folder", inner, &why))?;
        }
    }
    if is_new {
        // The names of what was created have to be as durable as what will be written into it.
        for made in [folder.parent(), Some(folder)].into_iter().flatten() {
            let parent = if made.as_os_str().is_empty() { Path::new(".") } else { made };
            let _ = File::open(parent).and_then(|parent| parent.sync_all());
        }
    }
    let file = folder.join(JOURNAL);
    // One that exists is not opened: closing it would end the locks that SQLite has on it in this process, and another
    // process could then remove the log that is being written here.
    let made = match OpenOptions::new().append(true).create_new(true).mode(0o600).open(&file) {
        Err(why) if why.kind() == ErrorKind::AlreadyExists => writable(&file),
        made => made.map(drop),
    };
    made.map_err(|why| cannot("write", &file, &why))
}

/// Whether a file can be written; an error says why not.
fn writable(file: &Path) -> std::io::Result<()> {
    if std::fs::metadata(file)?.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    access(file, Access::WRITE_OK).map_err(Error::from)
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
