//! [`ServerTurns`]: executes whatever is due, each run on a thread of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rbl_engine::{
    ClaimedRun, Engine, EngineError, PreparedTurn, ReceivedAlerts, TurnEnd, TurnSettings, Turns, WorkPlace,
    Yielding, named_secrets,
};
use rbl_runtime::Outcome;
use rbl_runtime::journal::{Inbox, Stamp};
use rbl_runtime::layers::Redact;
use rbl_world::{Cancel, LiveBuilder, clock};
use smol_str::SmolStr;

use crate::counters::Counters;
use crate::executed_runs::{ExecutedRunCounter, ExecutedRunCounts};
use crate::fallback::{FallbackPager, ServerOutage};
use crate::log_screen::LogScreen;
use crate::settings::ServerSettings;
use crate::traces::EndedRuns;

/// When a run that cannot be executed now is due again, in seconds; no later than somebody is paged for it.
const AGAIN: f64 = 60.0;

/// From how many seconds on a wait parks a run: it holds no thread then, and what is due is claimed several times a second.
const WORTH_PARKING: f64 = 3.0;

/// Who resumes a run here.
const NAME: &str = "rbl serve";

/// See the module.
pub(crate) struct ServerTurns {
    engine: Engine,
    inbox: Arc<dyn Inbox>,
    /// How long an alert of each hook counts as firing, in seconds.
    repeat: BTreeMap<SmolStr, f64>,
    counters: Arc<Counters>,
    executed: Arc<ExecutedRunCounts>,
    ended: EndedRuns,
    fallback: FallbackPager,
    /// How long a run may be put off before somebody is paged.
    patience: Duration,
    /// Since when each run is put off because it cannot be executed.
    put_off: Mutex<BTreeMap<SmolStr, Instant>>,
}

impl ServerTurns {
    /// Executes the runs of this engine.
    pub(crate) fn new(
        engine: Engine,
        inbox: Arc<dyn Inbox>,
        settings: &ServerSettings,
        (counters, executed): (Arc<Counters>, Arc<ExecutedRunCounts>),
        (ended, fallback): (EndedRuns, FallbackPager),
    ) -> Self {
        let repeat = settings.hooks.iter().map(|(name, hook)| (name.clone(), hook.config.repeat.0)).collect();
        let (patience, put_off) = (settings.unclaimed, Mutex::default());
        Self { engine, inbox, repeat, counters, executed, ended, fallback, patience, put_off }
    }

    fn execute(&self, claimed: ClaimedRun, place: &WorkPlace) {
        let run = claimed.run().clone();
        let prepared = claimed.prepared().and_then(|prepared| {
            // The signals of the process are for the server: a run ends by itself, or with the process.
            let cancel = Cancel::no_signals().map_err(|why| EngineError::NoThread(why.to_string()))?;
            Ok((prepared, cancel))
        });
        let (PreparedTurn { beginning, program, connections }, cancel) = match prepared {
            Ok(prepared) => prepared,
            Err(why) => return self.give_back(claimed, &why),
        };
        self.put_off.lock().unwrap_or_else(PoisonError::into_inner).remove(&run);
        let is_first = claimed.records().len() == 1;
        let began = claimed.records().first().map_or_else(clock::now, |record| record.at);
        let observer = ExecutedRunCounter::new(Arc::clone(&self.executed), began);
        let start = beginning.begun.start();
        let start_by = beginning.begun.by.clone();
        let secrets = named_secrets(&program);
        let settings = TurnSettings {
            program: &program,
            start: &start,
            secrets: secrets.clone(),
            confirm: beginning.begun.confirm,
            parks_sleeps: true,
            worth_parking: WORTH_PARKING,
            teams: Arc::clone(&connections.team_rules),
            alone: true,
            stamp: Stamp::default(),
            resumed: (!is_first).then(|| beginning.resumed(NAME)),
            cancel: cancel.sender(),
        };
        let mut builder = LiveBuilder::new(cancel, NAME)
            .screen(Arc::new(LogScreen))
            .secrets(secrets.clone())
            .started_by(&start_by)
            .connections(&connections);
        if !connections.providers.values().any(|it| it.it.knows_alerts()) {
            let received = ReceivedAlerts::of(Arc::clone(&self.inbox), &run, self.repeat.clone());
            builder = builder.provider(ReceivedAlerts::NAME, Arc::new(received));
        }
        let world = Yielding::new(Redact::new(builder.build(), secrets), place);
        match self.engine.turn(claimed, settings, world, Box::new(observer)) {
            TurnEnd::Ended(ended) => {
                self.counters.end(ended.outcome);
                if ended.outcome != Outcome::Waiting {
                    self.ended.ended(&run);
                }
                let (outcome, message) = (ended.outcome.word(), ended.message.replace('\n', " "));
                tracing::info!(%run, outcome, message, "a run has ended or waits");
            }
            TurnEnd::Fenced { by } => {
                tracing::warn!(%run, by = by.as_deref().unwrap_or("another process"), "a run is held elsewhere");
            }
            TurnEnd::Stuck(why) => tracing::error!(%run, %why, "a run cannot be resumed"),
            TurnEnd::NotRecorded { why, .. } => {
                tracing::error!(%run, %why, "the end of a run could not be recorded");
            }
        }
    }
}

impl ServerTurns {
    /// Gives a run back that cannot be executed now: until later, or for good. What is put off for too long, as with a
    /// configuration that has mistakes, pages the fallback team once for all runs: whom a run itself would page is not known then.
    fn give_back(&self, claimed: ClaimedRun, why: &EngineError) {
        let run = claimed.run().clone();
        tracing::error!(%run, %why, "a run cannot be executed");
        let given = if why.is_lasting() {
            claimed.stuck(&why.to_string())
        } else {
            let again = AGAIN.min(self.patience.as_secs_f64());
            let now = clock::now();
            claimed.put_off(now.plus(again).unwrap_or(now), &why.to_string())
        };
        if let Err(why) = given {
            tracing::error!(%run, %why, "a run could not be given back");
        }
        if !why.is_lasting() && self.is_put_off_for_long(&run) {
            let reason =
                format!("run {run} is due, and cannot be executed: {why}; other runs may wait for the same");
            self.fallback.page(ServerOutage::Unexecuted, reason);
        }
    }

    /// Notes that a run is put off; returns whether somebody has to know of it.
    fn is_put_off_for_long(&self, run: &SmolStr) -> bool {
        let mut put_off = self.put_off.lock().unwrap_or_else(PoisonError::into_inner);
        put_off.entry(run.clone()).or_insert_with(Instant::now).elapsed() >= self.patience
    }
}

impl Turns for ServerTurns {
    fn turn(&self, claimed: ClaimedRun, place: &WorkPlace) {
        self.counters.turn(place);
        self.execute(claimed, place);
    }

    fn unreadable(&self, why: &EngineError) {
        tracing::error!(%why, "a run cannot be read");
    }

    fn refused(&self, why: &EngineError) {
        tracing::error!(%why, "the store gives no runs");
    }

    fn panicked(&self, run: &SmolStr) {
        tracing::error!(%run, "a run was cut off by a bug in rbl: `rbl show` it, and report it");
    }
}
