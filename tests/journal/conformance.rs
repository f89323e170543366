//! What every store promises: the same suite, run over each of them.
//!
//! A store takes part with a [`Bench`]: how another process opens it, and how a process that holds
//! leases dies.

mod claims;
mod guards;
mod races;
mod rules;
mod signals;
mod threads;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rbl_runtime::journal::{Claim, JournalRecord, Lease, Memory, RunQuery, Store, StoreError};
use rbl_store::{Sqlite, SqliteReader};

use super::runs::{new_run, patiently, worker};

/// A lease that is hardly ever renewed in these tests, and is long enough for everything that happens under it on a busy machine:
/// it only runs out where the test lets its time pass.
pub(super) const TTL: Duration = Duration::from_mins(10);

/// A kind of store, empty.
pub(super) trait Bench: Sync {
    /// Opens the same runs as another process would.
    fn open(&self) -> Arc<dyn Store>;
    /// What all can see of them.
    fn look(&self) -> Box<dyn RunQuery + '_>;
    /// The process that has this store dies without notice, and all can see it when this returns.
    fn die(&self, store: Arc<dyn Store>);
    /// This time passes for the leases, and nobody waits for it.
    fn pass(&self, time: Duration);
}

/// In memory: a dead worker only shows by not renewing its lease.
struct InMemory {
    store: Arc<Memory>,
    /// How far its clock is ahead, in milliseconds.
    ahead: Arc<AtomicU32>,
}

impl InMemory {
    fn new() -> Self {
        let ahead = Arc::new(AtomicU32::new(0));
        let read = Arc::clone(&ahead);
        let clock = move || {
            let ahead = f64::from(read.load(Ordering::SeqCst)) / 1000.0;
            rbl_world::clock::now().plus(ahead).unwrap()
        };
        Self { store: Arc::new(Memory::new(clock)), ahead }
    }
}

impl Bench for InMemory {
    fn open(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    fn look(&self) -> Box<dyn RunQuery + '_> {
        struct Shared(Arc<Memory>);
        impl RunQuery for Shared {
            fn list(
                &self,
                filter: &rbl_runtime::journal::Filter,
            ) -> Result<Vec<rbl_runtime::journal::RunSummary>, StoreError> {
                self.0.list(filter)
            }
            fn find(
                &self,
                beginning: &str,
                limit: usize,
            ) -> Result<Vec<rbl_runtime::journal::RunSummary>, StoreError> {
                self.0.find(beginning, limit)
            }
            fn lock_holders(&self, name: &str) -> Result<Vec<rbl_runtime::journal::LockHolder>, StoreError> {
                self.0.lock_holders(name)
            }
            fn read(
                &self,
                run: &str,
            ) -> Result<(Vec<JournalRecord>, Vec<rbl_runtime::journal::Signal>), StoreError> {
                self.0.read(run)
            }
        }
        Box::new(Shared(Arc::clone(&self.store)))
    }

    fn die(&self, _: Arc<dyn Store>) {
        self.pass(TTL + Duration::from_secs(1));
    }

