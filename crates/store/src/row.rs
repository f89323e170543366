//! The row of a run, read and written.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};

use rbl_runtime::Outcome;
use rbl_runtime::journal::run_state::{RunHead, RunStatus};
use rbl_runtime::journal::{
    JournalRecord, ParkedState, RunMode, RunSummary, Signal, WaitsOn, Worker, covered,
};
use rbl_syntax::value::Time;

/// The columns that [`run_head`] reads, after the `id`.
pub(super) const STANDING: &str = "id, epoch, length, last_hash, signals, state, due, until, words, outcome, worker, since, waits, progress";

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
    if let Some((id, head)) = found {
        return Ok(Some((id, grown(connection, id, head)?.0)));
    }
    {
        // With a damaged index, an existing run would seem to be missing.
        let mut all = connection.prepare_cached("SELECT 1 FROM run NOT INDEXED WHERE run = ?1")?;
        if all.exists([run])? {
            let why = "a run is missing from its index";
            return Err(rusqlite::Error::FromSqlConversionFailure(0, Type::Text, why.into()));
        }
    }
    Ok(found)
}

/// The last record of a run: its position, its epoch, its time and its hash.
pub(super) struct LastRecord {
    pub(super) seq: u64,
    pub(super) epoch: u64,
    pub(super) at: Time,
    pub(super) hash: String,
}

/// The last record of a run.
pub(super) fn last(connection: &Connection, id: i64) -> rusqlite::Result<Option<LastRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, epoch, at, hash FROM record WHERE place >= ?1 AND place < ?2 ORDER BY place DESC LIMIT 1",
    )?;
    let (from, to) = (place(id, 0), place(id, u64::MAX));
    let last = statement.query_row([from, to], |row| {
        Ok(LastRecord {
            seq: row.get::<_, CountColumn>(0)?.0,
            epoch: row.get::<_, CountColumn>(1)?.0,
            at: row.get::<_, TimeColumn>(2)?.0,
            hash: row.get(3)?,
        })
    });
    last.optional()
}

/// The standing of a run as its records say it, and the time of the last one where that is read. Appending records does not
/// change the row of a run: that would be one more page in every commit.
fn grown(connection: &Connection, id: i64, mut head: RunHead) -> rusqlite::Result<(RunHead, Option<Time>)> {
    if !matches!(head.status, RunStatus::Held { .. }) {
        return Ok((head, None));
    }
    let Some(last) = last(connection, id)? else { return Ok((head, None)) };
    let length = last.seq.saturating_add(1);
    // Where records are missing, the row keeps saying how many there were.
    if length > head.length {
        head.length = length;
        head.last_hash = last.hash;
    }
    Ok((head, Some(last.at)))
}

/// Whether the last record of which the row of a run knows is there.
pub(super) fn has_its_end(connection: &Connection, id: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM run JOIN record ON place = (run.id << 32) + run.length - 1 AND hash = last_hash WHERE run.id = ?1",
        )?
        .exists([id])
}

/// Where the record of a run is kept; for any position behind the last one possible, where the next run begins.
fn place(id: i64, seq: u64) -> i64 {
    (id << 32).saturating_add(i64::try_from(seq.min(RECORDS)).unwrap_or(i64::MAX))
}

/// How many records a run can have.
const RECORDS: u64 = 1 << 32;

/// The condition for the rows of runs in the state of this word, or in one that a row does not tell from it.
pub(super) fn in_state(word: &str) -> &'static str {
    match word {
        // Whether its process lives is not in the row.
        "running" | "cut-off" => " AND state = 'driven'",
        "queued" => " AND state = 'new'",
        "waiting" => " AND state = 'parked' AND outcome IS NULL",
        "answered" => " AND +state = 'parked' AND due = 0",
        "resolved" => " AND state = 'ended' AND outcome = 'resolved'",
        "escalated" => " AND state = 'ended' AND outcome = 'escalated'",
        "failed" => " AND state = 'ended' AND outcome = 'failed'",
        "aborted" => " AND state = 'ended' AND outcome = 'aborted'",
        "stuck" => " AND state = 'stuck'",
        _ => "",
    }
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
            state: ParkedState {
                until: row.get::<_, Option<TimeColumn>>(first + 7)?.map(|at| at.0),
                on: match row.get::<_, Option<String>>(first + 12)? {
                    Some(word) => waits_on(first + 12, &word)?,
                    // A row of version 1 does not say it.
                    None if row.get::<_, Option<String>>(first + 7)?.is_some() => WaitsOn::Time,
                    None => WaitsOn::Person,
                },
                waits_for: words()?,
                // What cannot be read is not shown: nothing else depends on it.
                progress: row
                    .get::<_, Option<String>>(first + 13)?
                    .and_then(|text| serde_json::from_str(&text).ok()),
            },
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

