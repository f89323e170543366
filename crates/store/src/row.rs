//! The row of a run, read and written.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};

use rbl_runtime::Outcome;
use rbl_runtime::journal::run_state::{RunHead, RunStatus};
use rbl_runtime::journal::{JournalRecord, RunSummary, Signal, Worker};
use rbl_syntax::value::Time;

/// The columns that [`run_head`] reads, after the `id`.
pub(super) const STANDING: &str =
    "id, epoch, length, last_hash, signals, state, due, until, words, outcome, worker, since";

/// A time as it is written in JSON, to the nanosecond.
pub(super) struct TimeColumn(pub(super) Time);

impl ToSql for TimeColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.0.to_string().into())
    }
}

impl FromSql for TimeColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        Time::parse(text).map(Self).ok_or_else(|| FromSqlError::Other(format!("`{text}` is no time").into()))
    }
}

/// A count, which SQLite keeps with a sign.
pub(super) struct CountColumn(pub(super) u64);

impl ToSql for CountColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for CountColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number).map(Self).map_err(|_| FromSqlError::OutOfRange(number))
    }
}

/// The run of this name: its number, and its standing.
pub(super) fn find(connection: &Connection, run: &str) -> rusqlite::Result<Option<(i64, RunHead)>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {STANDING} FROM run WHERE run = ?1"))?;
    let found = statement.query_row([run], |row| Ok((row.get(0)?, run_head(row, 0)?))).optional()?;
    if found.is_none() {
        // With a damaged index, an existing run would seem to be missing.
        let mut all = connection.prepare_cached("SELECT 1 FROM run NOT INDEXED WHERE run = ?1")?;
        if all.exists([run])? {
            let why = "a run is missing from its index";
            return Err(rusqlite::Error::FromSqlConversionFailure(0, Type::Text, why.into()));
        }
    }
    Ok(found)
}

/// The standing of a run; its columns begin with the `id` at this index.
pub(super) fn run_head(row: &Row<'_>, first: usize) -> rusqlite::Result<RunHead> {
    let state_column = first + 5;
    let state: String = row.get(state_column)?;
    let words = || row.get::<_, Option<String>>(first + 8).map(Option::unwrap_or_default);
    let stands = match state.as_str() {
        "new" => RunStatus::New,
        "driven" => RunStatus::Held {
            by: Worker { name: row.get::<_, String>(first + 10)?.into() },
            since: row.get::<_, TimeColumn>(first + 11)?.0,
        },
        "parked" => RunStatus::Parked {
            until: row.get::<_, Option<TimeColumn>>(first + 7)?.map(|at| at.0),
            waits_for: words()?,
            woken: row.get::<_, Option<i64>>(first + 6)? == Some(0),
        },
        "ended" => {
            RunStatus::Ended { outcome: outcome(&row.get::<_, String>(first + 9)?)?, message: words()? }
        }
        "stuck" => RunStatus::Stuck { why: words()? },
        other => return Err(unknown(state_column, other)),
    };
    Ok(RunHead {
        epoch: row.get::<_, CountColumn>(first + 1)?.0,
        length: row.get::<_, CountColumn>(first + 2)?.0,
        last_hash: row.get(first + 3)?,
        signals: row.get::<_, CountColumn>(first + 4)?.0,
        status: stands,
    })
}

fn outcome(word: &str) -> rusqlite::Result<Outcome> {
    [Outcome::Resolved, Outcome::Escalated, Outcome::Failed, Outcome::Aborted, Outcome::Waiting]
        .into_iter()
        .find(|it| it.word() == word)
        .ok_or_else(|| unknown(0, word))
}

fn unknown(column: usize, word: &str) -> rusqlite::Error {
    let why = format!("a run has the state `{word}`");
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, why.into())
}

/// When it becomes due, in milliseconds since 1970, rounded up; `None`: not by itself.
fn due(stands: &RunStatus) -> Option<i64> {
    match stands {
        RunStatus::New | RunStatus::Parked { woken: true, .. } => Some(0),
        RunStatus::Parked { until: Some(until), .. } => {
            let whole = until.0.as_millisecond();
            Some(if until.0.subsec_nanosecond() % 1_000_000 == 0 { whole } else { whole.saturating_add(1) })
        }
        RunStatus::Parked { until: None, .. }
        | RunStatus::Held { .. }
        | RunStatus::Ended { .. }
        | RunStatus::Stuck { .. } => None,
    }
}

