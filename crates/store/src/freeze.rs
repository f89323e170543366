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

/// Writes a freeze in place of any other, unless one of somebody else holds at this time that ends later: then that one, and nothing is
/// written.
fn set_unless_longer(
    connection: &Connection,
    freeze: &Freeze,
    now: Time,
) -> rusqlite::Result<Option<Freeze>> {
    let outlasts = |other: &Freeze| freeze.until.is_some_and(|end| other.holds(end));
    let longer = frozen(connection, now)?.filter(|other| other.by != freeze.by && outlasts(other));
    if longer.is_none() {
        let Freeze { by, because, since, until } = freeze;
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO freeze (id, by, because, since, until) VALUES (1, ?1, ?2, ?3, ?4)",
            )?
            .execute(params![by, because, milliseconds(*since), until.map(milliseconds)])?;
    }
    Ok(longer)
}

/// Removes this freeze; whether it was there.
fn remove(connection: &Connection, freeze: &Freeze) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM freeze WHERE by = ?1 AND because = ?2 AND since = ?3";
    let since = milliseconds(freeze.since);
    let removed = connection.prepare_cached(sql)?.execute(params![freeze.by, freeze.because, since])?;
    Ok(removed > 0)
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

    /// Freezes every run, in place of any earlier freeze. `Some`: one of somebody else that holds now and ends later; then nothing is
    /// written.
    pub fn freeze_unless_longer(&self, freeze: &Freeze) -> Result<Option<Freeze>, StoreError> {
        self.transact(|connection| {
            let set = set_unless_longer(connection, freeze, super::store::now());
            set.map_err(|error| self.trouble(&error))
        })
    }

    /// Ends this freeze, as it was read. Returns whether it was still there: another one is left as it is.
    pub fn unfreeze(&self, freeze: &Freeze) -> Result<bool, StoreError> {
        self.transact(|connection| remove(connection, freeze).map_err(|error| self.trouble(&error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_is_neither_cut_short_nor_ended_by_who_did_not_see_it() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Sqlite::open(folder.path()).unwrap();
        let since = Time::parse("2026-11-29T03:00:00Z").unwrap();
        let freeze = |by: &str, because: &str, until: Option<&str>| Freeze {
            by: by.into(),
            because: because.into(),
            since,
            until: until.map(|until| Time::parse(until).unwrap()),
        };
        let held = || journal.read_freeze().unwrap();
        let put = |it: &Freeze| journal.freeze_unless_longer(it).unwrap();
        let (early, late) = (Some("2097-01-01T00:00:00Z"), Some("2098-01-01T00:00:00Z"));
        let ana = freeze("ana", "rebuilding", None);
        assert_eq!(put(&ana), None);
        let ben = freeze("ben", "deploy", late);
        assert_eq!(put(&ben), Some(ana.clone()));
        assert_eq!(held(), Some(ana.clone()));
        // Their own may be cut short; another one that ends no earlier takes the place of one.
        let shorter = freeze("ana", "rebuilding", early);
        assert_eq!(put(&shorter), None);
        assert_eq!(put(&freeze("ben", "deploy", early)), None);
        assert_eq!(put(&ben), None);
        assert!(!journal.unfreeze(&shorter).unwrap(), "it is not there any more");
        assert_eq!(held(), Some(ben.clone()));
        assert!(journal.unfreeze(&ben).unwrap());
        assert_eq!(held(), None);
        assert!(!journal.unfreeze(&ben).unwrap());
    }
}
