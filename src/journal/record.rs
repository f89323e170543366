//! One record of a run as a store keeps it: opaque to the store, tied to the one before it.

use serde::{Deserialize, Serialize};

use super::Epoch;
use crate::value::Time;

/// A record: what the store writes, reads and never looks into. As a line of an exported run it is one JSON object: the
/// fields of its [`super::Entry`] first (`type` before all), then `seq`, `epoch`, `at` and `hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its place in the run, from 0, without a gap.
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