/// Writes the standing of a run, all of it.
pub(super) fn save(connection: &Connection, id: i64, standing: &RunHead) -> rusqlite::Result<()> {
    let (state, until, words, outcome, by) = match &standing.status {
        RunStatus::New => ("new", None, None, None, None),
        RunStatus::Held { by, since } => ("driven", None, None, None, Some((by, since))),
        RunStatus::Parked { until, waits_for, .. } => {
            ("parked", until.map(TimeColumn), Some(waits_for), None, None)
        }
        RunStatus::Ended { outcome, message } => ("ended", None, Some(message), Some(outcome.word()), None),
        RunStatus::Stuck { why } => ("stuck", None, Some(why), None, None),
    };
    let mut statement = connection.prepare_cached(
        "UPDATE run SET epoch = ?2, length = ?3, last_hash = ?4, signals = ?5, state = ?6, due = ?7, until = ?8, words = ?9, \
         outcome = ?10, worker = ?11, since = ?12 WHERE id = ?1",
    )?;
    statement.execute(params![
        id,
        CountColumn(standing.epoch),
        CountColumn(standing.length),
        standing.last_hash,
        CountColumn(standing.signals),
        state,
        due(&standing.status),
        until,
        words,
        outcome,
        by.map(|(by, _)| by.name.as_str()),
        by.map(|(_, since)| TimeColumn(*since)),
    ])?;
    Ok(())
}

/// Writes records of a run.
pub(super) fn insert(connection: &Connection, id: i64, batch: &[JournalRecord]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO record (run, seq, epoch, at, data, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for record in batch {
        let JournalRecord { seq, epoch, at, data, hash } = record;
        statement.execute(params![
            id,
            CountColumn(*seq),
            CountColumn(*epoch),
            TimeColumn(*at),
            data,
            hash
        ])?;
    }
    Ok(())
}

/// Updates the length, the last hash and the time of the last write of a run.
pub(super) fn lengthen(
    connection: &Connection,
    id: i64,
    standing: &RunHead,
    last: &JournalRecord,
) -> rusqlite::Result<()> {
    let mut statement = connection
        .prepare_cached("UPDATE run SET length = ?2, last_hash = ?3, changed = ?4 WHERE id = ?1")?;
    statement.execute(params![id, CountColumn(standing.length), standing.last_hash, TimeColumn(last.at)])?;
    Ok(())
}

/// The records of a run from a position on.
pub(super) fn records(connection: &Connection, id: i64, from: u64) -> rusqlite::Result<Vec<JournalRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, epoch, at, data, hash FROM record WHERE run = ?1 AND seq >= ?2 ORDER BY seq",
    )?;
    let records = statement.query_map(params![id, CountColumn(from)], |row| {
        Ok(JournalRecord {
            seq: row.get::<_, CountColumn>(0)?.0,
            epoch: row.get::<_, CountColumn>(1)?.0,
            at: row.get::<_, TimeColumn>(2)?.0,
            data: row.get(3)?,
            hash: row.get(4)?,
        })
    })?;
    records.collect()
}

/// The signals of a run, in the order of their arrival.
pub(super) fn signals(connection: &Connection, id: i64) -> rusqlite::Result<Vec<Signal>> {
    let mut statement = connection
        .prepare_cached("SELECT number, name, data, at FROM signal WHERE run = ?1 ORDER BY number")?;
    let signals = statement.query_map([id], |row| {
        Ok(Signal {
            number: row.get::<_, CountColumn>(0)?.0,
            name: row.get::<_, String>(1)?.into(),
            data: row.get(2)?,
            at: row.get::<_, TimeColumn>(3)?.0,
        })
    })?;
    signals.collect()
}

/// The columns that [`summary`] reads.
pub(super) const SUMMARY: &str = "run, runbook, file, started, changed";

/// A run in a list, from the columns of [`SUMMARY`] and then [`STANDING`]. `lives` says whether the process that holds
/// the run with this number is alive; it is called only where there may be one.
pub(super) fn summary(row: &Row<'_>, lives: impl FnOnce(i64) -> bool) -> rusqlite::Result<RunSummary> {
    let standing = run_head(row, 5)?;
    let lives = matches!(standing.status, RunStatus::Held { .. }) && lives(row.get(5)?);
    Ok(RunSummary {
        run: row.get::<_, String>(0)?.into(),
        runbook: row.get(1)?,
        file: row.get::<_, String>(2)?.into(),
        started: row.get::<_, TimeColumn>(3)?.0,
        changed: row.get::<_, TimeColumn>(4)?.0,
        state: standing.state(lives),
        length: standing.length,
    })
}
