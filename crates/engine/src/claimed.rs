//! [`ClaimedRun`]: a run whose lease this process has.

use std::sync::Arc;

use rbl_runtime::journal::{JournalRecord, Lease, Release, Signal, Store};
use rbl_syntax::value::Time;
use smol_str::SmolStr;

use crate::heartbeat::Renewed;
use crate::{Beginning, EngineError};

/// A run whose lease this process has, with its records and the signals it received.
///
/// It is executed by [`crate::Engine::turn`], or given back. Where it is dropped instead, the lease lasts until it expires or
/// this process ends.
pub struct ClaimedRun {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) lease: Lease,
    pub(crate) records: Vec<JournalRecord>,
    pub(crate) signals: Vec<Signal>,
    pub(crate) renewed: Renewed,
}

impl ClaimedRun {
    /// The id of the run.
    pub fn run(&self) -> &SmolStr {
        &self.lease.run
    }

    /// Its records so far.
    pub fn records(&self) -> &[JournalRecord] {
        &self.records
    }

    /// What the run began with.
    pub fn beginning(&self) -> Result<Beginning, EngineError> {
        Beginning::of(&self.records)
    }

    /// Gives the run back, unchanged: it is due again at this time. `waits_for` says why it is not executed now.
    pub fn put_off(mut self, until: Time, waits_for: &str) -> Result<(), EngineError> {
        let how = Release::Parked { until: Some(until), waits_for: waits_for.into() };
        Ok(self.store.release(&mut self.lease, &[], &how)?)
    }

    /// Gives the run back as one that cannot be resumed. It is not due any more; a person can still resume it by its id.
    pub fn stuck(mut self, why: &str) -> Result<(), EngineError> {
        Ok(self.store.release(&mut self.lease, &[], &Release::Stuck { why: why.into() })?)
    }
}

impl std::fmt::Debug for ClaimedRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claimed").field("lease", &self.lease).finish_non_exhaustive()
    }
}
