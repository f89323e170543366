//! [`Engine`]: one worker at one store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::journal::{Claim, Lease, Store, Worker};
use smol_str::SmolStr;

use crate::heartbeat::Heartbeat;
use crate::{ClaimedRun, EngineError, Inputs, this_process};

/// How long a lease lasts without being renewed, in a store whose leases expire.
pub const LEASE: Duration = Duration::from_secs(30);

/// One worker at one store: starts, claims and executes runs. Cheap to clone; clones are the same worker.
#[derive(Clone)]
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    worker: Worker,
    ttl: Duration,
    heartbeat: Arc<Heartbeat>,
}

impl Engine {
    /// This process as a worker at a store, with leases of [`LEASE`].
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with(store, this_process(), LEASE)
    }

    /// A worker of this name, whose leases last this long without being renewed.
    pub fn with(store: Arc<dyn Store>, worker: Worker, ttl: Duration) -> Self {
        let heartbeat = Heartbeat::new(Arc::clone(&store), worker.clone(), ttl);
        Self { store, worker, ttl, heartbeat }
    }

    /// Records a new run: it is due at once, for any worker. Returns its id, and whether it is new: where there is a run of
    /// the same [`Inputs::dedupe`], it is that run.
    pub fn start(&self, inputs: &Inputs<'_>) -> Result<(SmolStr, bool), EngineError> {
        Ok(self.store.start(&inputs.new_run()?)?)
    }

    /// Records a new run and claims it at once, so that no other worker can take it.
    ///
    /// Errors: [`EngineError::AlreadyStarted`] where there is a run of the same [`Inputs::dedupe`].
    pub fn begin(&self, inputs: &Inputs<'_>) -> Result<ClaimedRun, EngineError> {
        let claimed = Instant::now();
        let (run, lease) = self.store.start_held(&inputs.new_run()?, &self.worker, self.ttl)?;
        match lease {
            Some(lease) => self.claimed(lease, claimed),
            None => Err(EngineError::AlreadyStarted { run }),
        }
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
