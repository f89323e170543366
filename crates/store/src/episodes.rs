//! Episodes of alerts: when one begins, who belongs to it, and when it is over.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use smol_str::SmolStr;

use super::inbox::{json, milliseconds, time, unreadable};
use super::row::{self, CountColumn, STANDING, SUMMARY};
use rbl_runtime::Alert;
use rbl_runtime::journal::{
    EPISODE_SILENCE, EpisodeCause, EpisodeChange, EpisodeKey, EpisodeMember, MemberReport, ReceivedAlert,
    RunState, StillFiring,
};
use rbl_syntax::value::Time;

/// The newest episode of a key.
struct Newest {
    id: u64,
    run: Option<SmolStr>,
    is_open: bool,
}

/// A member as it is kept.
struct KnownMember {
    firing: bool,
    ended: Option<i64>,
    /// The alert as it was heard last, as JSON.
    alert: String,
}

impl KnownMember {
    /// When the alert began, as it was heard last; where it was resolved, when it ended.
    fn began(&self) -> Option<i64> {
        let alert: ReceivedAlert = serde_json::from_str(&self.alert).ok()?;
        alert.alert.starts_at.map(milliseconds).max(self.ended)
    }
}

/// Reports an alert to its episode; see [`rbl_runtime::journal::Inbox::report`].
pub(super) fn report(connection: &Connection, report: &MemberReport) -> rusqlite::Result<EpisodeChange> {
    let newest = newest(connection, &report.key, report.at)?;
    let fingerprint = report.alert.fingerprint();
    let known = match &newest {
        Some(newest) => member(connection, newest.id, fingerprint)?,
        None => None,
    };
    if report.alert.firing {
        let newest = match newest {
            Some(newest) if newest.is_open => newest,
            Some(newest) if is_late(report, known.as_ref()) => {
                reopen(connection, newest.id)?;
                newest
            }
            Some(_) | None => begin(connection, report)?,
        };
        let known = member(connection, newest.id, fingerprint)?;
        write(connection, newest.id, report, None)?;
        let is_new = known.is_none_or(|known| !known.firing);
        return Ok(EpisodeChange::Firing { episode: newest.id, run: newest.run, is_new });
    }
    let (Some(newest), Some(known)) = (newest, known) else { return Ok(EpisodeChange::NoEpisode) };
    if !newest.is_open {
        return Ok(EpisodeChange::Resolved { run: newest.run, is_new: false, closes: false });
    }
    write(connection, newest.id, report, known.began())?;
    let closes = close_where_resolved(connection, newest.id, report.at)?;
    Ok(EpisodeChange::Resolved { run: newest.run, is_new: known.firing, closes })
}

/// The newest episode of this key. One that has heard nothing for too long is closed by this.
fn newest(connection: &Connection, key: &EpisodeKey, at: Time) -> rusqlite::Result<Option<Newest>> {
    let sql = "SELECT id, run, closed IS NULL, heard FROM episode WHERE runbook = ?1 AND source = ?2 AND grouped = ?3 \
               ORDER BY id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_row(params![key.runbook, key.source.as_str(), key.group], |row| {
            let newest = Newest {
                id: row.get::<_, CountColumn>(0)?.0,
                run: row.get::<_, Option<String>>(1)?.map(SmolStr::from),
                is_open: row.get(2)?,
            };
            Ok((newest, time(3, row.get(3)?)?))
        })
        .optional()?;
    let Some((newest, heard)) = found else { return Ok(None) };
    if newest.is_open && at.since(heard).base >= EPISODE_SILENCE {
        connection
            .prepare_cached("UPDATE episode SET closed = ?2 WHERE id = ?1")?
            .execute(params![CountColumn(newest.id), milliseconds(at)])?;
        return Ok(Some(Newest { is_open: false, ..newest }));
    }
    Ok(Some(newest))
}

/// Whether a firing alert is one that was resolved already: it began before that, and its delivery comes late.
fn is_late(report: &MemberReport, known: Option<&KnownMember>) -> bool {
    let ended = known.filter(|known| !known.firing).and_then(|known| known.ended);
    let began = report.alert.alert.starts_at.map(milliseconds);
    began.zip(ended).is_some_and(|(began, ended)| began <= ended)
}

fn begin(connection: &Connection, report: &MemberReport) -> rusqlite::Result<Newest> {
    let EpisodeKey { runbook, source, group } = &report.key;
    connection
        .prepare_cached(
            "INSERT INTO episode (runbook, source, grouped, opened, heard) VALUES (?1, ?2, ?3, ?4, ?4)",
        )?
        .execute(params![runbook, source.as_str(), group, milliseconds(report.at)])?;
    Ok(Newest { id: connection.last_insert_rowid().unsigned_abs(), run: None, is_open: true })
}

