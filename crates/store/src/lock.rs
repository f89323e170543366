//! The lock of a run: an advisory lock on a file of its own, released when the process that holds it ends, in any way.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::folder::cannot;
use rbl_runtime::journal::StoreError;

/// Held until it is dropped, or the process ends.
#[derive(Debug)]
pub(super) struct RunLock {
    path: PathBuf,
    /// This open file holds the lock.
    _file: File,
}

impl RunLock {
    /// Its file, named for the number of the run.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock; `None` if another process holds it.
    pub(super) fn take(path: PathBuf) -> Result<Option<Self>, StoreError> {
        loop {
            let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path);
            let file = file.map_err(|why| cannot("write", &path, &why))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(why)) => return Err(no_locks(&path, &why)),
            }
            // The previous holder removed the file: then this locks nothing, and the next attempt creates a new file.
            if is_named(&file, &path) {
                return Ok(Some(Self { path, _file: file }));
            }
        }
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Removed while the lock is held, so that nobody can find it and lock it in between. A file that is left over
        // is taken over by the next process that runs this run.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether a process holds the lock. Never waits, and holds the lock itself only for a moment.
pub(super) fn is_held(path: &Path) -> Result<bool, StoreError> {
    loop {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(why) if why.kind() == ErrorKind::NotFound => return Ok(false),
            Err(why) => return Err(cannot("read", path, &why)),
        };
        match file.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(true),
            Err(TryLockError::Error(why)) => return Err(no_locks(path, &why)),
        }
        if is_named(&file, path) {
            return Ok(false);
        }
    }
}

fn is_named(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(file), Ok(named)) => (file.dev(), file.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn no_locks(path: &Path, why: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!(
        "cannot lock {}: {why}; the journal needs a disk of this machine, not one over the network: set `path` of \
         `[store]` in rbl.toml",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1");
        assert!(!is_held(&path).unwrap());
        let lock = RunLock::take(path.clone()).unwrap().unwrap();
        assert!(is_held(&path).unwrap());
        assert!(RunLock::take(path.clone()).unwrap().is_none());
        drop(lock);
        assert!(!path.exists(), "nothing is left behind");
        assert!(!is_held(&path).unwrap());
        // What a process that died left behind.
        std::fs::write(&path, "").unwrap();
        assert!(!is_held(&path).unwrap());
        assert!(RunLock::take(path).unwrap().is_some());
    }

    #[test]
    fn of_many_at_once_one_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1");
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..300 {
                        if let Some(lock) = RunLock::take(path.clone()).unwrap() {
                            assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                            inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn a_disk_without_locks_is_told_with_what_to_do() {
        let why = std::io::Error::from_raw_os_error(rustix::io::Errno::NOLCK.raw_os_error());
        let StoreError::Unavailable(words) = no_locks(Path::new("/mnt/x/locks/1"), &why) else { panic!() };
        assert!(words.starts_with("cannot lock /mnt/x/locks/1: No locks available"), "{words}");
        assert!(words.contains("[store]"), "{words}");
    }
}
