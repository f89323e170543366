//! [`Inbox`]: deliveries in their tables, and the one place that leads from the trait to episodes.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use smol_str::SmolStr;

use super::row::CountColumn;
use super::{Sqlite, SqliteReader, episodes};
use rbl_runtime::Alert;
use rbl_runtime::journal::{
    AlertResult, Became, EpisodeChange, EpisodeMember, HookDelivery, Inbox, ListedDelivery, MemberReport,
    ReceivedAlert, StillFiring, StoreError, WaitingDelivery,
};
use rbl_syntax::value::Time;

/// How many alerts are read at once, unless one delivery has more.
const ALERTS: usize = 10_000;

impl Inbox for Sqlite {
    fn take_in(&self, deliveries: &[HookDelivery]) -> Result<Vec<(u64, bool)>, StoreError> {
        self.transact(|transaction| {
            let mut taken = Vec::with_capacity(deliveries.len());
            for delivery in deliveries {
                taken.push(take_in(transaction, delivery).map_err(|error| self.trouble(&error))?);
            }
            Ok(taken)
        })
    }

    fn waiting(&self, most: usize) -> Result<Vec<WaitingDelivery>, StoreError> {
        let sql = "SELECT id, hook, key, at, alerts, runbooks FROM delivery WHERE settled IS NULL ORDER BY id LIMIT ?1";
        let listed = |connection: &Connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([CountColumn(most as u64)])?;
            let (mut found, mut alerts) = (Vec::new(), 0);
            while alerts < ALERTS
                && let Some(row) = rows.next()?
            {
                let delivery = delivery(row)?;
                alerts += delivery.alerts.len();
                found.push(WaitingDelivery { id: row.get::<_, CountColumn>(0)?.0, delivery });
            }
            Ok(found)
        };
        listed(self.open_journal().readable()?).map_err(|error| self.trouble(&error))
    }

    fn backlog(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM delivery WHERE settled IS NULL";
        let open = self.open_journal();
        let connection = open.readable()?;
        let counted = connection.prepare_cached(sql).and_then(|mut it| it.query_row([], |row| row.get(0)));
        counted.map(|count: CountColumn| count.0).map_err(|error| self.trouble(&error))
    }

    fn report(&self, reports: &[MemberReport]) -> Result<Vec<EpisodeChange>, StoreError> {
        self.transact_soon(|transaction| {
            reports
                .iter()
                .map(|report| episodes::report(transaction, report).map_err(|error| self.trouble(&error)))
                .collect()
        })
    }

    fn settle(
        &self,
        runs: &[(u64, SmolStr)],
        deliveries: &[(u64, Vec<AlertResult>)],
        at: Time,
    ) -> Result<(), StoreError> {
        // Where it is lost, the same becomes of the deliveries again.
        self.transact_soon(|transaction| {
            let settled = || {
                for (episode, run) in runs {
                    episodes::set_run(transaction, *episode, run)?;
                }
                for (delivery, results) in deliveries {
                    settle(transaction, *delivery, results, at)?;
                }
                Ok(())
            };
            settled().map_err(|error| self.trouble(&error))
        })
    }

    fn still_firing(
        &self,
        now: Time,
        quiet: f64,
        counts_as_firing: &dyn Fn(&str, Time) -> bool,
    ) -> Result<Vec<StillFiring>, StoreError> {
        let open = self.open_journal();
        episodes::still_firing(open.readable()?, now, quiet, counts_as_firing)
            .map_err(|error| self.trouble(&error))
    }

    fn notified(&self, episode: u64, run: &str, replaces: bool) -> Result<(), StoreError> {
        self.transact(|transaction| {
            episodes::notified(transaction, episode, run, replaces).map_err(|error| self.trouble(&error))
        })
    }

    fn rename(
        &self,
        there: &BTreeMap<String, String>,
        means: &dyn Fn(&str, &str, &Alert) -> bool,
    ) -> Result<Vec<(String, String)>, StoreError> {
        self.transact(|transaction| {
            episodes::rename(transaction, there, means).map_err(|error| self.trouble(&error))
        })
    }

    fn members(&self, run: &str) -> Result<Vec<EpisodeMember>, StoreError> {
        episodes::members(self.open_journal().readable()?, run).map_err(|error| self.trouble(&error))
    }

    fn decided_until(&self, runbook: &str, schedule: &str, now: Time) -> Result<Time, StoreError> {
        self.transact(|transaction| {
            let known = || {
                transaction
                    .prepare_cached(
                        "INSERT OR IGNORE INTO schedule (runbook, decided, fires) VALUES (?1, ?2, ?3)",
                    )?
                    .execute(params![runbook, milliseconds(now), schedule])?;
                // At times before it was written it did not fire. An older rbl did not note which it was.
                transaction
                    .prepare_cached(
                        "UPDATE schedule SET decided = iif(fires IS NULL, decided, ?2), fires = ?3 \
                         WHERE runbook = ?1 AND fires IS NOT ?3",
                    )?
                    .execute(params![runbook, milliseconds(now), schedule])?;
                transaction
                    .prepare_cached("SELECT decided FROM schedule WHERE runbook = ?1")?
                    .query_row([runbook], |row| time(0, row.get(0)?))
            };
            known().map_err(|error| self.trouble(&error))
        })
    }

    fn decide_until(&self, runbook: &str, until: Time) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let decided = transaction
                .prepare_cached("UPDATE schedule SET decided = ?2 WHERE runbook = ?1")
                .and_then(|mut it| it.execute(params![runbook, milliseconds(until)]));
            decided.map(drop).map_err(|error| self.trouble(&error))
        })
    }

    fn deliveries(&self, most: usize) -> Result<Vec<ListedDelivery>, StoreError> {
        listed(self.open_journal().readable()?, most, |it| Ok(Some(it))).map_err(|error| self.trouble(&error))
    }
}

