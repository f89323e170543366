//! [`RecordWriter`]: writes the records of one turn. Events are written with the next record that has to be durable.

use std::sync::Arc;

use super::{Chain, Entry, JournalRecord, Lease, Release, Store, StoreError};
use rbl_syntax::value::Time;

/// The end of a run's records, and what is to be appended.
pub(super) struct RecordWriter {
    store: Arc<dyn Store>,
    lease: Lease,
    chain: Chain,
    pending: Vec<JournalRecord>,
}

impl RecordWriter {
    /// A writer at the end that the lease knows.
    pub(super) fn new(store: Arc<dyn Store>, lease: Lease) -> Self {
        let chain = Chain::at(&lease);
        Self { store, lease, chain, pending: Vec::new() }
    }

    /// Adds an entry, not yet durable; returns its position among the records.
    pub(super) fn push(&mut self, entry: &Entry, at: Time) -> u64 {
        let seq = self.chain.length();
        // Every entry can be serialised to JSON: nothing can be lost here.
        if let Ok(record) = self.chain.next(entry, at) {
            self.pending.push(record);
        }
        seq
    }

    /// Withdraws the last entry, which is not durable yet.
    pub(super) fn withdraw(&mut self) {
        self.pending.pop();
        self.chain = self.pending.last().map_or_else(|| Chain::at(&self.lease), Chain::behind);
    }

    /// Makes all added entries durable. What could not be written is kept for the next flush.
    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.store.append(&mut self.lease, &self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// Ends the turn; writes all added entries with it.
    pub(super) fn release(&mut self, how: &Release) -> Result<(), StoreError> {
        self.store.release(&mut self.lease, &self.pending, how)?;
        self.pending.clear();
        Ok(())
    }
}