fn reopen(connection: &Connection, episode: u64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE episode SET closed = NULL WHERE id = ?1")?
        .execute([CountColumn(episode)])?;
    Ok(())
}

fn member(connection: &Connection, episode: u64, fingerprint: &str) -> rusqlite::Result<Option<KnownMember>> {
    connection
        .prepare_cached("SELECT firing, ended, alert FROM member WHERE episode = ?1 AND fingerprint = ?2")?
        .query_row(params![CountColumn(episode), fingerprint], |row| {
            Ok(KnownMember { firing: row.get(0)?, ended: row.get(1)?, alert: row.get(2)? })
        })
        .optional()
}

/// Writes the member, and that the episode has been heard of. `began`: when it had begun, where it was known to fire; it ended no
/// earlier, whatever clock or person says so.
fn write(
    connection: &Connection,
    episode: u64,
    report: &MemberReport,
    began: Option<i64>,
) -> rusqlite::Result<()> {
    let at = milliseconds(report.at);
    let ended = match (report.alert.firing, report.alert.ended_at) {
        (true, _) => None,
        (false, Some(ended)) => {
            Some(began.map_or(milliseconds(ended), |began| began.max(milliseconds(ended))))
        }
        (false, None) => Some(at),
    };
    connection
        .prepare_cached(
            "INSERT INTO member (episode, fingerprint, firing, ended, heard, joined, alert) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6) ON CONFLICT (episode, fingerprint) DO UPDATE \
             SET firing = excluded.firing, ended = excluded.ended, heard = excluded.heard, alert = excluded.alert",
        )?
        .execute(params![
            CountColumn(episode),
            report.alert.fingerprint(),
            report.alert.firing,
            ended,
            at,
            json(&report.alert)?
        ])?;
    connection
        .prepare_cached("UPDATE episode SET heard = ?2 WHERE id = ?1")?
        .execute(params![CountColumn(episode), at])?;
    Ok(())
}

/// Closes an episode of which no member fires any more; returns whether it is closed.
fn close_where_resolved(connection: &Connection, episode: u64, at: Time) -> rusqlite::Result<bool> {
    let closed = connection
        .prepare_cached(
            "UPDATE episode SET closed = ?2 WHERE id = ?1 \
             AND NOT EXISTS (SELECT 1 FROM member WHERE episode = ?1 AND firing = 1)",
        )?
        .execute(params![CountColumn(episode), milliseconds(at)])?;
    Ok(closed > 0)
}

/// Notes the run of an episode.
pub(super) fn set_run(connection: &Connection, episode: u64, run: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE episode SET run = ?2 WHERE id = ?1")?
        .execute(params![CountColumn(episode), run])?;
    Ok(())
}

/// See [`rbl_runtime::journal::Inbox::notified`].
pub(super) fn notified(
    connection: &Connection,
    episode: u64,
    run: &str,
    replaces: bool,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE episode SET notified = ?2, run = iif(?3, ?2, run) WHERE id = ?1")?
        .execute(params![CountColumn(episode), run, replaces])?;
    Ok(())
}

/// See [`rbl_runtime::journal::Inbox::still_firing`].
pub(super) fn still_firing(
    connection: &Connection,
    now: Time,
    quiet: f64,
    counts_as_firing: &dyn Fn(&str, Time) -> bool,
) -> rusqlite::Result<Vec<StillFiring>> {
    let sql = "SELECT id, runbook, source, grouped, run FROM episode \
               WHERE closed IS NULL AND notified IS NULL AND run IS NOT NULL ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let run: SmolStr = row.get::<_, String>(4)?.into();
        let Some(ended) = ended(connection, &run)? else { continue };
        if now.since(ended.1).base < quiet {
            continue;
        }
        let source: SmolStr = row.get::<_, String>(2)?.into();
        let episode = row.get::<_, CountColumn>(0)?.0;
        let firing = of_episode(connection, episode, &source)?;
        let firing = firing.into_iter().filter(|it| it.alert.firing && counts_as_firing(&source, it.heard));
        let alerts: Vec<_> = firing.map(|member| member.alert.alert).collect();
        if !alerts.is_empty() {
            let key = EpisodeKey { runbook: row.get(1)?, source, group: row.get(3)? };
            found.push(StillFiring { episode, key, run, ended, alerts });
        }
    }
    Ok(found)
}

/// How and when a run ended; `None`: it has not.
fn ended(connection: &Connection, run: &str) -> rusqlite::Result<Option<(rbl_runtime::Outcome, Time)>> {
    let sql = format!("SELECT {SUMMARY}, {STANDING} FROM run WHERE run = ?1");
    let summary = connection
        .prepare_cached(&sql)?
        .query_row([run], |row| row::summary(connection, row, |_| true))
        .optional()?;
    Ok(summary.and_then(|summary| match summary.state {
        RunState::Ended { outcome, .. } => Some((outcome, summary.changed)),
        RunState::Running { .. }
        | RunState::Queued { .. }
        | RunState::CutOff
        | RunState::Parked(_)
        | RunState::Answered(_)
        | RunState::Stuck { .. } => None,
    }))
}

