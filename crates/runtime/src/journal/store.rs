//! [`Store`]: the methods between a run and where it is kept, the same for one machine and for many.
//!
//! *Invariants* (every store passes one conformance suite): the journal of a run is dense from 0; epochs never decrease
//! along it; at most one writer per epoch; an accepted signal is either in the journal or still in the inbox; a run
//! that has ended never changes. Every call is one transaction, and what it wrote is durable when it returns.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::guard::{AppendGuard, Appended, SignalName, StartOutcome, Tally};
use super::{Freeze, JournalRecord, NotedWork, ParkedState, PollState, RunNeeds};
use crate::Outcome;
use rbl_syntax::value::Time;

/// The number of a turn at a run: each claim adds one.
pub type Epoch = u64;

/// Why a store refused a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Another process holds the run now: this lease has ended. Nothing was written.
    Fenced {
        /// Its holder in words (`pid 4711 on db-1, since 03:12:07`), where known.
        by: Option<String>,
    },
    /// It cannot be reached, read or written now: a full disk, a folder without permission, a time-out. Nothing was
    /// written; trying again may help.
    Unavailable(String),
    /// The stored data cannot be trusted: flipped bytes, a gap, a foreign file.
    Corrupt(String),
    /// It was written by a newer rbl.
    Newer {
        /// The version of its schema.
        found: u32,
        /// The newest version this rbl knows.
        known: u32,
    },
    /// There is no such run.
    NoSuchRun(SmolStr),
}

/// Says what to do.
impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fenced { by: Some(by) } => write!(f, "another process holds this run: {by}"),
            Self::Fenced { by: None } => f.write_str("somebody else resumed this run"),
            Self::Unavailable(why) | Self::Corrupt(why) => f.write_str(why),
            Self::Newer { found, known } => write!(
                f,
                "the journal was written by a newer rbl (its format is {found}, this rbl knows up to {known}): use that rbl, or one newer still"
            ),
            Self::NoSuchRun(run) => write!(f, "there is no run {run}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// A worker: one process that executes runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// Its name for people: `pid 4711 on db-1`.
    pub name: SmolStr,
}

/// A run to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its id.
    pub run: SmolStr,
    /// Two starts with the same key are one run: the second returns the id of the first. For an alert, its fingerprint
    /// and the time since it fires; for a run started by a person, its own id.
    pub dedupe: String,
    /// The runbook's title, for lists.
    pub runbook: String,
    /// The runbook's file, as it is shown.
    pub file: SmolStr,
    /// When it began.
    pub at: Time,
    /// The first record: [`super::Begun`].
    pub first: JournalRecord,
    /// What a process needs to execute it.
    pub needs: RunNeeds,
}

/// Which runs to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Up to this many due runs: those whose process died first, then those whose time has come.
    Due(usize),
    /// This run, due or not, even if stuck; no other process may hold it. A run that has ended gives no lease.
    Run(SmolStr),
}

/// The right to execute a run, until it is released or lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// Which run.
    pub run: SmolStr,
    /// Which turn.
    pub epoch: Epoch,
    /// The number of records in the journal.
    pub length: u64,
    /// The hash of the last of them.
    pub last_hash: String,
    /// The number of the last signal in the inbox.
    pub signals_seen: u64,
    /// How far the current `wait until` was when the run was parked.
    pub progress: Option<PollState>,
}

/// How a turn at a run ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// It is parked, and can be resumed.
    Parked(ParkedState),
    /// It has ended.
    Ended {
        /// Its outcome.
        outcome: Outcome,
        /// Its last message.
        message: String,
    },
    /// It cannot be resumed: the journal does not fit the program, or resuming crashed rbl.
    Stuck {
        /// Why.
        why: String,
    },
}

/// A signal: data sent to a run from outside, such as an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its number in the inbox, from 1.
    pub number: u64,
    /// What it is about, and who sent it: see [`SignalName`].
    pub name: SmolStr,
    /// Its content, as JSON.
    pub data: String,
    /// When it arrived.
    pub at: Time,
}

/// The result of sending a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the inbox, and the run is due.
    Accepted,
    /// The question is decided already, or this person has answered it.
    Duplicate,
    /// The question was closed before: how, in words ("timed out").
    TooLate(String),
    /// The run is over.
    Ended,
}

/// What [`Store::renew`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renewal {
    /// The runs whose lease is lost.
    pub lost: Vec<SmolStr>,
    /// The signals of the runs that are still held, those behind the last one that each was asked with.
    pub signals: Vec<(SmolStr, Signal)>,
}

/// A lease to renew: the run, its epoch, and the number of the last signal that its holder has seen.
pub type HeldRun = (SmolStr, Epoch, u64);

/// A store of runs. Blocking: a parked run holds no thread.
pub trait Store: Send + Sync {
    /// Whether a lease is lost when it is not renewed for its `ttl`. False where the store detects by itself that a
    /// process has died, as the embedded one does: then [`Self::renew`] need not be called.
    fn leases_expire(&self) -> bool;

    /// Writes a run's first record, counts it, and gives it to `holder` if there is one, in one transaction: nobody can
    /// claim the new run in between, and of several starts at once no more than a count allows are begun. Idempotent by
    /// [`NewRun::dedupe`]: a second start of the same cause is counted by nobody. Where a count is reached nothing is
    /// written.
    fn start_counted(
        &self,
        new: &NewRun,
        counts: &[Tally],
        holder: Option<(&Worker, Duration)>,
    ) -> Result<StartOutcome, StoreError>;

