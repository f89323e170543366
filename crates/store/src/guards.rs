//! Locks, counts and closed questions: the guards of an append, within its transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::row::TimeColumn;
use rbl_runtime::journal::lock_queue::{LOCK_GRACE, LOCK_WAKE, LockEntry, LockTurn, next, turn};
use rbl_runtime::journal::{
    AppendGuard, GuardRefusal, Lease, LockRefusal, Signal, TakeLock, Tally, TallyReached, deciding,
};
use rbl_syntax::value::Time;

type CheckedGuard<T> = rusqlite::Result<Result<T, GuardRefusal>>;

/// Checks every guard for a run. A run that has to wait gets its place in the queue. The holders of a lock that is not free
/// are still to be filled in.
pub(super) fn check(
    connection: &Connection,
    (id, lease): (i64, &Lease),
    guards: &[AppendGuard],
    now: Time,
) -> CheckedGuard<()> {
    for guard in guards {
        match guard {
            AppendGuard::UnlessSignaled { question, quorum, .. } => {
                if let Some(first) = deciding(&signals_of(connection, id, question)?, *quorum) {
                    return Ok(Err(GuardRefusal::Signaled(first.clone())));
                }
            }
            AppendGuard::TakeLock(lock) => {
                let entries = entries(connection, &lock.name)?;
                let ahead = match turn(&entries, &lease.run, &lock.key, lock.slots, now) {
                    LockTurn::Own | LockTurn::Free => continue,
                    LockTurn::Wait { ahead } => ahead,
                };
                if lock.queues {
                    enter(connection, id, lock, false, now)?;
                }
                let refusal = LockRefusal { name: lock.name.clone(), holders: Vec::new(), ahead };
                return Ok(Err(GuardRefusal::Locked(refusal)));
            }
            AppendGuard::Count(tally) => {
                if let Err(reached) = counts(connection, std::slice::from_ref(tally), now)? {
                    return Ok(Err(GuardRefusal::Reached(reached)));
                }
            }
            AppendGuard::LeaveLock { .. } => {}
        }
    }
    Ok(Ok(()))
}

/// Applies guards that hold; returns the names of the locks that may have become free.
pub(super) fn apply(
    connection: &Connection,
    id: i64,
    guards: &[AppendGuard],
    now: Time,
) -> rusqlite::Result<Vec<String>> {
    let mut freed = Vec::new();
    for guard in guards {
        match guard {
            AppendGuard::UnlessSignaled { question, closed, .. } => {
                connection
                    .prepare_cached("INSERT OR IGNORE INTO closed (run, question, how) VALUES (?1, ?2, ?3)")?
                    .execute(params![id, question.as_str(), closed])?;
            }
            AppendGuard::TakeLock(lock) => enter(connection, id, lock, true, now)?,
            AppendGuard::LeaveLock { name, key } => {
                connection
                    .prepare_cached("DELETE FROM lock WHERE name = ?1 AND run = ?2 AND key = ?3")?
                    .execute(params![name, id, key])?;
                freed.push(name.clone());
            }
            AppendGuard::Count(tally) => count(connection, std::slice::from_ref(tally), now)?,
        }
    }
    Ok(freed)
}

/// Takes everything from a run that has ended; returns the names of its locks.
pub(super) fn ended(connection: &Connection, id: i64) -> rusqlite::Result<Vec<String>> {
    let mut names = connection.prepare_cached("SELECT name FROM lock WHERE run = ?1")?;
    let names: rusqlite::Result<Vec<String>> = names.query_map([id], |row| row.get(0))?.collect();
    let names = names?;
    if !names.is_empty() {
        connection.prepare_cached("DELETE FROM lock WHERE run = ?1")?.execute([id])?;
    }
    connection.prepare_cached("DELETE FROM closed WHERE run = ?1")?.execute([id])?;
    Ok(names)
}

/// The runs whose turn it is at these locks: they are to be woken, and their place is respected until they ask.
pub(super) fn to_wake(
    connection: &Connection,
    names: &[String],
    now: Time,
) -> rusqlite::Result<Vec<smol_str::SmolStr>> {
    let mut woken = Vec::new();
    for name in names {
        let entries = entries(connection, name)?;
        for entry in next(&entries, now) {
            connection
                .prepare_cached(
                    "UPDATE lock SET respected = ?4 WHERE name = ?1 AND key = ?3 AND held = 0 \
                     AND run = (SELECT id FROM run WHERE run = ?2)",
                )?
                .execute(params![
                    name,
                    entry.run.as_str(),
                    entry.key,
                    TimeColumn(now.plus(LOCK_WAKE).unwrap_or(now))
                ])?;
            woken.push(entry.run.clone());
        }
    }
    Ok(woken)
}

/// How often each was counted before; or the first that is reached.
pub(super) fn counts(
    connection: &Connection,
    tallies: &[Tally],
    now: Time,
) -> rusqlite::Result<Result<Vec<u32>, TallyReached>> {
    let mut before = Vec::with_capacity(tallies.len());
    for tally in tallies {
        let since = now.plus(-tally.window).map_or(i64::MIN, |since| since.0.as_millisecond());
        let (count, is_counted): (u32, bool) = connection
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE id <> ?2 AND at > ?3), count(*) FILTER (WHERE id = ?2) > 0 \
                 FROM tally WHERE key = ?1",
            )?
            .query_row(params![tally.key, tally.id, since], |row| Ok((row.get(0)?, row.get(1)?)))?;
        match tally.most {
            Some(most) if count >= most && !is_counted => {
                let (key, window) = (tally.key.clone(), tally.window);
                return Ok(Err(TallyReached { key, count, most, window }));
            }
            _ => before.push(count),
        }
    }
    Ok(Ok(before))
}

