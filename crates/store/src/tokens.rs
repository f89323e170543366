//! [`AccessToken`]: who may use the API of a server. Only the hash of a token is kept.

use rusqlite::{OptionalExtension, Row, params};

use super::inbox::{json, milliseconds, patterns, read_patterns, time, unreadable};
use super::{Sqlite, SqliteReader};
use rbl_runtime::journal::StoreError;
use rbl_syntax::value::Time;

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its secret, in hexadecimal.
    pub sha256: String,
    /// What it may do, in the words of the command line.
    pub may: Vec<String>,
    /// The person whose it is; `None`: a machine's.
    pub person: Option<String>,
    /// The patterns of the runbooks that it is for; `None`: all of them.
    pub runbooks: Option<Vec<String>>,
    /// When it was made.
    pub made: Time,
}

const COLUMNS: &str = "name, sha256, may, person, made, runbooks";

impl Sqlite {
    /// Keeps a token. Returns whether it is kept: not where there is one of this name.
    pub fn add_token(&self, token: &AccessToken) -> Result<bool, StoreError> {
        self.transact(|transaction| {
            let added = || {
                transaction
                    .prepare_cached(&format!(
                        "INSERT OR IGNORE INTO access_token ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                    ))?
                    .execute(params![
                        token.name,
                        token.sha256,
                        json(&token.may)?,
                        token.person,
                        milliseconds(token.made),
                        patterns(token.runbooks.as_deref())?,
                    ])
            };
            added().map(|rows| rows > 0).map_err(|error| self.trouble(&error))
        })
    }

    /// Removes a token: from now on it opens nothing. Returns whether there was one of this name.
    pub fn remove_token(&self, name: &str) -> Result<bool, StoreError> {
        self.transact(|transaction| {
            let removed = transaction
                .prepare_cached("DELETE FROM access_token WHERE name = ?1")
                .and_then(|mut it| it.execute([name]));
            removed.map(|rows| rows > 0).map_err(|error| self.trouble(&error))
        })
    }
}

impl SqliteReader {
    /// The token whose secret has this SHA-256, in hexadecimal.
    pub fn token(&self, sha256: &str) -> Result<Option<AccessToken>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(None) };
        let sql = format!("SELECT {COLUMNS} FROM access_token WHERE sha256 = ?1");
        let found =
            connection.prepare_cached(&sql).and_then(|mut it| it.query_row([sha256], token).optional());
        found.map_err(|error| self.trouble(&error))
    }

    /// All tokens, by name.
    pub fn tokens(&self) -> Result<Vec<AccessToken>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        let sql = format!("SELECT {COLUMNS} FROM access_token ORDER BY name");
        let listed = || {
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map([], token)?.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(found)
        };
        listed().map_err(|error: rusqlite::Error| self.trouble(&error))
    }
}

fn token(row: &Row<'_>) -> rusqlite::Result<AccessToken> {
    let may: String = row.get(2)?;
    Ok(AccessToken {
        name: row.get(0)?,
        sha256: row.get(1)?,
        may: serde_json::from_str(&may).map_err(|why| unreadable(2, why.to_string()))?,
        person: row.get(3)?,
        made: time(4, row.get(4)?)?,
        runbooks: read_patterns(5, row)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_hash_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).unwrap();
        let token = AccessToken {
            name: "ci".into(),
            sha256: "ab".into(),
            may: vec!["look".into(), "start".into()],
            person: None,
            runbooks: Some(vec!["database/*".into()]),
            made: Time::parse("2026-11-29T03:00:00Z").unwrap(),
        };
        assert!(store.add_token(&token).unwrap());
        assert!(!store.add_token(&AccessToken { sha256: "cd".into(), ..token.clone() }).unwrap());
        let reader = SqliteReader::open(folder.path()).unwrap();
        assert_eq!(reader.token("ab").unwrap().as_ref(), Some(&token));
        assert_eq!((reader.token("cd").unwrap(), reader.tokens().unwrap()), (None, vec![token]));
        assert!(store.remove_token("ci").unwrap() && !store.remove_token("ci").unwrap());
        assert_eq!(reader.token("ab").unwrap(), None);
    }
}
