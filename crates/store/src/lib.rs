//! [`Sqlite`]: runs in one SQLite file on this machine. Several processes may use it at once, one writes at a time, and
//! every commit is durable.
//!
//! *Invariant:* a process that holds a run holds an advisory lock on a file of its own ([`lock`]), which the system
//! releases the moment the process ends: a run whose process died is known at once, and a run that is held is never
//! taken away. A lease that has ended is still detected by the epoch in the run's row. So a lease has no expiry to
//! extend ([`Store::leases_expire`](rbl_runtime::journal::Store::leases_expire) is false): `ttl` is ignored here, and a process that holds a run need not call `renew`, however long one of its actions
//! takes.

#![allow(clippy::disallowed_methods)] // files and the clock may be used here

mod connection;
mod error;
#[cfg(debug_assertions)]
mod fault;
mod folder;
mod lock;
mod reader;
mod row;
mod schema;
mod store;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use smol_str::SmolStr;

use self::lock::RunLock;
use rbl_runtime::journal::{Epoch, StoreError};

pub use self::reader::SqliteReader;

/// The runs of this machine, to run them. To read them only, there is [`SqliteReader`].
#[derive(Debug)]
pub struct Sqlite {
    folder: PathBuf,
    connection: Mutex<Connection>,
    /// The locks of the runs held through this handle.
    held: Mutex<HashMap<SmolStr, (Epoch, RunLock)>>,
}

impl Sqlite {
    /// Opens the journal in a folder; creates both if they do not exist, readable only by their owner.
    ///
    /// Errors: it cannot be written ([`StoreError::Unavailable`]), it is not a journal or damaged
    /// ([`StoreError::Corrupt`]), or it was written by a newer rbl.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        folder::make(folder)?;
        let connection = connection::to_write(folder)?;
        Ok(Self { folder: folder.to_owned(), connection: Mutex::new(connection), held: Mutex::default() })
    }

    /// The journal file in this folder.
    pub fn file(folder: &Path) -> PathBuf {
        folder.join(folder::JOURNAL)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction interrupted by a panic was rolled back when it was dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<SmolStr, (Epoch, RunLock)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self, error: &rusqlite::Error) -> StoreError {
        error::store_error(error, &Self::file(&self.folder))
    }
}
