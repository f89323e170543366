//! Runs kept in one SQLite file on this machine: several processes at once, one writer at a time, durable at every
//! commit.
//!
//! *Invariant:* whoever drives a run holds an advisory lock on a file of its own ([`lock`]), which the system gives back
//! the moment the process is gone: a run whose process died is known at once, and one that is driven is never taken
//! away. That a lease is over is told by the epoch in the run's row all the same. So a lease has no end that would have to be
//! put off: `ttl` counts for nothing here, and whoever drives a run, however long one of its actions takes, need not call
//! `renew`.

#![allow(clippy::disallowed_methods)] // files and the clock may be used here

mod connection;
#[cfg(debug_assertions)]
mod fault;
mod folder;
mod lock;
mod look;
mod row;
mod schema;
mod store;
mod trouble;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use smol_str::SmolStr;

use self::lock::RunLock;
use rbl_runtime::journal::{Epoch, StoreError};

pub use self::look::SqliteLook;

/// The runs of this machine, to drive them. To look at them only, there is [`SqliteLook`].
#[derive(Debug)]
pub struct Sqlite {
    folder: PathBuf,
    connection: Mutex<Connection>,
    /// The locks of the runs that are driven through this handle.
    held: Mutex<HashMap<SmolStr, (Epoch, RunLock)>>,
}

impl Sqlite {
    /// Opens the journal in a folder; makes both where they are not there, for nobody else to read.
    ///
    /// Errors: it cannot be written ([`StoreError::Unavailable`]), it is not a journal or damaged
    /// ([`StoreError::Corrupt`]), or it is a newer rbl's.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        folder::make(folder)?;
        let connection = connection::to_write(folder)?;
        Ok(Self { folder: folder.to_owned(), connection: Mutex::new(connection), held: Mutex::default() })
    }

    /// The file of a journal in this folder.
    pub fn file(folder: &Path) -> PathBuf {
        folder.join(folder::JOURNAL)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic broke off was rolled back when it was dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<SmolStr, (Epoch, RunLock)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self, error: &rusqlite::Error) -> StoreError {
        trouble::told(error, &Self::file(&self.folder))
    }
}