impl SqliteReader {
    /// The newest deliveries, at most this many.
    pub fn deliveries(&self, most: usize) -> Result<Vec<ListedDelivery>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        listed(connection, most, |it| Ok(Some(it))).map_err(|error| self.trouble(&error))
    }

    /// The newest deliveries with what became of alerts for these runbooks, at most this many. `takes`: whether it is one of them, by
    /// its permanent identity where a run is known, and by its file as it is shown.
    pub fn deliveries_of(
        &self,
        most: usize,
        takes: &dyn Fn(Option<&str>, &str) -> bool,
    ) -> Result<Vec<ListedDelivery>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        let is_meant = |result: &AlertResult| {
            let identity = result.run.as_deref().map(|run| identity(connection, run)).transpose()?.flatten();
            Ok::<_, rusqlite::Error>(
                result.file.as_deref().is_some_and(|file| takes(identity.as_deref(), file)),
            )
        };
        let take = |mut listed: ListedDelivery| {
            let mut meant = Vec::new();
            for result in listed.results.take().unwrap_or_default() {
                if is_meant(&result)? {
                    meant.push(result);
                }
            }
            let is_any = !meant.is_empty();
            Ok(is_any.then_some(ListedDelivery { results: Some(meant), ..listed }))
        };
        listed(connection, most, take).map_err(|error| self.trouble(&error))
    }

    /// The alerts of the episode of a run; empty for a run that no alert started.
    pub fn members(&self, run: &str) -> Result<Vec<EpisodeMember>, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(Vec::new()) };
        episodes::members(connection, run).map_err(|error| self.trouble(&error))
    }
}

/// The number of a delivery, and whether it is new.
fn take_in(connection: &Connection, delivery: &HookDelivery) -> rusqlite::Result<(u64, bool)> {
    let hook = delivery.hook.as_str();
    if let Some(key) = &delivery.key {
        let mut same = connection.prepare_cached("SELECT id FROM delivery WHERE hook = ?1 AND key = ?2")?;
        let mut rows = same.query(params![hook, key])?;
        if let Some(row) = rows.next()? {
            return Ok((row.get::<_, CountColumn>(0)?.0, false));
        }
    }
    connection
        .prepare_cached("INSERT INTO delivery (hook, key, at, alerts, runbooks) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            hook,
            delivery.key,
            milliseconds(delivery.at),
            json(&delivery.alerts)?,
            patterns(delivery.runbooks.as_deref())?,
        ])?;
    Ok((connection.last_insert_rowid().unsigned_abs(), true))
}

