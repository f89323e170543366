//! [`Rehearsal`]: that all tests of a runbook passed, and with which text.

use std::collections::BTreeMap;

use rbl_runtime::journal::StoreError;
use rbl_syntax::value::Time;
use rusqlite::{OptionalExtension, params};

use super::inbox::{milliseconds, time};
use super::row::CountColumn;
use super::{Sqlite, SqliteReader};

/// The last time that all tests of a runbook passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// The permanent identity of its file.
    pub runbook: String,
    /// The SHA-256 of its text then, in hexadecimal.
    pub sha256: String,
    /// When.
    pub at: Time,
    /// How many tests.
    pub tests: u64,
}

impl Sqlite {
    /// Keeps rehearsals, each instead of the one before of the same runbook.
    pub fn keep_rehearsals(&self, rehearsals: &[Rehearsal]) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let kept = || {
                let sql =
                    "INSERT OR REPLACE INTO rehearsal (runbook, sha256, at, tests) VALUES (?1, ?2, ?3, ?4)";
                let mut statement = transaction.prepare_cached(sql)?;
                for it in rehearsals {
                    let (at, tests) = (milliseconds(it.at), CountColumn(it.tests));
                    statement.execute(params![it.runbook, it.sha256, at, tests])?;
                }
                Ok(())
            };
            kept().map_err(|error: rusqlite::Error| self.trouble(&error))
        })
    }
}

impl SqliteReader {
    /// The last rehearsal of each runbook, by its permanent identity. Without any in a journal of an older rbl.
    pub fn rehearsals(&self) -> Result<BTreeMap<String, Rehearsal>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(BTreeMap::new()) };
        let read = || {
            let known = "SELECT 1 FROM sqlite_schema WHERE name = 'rehearsal'";
            if connection.query_row(known, [], |_| Ok(())).optional()?.is_none() {
                return Ok(BTreeMap::new());
            }
            let mut statement =
                connection.prepare_cached("SELECT runbook, sha256, at, tests FROM rehearsal")?;
            let rows = statement.query_map([], |row| {
                let runbook: String = row.get(0)?;
                let rehearsal = Rehearsal {
                    runbook: runbook.clone(),
                    sha256: row.get(1)?,
                    at: time(2, row.get(2)?)?,
                    tests: row.get::<_, CountColumn>(3)?.0,
                };
                Ok((runbook, rehearsal))
            })?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.trouble(&error))
    }
}
