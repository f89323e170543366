//! Where runs are kept: eight methods between a run and its store, the same for one machine and for many.
//!
//! *Invariants* (each store passes one conformance suite): the journal of a run is dense from 0; epochs never fall along
//! it; at most one writer an epoch; an accepted signal is either in the journal or still in the inbox; a run that has
//! ended never changes. Every method is one transaction, and what it wrote is durable when it returns.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Record;
use crate::run::Outcome;
use crate::value::Time;

/// Which turn at driving a run: each claim of a run is one more than the last.
pub type Epoch = u64;

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// Somebody else drives the run by now: this lease is over. What was to be written was not.
    Fenced {
        /// Who does, in words (`pid 4711 on db-1, since 03:12:07`), where it is known.
        by: Option<String>,
    },
    /// It cannot be reached, read or written now: a full disk, a folder without permission, a time-out. Nothing was
    /// written; trying again may help.
    Unavailable(String),
    /// What is there cannot be trusted: flipped bytes, a gap, a foreign file.
    Corrupt(String),
    /// It was written by a newer rbl.
    Newer {
        /// The version of its schema.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
    /// There is no such run.
    NoSuchRun(SmolStr),
}

/// In words that say what is to be done.
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

/// Who drives runs: one process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// Who it is, for people: `pid 4711 on db-1`.
    pub name: SmolStr,
}

/// A run that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its id.
    pub run: SmolStr,
    /// Two runs with the same key are one: the second start gives the first's id. For an alert its fingerprint and the
    /// time since when it fires; for a run that a person starts, its own id.
    pub dedupe: String,
    /// The runbook's title, for lists.
    pub runbook: String,
    /// The runbook's file, as it is shown.
    pub file: SmolStr,
    /// When it began.
    pub at: Time,
    /// The first record: [`super::Begun`].
    pub first: Record,
}

/// Which runs are to be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Up to so many of those that are due: left behind by a process that died first, then those whose time has come.
    Due(usize),
    /// This one, due or not, also one that was stuck; nobody else may drive it. A run that has ended gives no lease.
    Run(SmolStr),
}

/// The right to drive a run, until it is released or lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which run.
    pub run: SmolStr,
    /// Which turn.
    pub epoch: Epoch,
    /// How many records the journal holds.
    pub length: u64,
    /// The hash of the last of them.
    pub last_hash: String,
    /// The number of the last signal that was in the inbox.
    pub signals_seen: u64,
}

/// How a turn at a run is over.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// It waits, and can be gone on with.
    Parked {
        /// Not before this; `None` waits for a signal.
        until: Option<Time>,
        /// What it waits for, in words.
        waits_for: String,
    },
    /// It is over for good.
    Ended {
        /// How.
        outcome: Outcome,
        /// The last word on it.
        message: String,
    },
    /// It cannot be gone on with: the journal does not fit the program, or going on broke rbl.
    Stuck {
        /// Why.
        why: String,
    },
}

/// Something that somebody else told a run: an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its number in the inbox, from 1.
    pub number: u64,
    /// What it is about: the `seq` of the question, as text.
    pub name: SmolStr,
    /// What is told, as JSON.
    pub data: String,
    /// When it came.
    pub at: Time,
}

/// What became of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the inbox, and the run is due.
    Accepted,
    /// There was one of that name already: the first holds.
    Duplicate,
    /// The run is over.
    Ended,
}

/// Where runs are kept. Blocking: a parked run holds no thread.
pub trait Store: Send + Sync {
    /// Writes a run's first record down. Idempotent by [`NewRun::dedupe`]: the id of the run, and whether it is new.
    fn start(&self, new: &NewRun) -> Result<(SmolStr, bool), StoreError>;

    /// Takes runs to drive: each gets the next epoch, and nobody else drives it until it is released, or lost (its process
    /// died, or `ttl` passed without [`Self::renew`] where a store knows no better). A run that somebody drives is an
    /// error for [`Claim::Run`] ([`StoreError::Fenced`] says who), and is passed over for [`Claim::Due`].
    fn claim(&self, worker: &Worker, which: &Claim, ttl: Duration) -> Result<Vec<Lease>, StoreError>;

    /// The records from a place on, and the signals that came, in the order in which they came.
    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<Record>, Vec<Signal>), StoreError>;

    /// Appends records, all or none, durable on return. Only for whoever holds the lease, and only at the end that
    /// the lease knows; [`StoreError::Fenced`] otherwise. The same call again, because its answer was lost, is fine.
    /// Moves the lease's `length` and `last_hash` on.
    fn append(&self, lease: &mut Lease, batch: &[Record]) -> Result<(), StoreError>;

    /// Holds leases for another `ttl`. Which of them are lost. Where leases run out it is called beside the run (one action
    /// may take longer than any `ttl`); a store that knows whether a process lives, as the embedded one does, needs it not.
    fn renew(
        &self,
        worker: &Worker,
        held: &[(SmolStr, Epoch)],
        ttl: Duration,
    ) -> Result<Vec<SmolStr>, StoreError>;

    /// Writes the last records of a turn and what became of the run, in one. A run that got a signal since it was
    /// claimed is due at once. The same call again is fine.
    fn release(&self, lease: &mut Lease, batch: &[Record], how: &Release) -> Result<(), StoreError>;

    /// Tells a run something, once for each `name`: the first holds. Wakes a parked run, never breaks a lease.
    fn signal(&self, run: &str, name: &str, data: &str) -> Result<Accepted, StoreError>;

    /// Waits until something may be due, at most so long. Only a hint.
    fn idle(&self, longest: Duration) -> Result<(), StoreError>;
}
