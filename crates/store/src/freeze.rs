//! The one row that says that every run only looks.

use rusqlite::{Connection, OptionalExtension, params};

use super::inbox::{milliseconds, time};
use super::{Sqlite, SqliteReader};
use rbl_runtime::journal::{Freeze, StoreError};
use rbl_syntax::value::Time;

/// The freeze that holds at this time.
pub(super) fn frozen(connection: &Connection, now: Time) -> rusqlite::Result<Option<Freeze>> {
    let mut statement = connection.prepare_cached("SELECT by, because, since, until FROM freeze")?;
    let found = statement.query_row([], |row| {
        let until: Option<i64> = row.get(3)?;
        Ok(Freeze {
            by: row.get(0)?,
            because: row.get(1)?,
            since: time(2, row.get(2)?)?,
            until: until.map(|until| time(3, until)).transpose()?,
        })
    });
    Ok(found.optional()?.filter(|freeze| freeze.holds(now)))
}

/// Writes a freeze in place of any other; `None`: removes it.
pub(super) fn set(connection: &Connection, freeze: Option<&Freeze>) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM freeze")?.execute([])?;
    if let Some(freeze) = freeze {
        connection
            .prepare_cached("INSERT INTO freeze (id, by, because, since, until) VALUES (1, ?1, ?2, ?3, ?4)")?
            .execute(params![
                freeze.by,
                freeze.because,
                milliseconds(freeze.since),
                freeze.until.map(milliseconds)
            ])?;
    }
    Ok(())
}

impl SqliteReader {
    /// The freeze that holds now.
    pub fn frozen(&self) -> Result<Option<Freeze>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(None) };
        frozen(connection, super::store::now()).map_err(|error| self.trouble(&error))
    }
}

impl Sqlite {
    pub(super) fn read_freeze(&self) -> Result<Option<Freeze>, StoreError> {
        frozen(self.open_journal().writable()?, super::store::now()).map_err(|error| self.trouble(&error))
    }
}
