//! Removes old runs that have ended, and old deliveries.
//!
//! *Invariant:* what a window still needs stays. A run stays while an episode that it belongs to is open, and one that has a
//! cause (an alert, a schedule) for [`CAUSE_WINDOW`]: the same cause would start it again. So does a delivery with the id of
//! its sender. Counts of limits are kept apart from runs, and end with their own windows.

use rusqlite::{Connection, params};

use super::inbox::milliseconds;
use super::row::CountColumn;
use super::{Sqlite, folder, noted_process};
use rbl_runtime::journal::StoreError;
use rbl_syntax::value::Time;

/// How long the same cause may come again, in seconds: longer than any sender repeats a delivery.
const CAUSE_WINDOW: f64 = 48.0 * 3600.0;

/// How many runs are removed in one transaction: others write in between.
const BATCH: u32 = 50;

/// The runs that are removed: `?1` is the time up to which they must have ended, `?2` that for runs with a cause.
const OLD_RUNS: &str = "FROM run WHERE state = 'ended' AND changed < ?1 AND (dedupe = run OR changed < ?2) \
                        AND NOT EXISTS (SELECT 1 FROM episode WHERE episode.run = run.run AND closed IS NULL)";

/// The deliveries that are removed, in milliseconds as the runs above.
const OLD_DELIVERIES: &str = "FROM delivery WHERE settled < ?1 AND at < ?1 AND (key IS NULL OR at < ?2)";

/// The episodes that are removed: they are over, and have no run any more.
const OLD_EPISODES: &str =
    "FROM episode WHERE closed < ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE run.run = episode.run)";

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Runs, with all their records.
    pub runs: u64,
    /// Deliveries, with what became of them.
    pub deliveries: u64,
}

impl Sqlite {
    /// How much [`Self::prune`] would remove.
    pub fn prunable(&self, before: Time, now: Time) -> Result<Pruned, StoreError> {
        let (runs, deliveries) = (ended_before(before, now), settled_before(before, now));
        let mut open = self.open_journal();
        let connection = open.writable()?;
        let counted = || {
            let runs = connection
                .prepare_cached(&format!("SELECT count(*) {OLD_RUNS}"))?
                .query_row(params![runs.0, runs.1], |row| row.get::<_, CountColumn>(0))?;
            let deliveries = connection
                .prepare_cached(&format!("SELECT count(*) {OLD_DELIVERIES}"))?
                .query_row(params![deliveries.0, deliveries.1], |row| row.get::<_, CountColumn>(0))?;
            Ok(Pruned { runs: runs.0, deliveries: deliveries.0 })
        };
        counted().map_err(|error: rusqlite::Error| self.trouble(&error))
    }

    /// Removes the runs that ended before this time, and the deliveries of which something became before it. What a window
    /// still needs stays. The file keeps its size: the room is used again.
    pub fn prune(&self, before: Time, now: Time) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        loop {
            let limits = ended_before(before, now);
            let removed = self
                .transact(|transaction| runs(transaction, &limits).map_err(|error| self.trouble(&error)))?;
            if removed.is_empty() {
                break;
            }
            pruned.runs += removed.len() as u64;
            for id in removed {
                let lock = folder::lock(&self.folder, id);
                // A file that is left behind has no meaning.
                drop(noted_process::remove(&folder::process(&self.folder, &lock)));
                drop(std::fs::remove_file(&lock));
            }
        }
        loop {
            let limits = settled_before(before, now);
            let removed = self.transact(|transaction| {
                deliveries(transaction, limits).map_err(|error| self.trouble(&error))
            })?;
            pruned.deliveries += removed;
            if removed == 0 {
                break;
            }
        }
        self.transact(|transaction| {
            episodes(transaction, milliseconds(before)).map_err(|error| self.trouble(&error))
        })?;
        Ok(pruned)
    }
}

/// The whole seconds up to which runs must have ended: all of them, and those with a cause. Times are kept as texts, and a
/// text without a zone is less than any in the same second.
fn ended_before(before: Time, now: Time) -> (String, String) {
    let second = |time: Time| time.0.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    (second(before), second(before.min(window(now))))
}

fn settled_before(before: Time, now: Time) -> (i64, i64) {
    (milliseconds(before), milliseconds(before.min(window(now))))
}

fn window(now: Time) -> Time {
    now.plus(-CAUSE_WINDOW).unwrap_or(now)
}

fn runs(connection: &Connection, (all, with_cause): &(String, String)) -> rusqlite::Result<Vec<i64>> {
    let found: Vec<i64> = connection
        .prepare_cached(&format!("SELECT id {OLD_RUNS} ORDER BY id LIMIT {BATCH}"))?
        .query_map(params![all, with_cause], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &found {
        for of_run in ["signal", "covered", "closed", "lock"] {
            connection.prepare_cached(&format!("DELETE FROM {of_run} WHERE run = ?1"))?.execute([id])?;
        }
        connection
            .prepare_cached("DELETE FROM record WHERE place >= ?1 AND place < ?2")?
            .execute([id << 32, (id + 1) << 32])?;
        connection.prepare_cached("DELETE FROM run WHERE id = ?1")?.execute([id])?;
    }
    Ok(found)
}

fn deliveries(connection: &Connection, (all, with_key): (i64, i64)) -> rusqlite::Result<u64> {
    let sql = format!("SELECT id {OLD_DELIVERIES} ORDER BY id LIMIT {BATCH}");
    let found: Vec<i64> = connection
        .prepare_cached(&sql)?
        .query_map([all, with_key], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &found {
        connection.prepare_cached("DELETE FROM alert_result WHERE delivery = ?1")?.execute([id])?;
        connection.prepare_cached("DELETE FROM delivery WHERE id = ?1")?.execute([id])?;
    }
    Ok(found.len() as u64)
}

fn episodes(connection: &Connection, before: i64) -> rusqlite::Result<()> {
    let members = format!("DELETE FROM member WHERE episode IN (SELECT id {OLD_EPISODES})");
    connection.prepare_cached(&members)?.execute([before])?;
    connection.prepare_cached(&format!("DELETE {OLD_EPISODES}"))?.execute([before])?;
    Ok(())
}
