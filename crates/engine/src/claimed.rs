//! [`ClaimedRun`]: a run whose lease this process has.

use std::sync::Arc;

use rbl_check::Program;
use rbl_runtime::journal::{
    AbortRequest, Chain, Entry, JournalRecord, Lease, ParkedState, Release, Signal, Store, WaitsOn,
};
use rbl_runtime::{Event, EventKind, Outcome};
use rbl_syntax::value::Time;
use rbl_world::{Connections, clock};
use smol_str::SmolStr;

use crate::heartbeat::Renewed;
use crate::{Beginning, EngineError, connections};

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

/// Everything that a turn needs, read before anything is done.
pub struct PreparedTurn {
    /// What the run began with.
    pub beginning: Beginning,
    /// Its runbook, as it was then.
    pub program: Program,
    /// The connections that are configured now where the runbook is.
    pub connections: Connections,
}

impl ClaimedRun {
    /// Reads what a turn of the run needs.
    pub fn prepared(&self) -> Result<PreparedTurn, EngineError> {
        let beginning = self.beginning()?;
        let program = beginning.program()?;
        let connections = connections(&beginning.begun)?;
        Ok(PreparedTurn { beginning, program, connections })
    }

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
        let how = Release::Parked(ParkedState {
            until: Some(until),
            on: WaitsOn::Time,
            waits_for: waits_for.into(),
            progress: self.lease.progress.clone(),
        });
        Ok(self.store.release(&mut self.lease, &[], &how)?)
    }

    /// Ends a run that cannot be resumed, because a person asks for it. Nothing is cleaned up: what it would have to do is
    /// unknown.
    pub fn end_aborted(mut self, request: &AbortRequest) -> Result<(), EngineError> {
        let message = format!("broken off by {request}; it could not be resumed, so nothing was cleaned up");
        let outcome = Outcome::Aborted;
        let by = request.to_string();
        let entries = [
            Entry::Event(Event::of(EventKind::Aborted { by })),
            Entry::Event(Event::of(EventKind::Ended {
                outcome,
                message: message.clone(),
                paged: Vec::new(),
                pending: Vec::new(),
            })),
        ];
        let mut chain = Chain::at(&self.lease);
        let mut records = Vec::with_capacity(entries.len());
        for entry in &entries {
            let record = chain.next(entry, clock::now());
            records.push(record.map_err(|why| EngineError::NotJson(why.to_string()))?);
        }
        Ok(self.store.release(&mut self.lease, &records, &Release::Ended { outcome, message })?)
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
