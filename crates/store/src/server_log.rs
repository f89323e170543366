//! [`ServerLogEntry`]: what was done to a server beside its runs, and by whom, in a chain of hashes as the records of a run are.

use rusqlite::{Connection, OptionalExtension, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inbox::{json, milliseconds, time, unreadable};
use super::row::CountColumn;
use super::{Sqlite, SqliteReader};
use rbl_runtime::journal::{StoreError, sha256};
use rbl_syntax::value::Time;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerDeed {
    /// A server started.
    Started,
    /// It stopped in order.
    Stopped,
    /// The runbooks were read again.
    Reloaded,
    /// Every run was made to look only.
    Frozen,
    /// That was ended.
    Unfrozen,
    /// A token was made.
    TokenMade,
    /// A token was removed.
    TokenRemoved,
}

impl ServerDeed {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::Reloaded => "reloaded",
            Self::Frozen => "frozen",
            Self::Unfrozen => "unfrozen",
            Self::TokenMade => "token made",
            Self::TokenRemoved => "token removed",
        }
    }
}

/// A file whose text counts from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServedText {
    /// The file of the runbook, as it is shown.
    pub file: String,
    /// The SHA-256 of what starts from then on, in hexadecimal: of its text, and where it uses other files of all their hashes in
    /// order. None: it starts nothing any more.
    pub sha256: Option<String>,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerLogEntry {
    /// What.
    pub deed: ServerDeed,
    /// By whom or what.
    pub by: String,
    /// More about it, in words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The runbooks whose texts count from then on: all at a start, else those that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<ServedText>,
}

/// An entry with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedDeed {
    /// Its number, from 1 on.
    pub number: u64,
    /// When.
    pub at: Time,
    /// What was done.
    pub entry: ServerLogEntry,
    /// Whether its hash is the one that follows from it and from the entry before it.
    pub is_whole: bool,
}

impl Sqlite {
    /// Adds an entry.
    pub fn log(&self, entry: &ServerLogEntry, at: Time) -> Result<(), StoreError> {
        self.transact(|transaction| added(transaction, entry, at).map_err(|error| self.trouble(&error)))
    }
}

impl SqliteReader {
    /// The newest entries, at most this many, the oldest of them first. One whose predecessor is missing is not whole.
    pub fn server_log(&self, most: usize) -> Result<Vec<LoggedDeed>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        listed(connection, most).map_err(|error| self.trouble(&error))
    }
}

/// The hash of an entry: of four lines, the hash of the entry before it, its number, its time in milliseconds, and its data.
fn hash(before: &str, number: u64, at: i64, data: &str) -> String {
    sha256(&format!("{before}\n{number}\n{at}\n{data}"))
}

fn added(connection: &Connection, entry: &ServerLogEntry, at: Time) -> rusqlite::Result<()> {
    let last = connection
        .prepare_cached("SELECT number, hash FROM server_log ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, CountColumn>(0)?.0, row.get::<_, String>(1)?)))
        .optional()?;
    let (number, before) = last.map_or((1, String::new()), |(number, hash)| (number.saturating_add(1), hash));
    let (at, data) = (milliseconds(at), json(entry)?);
    let hash = hash(&before, number, at, &data);
    connection
        .prepare_cached("INSERT INTO server_log (number, at, data, hash) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![CountColumn(number), at, data, hash])?;
    Ok(())
}

fn listed(connection: &Connection, most: usize) -> rusqlite::Result<Vec<LoggedDeed>> {
    let known = "SELECT 1 FROM sqlite_schema WHERE name = 'server_log'";
    if connection.query_row(known, [], |_| Ok(())).optional()?.is_none() {
        // The journal of an older rbl.
        return Ok(Vec::new());
    }
    let sql = "SELECT number, at, data, hash FROM server_log ORDER BY number DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    // One more, for the hash that the first one follows.
    let rows = statement.query_map([CountColumn((most as u64).saturating_add(1))], |row| {
        let number = row.get::<_, CountColumn>(0)?.0;
        Ok((number, row.get::<_, i64>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
    })?;
    let mut rows: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    rows.reverse();
    let skipped = rows.len().saturating_sub(most);
    let mut found = Vec::new();
    let mut before: Option<(u64, String)> = None;
    for (number, at, data, own) in rows {
        let follows = match &before {
            Some((last, _)) => last.checked_add(1) == Some(number),
            None => number == 1 || skipped > 0,
        };
        let previous = before.as_ref().map_or("", |(_, hash)| hash.as_str());
        // The first of a part of the log has nothing before it here, and is not returned.
        let is_whole = follows && hash(previous, number, at, &data) == own;
        let entry = serde_json::from_str(&data).map_err(|why| unreadable(2, why.to_string()))?;
        found.push(LoggedDeed { number, at: time(1, at)?, entry, is_whole });
        before = Some((number, own));
    }
    Ok(found.split_off(skipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_is_changed_or_taken_out_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).unwrap();
        let at = |second: i64| Time(jiff::Timestamp::from_second(1_700_000_000 + second).unwrap());
        for number in 0..5 {
            let texts = vec![ServedText { file: "a.rb".into(), sha256: Some(format!("{number:064}")) }];
            let entry = ServerLogEntry {
                deed: ServerDeed::Reloaded,
                by: "SIGHUP".into(),
                about: String::new(),
                texts,
            };
            store.log(&entry, at(number)).unwrap();
        }
        let whole = |most: usize| -> Vec<(u64, bool)> {
            let log = SqliteReader::open(folder.path()).unwrap().server_log(most).unwrap();
            log.iter().map(|it| (it.number, it.is_whole)).collect()
        };
        assert_eq!(whole(9), [(1, true), (2, true), (3, true), (4, true), (5, true)]);
        assert_eq!(whole(2), [(4, true), (5, true)]);
        let edit = |sql: &str| {
            assert_eq!(
                rusqlite::Connection::open(Sqlite::file(folder.path())).unwrap().execute(sql, []).unwrap(),
                1
            );
        };
        edit("UPDATE server_log SET at = at + 1 WHERE number = 4");
        assert_eq!(whole(9), [(1, true), (2, true), (3, true), (4, false), (5, true)]);
        edit("UPDATE server_log SET at = at - 1 WHERE number = 4");
        assert_eq!(whole(9).iter().filter(|(_, whole)| *whole).count(), 5);
        edit("DELETE FROM server_log WHERE number = 3");
        assert_eq!(whole(9), [(1, true), (2, true), (4, false), (5, true)]);
        edit("DELETE FROM server_log WHERE number = 1");
        assert_eq!(whole(9), [(2, false), (4, false), (5, true)]);
    }
}
