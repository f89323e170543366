//! Starts, claims, resumes and answers runs over a store and a world.
//!
//! A run lives in a [`Store`](rbl_runtime::journal::Store): its records are all there is of it, and every process that
//! can open the store can resume it. This crate is what the command line and a server have in common.
//!
//! - [`Engine`] is one worker at one store. [`Engine::start`] and [`Engine::begin`] record a new run from [`Inputs`];
//!   [`Engine::claim`] and [`Engine::claim_due`] take the lease on runs.
//! - [`ClaimedRun`] is a run whose lease this process has, with its records. Where the store's leases expire it is renewed
//!   by a thread of the engine until the value is dropped. [`ClaimedRun::beginning`] reads what is needed to resume it.
//! - [`Engine::turn`] executes a claimed run in a world made by the caller until it ends, is parked, or its lease is
//!   lost; [`TurnEnd`] says which. The settings are a [`TurnSettings`], with the cancel token of this one run.
//! - [`OpenQuestion`] is what a parked run asks; [`Engine::answer`] checks who answers and what, and the first answer
//!   wins.
//! - [`work`] claims due runs and executes each on a thread, until nothing is due or it is stopped.
//!
//! A process that dies loses nothing but its lease. In a store that detects dead processes the run is due at once,
//! elsewhere when the lease has expired.
//!
//! *Invariant:* nothing is printed here. What goes wrong is an [`EngineError`], an [`AnswerRefusal`] or a [`TurnEnd`], each
//! with its words.
//!
//! *Not here:* terminals, the HTTP server, and how a run is shown: that is an
//! [`Observer`](rbl_runtime::Observer) of the caller.
#![allow(clippy::disallowed_methods)] // files, processes, the environment and the clock may be used here

mod actions;
mod answer;
mod answer_refusal;
mod beginning;
mod claimed;
mod engine;
mod error;
mod heartbeat;
mod inputs;
mod mode_gate;
mod modes;
mod needs;
mod received_alerts;
mod route;
pub mod run_id;
mod runbook_scope;
mod runbook_set;
mod runs_report;
mod schedule;
mod secrets;
#[cfg(test)]
mod tests;
mod this_process;
mod turn;
mod unattended_start;
mod work;
mod work_place;

pub use actions::Actions;
pub use answer::{AnswerInput, AnswerTaken, AnswerWay, OpenQuestion};
pub use answer_refusal::AnswerRefusal;
pub use beginning::{Beginning, ClockBehind, beginning, connections, walkable};
pub use claimed::{ClaimedRun, PreparedTurn};
pub use engine::{Engine, LEASE, LimitPolicy, StartedRun};
pub use error::EngineError;
pub use inputs::{Inputs, recorded_sources};
pub use mode_gate::ModeGate;
pub use modes::{RunbookModes, StartMode};
pub use received_alerts::ReceivedAlerts;
pub use route::{AlertRoute, NearestTrigger, route, route_within};
pub use runbook_scope::RunbookScope;
pub use runbook_set::{BrokenRunbook, RunbookSet, RunnableRunbook, SetRunbook};
pub use runs_report::{
    AlertCounts, AlikeQuestion, DurationFigures, RunCounts, RunbookFigures, RunsReport, UnhandledAlert,
    WorkShare,
};
pub use schedule::{DueFires, due_fires};
pub use secrets::named_secrets;
pub use this_process::this_process;
pub use turn::{TurnEnd, TurnSettings};
pub use unattended_start::UnattendedStart;
pub use work::{Turns, Until, Work, work};
pub use work_place::{WorkPlace, Yielding};