/// The kind of what a parked run waits for.
fn waits_on(column: usize, word: &str) -> rusqlite::Result<WaitsOn> {
    WaitsOn::ALL.into_iter().find(|it| it.word() == word).ok_or_else(|| unknown(column, word))
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
        RunStatus::Parked { state: ParkedState { until: Some(until), .. }, .. } => {
            let whole = until.0.as_millisecond();
            Some(if until.0.subsec_nanosecond() % 1_000_000 == 0 { whole } else { whole.saturating_add(1) })
        }
        RunStatus::Parked { state: ParkedState { until: None, .. }, .. }
        | RunStatus::Held { .. }
        | RunStatus::Ended { .. }
        | RunStatus::Stuck { .. } => None,
    }
}

/// Writes the standing of a run, all of it, and when its last record was written.
pub(super) fn save(connection: &Connection, id: i64, standing: &RunHead) -> rusqlite::Result<()> {
    let (state, until, words, outcome, by) = match &standing.status {
        RunStatus::New => ("new", None, None, None, None),
        RunStatus::Held { by, since } => ("driven", None, None, None, Some((by, since))),
        RunStatus::Parked { state, .. } => {
            ("parked", state.until.map(TimeColumn), Some(&state.waits_for), None, None)
        }
        RunStatus::Ended { outcome, message } => ("ended", None, Some(message), Some(outcome.word()), None),
        RunStatus::Stuck { why } => ("stuck", None, Some(why), None, None),
    };
    let parked = match &standing.status {
        RunStatus::Parked { state, .. } => Some(state),
        RunStatus::New | RunStatus::Held { .. } | RunStatus::Ended { .. } | RunStatus::Stuck { .. } => None,
    };
    let progress = parked.and_then(|state| serde_json::to_string(state.progress.as_ref()?).ok());
    let mut statement = connection.prepare_cached(
        "UPDATE run SET epoch = ?2, length = ?3, last_hash = ?4, signals = ?5, state = ?6, due = ?7, until = ?8, words = ?9, \
         outcome = ?10, worker = ?11, since = ?12, waits = ?13, progress = ?14, \
         changed = coalesce((SELECT at FROM record WHERE place >= ?15 AND place < ?16 ORDER BY place DESC LIMIT 1), changed) \
         WHERE id = ?1",
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
        parked.map(|state| state.on.word()),
        progress,
        place(id, 0),
        place(id, u64::MAX),
    ])?;
    Ok(())
}

/// Writes records of a run.
pub(super) fn insert(connection: &Connection, id: i64, batch: &[JournalRecord]) -> rusqlite::Result<()> {
    let mut statement = connection
        .prepare_cached("INSERT INTO record (place, epoch, at, data, hash) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for record in batch {
        let JournalRecord { seq, epoch, at, data, hash } = record;
        if *seq >= RECORDS {
            return Err(rusqlite::Error::ToSqlConversionFailure("a run has too many records".into()));
        }
        statement.execute(params![place(id, *seq), CountColumn(*epoch), TimeColumn(*at), data, hash])?;
        if let Some((first, behind)) = covered(data) {
            connection
                .prepare_cached("INSERT OR REPLACE INTO covered (run, first, behind) VALUES (?1, ?2, ?3)")?
                .execute(params![id, CountColumn(first), CountColumn(behind)])?;
        }
    }
    Ok(())
}

