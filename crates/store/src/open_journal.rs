//! [`OpenJournal`]: a connection to the database that is used only while its files are what they were.
//!
//! *Invariant:* nothing is read or written over files that another program removed, replaced or cut short, as far as that
//! can be seen before. Between the look and the use another program may do so all the same.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use smol_str::SmolStr;

use super::group_commit::CommitGroup;
use super::watched_files::WatchedFiles;
use super::{Sqlite, SqliteReader};
use rbl_runtime::journal::{RunQuery, StoreError, verify};

/// See the module.
#[derive(Debug)]
pub(super) struct OpenJournal {
    folder: PathBuf,
    files: WatchedFiles,
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    /// The transaction that is open, if one is.
    pub(super) group: Option<CommitGroup>,
    /// Whether a commit is durable as the connection is set now.
    pub(super) is_durable: bool,
    /// What was recorded over this connection of the runs that are held: where their records end.
    written: BTreeMap<SmolStr, RecordedEnd>,
    /// What was recorded is lost, with how: it does not come back.
    lost: Option<StoreError>,
}

/// The end of the records of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RecordedEnd {
    length: u64,
    hash: String,
}

impl OpenJournal {
    /// Watches the files of this connection to the journal in a folder.
    pub(super) fn new(folder: &Path, connection: Connection) -> Result<Self, StoreError> {
        let files = WatchedFiles::of(&Sqlite::file(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            files,
            connection: Some(connection),
            group: None,
            is_durable: true,
            written: BTreeMap::new(),
            lost: None,
        })
    }

    /// The connection, to write. Where a file is shorter than it was, what was recorded is looked for first.
    pub(super) fn writable(&mut self) -> Result<&mut Connection, StoreError> {
        if let Some(lost) = &self.lost {
            return Err(lost.clone());
        }
        if let Some(shorter) = self.files.look()? {
            match self.is_all_there() {
                Ok(()) => self.files.accept(),
                Err(why) => {
                    let lost = StoreError::Corrupt(format!(
                        "{} was cut short while it was in use, and what was recorded there is lost ({why}): bring its folder back \
                         from a backup, or move it away",
                        shorter.display()
                    ));
                    self.lost = Some(lost.clone());
                    return Err(lost);
                }
            }
        }
        self.connection.as_mut().ok_or_else(closed)
    }

    /// The connection, to read.
    pub(super) fn readable(&self) -> Result<&Connection, StoreError> {
        if let Some(lost) = &self.lost {
            return Err(lost.clone());
        }
        // What is missing in a file that is shorter is an error when it is read.
        self.files.look()?;
        self.connection.as_ref().ok_or_else(closed)
    }

    /// The connection, within a transaction that was begun with [`Self::writable`].
    pub(super) fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(closed)
    }

    /// Notes how long the files are, after they were used.
    pub(super) fn used(&self) {
        self.files.used();
    }

    /// Notes where the records of a run end that was written.
    pub(super) fn wrote(&mut self, run: &SmolStr, length: u64, hash: &str) {
        self.written.insert(run.clone(), RecordedEnd { length, hash: hash.to_owned() });
    }

    /// Forgets a run that is not held any more.
    pub(super) fn forget(&mut self, run: &str) {
        self.written.remove(run);
    }

    /// Whether another connection, which has read nothing yet, finds what was recorded over this one, and a whole database.
    /// An error: it does not, and why.
    fn is_all_there(&self) -> Result<(), String> {
        let unreadable = |_| "it cannot be read any more".to_owned();
        let reader = SqliteReader::open(&self.folder).map_err(unreadable)?;
        for (run, end) in &self.written {
            let (records, _) = match reader.read(run) {
                Err(why @ StoreError::NoSuchRun(_)) => return Err(why.to_string()),
                read => read.map_err(unreadable)?,
            };
            verify(&records).map_err(|why| format!("run {run}: {why}"))?;
            let last = records.last().ok_or_else(|| format!("run {run} has no record"))?;
            if records.len() as u64 != end.length || last.hash != end.hash {
                let there = records.len();
                return Err(format!("of the {} records of run {run}, {there} are there", end.length));
            }
        }
        reader.is_whole()
    }
}

impl SqliteReader {
    /// Whether the pages of the database fit together; an error says what does not.
    fn is_whole(&self) -> Result<(), String> {
        let Some(connection) = self.connection().map_err(|why| why.to_string())? else {
            return Err("there is no journal any more".into());
        };
        let found = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match found.map_err(|why| why.to_string())?.as_str() {
            "ok" => Ok(()),
            why => Err(why.to_owned()),
        }
    }
}

impl Drop for OpenJournal {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // Closing it writes too, and removes the files of the log by their names: over files that are not its own it would
        // do harm, and over an index that was cut short the process would be killed. What is not closed ends with the process.
        if self.lost.is_some() || !matches!(self.files.look(), Ok(None)) {
            let _left_open = ManuallyDrop::new(connection);
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the journal is closed".into())
}
