//! [`ScheduleWatch`]: starts the runbooks whose schedules fire. Up to when that is decided is kept in the journal: a restart
//! neither repeats a time nor forgets one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_engine::{DueFires, Engine, EngineError, SetRunbook, due_fires};
use rbl_runtime::journal::{Inbox, StoreError};
use rbl_syntax::counted;
use rbl_syntax::tree::{Expr, ExprKind, TriggerKind};
use rbl_syntax::value::Time;

use crate::counters::{CountedStart, Counters};
use crate::runbooks::LiveRunbooks;
use crate::stopping::Stopping;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// After how long the log says once more what is wrong.
const SAID_AGAIN: Duration = Duration::from_mins(1);

/// How late a run of a schedule without a window may start, in seconds.
const LATENESS: f64 = 300.0;

/// A runbook that was away for longer is a new one when it comes back; a shorter time is that of a file that is being exchanged.
const AWAY: Duration = Duration::from_mins(5);

/// See the module.
pub(crate) struct ScheduleWatch {
    pub(crate) engine: Engine,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) runbooks: Arc<LiveRunbooks>,
    pub(crate) counters: Arc<Counters>,
}

impl ScheduleWatch {
    /// Looks until the server stops.
    pub(crate) fn run(&self, stopping: &Stopping) {
        let mut said: BTreeMap<String, Instant> = BTreeMap::new();
        let mut presence = SchedulePresence::default();
        loop {
            let now = Instant::now();
            for runbook in &self.runbooks.current().runbooks {
                let is_back = presence.is_back(&runbook.identity, now);
                let Err(why) = self.look(runbook, is_back) else {
                    said.remove(&runbook.identity);
                    continue;
                };
                // Tried again each second.
                if said.get(&runbook.identity).is_none_or(|at| at.elapsed() >= SAID_AGAIN) {
                    tracing::error!(file = %runbook.file, %why, "the schedule of a runbook waits");
                    said.insert(runbook.identity.clone(), Instant::now());
                }
            }
            presence.looked = true;
            if stopping.wait(LOOK) {
                return;
            }
        }
    }

    /// Starts what is due of one runbook. Repeated after a crash in between, it starts nothing twice. `is_back`: it was not there for a
    /// while, and what it fired meanwhile nobody missed.
    fn look(&self, runbook: &SetRunbook, is_back: bool) -> Result<(), String> {
        let Some(TriggerKind::Schedule { cron, timezone, window }) = &runbook.trigger else { return Ok(()) };
        let Some(cron) = cron.literal() else { return Ok(()) };
        let zone = timezone.as_ref().and_then(|zone| zone.literal()).or(runbook.timezone.as_deref());
        let lateness = window.as_ref().and_then(written_seconds).unwrap_or(LATENESS);
        let now = rbl_world::clock::now();
        let words = |why: StoreError| why.to_string();
        let schedule = format!("{cron} {}", zone.unwrap_or_default());
        let decided = self.inbox.decided_until(&runbook.identity, &schedule, now).map_err(words)?;
        if is_back && decided < now {
            return self.inbox.decide_until(&runbook.identity, now).map_err(words);
        }
        if decided > now {
            // Up to there nothing would start. What did start is the same run when its time comes again.
            tracing::warn!(file = %runbook.file, %decided, "the clock was set back: the schedule counts from now on");
            return self.inbox.decide_until(&runbook.identity, now).map_err(words);
        }
        let due = match due_fires(cron, zone, decided, now, lateness) {
            Ok(due) => due,
            // The log has its errors already.
            Err(_) if runbook.runnable.is_err() => return Ok(()),
            Err(why) => return Err(why),
        };
        let last = due.starts.or_else(|| due.missed.last().copied());
        let Some(last) = last else { return Ok(()) };
        self.start(runbook, &due).map_err(|why| why.to_string())?;
        self.inbox.decide_until(&runbook.identity, last).map_err(words)
    }

    /// Starts the run of the time that is due, and says which times were missed.
    fn start(&self, runbook: &SetRunbook, due: &DueFires) -> Result<(), EngineError> {
        if let Some(fired) = due.starts {
            let start = self.engine.start_for_schedule(runbook, fired)?;
            if start.is_new {
                self.counters.start(CountedStart::Schedule);
                tracing::info!(run = %start.run, file = %runbook.file, %fired, "a schedule started a run");
            }
        }
        self.missed(runbook, &due.missed, due.starts.is_none() && !due.is_more)
    }

    /// Says which times were missed. Where no later one starts, the owner is paged: what was to be done was not done.
    fn missed(&self, runbook: &SetRunbook, missed: &[Time], nothing_starts: bool) -> Result<(), EngineError> {
        let (Some(first), Some(last)) = (missed.first(), missed.last()) else { return Ok(()) };
        let times = counted(missed.len(), "time", "times");
        self.counters.schedules_missed.fetch_add(missed.len() as u64, std::sync::atomic::Ordering::Relaxed);
        tracing::warn!(file = %runbook.file, %first, %last, "a schedule was missed {times}");
        if nothing_starts {
            let why = format!(
                "its schedule fired {times}, last at {last}, while no server was there to start it, and it is too late now"
            );
            let key = format!("missed:{}@{last}", runbook.identity);
            self.engine.page_owner(runbook, "schedule", &key, &why)?;
        }
        Ok(())
    }
}

/// When each runbook was last there.
#[derive(Debug, Default)]
struct SchedulePresence {
    /// Whether all of them were looked at: what is there from the beginning may have been missed while no server was.
    looked: bool,
    last: BTreeMap<String, Instant>,
}

impl SchedulePresence {
    /// Notes that a runbook is there; whether it is there anew.
    fn is_back(&mut self, identity: &str, now: Instant) -> bool {
        let before = self.last.insert(identity.to_owned(), now);
        self.looked && before.is_none_or(|at| now.duration_since(at) > AWAY)
    }
}

/// The seconds of a duration that is written as one; `None` for one that has to be computed.
fn written_seconds(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number { value, unit, .. } => Some(value * unit.factor()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s8_a_runbook_that_was_away_for_a_while_is_a_new_one() {
        let (mut presence, now) = (SchedulePresence::default(), Instant::now());
        let after = |seconds: u64| now + Duration::from_secs(seconds);
        assert!(!presence.is_back("a", now), "it may have been there while no server was");
        presence.looked = true;
        assert!(!presence.is_back("a", after(1)));
        assert!(presence.is_back("b", after(1)), "it was written meanwhile");
        assert!(!presence.is_back("a", after(60)), "its file was exchanged");
        assert!(presence.is_back("a", after(60 + 301)));
        assert!(!presence.is_back("a", after(60 + 302)));
    }
}
