//! [`Engine`]: one worker at one store.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rbl_runtime::journal::{
    AbortRequest, Accepted, AlertChange, Claim, Freeze, Lease, RunMode, SignalName, StartOutcome, Store,
    StoreError, Tally, TallyReached, Worker, tallies,
};
use rbl_runtime::start_limits;
use smol_str::SmolStr;

use crate::heartbeat::Heartbeat;
use crate::{Actions, ClaimedRun, EngineError, Inputs, RunbookModes, this_process};

/// How long a lease lasts without being renewed, in a store whose leases expire.
pub const LEASE: Duration = Duration::from_secs(30);

/// What becomes of a start for which `limit N runs in D` is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitPolicy {
    /// It is refused: nobody is there who could decide.
    Refuse,
    /// It goes ahead, and is counted: a person starts it, and sees the count.
    Exceed,
}

/// A run that was started.
#[derive(Debug)]
pub struct StartedRun {
    /// Its id; where there was one of the same cause, that one's.
    pub run: SmolStr,
    /// Whether it is new.
    pub is_new: bool,
    /// The run, where it is new and was to be held.
    pub claimed: Option<ClaimedRun>,
    /// The limits that were exceeded by it.
    pub over: Vec<TallyReached>,
}

/// One worker at one store: starts, claims and executes runs. Cheap to clone; clones are the same worker.
#[derive(Clone)]
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    worker: Worker,
    ttl: Duration,
    heartbeat: Arc<Heartbeat>,
    pub(crate) actions: Actions,
    /// Whether the runs executed here are to be parked before their next effect.
    pub(crate) stops: Arc<AtomicBool>,
    /// In which mode the runbooks are.
    pub(crate) modes: Arc<RunbookModes>,
}

