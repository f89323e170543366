//! [`ScheduleWatch`]: starts the runbooks whose schedules fire. Up to when that is decided is kept in the journal: a restart
//! neither repeats a time nor forgets one.

use std::sync::Arc;
use std::time::Duration;

use rbl_engine::{Engine, EngineError, SetRunbook, due_fires};
use rbl_runtime::journal::Inbox;
use rbl_syntax::counted;
use rbl_syntax::tree::{Expr, ExprKind, TriggerKind};
use rbl_syntax::value::Time;

use crate::counters::{CountedStart, Counters};
use crate::runbooks::LiveRunbooks;
use crate::stopping::Stopping;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// How late a run of a schedule without a window may start, in seconds.
const LATENESS: f64 = 300.0;

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
        loop {
            for runbook in &self.runbooks.current().runbooks {
                if let Err(why) = self.look(runbook) {
                    tracing::error!(file = %runbook.file, %why, "the schedule of a runbook waits");
                }
            }
            if stopping.wait(LOOK) {
                return;
            }
        }
    }

    /// Starts what is due of one runbook. Repeated after a crash in between, it starts nothing twice.
    fn look(&self, runbook: &SetRunbook) -> Result<(), EngineError> {
        let Some(TriggerKind::Schedule { cron, timezone, window }) = &runbook.trigger else { return Ok(()) };
        let Some(cron) = cron.literal() else { return Ok(()) };
        let zone = timezone.as_ref().and_then(|zone| zone.literal()).or(runbook.timezone.as_deref());
        let lateness = window.as_ref().and_then(written_seconds).unwrap_or(LATENESS);
        let now = rbl_world::clock::now();
        let decided = self.inbox.decided_until(&runbook.identity, now)?;
        let due = match due_fires(cron, zone, decided, now, lateness) {
            Ok(due) => due,
            Err(why) => {
                tracing::error!(file = %runbook.file, %why, "a schedule cannot be read");
                return Ok(());
            }
        };
        let last = due.starts.or_else(|| due.missed.last().copied());
        let Some(last) = last else { return Ok(()) };
        if let Some(fired) = due.starts {
            let start = self.engine.start_for_schedule(runbook, fired)?;
            self.counters.start(CountedStart::Schedule);
            tracing::info!(run = %start.run, file = %runbook.file, %fired, "a schedule started a run");
        }
        self.missed(runbook, &due.missed, due.starts.is_none())?;
        Ok(self.inbox.decide_until(&runbook.identity, last)?)
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

/// The seconds of a duration that is written as one; `None` for one that has to be computed.
fn written_seconds(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number { value, unit, .. } => Some(value * unit.factor()),
        _ => None,
    }
}
