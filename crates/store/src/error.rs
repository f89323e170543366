//! Converts SQLite's errors to messages that a tired person can act on.

use std::path::Path;

use rusqlite::{Error, ErrorCode};

use rbl_runtime::journal::StoreError;

/// How long a process waits for another one that writes, in seconds.
pub(super) const PATIENCE: u64 = 5;

/// The error for a problem with the journal in this file.
pub(super) fn store_error(error: &Error, file: &Path) -> StoreError {
    let path = file.display();
    let code = match error {
        Error::SqliteFailure(failure, _) => failure.code,
        Error::SqlInputError { error, .. } => error.code,
        // What was read does not have the kind that was written: a value, its type or its bytes were changed.
        _ => return damaged(file, &error.to_string()),
    };
    let unavailable = |words: String| StoreError::Unavailable(words);
    match code {
        ErrorCode::DiskFull => unavailable(format!(
            "the disk is full, nothing more was written to {path}: make room, then resume"
        )),
        ErrorCode::ReadOnly => {
            unavailable(format!("{path} can only be read: it, its folder or its disk is write-protected"))
        }
        ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            unavailable(format!("{path} belongs to somebody else"))
        }
        ErrorCode::CannotOpen => unavailable(format!("cannot open {path}, or what SQLite keeps beside it")),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            unavailable(format!("another process has been writing to {path} for {PATIENCE} s: try again"))
        }
        ErrorCode::FileLockingProtocolFailed | ErrorCode::NoLargeFileSupport => {
            unavailable(format!("{path} cannot be locked: {NETWORK}"))
        }
        ErrorCode::SystemIoFailure if let Some(limit) = reached_limit(file) => unavailable(format!(
            "the files of this process may have at most {limit} bytes (`ulimit -f`), nothing more was written to {path}: raise \
             that limit"
        )),
        ErrorCode::SystemIoFailure => {
            unavailable(format!("{path} cannot be read or written: look at the disk ({error}); {NETWORK}"))
        }
        ErrorCode::OutOfMemory => unavailable(format!("there is no memory left to read {path}")),
        ErrorCode::OperationInterrupted | ErrorCode::OperationAborted => {
            unavailable(format!("writing to {path} was interrupted: try again"))
        }
        _ => damaged(file, &error.to_string()),
    }
}

/// The limit of this process on the length of a file, where the database or what SQLite keeps beside it has reached it.
fn reached_limit(file: &Path) -> Option<u64> {
    /// What SQLite writes at once, at least: a frame of the log, or a part of its index.
    const AT_ONCE: u64 = 32 * 1024;
    /// More than a new journal needs. Where one cannot be made, SQLite has removed what it began.
    const NEW: u64 = 1024 * 1024;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current?;
    let reached = limit < NEW
        || ["", "-wal", "-shm"].into_iter().any(|end| {
            let mut path = file.as_os_str().to_owned();
            path.push(end);
            std::fs::metadata(path).map_or(0, |found| found.len()).saturating_add(AT_ONCE) > limit
        });
    reached.then_some(limit)
}

/// The advice where locks or reads fail.
const NETWORK: &str = "the journal needs a disk of this machine, not one over the network";

/// The error for a file that cannot be trusted.
pub(super) fn damaged(file: &Path, why: &str) -> StoreError {
    StoreError::Corrupt(format!(
        "the journal {} is damaged ({why}): keep a copy of its folder, then bring it back from a backup, or move it away \
         to begin a new one",
        file.display()
    ))
}
