//! The journal: records every run as it happens, so that it survives a crash, can be parked and answered later,
//! replayed and turned into a test.
//!
//! *Invariant:* what a run does to the world is durable as an intent before it is done. One writer at a time holds a
//! run through its [`Lease`], and every record carries the epoch of that lease. A hash ties each record to the last.

mod begun;
mod chain;
mod compare;
mod difference;
mod effect_log;
mod entry;
mod export;
mod layer;
mod memory;
mod pending_effect;
mod program;
mod query;
mod record;
mod recorder;
mod replay;
mod replay_cursor;
pub mod run_state;
mod store;
mod uncertain_action;
mod writer;

pub use begun::{Begun, MaskedInput, RecordedSource};
pub use chain::{Break, Chain, sha256, verify};
pub use compare::{ComparedPoint, RunComparison, compare};
pub use difference::{ReplayDifference, effect_words};
pub use effect_log::{EffectLogError, LoggedEffect, effect_log};
pub use entry::{Entry, JournalEvent};
pub use export::{NotExported, exported, read_exported, record_schema};
pub use layer::{Journal, JournalObserver, JournalWorld};
pub use memory::Memory;
pub use pending_effect::{OpenEffect, Stage, open};
pub use query::{Filter, RunQuery, RunState, RunSummary};
pub use record::JournalRecord;
pub use recorder::{Options, Redactor, Stopped};
pub use replay::{Replay, ReplayLayers, Replayed, Stamp};
pub use store::{Accepted, Claim, Epoch, Lease, NewRun, Release, Signal, Store, StoreError, Worker};
pub use uncertain_action::WAS_IT_DONE;
