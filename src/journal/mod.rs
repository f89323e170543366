//! The journal: records every run as it happens, so that it survives a crash, can be parked and answered later,
//! replayed and turned into a test.
//!
//! *Invariant:* what a run does to the world is durable as an intent before it is done. One writer at a time holds a
//! run through its [`Lease`], and every record carries the epoch of that lease. A hash ties each record to the last.

#![allow(clippy::disallowed_methods)] // files and the clock may be used here

mod against;
mod begun;
mod chain;
mod difference;
mod doubt;
mod entry;
mod export;
mod heard;
mod layer;
mod memory;
mod open;
mod past;
mod program;
mod query;
mod record;
mod recorder;
mod replay;
mod sqlite;
mod standing;
mod store;
mod writer;

pub use against::{Compared, Point, compare};
pub use begun::{Begun, RecordedSource};
pub use chain::{Break, Chain, sha256, verify};
pub use difference::{Difference, effect_words};
pub use doubt::WAS_IT_DONE;
pub use entry::{Entry, Own};
pub use export::{NotExported, exported, read_exported, record_schema};
pub use heard::{Deaf, Heard, heard};
pub use layer::{Journal, JournalObserver, JournalWorld};
pub use memory::Memory;
pub use open::{Open, Stage, open};
pub use query::{Filter, RunQuery, State, Summary};
pub use record::Record;
pub use recorder::{Options, Redactor, Stopped};
pub use replay::{Layers, Replay, Replayed, Stamp};
pub use sqlite::{Sqlite, SqliteLook};
pub use store::{Accepted, Claim, Epoch, Lease, NewRun, Release, Signal, Store, StoreError, Worker};
