//! [`Store`]: the methods between a run and where it is kept, the same for one machine and for many.
//!
//! *Invariants* (every store passes one conformance suite): the journal of a run is dense from 0; epochs never decrease
//! along it; at most one writer per epoch; an accepted signal is either in the journal or still in the inbox; a run
//! that has ended never changes. Every call is one transaction, and what it wrote is durable when it returns.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::JournalRecord;
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// How a turn at a run ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// It is parked, and can be resumed.
    Parked {
        /// Not before this; `None` waits for a signal.
        until: Option<Time>,
        /// What it waits for, in words.
        waits_for: String,
    },
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
    /// What it is about: the `seq` of the question, as text.
    pub name: SmolStr,
    /// Its content, as JSON.
    pub data: String,
    /// When it arrived.
    pub at: Time,
}

/// The result of sending a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the inbox, and the run is due.
    Accepted,
    /// There was one with that name already: the first counts.
    Duplicate,
    /// The run is over.
    Ended,
}

/// A store of runs. Blocking: a parked run holds no thread.
pub trait Store: Send + Sync {
    /// Whether a lease is lost when it is not renewed for its `ttl`. False where the store detects by itself that a
    /// process has died, as the embedded one does: then [`Self::renew`] need not be called.
    fn leases_expire(&self) -> bool;

    /// Writes a run's first record. Idempotent by [`NewRun::dedupe`]: returns the id of the run, and whether it is new.
    fn start(&self, new: &NewRun) -> Result<(SmolStr, bool), StoreError>;

    /// [`Self::start`] and the first [`Self::claim`] in one transaction: nobody can claim the new run in between. No
    /// lease where [`Self::start`] says that the run is not new.
    fn start_held(
        &self,
        new: &NewRun,
        worker: &Worker,
        ttl: Duration,
    ) -> Result<(SmolStr, Option<Lease>), StoreError>;

    /// Claims runs: each gets the next epoch, and no other process holds it until it is released or lost (its process
    /// died, or `ttl` passed without [`Self::renew`] in a store that cannot detect that). A run that is held is an
    /// error for [`Claim::Run`] ([`StoreError::Fenced`] names the holder), and is skipped for [`Claim::Due`].
    fn claim(&self, worker: &Worker, which: &Claim, ttl: Duration) -> Result<Vec<Lease>, StoreError>;

    /// The records from a position on, and the signals in the order of their arrival.
    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError>;

    /// Appends records, all or none, durable on return. Only for the holder of the lease, and only at the end that the
    /// lease knows; [`StoreError::Fenced`] otherwise. Repeating a call whose answer was lost is allowed.
    /// Updates the lease's `length` and `last_hash`.
    fn append(&self, lease: &mut Lease, batch: &[JournalRecord]) -> Result<(), StoreError>;

    /// Extends leases by another `ttl`; returns those that are lost. Where leases expire, it is called beside the run
    /// (one action may take longer than any `ttl`); a store that detects dead processes, like the embedded one, does
    /// not need it.
    fn renew(
        &self,
        worker: &Worker,
        held: &[(SmolStr, Epoch)],
        ttl: Duration,
    ) -> Result<Vec<SmolStr>, StoreError>;

    /// Writes the last records of a turn and the new state of the run, in one transaction. A run that got a signal
    /// since it was claimed is due at once. Repeating the call is allowed.
    fn release(&self, lease: &mut Lease, batch: &[JournalRecord], how: &Release) -> Result<(), StoreError>;

    /// Sends a run a signal, once for each `name`: the first counts. Wakes a parked run, never breaks a lease.
    fn signal(&self, run: &str, name: &str, data: &str) -> Result<Accepted, StoreError>;

    /// Waits until something may be due, at most this long. Only a hint.
    fn idle(&self, longest: Duration) -> Result<(), StoreError>;
}
