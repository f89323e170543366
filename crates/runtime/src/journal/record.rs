//! One record of a run as a store keeps it: opaque to the store, tied to the one before it.

use serde::{Deserialize, Serialize};

use super::entry::{OwnType, type_of};
use super::{Entry, Epoch, JournalEvent};
use rbl_syntax::value::Time;

/// A record: the store writes and reads it, and never looks into it. A line of an exported run is one JSON object: the
/// fields of its [`super::Entry`] first (`type` before all), then `seq`, `epoch`, `at` and `hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRecord {
    /// Its position in the run, from 0, without a gap.
    pub seq: u64,
    /// The epoch of the lease under which it was written: never less than that of the record before it.
    pub epoch: Epoch,
    /// When it was written, by the clock of the machine that wrote it.
    pub at: Time,
    /// The entry as JSON.
    pub data: String,
    /// SHA-256, in hexadecimal, of the hash of the record before it (empty for the first) and of this record's `seq`,
    /// `epoch`, `at` and `data`.
    pub hash: String,
}

impl JournalRecord {
    /// Parses the entry.
    ///
    /// Errors: it was written by an rbl with another format.
    pub fn entry(&self) -> serde_json::Result<Entry> {
        // The type decides: the journal's own entries have types of their own.
        match type_of(&self.data).map(OwnType::of) {
            Some(Some(_)) => serde_json::from_str::<JournalEvent>(&self.data).map(Entry::Own),
            Some(None) => serde_json::from_str(&self.data).map(Entry::Event),
            None => serde_json::from_str(&self.data),
        }
    }
}