/// The records of a run from a position on.
pub(super) fn records(connection: &Connection, id: i64, from: u64) -> rusqlite::Result<Vec<JournalRecord>> {
    between(connection, id, from, u64::MAX)
}

/// The records of a run from one position to before another.
pub(super) fn between(
    connection: &Connection,
    id: i64,
    from: u64,
    to: u64,
) -> rusqlite::Result<Vec<JournalRecord>> {
    page(connection, id, (from, to), usize::MAX)
}

/// The first of these records that together have at least this many bytes, or all of them.
pub(super) fn page(
    connection: &Connection,
    id: i64,
    (from, to): (u64, u64),
    bytes: usize,
) -> rusqlite::Result<Vec<JournalRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, epoch, at, data, hash FROM record WHERE place >= ?1 AND place < ?2 ORDER BY place",
    )?;
    let records = statement.query_map([place(id, from), place(id, to)], |row| {
        Ok(JournalRecord {
            seq: row.get::<_, CountColumn>(0)?.0,
            epoch: row.get::<_, CountColumn>(1)?.0,
            at: row.get::<_, TimeColumn>(2)?.0,
            data: row.get(3)?,
            hash: row.get(4)?,
        })
    })?;
    let (mut found, mut length) = (Vec::new(), 0_usize);
    for record in records {
        let record = record?;
        length = length.saturating_add(record.data.len());
        found.push(record);
        if length >= bytes {
            break;
        }
    }
    Ok(found)
}

/// The records of a run that marks cover: each from the first position to before the second.
pub(super) fn covers(connection: &Connection, id: i64) -> rusqlite::Result<Vec<(u64, u64)>> {
    let mut statement =
        connection.prepare_cached("SELECT first, behind FROM covered WHERE run = ?1 ORDER BY first")?;
    let covers = statement
        .query_map([id], |row| Ok((row.get::<_, CountColumn>(0)?.0, row.get::<_, CountColumn>(1)?.0)))?;
    covers.collect()
}

/// The signals of a run, in the order of their arrival.
pub(super) fn signals(connection: &Connection, id: i64) -> rusqlite::Result<Vec<Signal>> {
    let mut statement = connection
        .prepare_cached("SELECT number, name, data, at FROM signal WHERE run = ?1 ORDER BY number")?;
    let signals = statement.query_map([id], signal)?;
    signals.collect()
}

/// A signal, from its number, its name, its content and its time.
pub(super) fn signal(row: &Row<'_>) -> rusqlite::Result<Signal> {
    Ok(Signal {
        number: row.get::<_, CountColumn>(0)?.0,
        name: row.get::<_, String>(1)?.into(),
        data: row.get(2)?,
        at: row.get::<_, TimeColumn>(3)?.0,
    })
}

/// The columns that [`summary`] reads.
pub(super) const SUMMARY: &str = "run, runbook, file, started, changed, mode, identity";

/// A run in a list, from the columns of [`SUMMARY`] and then [`STANDING`], without its locks. `lives` says whether the
/// process that holds the run with this number is alive; it is called only where there may be one.
pub(super) fn summary(
    connection: &Connection,
    row: &Row<'_>,
    lives: impl FnOnce(i64) -> bool,
) -> rusqlite::Result<RunSummary> {
    let id = row.get(7)?;
    let (standing, changed) = grown(connection, id, run_head(row, 7)?)?;
    let lives = matches!(standing.status, RunStatus::Held { .. }) && lives(id);
    Ok(RunSummary {
        run: row.get::<_, String>(0)?.into(),
        runbook: row.get(1)?,
        file: row.get::<_, String>(2)?.into(),
        identity: row.get(6)?,
        started: row.get::<_, TimeColumn>(3)?.0,
        changed: match changed {
            Some(changed) => changed,
            None => row.get::<_, TimeColumn>(4)?.0,
        },
        // A word that this rbl does not know can only be of a stricter mode.
        mode: RunMode::of(&row.get::<_, String>(5)?).unwrap_or(RunMode::Look),
        state: standing.state(lives),
        length: standing.length,
        locks: Vec::new(),
    })
}
