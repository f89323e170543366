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

mod answer;
mod beginning;
mod claimed;
mod engine;
mod error;
mod heartbeat;
mod inputs;
pub mod run_id;
mod secrets;
#[cfg(test)]
mod tests;
mod this_process;
mod turn;
mod work;

pub use answer::{AnswerInput, AnswerRefusal, OpenQuestion};
pub use beginning::{Beginning, ClockBehind, beginning, connections};
pub use claimed::ClaimedRun;
pub use engine::{Engine, LEASE};
pub use error::EngineError;
pub use inputs::{Inputs, recorded_sources};
pub use secrets::named_secrets;
pub use this_process::this_process;
pub use turn::{TurnEnd, TurnSettings};
pub use work::{Turns, Until, Work, work};
