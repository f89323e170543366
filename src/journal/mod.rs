//! What happened: every run is written down as it happens, so that it survives a crash, can be parked and answered
//! later, can be told again, and can be rehearsed.
//!
//! *Invariant:* what a run does to the world is durable as an intent before it is done. One writer drives a run: whoever
//! holds its [`Lease`], and every record carries the epoch of that lease. Records are tied to each other by a hash.

#![allow(clippy::disallowed_methods)] // files and the clock may be used here

mod begun;
mod chain;
mod entry;
mod memory;
mod query;
mod record;
mod sqlite;
mod standing;
mod store;

pub use begun::{Begun, RecordedSource};
pub use chain::{Break, Chain, sha256, verify};
pub use entry::{Entry, Own};
pub use memory::Memory;
pub use query::{Filter, RunQuery, State, Summary};
pub use record::Record;
pub use sqlite::{Sqlite, SqliteLook};
pub use store::{Accepted, Claim, Epoch, Lease, NewRun, Release, Signal, Store, StoreError, Worker};