fn settle(connection: &Connection, delivery: u64, results: &[AlertResult], at: Time) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE delivery SET settled = ?2 WHERE id = ?1")?
        .execute(params![CountColumn(delivery), milliseconds(at)])?;
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO alert_result (delivery, number, place, became, file, run, why) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (number, result) in results.iter().enumerate() {
        statement.execute(params![
            CountColumn(delivery),
            CountColumn(number as u64),
            result.place,
            result.became.word(),
            result.file.as_deref(),
            result.run.as_deref(),
            result.why,
        ])?;
    }
    Ok(())
}

/// The newest deliveries that are taken, at most this many.
fn listed(
    connection: &Connection,
    most: usize,
    mut take: impl FnMut(ListedDelivery) -> rusqlite::Result<Option<ListedDelivery>>,
) -> rusqlite::Result<Vec<ListedDelivery>> {
    let sql =
        "SELECT id, hook, key, at, alerts, runbooks, settled IS NOT NULL FROM delivery ORDER BY id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while found.len() < most
        && let Some(row) = rows.next()?
    {
        let id = row.get::<_, CountColumn>(0)?.0;
        let results = if row.get(6)? { Some(results(connection, id)?) } else { None };
        found.extend(take(ListedDelivery { id, delivery: delivery(row)?, results })?);
    }
    Ok(found)
}

fn results(connection: &Connection, delivery: u64) -> rusqlite::Result<Vec<AlertResult>> {
    let sql = "SELECT place, became, file, run, why FROM alert_result WHERE delivery = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([CountColumn(delivery)], |row| {
        let word: String = row.get(1)?;
        let became = Became::ALL.into_iter().find(|it| it.word() == word);
        let text =
            |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.map(SmolStr::from));
        Ok(AlertResult {
            place: row.get(0)?,
            became: became.ok_or_else(|| unreadable(1, format!("an alert became `{word}`")))?,
            file: text(2)?,
            run: text(3)?,
            why: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// The permanent identity of the runbook of a run; `None`: it is not known, or the run is not there any more.
fn identity(connection: &Connection, run: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT identity FROM run WHERE run = ?1")?;
    let found = statement.query_row([run], |row| row.get::<_, String>(0)).optional()?;
    Ok(found.filter(|it| !it.is_empty()))
}

/// The delivery of a row that begins with `id, hook, key, at, alerts, runbooks`.
fn delivery(row: &Row<'_>) -> rusqlite::Result<HookDelivery> {
    let alerts: String = row.get(4)?;
    let alerts: Vec<ReceivedAlert> =
        serde_json::from_str(&alerts).map_err(|why| unreadable(4, why.to_string()))?;
    Ok(HookDelivery {
        hook: row.get::<_, String>(1)?.into(),
        key: row.get(2)?,
        at: time(3, row.get(3)?)?,
        alerts,
        runbooks: read_patterns(5, row)?,
    })
}

/// Patterns of runbooks as a column has them.
pub(super) fn patterns(patterns: Option<&[String]>) -> rusqlite::Result<Option<String>> {
    patterns.map(|it| json(&it)).transpose()
}

/// Reads such a column.
pub(super) fn read_patterns(column: usize, row: &Row<'_>) -> rusqlite::Result<Option<Vec<String>>> {
    let text: Option<String> = row.get(column)?;
    text.map(|it| serde_json::from_str(&it).map_err(|why| unreadable(column, why.to_string()))).transpose()
}

/// A time in milliseconds since 1970.
pub(super) fn milliseconds(time: Time) -> i64 {
    time.0.as_millisecond()
}

/// The time of a column that holds milliseconds since 1970.
pub(super) fn time(column: usize, milliseconds: i64) -> rusqlite::Result<Time> {
    let read = jiff::Timestamp::from_millisecond(milliseconds);
    read.map(Time).map_err(|why| unreadable(column, why.to_string()))
}

/// Every value that is kept has a JSON form.
pub(super) fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|why| rusqlite::Error::ToSqlConversionFailure(why.into()))
}

/// What stands in a column is not what was written there.
pub(super) fn unreadable(column: usize, why: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, why.into())
}
