//! Reads runs a page at a time, and the records of a run from a position on: for whoever watches many of them.

use super::SqliteReader;
use super::row;
use rbl_runtime::journal::{Filter, JournalRecord, RunSummary, StoreError};

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
