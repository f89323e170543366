//! Which of the alerts that came in a runbook handles: each counts once, however often it was delivered.

use super::SqliteReader;
use super::inbox::milliseconds;
use super::row::CountColumn;
use rbl_runtime::journal::{Became, StoreError};
use rbl_syntax::value::Time;

impl SqliteReader {
    /// How many alerts belonged to an episode of a runbook and came in at this time or later; `None`: at any time. By the
    /// permanent identity of the runbook.
    pub fn alerts_with_runbook(&self, since: Option<Time>) -> Result<Vec<(String, u64)>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        let sql = "SELECT runbook, count(*) FROM member JOIN episode ON episode.id = member.episode \
                   WHERE joined >= ?1 GROUP BY runbook";
        let counted = || {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement
                .query_map([from(since)], |row| Ok((row.get(0)?, row.get::<_, CountColumn>(1)?.0)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        counted().map_err(|error| self.trouble(&error))
    }

    /// The names of the firing alerts that no trigger means, with how many different ones came in at this time or later: the
    /// most frequent first.
    pub fn alerts_without_runbook(&self, since: Option<Time>) -> Result<Vec<(String, u64)>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        let sql = "WITH one AS (SELECT json_extract(alerts, '$[' || place || ']') AS alert FROM alert_result \
                   JOIN delivery ON delivery.id = alert_result.delivery WHERE became = ?1 AND at >= ?2) \
                   SELECT json_extract(alert, '$.alert.name') AS name, \
                   count(DISTINCT json_extract(alert, '$.alert.fingerprint')) AS alerts \
                   FROM one WHERE json_extract(alert, '$.firing') GROUP BY name ORDER BY alerts DESC, name";
        let listed = || {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map((Became::Unmatched.word(), from(since)), |row| {
                Ok((row.get::<_, Option<String>>(0)?.unwrap_or_default(), row.get::<_, CountColumn>(1)?.0))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        listed().map_err(|error| self.trouble(&error))
    }
}

fn from(since: Option<Time>) -> i64 {
    since.map_or(i64::MIN, milliseconds)
}
