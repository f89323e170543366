//! [`WatchedFiles`]: the three files of the journal as they were when this process used them last.
//!
//! *Why:* an open file that was removed or replaced takes every write, and all of it is lost; in one that was cut short,
//! what was written before is lost. SQLite notices neither. The file of the index (`-shm`) is mapped into memory:
//! touching what was cut off there kills the process.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::file_identity::FileIdentity;
use super::folder::cannot;
use rbl_runtime::journal::StoreError;

/// What SQLite appends to the name of the database for its log, and for the index of the log.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// See the module.
#[derive(Debug)]
pub(super) struct WatchedFiles {
    /// The database and, where it has them, its log and its index.
    files: Vec<WatchedFile>,
    /// The index was cut short once: it is never touched again.
    is_index_cut: AtomicBool,
}

#[derive(Debug)]
struct WatchedFile {
    path: PathBuf,
    opened: FileIdentity,
    /// Its length when this process used it last, in bytes.
    length: AtomicU64,
    is_index: bool,
}

impl WatchedFiles {
    /// The files of a database that is open, so that SQLite has made what it needs.
    pub(super) fn of(database: &Path) -> Result<Self, StoreError> {
        let mut files = vec![WatchedFile::of(database, false)?];
        for end in BESIDE {
            let mut path = database.as_os_str().to_owned();
            path.push(end);
            // One that was opened where nothing can be written has none.
            if let Ok(file) = WatchedFile::of(Path::new(&path), end == "-shm") {
                files.push(file);
            }
        }
        Ok(Self { files, is_index_cut: AtomicBool::new(false) })
    }

    /// Looks at the files before they are used. The result: the first that is shorter than it was, if one is; what was
    /// written may be lost, or another program made it shorter in an orderly way.
    ///
    /// Errors: one was removed or replaced, or the index was cut short.
    pub(super) fn look(&self) -> Result<Option<&Path>, StoreError> {
        let mut shorter = None;
        for file in &self.files {
            let found = std::fs::metadata(&file.path);
            if file.is_index
                && (self.is_index_cut.load(Ordering::Relaxed)
                    || found.as_ref().is_ok_and(|found| file.is_shortened(found)))
            {
                self.is_index_cut.store(true, Ordering::Relaxed);
                return Err(unusable(&file.path, "cut short"));
            }
            match found {
                Ok(found) if !file.opened.is_of(&found) => {
                    return Err(unusable(&file.path, "replaced by another file"));
                }
                Ok(found) if file.is_shortened(&found) => shorter = shorter.or(Some(file.path.as_path())),
                Ok(found) => file.length.store(found.len(), Ordering::Relaxed),
                Err(why) if why.kind() == ErrorKind::NotFound => {
                    return Err(unusable(&file.path, "removed"));
                }
                Err(why) => return Err(cannot("read", &file.path, &why)),
            }
        }
        Ok(shorter)
    }

    /// Notes how long the files are after they were used.
    pub(super) fn used(&self) {
        for file in &self.files {
            if let Ok(found) = std::fs::metadata(&file.path) {
                file.length.fetch_max(found.len(), Ordering::Relaxed);
            }
        }
    }

    /// Takes the files as they are: what was written is in them, though they are shorter.
    pub(super) fn accept(&self) {
        for file in &self.files {
            if let Ok(found) = std::fs::metadata(&file.path) {
                file.length.store(found.len(), Ordering::Relaxed);
            }
        }
    }
}

impl WatchedFile {
    fn of(path: &Path, is_index: bool) -> Result<Self, StoreError> {
        let found = std::fs::metadata(path).map_err(|why| cannot("read", path, &why))?;
        Ok(Self {
            path: path.to_owned(),
            opened: FileIdentity::of(&found),
            length: AtomicU64::new(found.len()),
            is_index,
        })
    }

    fn is_shortened(&self, found: &Metadata) -> bool {
        self.opened.is_of(found) && found.len() < self.length.load(Ordering::Relaxed)
    }
}

fn unusable(path: &Path, what: &str) -> StoreError {
    StoreError::Unavailable(format!(
        "{} was {what} while it was in use, and nothing can be recorded there any more",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_replaced_or_shorter_is_noticed_and_what_comes_back_is_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [("j", "database"), ("j-wal", "log"), ("j-shm", "index")] {
            std::fs::write(at(name), text).unwrap();
        }
        let files = WatchedFiles::of(&at("j")).unwrap();
        assert_eq!(files.look().unwrap(), None);
        for name in ["j", "j-wal", "j-shm"] {
            std::fs::rename(at(name), at("away")).unwrap();
            let told = files.look().unwrap_err().to_string();
            assert!(told.contains(&format!("/{name} was removed while it was in use")), "{told}");
            std::fs::copy(at("away"), at(name)).unwrap();
            let told = files.look().unwrap_err().to_string();
            assert!(told.contains(&format!("/{name} was replaced by another file")), "{told}");
            std::fs::rename(at("away"), at(name)).unwrap();
            assert_eq!(files.look().unwrap(), None);
        }
        // A log that grows and is cut to what it was.
        std::fs::write(at("j-wal"), "longer log").unwrap();
        files.used();
        std::fs::write(at("j-wal"), "log").unwrap();
        assert_eq!(files.look().unwrap(), Some(at("j-wal").as_path()));
        files.accept();
        assert_eq!(files.look().unwrap(), None);
        // The index is never touched again, even where it grows again.
        std::fs::write(at("j-shm"), "").unwrap();
        assert!(files.look().unwrap_err().to_string().contains("j-shm was cut short"));
        std::fs::write(at("j-shm"), "index").unwrap();
        assert!(files.look().unwrap_err().to_string().contains("j-shm was cut short"));
    }
}
