//! Reads runs a page at a time, and the records of a run from a position on: for whoever watches many of them.

use smol_str::SmolStr;

use super::SqliteReader;
use super::row::{self, TimeColumn};
use rbl_runtime::journal::{Filter, JournalRecord, RunSummary, StoreError};
use rbl_syntax::value::Time;

/// That a run began.
#[derive(Debug, Clone, PartialEq)]
pub struct RunStart {
    /// Its number in the journal: a later run has a greater one.
    pub number: i64,
    /// Its id.
    pub run: SmolStr,
    /// The file of its runbook, as it was named.
    pub file: SmolStr,
    /// When it began.
    pub at: Time,
}

impl SqliteReader {
    /// The matching runs that began before this one (`None`: before now), the newest first.
    pub fn list_before(&self, filter: &Filter, before: Option<&str>) -> Result<Vec<RunSummary>, StoreError> {
        let most = filter.limit.unwrap_or(usize::MAX);
        match before {
            None => self.summaries("", &[], most, |run| filter.takes(run)),
            Some(before) => {
                let older = "WHERE id < (SELECT id FROM run WHERE run = ?1)";
                self.summaries(older, &[&before], most, |run| filter.takes(run))
            }
        }
    }

    /// The runs after the one with this number, the oldest first.
    pub fn starts_after(&self, number: i64) -> Result<Vec<RunStart>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        let read = || {
            let sql = "SELECT id, run, file, started FROM run WHERE id > ?1 ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([number], |row| {
                Ok(RunStart {
                    number: row.get(0)?,
                    run: row.get::<_, String>(1)?.into(),
                    file: row.get::<_, String>(2)?.into(),
                    at: row.get::<_, TimeColumn>(3)?.0,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<RunStart>>>()
        };
        read().map_err(|error| self.trouble(&error))
    }

    /// The run of this id.
    pub fn summary(&self, run: &str) -> Result<RunSummary, StoreError> {
        let found = self.summaries("WHERE run = ?1", &[&run], 1, |_| true)?.pop();
        found.ok_or_else(|| StoreError::NoSuchRun(run.into()))
    }

    /// The records of a run from this position on.
    pub fn records_from(&self, run: &str, from: u64) -> Result<Vec<JournalRecord>, StoreError> {
        let none = || StoreError::NoSuchRun(run.into());
        let connection = self.connection()?.ok_or_else(none)?;
        let found = row::find(connection, run).map_err(|error| self.trouble(&error))?;
        let (id, _) = found.ok_or_else(none)?;
        row::records(connection, id, from).map_err(|error| self.trouble(&error))
    }
}
