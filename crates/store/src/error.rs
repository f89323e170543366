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
