//! Which of the alerts that came in a runbook handles: each counts once, however often it was delivered.

use super::SqliteReader;
use super::inbox::milliseconds;
use super::row::CountColumn;
use rbl_runtime::journal::{Became, StoreError};
use rbl_syntax::value::Time;

impl SqliteReader {
    /// How many alerts belonged to an episode of a runbook and came in at this time or later; `None`: at any time.
    pub fn alerts_with_runbook(&self, since: Option<Time>) -> Result<u64, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(0) };
        let sql = "SELECT count(*) FROM member WHERE joined >= ?1";
        let counted = connection
            .prepare_cached(sql)
            .and_then(|mut it| it.query_row([from(since)], |row| row.get::<_, CountColumn>(0)));
        counted.map(|count| count.0).map_err(|error| self.trouble(&error))
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