    fn pass(&self, time: Duration) {
        self.ahead.fetch_add(u32::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// In a file: locks end with the handle, as they end with the process.
struct InFile(tempfile::TempDir);

impl Bench for InFile {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(patiently(|| Sqlite::open(self.0.path())))
    }

    fn look(&self) -> Box<dyn RunQuery + '_> {
        Box::new(patiently(|| SqliteReader::open(self.0.path())))
    }

    fn die(&self, store: Arc<dyn Store>) {
        assert_eq!(Arc::strong_count(&store), 1, "somebody else has it too");
        drop(store);
    }

    /// A lock on a file has no time: `processes.rs` lets it pass for real.
    fn pass(&self, _: Duration) {}
}

/// Defines a test of every rule for one kind of store.
macro_rules! conformance {
    ($store:ident, $bench:expr, [$($module:ident :: $rule:ident),* $(,)?]) => {
        mod $store {
            use super::*;

            $(#[test]
            fn $rule() {
                super::$module::$rule(&$bench);
            })*
        }
    };
}

/// Every rule, for every store.
macro_rules! all_rules {
    ($($store:ident: $bench:expr;)*) => {
        $(conformance!($store, $bench, [
            rules::a_second_start_of_the_same_cause_is_the_first_run,
            rules::two_causes_of_one_name_are_refused,
            rules::a_run_that_nobody_started_is_told_by_name,
            rules::what_was_written_is_read_in_order_and_from_anywhere,
            rules::a_run_that_has_ended_never_changes,
            rules::lists_say_how_each_run_stands,
            claims::one_lease_a_run,
            claims::a_run_that_is_started_to_be_held_is_due_for_nobody,
            claims::each_claim_is_one_epoch_more,
            claims::who_is_left_behind_comes_first,
            claims::no_more_than_asked_for,
            claims::a_parked_run_is_due_when_its_time_has_come,
            claims::a_stuck_run_is_taken_by_name_only,
            claims::renewing_says_what_is_lost,
            claims::idle_returns_when_something_is_due,
            claims::a_noted_process_outlives_its_holder,
            writing::the_same_append_again_is_fine,
            writing::an_append_at_another_place_is_fenced,
            writing::what_does_not_follow_is_refused,
            writing::whoever_lost_its_lease_writes_nothing,
            writing::a_takeover_keeps_the_journal,
            writing::a_release_again_is_fine,
            writing::all_or_nothing,
            signals::a_signal_wakes_a_parked_run,
            signals::the_first_value_of_a_name_holds,
            signals::a_signal_breaks_no_lease_and_wakes_the_run_when_it_is_released,
            signals::signals_come_in_their_order,
            signals::a_run_that_is_over_takes_none,
            signals::a_closed_question_takes_no_answer,
            signals::as_many_people_count_as_are_asked_for,
            signals::a_signal_about_an_alert_wakes_nobody,
            signals::renewing_brings_new_signals,
            guards::nothing_is_written_where_a_guard_does_not_hold,
            guards::a_lock_is_held_until_the_run_has_ended,
            guards::first_come_first_served,
            guards::who_gives_up_keeps_nobody_waiting,
            guards::a_killed_run_keeps_its_locks,
            guards::several_slots_are_held_at_once,
            guards::a_count_is_reached_within_its_window,
            guards::the_same_id_counts_once,
            guards::a_start_over_a_count_writes_nothing,
            races::one_of_answer_and_time_out_wins,
            races::one_of_quorum_refusal_and_time_out_wins,
            races::one_run_holds_a_lock_at_a_time,
            races::no_count_is_exceeded,
            threads::many_claimers_and_every_run_is_driven_once_at_a_time,
            threads::of_many_writers_at_one_place_one_writes,
            threads::no_signal_is_lost_between_loading_and_parking,
            threads::the_same_cause_from_many_sides_is_one_run,
        ]);)*
    };
}

all_rules! {
    memory: InMemory::new();
    sqlite: InFile(tempfile::tempdir().unwrap());
}

/// Starts a run and claims it.
pub(super) fn begun(store: &dyn Store, run: &str) -> Lease {
    assert_eq!(store.start(&new_run(run)).unwrap(), (run.into(), true));
    taken(store, run)
}

/// Claims a run by its name.
pub(super) fn taken(store: &dyn Store, run: &str) -> Lease {
    let mut leases = store.claim(&worker("w"), &Claim::Run(run.into()), TTL).unwrap();
    assert_eq!(leases.len(), 1);
    leases.remove(0)
}

/// Whether it was refused because another process holds the run.
pub(super) fn is_fenced<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    match result {
        Err(StoreError::Fenced { .. }) => true,
        Ok(_) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// The `seq` of each record.
pub(super) fn seqs(records: &[JournalRecord]) -> Vec<u64> {
    records.iter().map(|record| record.seq).collect()
}
