//! The journal: records every run as it happens, so that it survives a crash, can be parked and answered later,
//! replayed and turned into a test.
//!
//! *Invariant:* what a run does to the world is durable as an intent before it is done. One writer at a time holds a
//! run through its [`Lease`], and every record carries the epoch of that lease. A hash ties each record to the last.

mod acknowledged_page;
mod alert_change;
mod begun;
mod bring;
mod chain;
mod closed_question;
mod compare;
mod difference;
mod effect_log;
mod effect_site;
mod entry;
mod export;
mod fresh_effect;
pub mod guard;
mod holding;
mod inbox;
mod interrupted_effect;
mod layer;
mod left_processes;
pub mod lock_queue;
mod memory;
mod memory_guards;
mod noted_work;
mod open_wait;
mod paging;
mod parked_state;
mod pending_effect;
mod program;
mod query;
mod quorum;
mod record;
mod recorder;
mod remote;
mod replay;
mod replay_cursor;
mod run_mode;
mod run_needs;
pub mod run_state;
mod store;
mod uncertain_action;
mod writer;

pub use alert_change::AlertChange;
pub use begun::{Begun, MaskedInput, RecordedSource};
pub use chain::{Break, Chain, sha256, verify};
pub use compare::{ComparedPoint, RunComparison, compare};
pub use difference::{ReplayDifference, effect_words};
pub use effect_log::{EffectLogError, LoggedEffect, effect_log};
pub use effect_site::EffectSite;
pub use entry::{Entry, JournalEvent, WaitMark, covered, is_undecided_poll};
pub use export::{NotExported, exported, read_exported, record_schema};
pub use guard::{
    AbortRequest, AppendGuard, Appended, GuardRefusal, LockHolder, LockRefusal, SignalName, StartOutcome,
    TakeLock, Tally, TallyReached,
};
pub use holding::{holder_words, reached_words, tallies};
pub use inbox::{
    AlertResult, Became, EPISODE_SILENCE, EpisodeCause, EpisodeChange, EpisodeKey, EpisodeMember,
    HookDelivery, Inbox, ListedDelivery, MemberReport, ReceivedAlert, StillFiring, WaitingDelivery,
};
pub use layer::{Journal, JournalObserver, JournalWorld, WORTH_PARKING, is_late};
pub use left_processes::{LeftProcesses, NoProcesses};
pub use memory::Memory;
pub use noted_work::{NotedWork, RemoteExecution, RemoteOrder, StartedProcess, WorkNote};
pub use parked_state::{ParkedState, PollState, WaitsOn};
pub use pending_effect::{OpenEffect, Stage, begun_action, open};
pub use query::{Filter, RunQuery, RunState, RunSummary, queued_words};
pub use quorum::{approvals, deciding};
pub use record::JournalRecord;
pub use recorder::{Options, Redactor, Stopped};
pub use replay::{Replay, ReplayLayers, Replayed, Stamp};
pub use run_mode::{Freeze, ModeInForce, ModeQuery, RunMode};
pub use run_needs::RunNeeds;
pub use store::{
    Accepted, Claim, Epoch, HeldRun, Lease, NewRun, Release, Renewal, Signal, Store, StoreError, Worker,
};
pub use uncertain_action::{WAS_IT_DONE, asks_whether_done};
