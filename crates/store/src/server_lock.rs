//! [`ServerLock`]: held by the one server that executes the runs of a folder, for as long as its process lives.

use std::path::Path;

use super::lock::{RunLock, is_held};
use rbl_runtime::journal::StoreError;

/// The file of the lock, in the folder of the journal.
const FILE: &str = "server.lock";

/// Held until it is dropped, or the process ends.
#[derive(Debug)]
pub struct ServerLock {
    _lock: RunLock,
}

impl ServerLock {
    /// Takes the lock of this folder, which has to be there; `None`: another process has it.
    pub fn take(folder: &Path) -> Result<Option<Self>, StoreError> {
        Ok(RunLock::take(folder.join(FILE))?.map(|lock| Self { _lock: lock }))
    }

    /// Whether a server lives that executes the runs of this folder.
    pub fn is_held(folder: &Path) -> Result<bool, StoreError> {
        is_held(&folder.join(FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!ServerLock::is_held(folder.path()).unwrap());
        let lock = ServerLock::take(folder.path()).unwrap().unwrap();
        assert!(ServerLock::is_held(folder.path()).unwrap());
        assert!(ServerLock::take(folder.path()).unwrap().is_none());
        drop(lock);
        assert!(!ServerLock::is_held(folder.path()).unwrap());
    }
}
