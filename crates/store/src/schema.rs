//! The tables, and the steps that upgrade those of an older rbl.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use rbl_runtime::journal::StoreError;

/// The application id in the file's header, which marks it as rbl's: `rblj`.
const APPLICATION: i32 = 0x7262_6c6a;

/// Each step upgrades the tables by one version; the first creates them. Never changed once released, only extended.
const STEPS: &[&str] = &[
    include_str!("1.sql"),
    include_str!("2.sql"),
    include_str!("3.sql"),
    include_str!("4.sql"),
    include_str!("5.sql"),
    include_str!("6.sql"),
    include_str!("7.sql"),
    include_str!("8.sql"),
    include_str!("9.sql"),
];

/// The content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SchemaState {
    /// Nothing yet.
    Empty,
    /// Tables of this version. A newer one than this rbl knows only has more in them.
    Version(usize),
}

/// Why a file is not accepted.
#[derive(Debug)]
pub(super) enum SchemaError {
    /// An error of SQLite.
    Sqlite(rusqlite::Error),
    /// It belongs to another program.
    Foreign,
    /// Another reason: a newer rbl wrote it.
    Because(StoreError),
}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// The version this rbl writes.
pub(super) const fn newest() -> usize {
    STEPS.len()
}

fn number(version: usize) -> u32 {
    u32::try_from(version).unwrap_or(u32::MAX)
}

/// Determines what the file contains, all of it as of one moment: where another process creates the tables meanwhile, its
/// tables without its application id would look like a foreign file.
pub(super) fn found(connection: &Connection) -> Result<SchemaState, SchemaError> {
    state_in(&connection.unchecked_transaction()?)
}

fn state_in(connection: &Transaction<'_>) -> Result<SchemaState, SchemaError> {
    let header = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (header("application_id")?, header("user_version")?);
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, version) {
        (0, 0) if tables == 0 => Ok(SchemaState::Empty),
        (APPLICATION, version) => {
            let version = u32::try_from(version).map_err(|_| SchemaError::Foreign)?;
            let known = number(newest());
            if version > known && min_reader(connection).is_none_or(|min| min > known) {
                return Err(SchemaError::Because(StoreError::Newer { found: version, known }));
            }
            Ok(SchemaState::Version(version as usize))
        }
        _ => Err(SchemaError::Foreign),
    }
}

/// The oldest version that an rbl has to know to use these tables; `None` where they do not say it.
fn min_reader(connection: &Transaction<'_>) -> Option<u32> {
    connection.query_row("SELECT min_reader FROM compatible", [], |row| row.get(0)).ok()
}

/// Upgrades the tables to this rbl's version, in one transaction: if interrupted, they stay as they were.
pub(super) fn bring_up(connection: &mut Connection) -> Result<(), SchemaError> {
    match found(connection)? {
        SchemaState::Version(version) if version >= newest() => return Ok(()),
        SchemaState::Version(_) | SchemaState::Empty => {}
    }
    bring_to(connection, newest())
}

fn bring_to(connection: &mut Connection, wanted: usize) -> Result<(), SchemaError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Checked again after taking the lock: another process may have upgraded it meanwhile.
    let from = match state_in(&transaction)? {
        SchemaState::Empty => 0,
        SchemaState::Version(version) => version,
    };
    for step in STEPS.iter().take(wanted).skip(from) {
        transaction.execute_batch(step)?;
    }
    if from < wanted {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", number(wanted))?;
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_version(version: usize) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        if version > 0 {
            bring_to(&mut connection, version).unwrap();
        }
        connection
    }

    fn tables(connection: &Connection) -> Vec<(String, String)> {
        let mut all =
            connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
        let mut all: Vec<(String, String)> =
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        all.sort();
        all
    }

    #[test]
    fn every_older_version_becomes_the_newest_and_keeps_what_it_has() {
        let newest_tables = tables(&at_version(newest()));
        for version in 0..=newest() {
            let mut connection = at_version(version);
            match version {
                0 => {}
                1..4 => connection.execute_batch(include_str!("filled_1.sql")).unwrap(),
                _ => connection.execute_batch(include_str!("filled_4.sql")).unwrap(),
            }
            bring_up(&mut connection).unwrap();
            assert_eq!(found(&connection).unwrap(), SchemaState::Version(newest()), "from {version}");
            assert_eq!(tables(&connection), newest_tables, "from {version}");
            let runs: u32 = connection.query_row("SELECT count(*) FROM run", [], |row| row.get(0)).unwrap();
            assert_eq!(runs, u32::from(version >= 1), "from {version}");
            bring_up(&mut connection).unwrap();
        }
    }

    #[test]
    fn the_runs_of_an_older_version_have_the_identity_of_their_runbook() {
        let mut connection = at_version(8);
        connection.execute_batch(include_str!("filled_4.sql")).unwrap();
        let another = "INSERT INTO run (id, run, dedupe, runbook, file, started, changed, epoch, length, last_hash, signals, state) \
                       SELECT 2, 'r2', 'r2', runbook, file, started, changed, 1, 1, 'bb', 0, 'stuck' FROM run WHERE id = 1; \
                       INSERT INTO record (place, epoch, at, data, hash) SELECT 2 << 32, epoch, at, '{\"type\"', 'bb' FROM record;";
        connection.execute_batch(another).unwrap();
        let begun = r#"{"type":"begun","sources":[{"name":"api.rb","identity":"/srv/api.rb"},{"identity":"/srv/b.rb"}]}"#;
        connection.execute("UPDATE record SET data = ?1 WHERE place = 1 << 32", [begun]).unwrap();
        bring_up(&mut connection).unwrap();
        let mut found = connection.prepare("SELECT identity FROM run ORDER BY id").unwrap();
        let found: Vec<String> = found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, ["/srv/api.rb", ""], "what cannot be read is not known");
    }

    #[test]
    fn a_step_that_breaks_leaves_what_was_there() {
        let mut connection = at_version(0);
        connection.execute_batch("CREATE TABLE signal (x)").unwrap();
        connection.pragma_update(None, "application_id", APPLICATION).unwrap();
        assert!(matches!(bring_up(&mut connection), Err(SchemaError::Sqlite(_))));
        assert_eq!(found(&connection).unwrap(), SchemaState::Version(0));
        assert_eq!(tables(&connection).len(), 1);
    }

    #[test]
    fn a_newer_version_that_cannot_be_used_and_a_foreign_file_are_left_alone() {
        let mut connection = at_version(newest());
        connection.pragma_update(None, "user_version", 99).unwrap();
        // One that only has more in it is used as it is.
        bring_up(&mut connection).unwrap();
        assert_eq!(found(&connection).unwrap(), SchemaState::Version(99));
        connection.execute("UPDATE compatible SET min_reader = 99", []).unwrap();
        let Err(SchemaError::Because(StoreError::Newer { found: 99, known })) = bring_up(&mut connection)
        else {
            panic!()
        };
        assert_eq!(known as usize, newest());

        let mut other = Connection::open_in_memory().unwrap();
        other.execute_batch("CREATE TABLE moz_bookmarks (id)").unwrap();
        assert!(matches!(bring_up(&mut other), Err(SchemaError::Foreign)));
        other.pragma_update(None, "application_id", 17).unwrap();
        assert!(matches!(bring_up(&mut other), Err(SchemaError::Foreign)));
    }
}