    /// Writes a run's first record. Idempotent by [`NewRun::dedupe`]: returns the id of the run, and whether it is new.
    fn start(&self, new: &NewRun) -> Result<(SmolStr, bool), StoreError> {
        Ok(match self.start_counted(new, &[], None)? {
            StartOutcome::Already(run) => (run, false),
            StartOutcome::Begun { .. } | StartOutcome::Reached(_) => (new.run.clone(), true),
        })
    }

    /// [`Self::start`] and the first [`Self::claim`] in one transaction. No lease where [`Self::start`] says that the run
    /// is not new.
    fn start_held(
        &self,
        new: &NewRun,
        worker: &Worker,
        ttl: Duration,
    ) -> Result<(SmolStr, Option<Lease>), StoreError> {
        Ok(match self.start_counted(new, &[], Some((worker, ttl)))? {
            StartOutcome::Begun { lease, .. } => (new.run.clone(), lease),
            StartOutcome::Already(run) => (run, None),
            StartOutcome::Reached(_) => (new.run.clone(), None),
        })
    }

    /// Claims runs: each gets the next epoch, and no other process holds it until it is released or lost (its process
    /// died, or `ttl` passed without [`Self::renew`] in a store that cannot detect that). A run that is held is an
    /// error for [`Claim::Run`] ([`StoreError::Fenced`] names the holder), and is skipped for [`Claim::Due`].
    fn claim(&self, worker: &Worker, which: &Claim, ttl: Duration) -> Result<Vec<Lease>, StoreError>;

    /// The records from a position on, and the signals in the order of their arrival. Records that a
    /// [`WaitMark`](super::WaitMark) covers are left out.
    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError>;

    /// Appends records if every guard allows it, all or none, durable on return: guards and records are one transaction.
    /// Only for the holder of the lease, and only at the end that the lease knows; [`StoreError::Fenced`] otherwise.
    /// Repeating a call whose answer was lost is allowed: what was written then is not guarded again.
    /// Updates the lease's `length` and `last_hash` where the records were written.
    fn append_guarded(
        &self,
        lease: &mut Lease,
        batch: &[JournalRecord],
        guards: &[AppendGuard],
    ) -> Result<Appended, StoreError>;

    /// [`Self::append_guarded`] without a guard.
    fn append(&self, lease: &mut Lease, batch: &[JournalRecord]) -> Result<(), StoreError> {
        self.append_guarded(lease, batch, &[]).map(drop)
    }

    /// Extends leases by another `ttl`; returns those that are lost, and the new signals of the others. Called beside the
    /// run: one action may take longer than any `ttl`, and an abort has to reach it. A store that detects dead processes,
    /// like the embedded one, extends nothing.
    fn renew(&self, worker: &Worker, held: &[HeldRun], ttl: Duration) -> Result<Renewal, StoreError>;

    /// Writes the last records of a turn and the new state of the run, in one transaction. A run that got a signal
    /// since it was claimed is due at once. A run that has ended holds no lock and waits for none from then on. Repeating
    /// the call is allowed.
    fn release(&self, lease: &mut Lease, batch: &[JournalRecord], how: &Release) -> Result<(), StoreError>;

    /// Ends a turn whose end could not be recorded: for everybody else it looks as if its process had died. So that it is not
    /// tried again at once, this store does not offer it as due for a while.
    fn give_up(&self, _: &Lease) {}

    /// Notes that the owner of the run was paged because nothing could be recorded; it is forgotten once something is. It
    /// has to be possible where nothing else can be written: where it is not, the owner is paged again.
    fn note_page(&self, _: &Lease) {}

    /// When that page was sent, by this turn or an earlier one, if nothing was recorded since.
    fn noted_page(&self, _: &Lease) -> Option<Time> {
        None
    }

    /// Notes the process of the action that the run has begun, in place of the one noted before; `None`: no action is open
    /// that was cut off. It outlives the process that holds the lease, and need not outlive the machine, which ends what it
    /// notes too: so this costs no durable write.
    ///
    /// Errors: [`StoreError::Fenced`] where the lease has ended.
    fn note_process(&self, lease: &Lease, process: Option<&NotedWork>) -> Result<(), StoreError>;

    /// The process that was noted last, also by an earlier turn.
    fn noted_process(&self, lease: &Lease) -> Result<Option<NotedWork>, StoreError>;

    /// Sends a run a signal, until its question is decided by those that came ([`super::deciding`]); one of each person counts.
    /// Wakes a parked run where [`SignalName::wakes`], never breaks a lease.
    fn signal_named(
        &self,
        run: &str,
        name: &SignalName,
        data: &str,
        quorum: u32,
    ) -> Result<Accepted, StoreError>;

    /// Sends a run a signal of nobody in particular: the first for a question counts.
    fn signal(&self, run: &str, question: &str, data: &str) -> Result<Accepted, StoreError> {
        self.signal_named(run, &SignalName::of(question), data, 1)
    }

    /// The freeze that holds now, by the clock of the store: then every run only looks, whoever executes it.
    fn frozen(&self) -> Result<Option<Freeze>, StoreError>;

    /// Waits until something may be due, at most this long. Only a hint.
    fn idle(&self, longest: Duration) -> Result<(), StoreError>;
}
