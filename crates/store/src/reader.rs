//! Reads the runs of this machine. Never writes, and never keeps a process from holding a run.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ToSql};

use super::lock::is_held;
use super::row::{self, STANDING, SUMMARY};
use super::{Sqlite, connection, error, folder};
use rbl_runtime::journal::{Filter, JournalRecord, RunQuery, RunSummary, Signal, StoreError};

/// Read access to the runs of this machine.
#[derive(Debug)]
pub struct SqliteReader {
    folder: PathBuf,
    /// `None` where there is no journal.
    connection: Option<Connection>,
}

impl SqliteReader {
    /// Opens the journal in a folder; a missing one has no runs.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self { folder: folder.to_owned(), connection: connection::open_read_only(folder)? })
    }

    fn summaries(
        &self,
        condition: &str,
        parameters: &[&dyn ToSql],
        most: usize,
        takes: impl Fn(&RunSummary) -> bool,
    ) -> Result<Vec<RunSummary>, StoreError> {
        let Some(connection) = &self.connection else { return Ok(Vec::new()) };
        let listed = || {
            let sql = format!("SELECT {SUMMARY}, {STANDING} FROM run {condition} ORDER BY id DESC");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(parameters)?;
            let mut found = Vec::new();
            while found.len() < most
                && let Some(row) = rows.next()?
            {
                // Where the lock cannot be checked, the run's row counts: the run is held.
                let lives = |id| is_held(&folder::lock(&self.folder, id)).unwrap_or(true);
                let summary = row::summary(row, lives)?;
                if takes(&summary) {
                    found.push(summary);
                }
            }
            Ok(found)
        };
        listed().map_err(|error| self.trouble(&error))
    }

    fn trouble(&self, error: &rusqlite::Error) -> StoreError {
        error::store_error(error, &Sqlite::file(&self.folder))
    }
}

impl RunQuery for SqliteReader {
    fn list(&self, filter: &Filter) -> Result<Vec<RunSummary>, StoreError> {
        self.summaries("", &[], filter.limit.unwrap_or(usize::MAX), |run| filter.takes(run))
    }

    fn find(&self, beginning: &str, limit: usize) -> Result<Vec<RunSummary>, StoreError> {
        // Not LIKE: in a run id `_` and `%` stand for themselves.
        self.summaries("WHERE substr(run, 1, length(?1)) = ?1", &[&beginning], limit, |_| true)
    }

    fn read(&self, run: &str) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        let none = || StoreError::NoSuchRun(run.into());
        let Some(connection) = &self.connection else { return Err(none()) };
        let read = || {
            // One transaction: records and signals of the same moment.
            let transaction = connection.unchecked_transaction()?;
            let Some((id, _)) = row::find(&transaction, run)? else { return Ok(None) };
            Ok(Some((row::records(&transaction, id, 0)?, row::signals(&transaction, id)?)))
        };
        read().map_err(|error| self.trouble(&error))?.ok_or_else(none)
    }
}
