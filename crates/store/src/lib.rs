//! [`Sqlite`]: runs in one SQLite file on this machine. Several processes may use it at once, one writes at a time, and
//! what counts is durable when it is acknowledged ([`group_commit`]).
//!
//! *Invariant:* a process that holds a run holds an advisory lock on a file of its own ([`lock`]), which the system
//! releases the moment the process ends: a run whose process died is known at once, and a run that is held is never
//! taken away. A lease that has ended is still detected by the epoch in the run's row. So a lease has no expiry to
//! extend ([`Store::leases_expire`](rbl_runtime::journal::Store::leases_expire) is false): `ttl` is ignored here, and a process that holds a run need not call `renew`, however long one of its actions
//! takes.

#![allow(clippy::disallowed_methods)] // files and the clock may be used here

mod claiming;
mod connection;
mod copy;
mod duration_counts;
mod episodes;
mod error;
#[cfg(debug_assertions)]
mod fault;
mod figures;
mod file_identity;
mod folder;
mod freeze;
mod group_commit;
mod guards;
mod handled_alerts;
mod inbox;
mod load;
mod lock;
mod noted_process;
mod open_journal;
mod paged;
mod prune;
mod reader;
mod rehearsals;
mod row;
mod run_page;
mod schema;
mod server_lock;
mod server_log;
mod store;
mod tokens;
mod watched_files;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use smol_str::SmolStr;

use self::group_commit::CommitQueue;
use self::lock::RunLock;
use self::open_journal::OpenJournal;
use rbl_runtime::journal::{Epoch, StoreError};

pub use self::duration_counts::{DurationCounts, DurationHistogram};
pub use self::figures::JournalFigures;
pub use self::prune::Pruned;
pub use self::reader::SqliteReader;
pub use self::rehearsals::Rehearsal;
pub use self::run_page::RunStart;
pub use self::server_lock::ServerLock;
pub use self::server_log::{LoggedDeed, ServedText, ServerDeed, ServerLogEntry};
pub use self::tokens::AccessToken;

/// The bounds of how long transactions take, in seconds.
const COMMIT: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The runs of this machine, to run them. To read them only, there is [`SqliteReader`].
#[derive(Debug)]
pub struct Sqlite {
    folder: PathBuf,
    open: Mutex<OpenJournal>,
    /// The runs held through this handle.
    held: Mutex<HashMap<SmolStr, ClaimedLock>>,
    /// The runs that were given up, and from when on they are due again here.
    given_up: Mutex<HashMap<SmolStr, Instant>>,
    commits: DurationCounts,
    commits_of: CommitQueue,
}

/// A run that is held.
#[derive(Debug)]
struct ClaimedLock {
    epoch: Epoch,
    lock: RunLock,
    /// Whether its owner was paged because it could not be recorded, and nothing was recorded since.
    is_paged: bool,
}

impl Sqlite {
    /// Opens the journal in a folder; creates both if they do not exist, readable only by their owner.
    ///
    /// Errors: it cannot be written ([`StoreError::Unavailable`]), it is not a journal or damaged
    /// ([`StoreError::Corrupt`]), or it was written by a newer rbl.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        folder::make(folder)?;
        let open = OpenJournal::new(folder, connection::to_write(folder)?)?;
        Ok(Self {
            folder: folder.to_owned(),
            open: Mutex::new(open),
            held: Mutex::default(),
            given_up: Mutex::default(),
            commits: DurationCounts::new(&COMMIT),
            commits_of: CommitQueue::default(),
        })
    }

    /// The journal file in this folder.
    pub fn file(folder: &Path) -> PathBuf {
        folder.join(folder::JOURNAL)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<SmolStr, ClaimedLock>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn given_up(&self) -> MutexGuard<'_, HashMap<SmolStr, Instant>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self, error: &rusqlite::Error) -> StoreError {
        error::store_error(error, &Self::file(&self.folder))
    }
}
