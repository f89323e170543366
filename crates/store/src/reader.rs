//! Reads the runs of this machine. Never writes, and never keeps a process from holding a run.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ToSql};

use super::lock::is_held;
use super::open_journal::OpenJournal;
use super::row::{self, STANDING, SUMMARY};
use super::{Sqlite, connection, error, folder, guards};
use rbl_runtime::journal::{
    Begun, Filter, JournalRecord, LockHolder, RunQuery, RunState, RunSummary, Signal, StoreError, TakeLock,
};
use rbl_syntax::value::Time;

/// Read access to the runs of this machine.
#[derive(Debug)]
pub struct SqliteReader {
    folder: PathBuf,
    /// `None` where there is no journal.
    pub(super) open: Option<OpenJournal>,
}

impl SqliteReader {
    /// Opens the journal in a folder; a missing one has no runs.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let connection = connection::open_read_only(folder)?;
        let open = connection.map(|connection| OpenJournal::new(folder, connection)).transpose()?;
        Ok(Self { folder: folder.to_owned(), open })
    }

    /// The connection; `None` where there is no journal.
    pub(super) fn connection(&self) -> Result<Option<&Connection>, StoreError> {
        self.open.as_ref().map(OpenJournal::readable).transpose()
    }

    /// The runs that meet a condition, of which these are looked at in this order.
    pub(super) fn summaries(
        &self,
        condition: &str,
        parameters: &[&dyn ToSql],
        most: usize,
        takes: impl Fn(&RunSummary) -> bool,
    ) -> Result<Vec<RunSummary>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        let listed = || {
            let sql = format!("SELECT {SUMMARY}, {STANDING} FROM run {condition} ORDER BY id DESC");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(parameters)?;
            let (mut found, mut queued) = (Vec::new(), Vec::new());
            while found.len() < most
                && let Some(row) = rows.next()?
            {
                // Where the lock cannot be checked, the run's row counts: the run is held.
                let lives = |id| is_held(&folder::lock(&self.folder, id)).unwrap_or(true);
                let mut summary = row::summary(connection, row, lives)?;
                if takes(&summary) {
                    // A run that has ended holds none.
                    if !matches!(summary.state, RunState::Ended { .. }) {
                        let names = guards::held_by(connection, &summary.run)?;
                        summary.locks =
                            names.iter().filter_map(|it| TakeLock::lock_of(it)).map(str::to_owned).collect();
                    }
                    if matches!(summary.state, RunState::Queued { .. }) {
                        queued.push((found.len(), row.get::<_, i64>("id")?));
                    }
                    found.push(summary);
                }
            }
            if !queued.is_empty() {
                let all = queue(connection)?;
                for (place, id) in queued {
                    if let Some(summary) = found.get_mut(place) {
                        summary.state = RunState::Queued { ahead: all.partition_point(|it| *it < id) as u64 };
                    }
                }
            }
            Ok(found)
        };
        listed().map_err(|error| self.trouble(&error))
    }

    /// The runs that are due, and that this rbl cannot execute: they have another format or edition.
    pub fn unclaimable(&self, now: Time) -> Result<Vec<RunSummary>, StoreError> {
        let condition = "WHERE (due <= ?1 OR state = 'driven') AND NOT (needs_format = ?2 AND language = ?3)";
        let (now, format, language) = (now.0.as_millisecond(), Begun::FORMAT, Begun::LANGUAGE);
        let is_left = |run: &RunSummary| !matches!(run.state, RunState::Running { .. });
        self.summaries(condition, &[&now, &format, &language], usize::MAX, is_left)
    }

    /// The number of the first run that began at this time or later, or a little earlier.
    fn first_since(&self, since: Time) -> Result<i64, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(0) };
        // The whole second: with a fraction behind it a time is a longer text, and the letter behind a time is greater than
        // the point before a fraction.
        let second = since.0.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let first = || {
            let mut first = connection.prepare_cached("SELECT min(+id) FROM run WHERE started >= ?1")?;
            first.query_row([second], |row| row.get::<_, Option<i64>>(0))
        };
        Ok(first().map_err(|error| self.trouble(&error))?.unwrap_or(i64::MAX))
    }

    pub(super) fn trouble(&self, error: &rusqlite::Error) -> StoreError {
        error::store_error(error, &Sqlite::file(&self.folder))
    }
}

impl RunQuery for SqliteReader {
    fn list(&self, filter: &Filter) -> Result<Vec<RunSummary>, StoreError> {
        // What the database can find by an index; what is found is then looked at as it would be without one.
        let state = filter.state.as_deref().map_or("", row::in_state);
        let first = match filter.since {
            Some(since) => self.first_since(since)?,
            None => 0,
        };
        let condition = format!("WHERE id >= ?1{state}");
        self.summaries(&condition, &[&first], filter.limit.unwrap_or(usize::MAX), |run| filter.takes(run))
    }

    fn find(&self, beginning: &str, limit: usize) -> Result<Vec<RunSummary>, StoreError> {
        // Not LIKE: in a run id `_` and `%` stand for themselves.
        self.summaries("WHERE substr(run, 1, length(?1)) = ?1", &[&beginning], limit, |_| true)
    }

    fn lock_holders(&self, name: &str) -> Result<Vec<LockHolder>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        holders(connection, &self.folder, &TakeLock::of_lock(name)).map_err(|error| self.trouble(&error))
    }

    fn read(&self, run: &str) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        let none = || StoreError::NoSuchRun(run.into());
        let Some(connection) = self.connection()? else { return Err(none()) };
        let read = || {
            // One transaction: records and signals of the same moment.
            let transaction = connection.unchecked_transaction()?;
            let Some((id, _)) = row::find(&transaction, run)? else { return Ok(None) };
            Ok(Some((row::records(&transaction, id, 0)?, row::signals(&transaction, id)?)))
        };
        read().map_err(|error| self.trouble(&error))?.ok_or_else(none)
    }
}

/// The runs that wait for a worker to begin them, in the order in which they began.
fn queue(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut queue = connection.prepare_cached("SELECT id FROM run WHERE state = 'new' ORDER BY id")?;
    queue.query_map([], |row| row.get(0))?.collect()
}

/// The runs that hold a lock, by the name under which it is kept.
pub(super) fn holders(
    connection: &Connection,
    folder: &Path,
    name: &str,
) -> rusqlite::Result<Vec<LockHolder>> {
    let mut found = Vec::new();
    for entry in guards::entries(connection, name)?.into_iter().filter(|entry| entry.held) {
        let sql = format!("SELECT {SUMMARY}, {STANDING} FROM run WHERE run = ?1");
        let lives = |id| is_held(&folder::lock(folder, id)).unwrap_or(true);
        let run = connection
            .prepare_cached(&sql)?
            .query_row([entry.run.as_str()], |row| row::summary(connection, row, lives))?;
        found.push(LockHolder { run: run.run, runbook: run.runbook, since: entry.since, state: run.state });
    }
    Ok(found)
}
