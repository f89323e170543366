//! [`RecordWriter`]: writes the records of one turn. Events are written with the next record that has to be durable.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{
    Accepted, AppendGuard, Appended, Chain, Entry, JournalRecord, Lease, NotedWork, PollState, Release,
    Signal, SignalName, Store, StoreError, WorkNote,
};
use rbl_syntax::value::Time;

/// The end of a run's records, and what is to be appended.
pub(super) struct RecordWriter {
    store: Arc<dyn Store>,
    lease: Lease,
    chain: Chain,
    pending: Vec<JournalRecord>,
    /// The number of records when the turn began.
    began: u64,
}

impl RecordWriter {
    /// A writer at the end that the lease knows.
    pub(super) fn new(store: Arc<dyn Store>, lease: Lease) -> Self {
        let chain = Chain::at(&lease);
        let began = lease.length;
        Self { store, lease, chain, pending: Vec::new(), began }
    }

    /// The number of records, those that are not durable yet included.
    pub(super) fn length(&self) -> u64 {
        self.chain.length()
    }

    /// Whether this turn has recorded anything.
    pub(super) fn is_untouched(&self) -> bool {
        self.length() == self.began
    }

    /// The number of records that are durable.
    pub(super) fn durable(&self) -> u64 {
        self.lease.length
    }

    /// How far the current `wait until` was when the run was claimed.
    pub(super) fn progress(&self) -> Option<&PollState> {
        self.lease.progress.as_ref()
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
        self.truncate(self.length().saturating_sub(1));
    }

    /// Withdraws the entries from this position on; none of them is durable yet.
    pub(super) fn truncate(&mut self, length: u64) {
        self.pending.retain(|record| record.seq < length);
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

    /// Makes all added entries durable if the guards allow it. Where they do not, the entries are kept: what must not be
    /// written is withdrawn by the caller.
    pub(super) fn flush_guarded(&mut self, guards: &[AppendGuard]) -> Result<Appended, StoreError> {
        if self.pending.is_empty() && guards.is_empty() {
            return Ok(Appended::Written);
        }
        let appended = self.store.append_guarded(&mut self.lease, &self.pending, guards)?;
        if appended == Appended::Written {
            self.pending.clear();
        }
        Ok(appended)
    }

    /// The signals that the run has received so far.
    pub(super) fn signals(&self) -> Result<Vec<Signal>, StoreError> {
        self.store.load(&self.lease, self.lease.length).map(|(_, signals)| signals)
    }

    /// The run.
    pub(super) fn run(&self) -> &SmolStr {
        &self.lease.run
    }

    /// Sends the run a signal from within its own turn.
    pub(super) fn signal(
        &mut self,
        name: &SignalName,
        data: &str,
        quorum: u32,
    ) -> Result<Accepted, StoreError> {
        let accepted = self.store.signal_named(&self.lease.run, name, data, quorum)?;
        if accepted == Accepted::Accepted {
            // It is no news that would make the run due.
            self.lease.signals_seen = self.lease.signals_seen.saturating_add(1);
        }
        Ok(accepted)
    }

    /// Notes what the actions of this turn begin in the store.
    pub(super) fn note(&self) -> WorkNote {
        let (store, lease) = (Arc::clone(&self.store), self.lease.clone());
        // Where it cannot be noted, what is left of an action is found by its key.
        Arc::new(move |process| drop(store.note_process(&lease, Some(process))))
    }

    /// What was noted last.
    pub(super) fn noted(&self) -> Option<NotedWork> {
        self.store.noted_process(&self.lease).ok().flatten()
    }

    /// Forgets it: no action is open.
    pub(super) fn forget_process(&self) {
        // Where that is impossible it is there in vain: it is asked about by the key of an action only.
        drop(self.store.note_process(&self.lease, None));
    }

    /// Notes that the owner was paged because nothing could be recorded.
    pub(super) fn note_page(&self) {
        self.store.note_page(&self.lease);
    }

    /// When the owner was paged because of that, if nothing was recorded since.
    pub(super) fn noted_page(&self) -> Option<Time> {
        self.store.noted_page(&self.lease)
    }

    /// Ends the turn; writes all added entries with it.
    pub(super) fn release(&mut self, how: &Release) -> Result<(), StoreError> {
        let released = self.store.release(&mut self.lease, &self.pending, how);
        match &released {
            Ok(()) => self.pending.clear(),
            Err(StoreError::Fenced { .. }) => {}
            Err(_) => self.store.give_up(&self.lease),
        }
        released
    }
}