/// Counts each, unless it is counted already. What no window needs any more is removed.
pub(super) fn count(connection: &Connection, tallies: &[Tally], now: Time) -> rusqlite::Result<()> {
    if tallies.is_empty() {
        return Ok(());
    }
    let at = now.0.as_millisecond();
    connection.prepare_cached("DELETE FROM tally WHERE expires < ?1")?.execute([at])?;
    for tally in tallies {
        let expires = now.plus(tally.window).map_or(i64::MAX, |time| time.0.as_millisecond());
        connection
            .prepare_cached(
                "INSERT INTO tally (key, id, at, expires) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?
            .execute(params![tally.key, tally.id, at, expires])?;
    }
    Ok(())
}

/// How a question was closed.
pub(super) fn closed(connection: &Connection, id: i64, question: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT how FROM closed WHERE run = ?1 AND question = ?2")?
        .query_row(params![id, question], |row| row.get(0))
        .optional()
}

/// The signals about a question: those of its name, and those with a person behind it. `0` is the character after `/`.
const ABOUT: &str = "SELECT number, name, data, at FROM signal WHERE run = ?1 AND name = ?2 UNION ALL \
                     SELECT number, name, data, at FROM signal WHERE run = ?1 AND name > ?2 || '/' AND name < ?2 || '0'";

/// The signals about a question, in the order of their arrival. A run may have thousands about others: each alert that joins it is one.
pub(super) fn signals_of(connection: &Connection, id: i64, question: &str) -> rusqlite::Result<Vec<Signal>> {
    let mut statement = connection.prepare_cached(ABOUT)?;
    let about = statement.query_map(params![id, question], super::row::signal)?;
    let mut about = about.collect::<rusqlite::Result<Vec<Signal>>>()?;
    // Sorted here: in that order SQLite would read all signals of the run.
    about.sort_by_key(|signal| signal.number);
    Ok(about)
}

/// Whether a run has the signal of this name.
pub(super) fn has_signal(connection: &Connection, id: i64, name: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM signal WHERE run = ?1 AND name = ?2")?.exists(params![id, name])
}

/// The entries of a lock, in the order in which they came.
pub(super) fn entries(connection: &Connection, name: &str) -> rusqlite::Result<Vec<LockEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT run.run, key, held, slots, lock.since, respected, lock.until \
         FROM lock JOIN run ON run.id = lock.run WHERE name = ?1 ORDER BY place",
    )?;
    let entries = statement.query_map([name], |row| {
        Ok(LockEntry {
            run: row.get::<_, String>(0)?.into(),
            key: row.get(1)?,
            held: row.get(2)?,
            slots: row.get(3)?,
            since: row.get::<_, TimeColumn>(4)?.0,
            respected: row.get::<_, TimeColumn>(5)?.0,
            until: row.get::<_, Option<TimeColumn>>(6)?.map(|at| at.0),
        })
    })?;
    entries.collect()
}

/// The names of the locks that a run holds.
pub(super) fn held_by(connection: &Connection, run: &str) -> rusqlite::Result<Vec<String>> {
    let mut names = connection.prepare_cached(
        "SELECT name FROM lock JOIN run ON run.id = lock.run WHERE run.run = ?1 AND held = 1 ORDER BY place",
    )?;
    names.query_map([run], |row| row.get(0))?.collect()
}

/// Puts the run in its place, or keeps it there.
fn enter(connection: &Connection, id: i64, lock: &TakeLock, held: bool, now: Time) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO lock (name, run, key, held, slots, since, respected, until) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (name, run, key) DO UPDATE SET \
             since = iif(held = 0 AND excluded.held = 1, excluded.since, since), held = max(held, excluded.held), \
             slots = excluded.slots, respected = excluded.respected, until = excluded.until",
        )?
        .execute(params![
            lock.name,
            id,
            lock.key,
            held,
            lock.slots,
            TimeColumn(now),
            TimeColumn(now.plus(LOCK_GRACE).unwrap_or(now)),
            lock.until.map(TimeColumn)
        ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of other questions are not even looked at: with ten thousand of them, each answer would read them all.
    #[test]
    fn the_signals_about_a_question_are_found_by_their_name() {
        let mut connection = Connection::open_in_memory().unwrap();
        super::super::schema::bring_up(&mut connection).unwrap();
        connection.execute_batch(include_str!("filled_4.sql")).unwrap();
        connection.execute("DELETE FROM signal", []).unwrap();
        let names = ["7/ana", "70", "7-", "7", "70/ana", "7/b/c", "alert/7", "", "07"];
        for (number, name) in (1..).zip(names) {
            let sql = "INSERT INTO signal (run, number, name, data, at) VALUES (1, ?1, ?2, 'x', '2026-11-22T03:12:09Z')";
            connection.execute(sql, params![number, name]).unwrap();
        }
        let found = signals_of(&connection, 1, "7").unwrap();
        let found: Vec<&str> = found.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(found, ["7/ana", "7", "7/b/c"], "in the order of their arrival");
        assert!(found.iter().all(|it| it.split('/').next() == Some("7")));
        assert!(has_signal(&connection, 1, "7/b/c").unwrap() && !has_signal(&connection, 1, "7/b").unwrap());
        let plan = format!("EXPLAIN QUERY PLAN {ABOUT}");
        let mut plan = connection.prepare(&plan).unwrap();
        let steps: Vec<String> =
            plan.query_map(params![1, "7"], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let looks: Vec<&String> = steps.iter().filter(|it| it.contains("signal")).collect();
        assert!(looks.len() == 2 && looks.iter().all(|it| it.contains("(run=? AND name")), "{steps:?}");
    }
}
