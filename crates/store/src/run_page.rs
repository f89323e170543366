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
    /// The permanent identity of its runbook.
    pub identity: String,
    /// When it began.
    pub at: Time,
}

impl SqliteReader {
    /// The matching runs that are taken and began before this one (`None`: before now), the newest first.
    pub fn list_before(
        &self,
        filter: &Filter,
        before: Option<&str>,
        takes: &dyn Fn(&RunSummary) -> bool,
    ) -> Result<Vec<RunSummary>, StoreError> {
        let most = filter.limit.unwrap_or(usize::MAX);
        let takes = |run: &RunSummary| filter.takes(run) && takes(run);
        match before {
            None => self.summaries("", &[], most, takes),
            Some(before) => {
                let older = "WHERE id < (SELECT id FROM run WHERE run = ?1)";
                self.summaries(older, &[&before], most, takes)
            }
        }
    }

    /// The matching runs that are taken and whose id begins with this, the newest first.
    pub fn find_matching(
        &self,
        beginning: &str,
        filter: &Filter,
        takes: &dyn Fn(&RunSummary) -> bool,
    ) -> Result<Vec<RunSummary>, StoreError> {
        let most = filter.limit.unwrap_or(usize::MAX);
        // Not LIKE: in a run id `_` and `%` stand for themselves.
        let condition = "WHERE substr(run, 1, length(?1)) = ?1";
        self.summaries(condition, &[&beginning], most, |run| filter.takes(run) && takes(run))
    }

    /// The runs after the one with this number, the oldest first.
    pub fn starts_after(&self, number: i64) -> Result<Vec<RunStart>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        let read = || {
            let sql = "SELECT id, run, identity, started FROM run WHERE id > ?1 ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([number], |row| {
                Ok(RunStart {
                    number: row.get(0)?,
                    run: row.get::<_, String>(1)?.into(),
                    identity: row.get(2)?,
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
        self.records_page(run, from, usize::MAX)
    }

    /// The records of a run from this position on, until they have this many bytes: at least one, where there is one.
    pub fn records_page(&self, run: &str, from: u64, bytes: usize) -> Result<Vec<JournalRecord>, StoreError> {
        let none = || StoreError::NoSuchRun(run.into());
        let connection = self.connection()?.ok_or_else(none)?;
        let found = row::find(connection, run).map_err(|error| self.trouble(&error))?;
        let (id, _) = found.ok_or_else(none)?;
        row::page(connection, id, (from, u64::MAX), bytes).map_err(|error| self.trouble(&error))
    }
}