impl Engine {
    /// This process as a worker at a store, with leases of [`LEASE`].
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with(store, this_process(), LEASE)
    }

    /// A worker of this name, whose leases last this long without being renewed.
    pub fn with(store: Arc<dyn Store>, worker: Worker, ttl: Duration) -> Self {
        let heartbeat = Heartbeat::new(Arc::clone(&store), worker.clone(), ttl);
        let modes = Arc::new(RunbookModes::all(RunMode::Ask));
        Self { store, worker, ttl, heartbeat, actions: Actions::default(), stops: Arc::default(), modes }
    }

    /// A worker whose runs are parked before their next effect once this is true: they are due at once for whoever claims
    /// them next.
    #[must_use]
    pub fn stopped_by(self, stops: Arc<AtomicBool>) -> Self {
        Self { stops, ..self }
    }

    /// A worker for which runbooks are in these modes. Without it, all that nobody started are in `ask`.
    #[must_use]
    pub fn with_modes(self, modes: Arc<RunbookModes>) -> Self {
        Self { modes, ..self }
    }

    /// The freeze that holds now.
    pub fn frozen(&self) -> Result<Option<Freeze>, StoreError> {
        self.store.frozen()
    }

    /// A worker that does no more machine actions at once than this.
    #[must_use]
    pub fn with_actions(self, actions: Actions) -> Self {
        Self { actions, ..self }
    }

    /// Records a new run: it is due at once, for any worker. Returns its id, and whether it is new: where there is a run of
    /// the same [`Inputs::dedupe`], it is that run.
    pub fn start(&self, inputs: &Inputs<'_>) -> Result<(SmolStr, bool), EngineError> {
        let started = self.start_within(inputs, LimitPolicy::Exceed, false)?;
        Ok((started.run, started.is_new))
    }

    /// Records a new run as far as the limits of its runbook allow: the one way in which runs start, whoever starts them. It
    /// is counted over all runs of the store, in the transaction that records it. How many run at once is no concern
    /// here: the run itself waits until there is a place for it. `hold`: it is claimed at once, so that no other worker can
    /// take it.
    ///
    /// Errors: [`EngineError::LimitReached`] with [`LimitPolicy::Refuse`]: nothing was recorded.
    pub fn start_within(
        &self,
        inputs: &Inputs<'_>,
        policy: LimitPolicy,
        hold: bool,
    ) -> Result<StartedRun, EngineError> {
        let claimed = Instant::now();
        let new = inputs.new_run()?;
        let limited = start_limits(inputs.program, inputs.start);
        let identity = inputs.sources.first().map(|source| source.identity.as_str()).unwrap_or_default();
        let limits = limited.as_ref().map(|run| tallies(run, identity, &new.run, new.needs.mode));
        let limits = limits.unwrap_or_default();
        let counts: Vec<Tally> = match policy {
            LimitPolicy::Refuse => limits.clone(),
            LimitPolicy::Exceed => limits.iter().map(|it| Tally { most: None, ..it.clone() }).collect(),
        };
        let holder = hold.then_some((&self.worker, self.ttl));
        match self.store.start_counted(&new, &counts, holder)? {
            StartOutcome::Already(run) => {
                Ok(StartedRun { run, is_new: false, claimed: None, over: Vec::new() })
            }
            StartOutcome::Reached(reached) => {
                Err(EngineError::LimitReached { runbook: new.runbook, reached })
            }
            StartOutcome::Begun { lease, before } => {
                let over = limits.into_iter().zip(before).filter_map(|(limit, count)| {
                    let most = limit.most.filter(|most| count >= *most)?;
                    Some(TallyReached { key: limit.key, count, most, window: limit.window })
                });
                let over = over.collect();
                let claimed = lease.map(|lease| self.claimed(lease, claimed)).transpose()?;
                Ok(StartedRun { run: new.run, is_new: true, claimed, over })
            }
        }
    }

    /// Asks a run to end: what it does is broken off, and it cleans up. A process that executes it hears it within a second;
    /// any other run hears it when it is resumed.
    pub fn abort(&self, run: &str, request: &AbortRequest) -> Result<(), EngineError> {
        let name = SignalName::of(SignalName::ABORT).by(&request.by);
        let data = serde_json::to_string(request).map_err(|why| EngineError::NotJson(why.to_string()))?;
        match self.store.signal_named(run, &name, &data, 1)? {
            Accepted::Accepted => Ok(()),
            Accepted::Ended => Err(EngineError::Ended { run: run.into() }),
            Accepted::Duplicate | Accepted::TooLate(_) => {
                Err(EngineError::AlreadyAborted { run: run.into() })
            }
        }
    }

    /// Asks for a parked run to be continued by whoever executes the runs of this store.
    pub fn ask_to_resume(&self, run: &str, by: &str) -> Result<(), EngineError> {
        // Each request is one of its own: who asks may have asked before.
        let by = format!("{by}/{}", rbl_world::clock::now());
        let name = SignalName::of(SignalName::RESUME).by(&by);
        match self.store.signal_named(run, &name, "null", u32::MAX)? {
            Accepted::Accepted | Accepted::Duplicate | Accepted::TooLate(_) => Ok(()),
            Accepted::Ended => Err(EngineError::Ended { run: run.into() }),
        }
    }

    /// Has a run hear that one of its alerts changed. The same change twice counts once; a run that has ended hears nothing.
    pub fn report_alert(&self, run: &str, change: &AlertChange) -> Result<(), EngineError> {
        let word = if change.firing { "joined" } else { "resolved" };
        let labels: Vec<String> =
            change.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let key = format!("{word}/{}/{}/{}", change.alert, labels.join(","), change.at);
        let name = SignalName::of(SignalName::ALERT).by(&key);
        let data = serde_json::to_string(change).map_err(|why| EngineError::NotJson(why.to_string()))?;
        self.store.signal_named(run, &name, &data, u32::MAX)?;
        Ok(())
    }

    /// Records a new run and claims it at once, so that no other worker can take it.
    ///
    /// Errors: [`EngineError::AlreadyStarted`] where there is a run of the same [`Inputs::dedupe`].
    pub fn begin(&self, inputs: &Inputs<'_>) -> Result<ClaimedRun, EngineError> {
        let started = self.start_within(inputs, LimitPolicy::Exceed, true)?;
        started.claimed.ok_or(EngineError::AlreadyStarted { run: started.run })
    }

    /// Claims one run, due or not, even if it is stuck.
    ///
    /// Errors: [`EngineError::Held`] where another process holds it, [`EngineError::Ended`] where it has ended.
    pub fn claim(&self, run: &str) -> Result<ClaimedRun, EngineError> {
        let claimed = Instant::now();
        let leases = self.store.claim(&self.worker, &Claim::Run(run.into()), self.ttl);
        let lease = leases.map_err(|why| EngineError::of_claim(run, why))?.pop();
        let lease = lease.ok_or_else(|| EngineError::Ended { run: run.into() })?;
        self.claimed(lease, claimed)
    }

    /// Claims up to this many due runs: those whose process died first, then those whose time has come. A run of which the
    /// records cannot be loaded is an error in its place; the others are not affected.
    pub fn claim_due(&self, most: usize) -> Result<Vec<Result<ClaimedRun, EngineError>>, EngineError> {
        let claimed = Instant::now();
        let leases = self.store.claim(&self.worker, &Claim::Due(most), self.ttl)?;
        Ok(leases.into_iter().map(|lease| self.claimed(lease, claimed)).collect())
    }

    fn claimed(&self, lease: Lease, claimed: Instant) -> Result<ClaimedRun, EngineError> {
        let renewed = self.heartbeat.keep(&lease, claimed)?;
        let loaded = self.store.load(&lease, 0);
        let (records, signals) = loaded.map_err(|why| EngineError::of_claim(&lease.run, why))?;
        Ok(ClaimedRun { store: Arc::clone(&self.store), lease, records, signals, renewed })
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("worker", &self.worker).field("ttl", &self.ttl).finish_non_exhaustive()
    }
}
