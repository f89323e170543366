//! [`RunHead`]: the state of a run in its store, and its allowed changes: the rules that every store shares.
//!
//! *Why here:* a store reads a standing and writes it back in one transaction; what is allowed is decided in one place,
//! and not in the language of each database.

use super::{
    Accepted, Chain, Epoch, JournalRecord, Lease, ParkedState, Release, RunState, StoreError, Worker,
};
use crate::Outcome;
use rbl_syntax::value::Time;

/// What a store keeps of a run besides its records and signals.
#[derive(Debug, Clone, PartialEq)]
pub struct RunHead {
    /// The epoch of the last claim; 0 before the first.
    pub epoch: Epoch,
    /// The number of records.
    pub length: u64,
    /// The hash of the last record.
    pub last_hash: String,
    /// The number of signals.
    pub signals: u64,
    /// Who holds it, or what it waits for.
    pub status: RunStatus,
}

/// See [`RunHead::status`].
#[derive(Debug, Clone, PartialEq)]
pub enum RunStatus {
    /// It has begun, and no process has held it yet: due at once.
    New,
    /// A process holds it, or held it until it died.
    Held {
        /// Who.
        by: Worker,
        /// Since when.
        since: Time,
    },
    /// It waits.
    Parked {
        /// For what, and until when.
        state: ParkedState,
        /// A signal came: it is due, whatever `state` says.
        woken: bool,
    },
    /// It has ended.
    Ended {
        /// Its outcome.
        outcome: Outcome,
        /// Its last message.
        message: String,
    },
    /// It cannot be resumed.
    Stuck {
        /// Why.
        why: String,
    },
}

/// Whether records have to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// They are new.
    New,
    /// They are stored already: the same call again.
    Again,
}

impl RunHead {
    /// The standing of a run whose first record this is.
    pub fn begun(first: &JournalRecord) -> Result<Self, StoreError> {
        let end = followed(Chain::new(), std::slice::from_ref(first))?;
        Ok(Self {
            epoch: first.epoch,
            length: end.length(),
            last_hash: end.last_hash().to_owned(),
            signals: 0,
            status: RunStatus::New,
        })
    }

    /// Whether its time has come. Whether its process is still alive is checked by the store, not here.
    pub(super) fn due(&self, now: Time) -> bool {
        match &self.status {
            RunStatus::New | RunStatus::Parked { woken: true, .. } => true,
            RunStatus::Parked { state, .. } => state.until.is_some_and(|until| until <= now),
            RunStatus::Held { .. } | RunStatus::Ended { .. } | RunStatus::Stuck { .. } => false,
        }
    }

    /// Gives it to a worker. `None` for a run that has ended.
    pub fn claim(&mut self, run: &str, by: &Worker, since: Time) -> Option<Lease> {
        if matches!(self.status, RunStatus::Ended { .. }) {
            return None;
        }
        self.epoch = self.epoch.saturating_add(1);
        let progress = match &self.status {
            RunStatus::Parked { state, .. } => state.progress.clone(),
            RunStatus::New | RunStatus::Held { .. } | RunStatus::Ended { .. } | RunStatus::Stuck { .. } => {
                None
            }
        };
        self.status = RunStatus::Held { by: by.clone(), since };
        Some(Lease {
            run: run.into(),
            epoch: self.epoch,
            length: self.length,
            last_hash: self.last_hash.clone(),
            signals_seen: self.signals,
            progress,
        })
    }

    /// Whether the holder of this lease still holds the run.
    pub fn is_held_by(&self, lease: &Lease) -> bool {
        self.epoch == lease.epoch && matches!(self.status, RunStatus::Held { .. })
    }

    /// The error for a lease that has ended, with the current holder.
    pub fn fenced(&self) -> StoreError {
        StoreError::Fenced { by: self.holder() }
    }

    /// The current holder, in words.
    pub(super) fn holder(&self) -> Option<String> {
        match &self.status {
            RunStatus::Held { by, since } => Some(format!("{}, since {since}", by.name)),
            RunStatus::New | RunStatus::Parked { .. } | RunStatus::Ended { .. } | RunStatus::Stuck { .. } => {
                None
            }
        }
    }

    /// The state as shown to people; `lives`: whether its holder is alive. How many runs are before one that waits for a
    /// worker is not known here.
    pub fn state(&self, lives: bool) -> RunState {
        match &self.status {
            RunStatus::Held { .. } if lives => RunState::Running { by: self.holder().unwrap_or_default() },
            RunStatus::Held { .. } => RunState::CutOff,
            RunStatus::New => RunState::Queued { ahead: 0 },
            RunStatus::Parked { state, woken: false } => RunState::Parked(state.clone()),
            RunStatus::Parked { state, woken: true } => RunState::Answered(state.clone()),
            RunStatus::Ended { outcome, message } => {
                RunState::Ended { outcome: *outcome, message: message.clone() }
            }
            RunStatus::Stuck { why } => RunState::Stuck { why: why.clone() },
        }
    }