/// See [`rbl_runtime::journal::Inbox::rename`].
pub(super) fn rename(
    connection: &Connection,
    there: &BTreeMap<String, String>,
    means: &dyn Fn(&str, &str, &Alert) -> bool,
) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT DISTINCT episode.runbook, run.runbook FROM episode JOIN run ON run.run = episode.run \
               WHERE episode.closed IS NULL ORDER BY 1, 2";
    let mut statement = connection.prepare_cached(sql)?;
    let open = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let open: Vec<(String, String)> = open.collect::<rusqlite::Result<_>>()?;
    let mut renamed: Vec<(String, String)> = Vec::new();
    for (old, title) in open.iter().filter(|(identity, _)| !there.contains_key(identity)) {
        let mut same = there.iter().filter(|(_, other)| *other == title);
        let (Some((new, _)), None) = (same.next(), same.next()) else { continue };
        let has_own = open.iter().any(|(identity, _)| identity == new);
        if has_own || renamed.iter().any(|(from, to)| from == old || to == new) {
            continue;
        }
        let firing = firing(connection, old)?;
        if !firing.iter().all(|(group, alert)| means(new, group, alert)) {
            continue;
        }
        // The closed ones too: a late delivery of a resolved alert begins nothing.
        connection
            .prepare_cached("UPDATE episode SET runbook = ?2 WHERE runbook = ?1")?
            .execute([old, new])?;
        renamed.push((old.clone(), new.clone()));
    }
    Ok(renamed)
}

/// The alerts that fire of the open episodes of a runbook, each with its group.
fn firing(connection: &Connection, runbook: &str) -> rusqlite::Result<Vec<(String, Alert)>> {
    let sql = "SELECT episode.grouped, member.alert FROM member JOIN episode ON episode.id = member.episode \
               WHERE episode.runbook = ?1 AND episode.closed IS NULL AND member.firing = 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([runbook], |row| {
        let alert: String = row.get(1)?;
        let alert: ReceivedAlert =
            serde_json::from_str(&alert).map_err(|why| unreadable(1, why.to_string()))?;
        Ok((row.get(0)?, alert.alert))
    })?;
    found.collect()
}

/// See [`rbl_runtime::journal::Inbox::members`].
pub(super) fn members(connection: &Connection, run: &str) -> rusqlite::Result<Vec<EpisodeMember>> {
    let sql = "SELECT id, source FROM episode WHERE run = ?1 ORDER BY id DESC LIMIT 1";
    let of_row = |row: &Row<'_>| Ok((row.get::<_, CountColumn>(0)?.0, row.get::<_, String>(1)?));
    let episode = connection.prepare_cached(sql)?.query_row([run], of_row).optional()?;
    // An episode names the run that it has now, a moment after that was begun.
    let episode = match episode {
        None => cause(connection, run)?
            .map(|id| {
                let sql = "SELECT id, source FROM episode WHERE id = ?1";
                connection.prepare_cached(sql)?.query_row([CountColumn(id)], of_row).optional()
            })
            .transpose()?
            .flatten(),
        found => found,
    };
    match episode {
        Some((episode, source)) => of_episode(connection, episode, &source.into()),
        None => Ok(Vec::new()),
    }
}

/// The episode for which a run was begun.
fn cause(connection: &Connection, run: &str) -> rusqlite::Result<Option<u64>> {
    let key = connection
        .prepare_cached("SELECT dedupe FROM run WHERE run = ?1")?
        .query_row([run], |row| row.get::<_, String>(0))
        .optional()?;
    Ok(key.as_deref().and_then(EpisodeCause::episode))
}

fn of_episode(
    connection: &Connection,
    episode: u64,
    source: &SmolStr,
) -> rusqlite::Result<Vec<EpisodeMember>> {
    let sql = "SELECT alert, heard, joined FROM member WHERE episode = ?1 ORDER BY joined, fingerprint";
    let mut statement = connection.prepare_cached(sql)?;
    let members = statement.query_map([CountColumn(episode)], |row| {
        let alert: String = row.get(0)?;
        let alert: ReceivedAlert =
            serde_json::from_str(&alert).map_err(|why| unreadable(0, why.to_string()))?;
        Ok(EpisodeMember {
            source: source.clone(),
            alert,
            heard: time(1, row.get(1)?)?,
            joined: time(2, row.get(2)?)?,
        })
    })?;
    members.collect()
}

#[cfg(test)]
mod tests;
