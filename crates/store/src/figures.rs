//! [`JournalFigures`]: how many runs are in which state, for whoever watches them. Found by indexes, so that it costs little
//! however many runs there are.

use rusqlite::{Connection, OptionalExtension};

use super::inbox::{milliseconds, time};
use super::row::{CountColumn, TimeColumn};
use super::{Sqlite, SqliteReader};
use crate::duration_counts::DurationHistogram;
use rbl_runtime::Outcome;
use rbl_runtime::journal::{StoreError, WaitsOn};
use rbl_syntax::value::Time;

/// How many of the runs that are due are looked at for the oldest one.
const LOOKED_AT: u32 = 100;

/// How many runs are in which state at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JournalFigures {
    /// Runs that no worker has begun.
    pub new: u64,
    /// Runs that a process holds, or held when it died.
    pub running: u64,
    /// Parked runs that wait.
    pub waiting: u64,
    /// Parked runs that were answered or woken, and wait for a worker.
    pub answered: u64,
    /// Runs that cannot be resumed.
    pub stuck: u64,
    /// Runs that ended, by outcome.
    pub ended: Vec<(Outcome, u64)>,
    /// Parked runs that wait for a person.
    pub questions: u64,
    /// Those whose deadline is near.
    pub near: u64,
    /// The next deadline of a question.
    pub next_deadline: Option<Time>,
    /// Since when the run has been due that has been due longest; `None`: none is.
    pub due_since: Option<Time>,
    /// Deliveries that wait for what becomes of them.
    pub deliveries: u64,
}

impl SqliteReader {
    /// The figures now. A deadline is near that is less than this many seconds away.
    pub fn figures(&self, now: Time, near: f64) -> Result<JournalFigures, StoreError> {
        let Some(connection) = self.connection()? else { return Ok(JournalFigures::default()) };
        let read = || {
            // One transaction: all of one moment.
            let transaction = connection.unchecked_transaction()?;
            let mut figures = JournalFigures::default();
            states(&transaction, &mut figures)?;
            questions(&transaction, now, near, &mut figures)?;
            figures.due_since = due_since(&transaction, now)?;
            figures.deliveries = count(&transaction, "SELECT count(*) FROM delivery WHERE settled IS NULL")?;
            Ok(figures)
        };
        read().map_err(|error: rusqlite::Error| self.trouble(&error))
    }
}

impl Sqlite {
    /// Writes something that changes nothing, durably.
    ///
    /// Errors: the journal cannot be written.
    pub fn try_write(&self) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let written = transaction.execute("UPDATE compatible SET min_reader = min_reader", []);
            written.map(drop).map_err(|error| self.trouble(&error))
        })
    }

    /// How long the transactions of this process took so far.
    pub fn commit_times(&self) -> DurationHistogram {
        self.commits.histogram()
    }
}

fn count(connection: &Connection, sql: &str) -> rusqlite::Result<u64> {
    connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, CountColumn>(0)).map(|count| count.0)
}

fn states(connection: &Connection, figures: &mut JournalFigures) -> rusqlite::Result<()> {
    figures.ended = Outcome::ENDS.map(|outcome| (outcome, 0)).to_vec();
    let mut statement =
        connection.prepare_cached("SELECT state, outcome, count(*) FROM run GROUP BY state, outcome")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (state, outcome): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let runs = row.get::<_, CountColumn>(2)?.0;
        match state.as_str() {
            "new" => figures.new += runs,
            "driven" => figures.running += runs,
            "parked" => figures.waiting += runs,
            "stuck" => figures.stuck += runs,
            _ => {
                let word = outcome.unwrap_or_default();
                figures
                    .ended
                    .iter_mut()
                    .filter(|(it, _)| it.word() == word)
                    .for_each(|(_, all)| *all += runs);
            }
        }
    }
    figures.answered = count(connection, "SELECT count(*) FROM run WHERE due = 0 AND state = 'parked'")?;
    figures.waiting = figures.waiting.saturating_sub(figures.answered);
    Ok(())
}

/// A question with a deadline is due then.
fn questions(
    connection: &Connection,
    now: Time,
    near: f64,
    figures: &mut JournalFigures,
) -> rusqlite::Result<()> {
    let soon = now.plus(near).unwrap_or(now);
    let sql = "SELECT count(*), count(*) FILTER (WHERE due <= ?2), min(due) FROM run \
               WHERE state = 'parked' AND outcome IS NULL AND waits = ?1 AND due IS NOT 0";
    connection.prepare_cached(sql)?.query_row((WaitsOn::Person.word(), milliseconds(soon)), |row| {
        figures.questions = row.get::<_, CountColumn>(0)?.0;
        figures.near = row.get::<_, CountColumn>(1)?.0;
        figures.next_deadline = row.get::<_, Option<i64>>(2)?.map(|at| time(2, at)).transpose()?;
        Ok(())
    })
}

/// Since when the oldest due run is due: from its time on, since it began, or since the signal that woke it.
fn due_since(connection: &Connection, now: Time) -> rusqlite::Result<Option<Time>> {
    let by_time = connection
        .prepare_cached("SELECT due FROM run WHERE due > 0 AND due <= ?1 ORDER BY due LIMIT 1")?
        .query_row([milliseconds(now)], |row| time(0, row.get(0)?))
        .optional()?;
    let sql = "SELECT started, state = 'new', (SELECT at FROM signal WHERE signal.run = run.id ORDER BY number DESC LIMIT 1) \
               FROM run WHERE due = 0 ORDER BY id LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let woken = statement.query_map([LOOKED_AT], |row| {
        if row.get::<_, bool>(1)? {
            return Ok(Some(row.get::<_, TimeColumn>(0)?.0));
        }
        // One that the end of another run woke has no signal.
        Ok(row.get::<_, Option<TimeColumn>>(2)?.map(|at| at.0))
    })?;
    let mut since = by_time;
    for woken in woken {
        since = [since, woken?].into_iter().flatten().min();
    }
    Ok(since)
}