    /// Accepts records.
    pub fn append(&mut self, lease: &Lease, batch: &[JournalRecord]) -> Result<Write, StoreError> {
        let end = Self::end(lease, batch)?;
        if !self.is_held_by(lease) {
            return Err(self.fenced());
        }
        self.write(lease, &end)
    }

    /// Accepts the last records of a turn, and the new state of the run.
    pub fn release(
        &mut self,
        lease: &Lease,
        batch: &[JournalRecord],
        how: &Release,
    ) -> Result<Write, StoreError> {
        let end = Self::end(lease, batch)?;
        let released = Self::released(how, self.signals > lease.signals_seen);
        if self.is_held_by(lease) {
            let write = self.write(lease, &end)?;
            self.status = released;
            return Ok(write);
        }
        // The same call again: it ends where the run ends, and nothing but a signal has happened to the run since.
        if self.epoch == lease.epoch && self.ends_at(&end) && like(&self.status, &released) {
            return Ok(Write::Again);
        }
        Err(self.fenced())
    }

    /// Makes a parked run due: what it waits for may have come.
    pub fn wake(&mut self) -> bool {
        match &mut self.status {
            RunStatus::Parked { woken, .. } => {
                *woken = true;
                true
            }
            RunStatus::New | RunStatus::Held { .. } | RunStatus::Ended { .. } | RunStatus::Stuck { .. } => {
                false
            }
        }
    }

    /// Counts a new signal; a parked run becomes due if the signal `wakes` it.
    pub fn signal(&mut self, wakes: bool) -> Accepted {
        match &mut self.status {
            RunStatus::Ended { .. } => return Accepted::Ended,
            RunStatus::Parked { woken, .. } => *woken |= wakes,
            RunStatus::New | RunStatus::Held { .. } | RunStatus::Stuck { .. } => {}
        }
        self.signals = self.signals.saturating_add(1);
        Accepted::Accepted
    }

    /// The end of the lease after the batch.
    fn end(lease: &Lease, batch: &[JournalRecord]) -> Result<Chain, StoreError> {
        if let Some(other) = batch.iter().find(|it| it.epoch != lease.epoch) {
            return Err(StoreError::Corrupt(format!(
                "record {} carries the epoch {}, and its lease is of epoch {}",
                other.seq, other.epoch, lease.epoch
            )));
        }
        followed(Chain::at(lease), batch)
    }

    fn write(&mut self, lease: &Lease, end: &Chain) -> Result<Write, StoreError> {
        if self.length == lease.length && self.last_hash == lease.last_hash {
            self.length = end.length();
            end.last_hash().clone_into(&mut self.last_hash);
            return Ok(Write::New);
        }
        // The hash of the last record covers all of them: the same end means the same batch.
        if self.ends_at(end) { Ok(Write::Again) } else { Err(self.fenced()) }
    }

    fn ends_at(&self, end: &Chain) -> bool {
        self.length == end.length() && self.last_hash == end.last_hash()
    }

    fn released(how: &Release, woken: bool) -> RunStatus {
        match how {
            Release::Parked(state) => RunStatus::Parked { state: state.clone(), woken },
            Release::Ended { outcome, message } => {
                RunStatus::Ended { outcome: *outcome, message: message.clone() }
            }
            Release::Stuck { why } => RunStatus::Stuck { why: why.clone() },
        }
    }
}

/// Moves a lease past what was written.
pub fn moved(lease: &mut Lease, batch: &[JournalRecord]) {
    if let Some(last) = batch.last() {
        let end = Chain::behind(last);
        lease.length = end.length();
        end.last_hash().clone_into(&mut lease.last_hash);
    }
}

fn followed(mut chain: Chain, batch: &[JournalRecord]) -> Result<Chain, StoreError> {
    chain.follow(batch).map_err(|why| StoreError::Corrupt(format!("what was to be written: {why}")))?;
    Ok(chain)
}

/// Whether two states are equal, except for a signal in between.
fn like(stands: &RunStatus, released: &RunStatus) -> bool {
    match (stands, released) {
        (RunStatus::Parked { state, .. }, RunStatus::Parked { state: other, .. }) => state == other,
        _ => stands == released,
    }
}
