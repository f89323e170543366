//! Commits the transactions of several threads together: a disk takes milliseconds to be sure, whatever there is to write.
//!
//! A thread that has done its part of a transaction while others wait for their turn leaves the commit to the last of them, and
//! returns when that is durable. One that is alone commits at once.
//!
//! *Invariant:* nothing is acknowledged that is not committed: where the commit fails, all whose parts were in it get its error, and
//! whoever only reads has what is open committed first.
//!
//! What is committed is durable, except for what may as well be lost with the power ([`Sqlite::transact_soon`]): that costs no wait for
//! the disk. It is durable with the next commit that is, because the log is written in order; nothing that is durable builds on
//! something that is lost.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::Sqlite;
use super::open_journal::OpenJournal;
use rbl_runtime::journal::StoreError;

/// How many parts are committed together at most.
const PARTS: usize = 256;

/// How long parts are added to a transaction that is open.
#[cfg(not(test))]
const OPEN: Duration = Duration::from_millis(20);
/// In a test what waits together is committed together, however slow the machine is.
#[cfg(test)]
const OPEN: Duration = Duration::from_mins(1);

/// Who waits for a turn, and for a commit.
#[derive(Debug, Default)]
pub(super) struct CommitQueue {
    /// How many threads wait for their turn to write.
    entering: AtomicUsize,
    /// Rung when a transaction is over.
    over: Condvar,
}

/// A transaction that is open, with parts of several threads.
#[derive(Debug)]
pub(super) struct CommitGroup {
    parts: usize,
    /// Whether its commit is durable.
    is_durable: bool,
    begun: Instant,
    end: Arc<GroupEnd>,
}

/// How a transaction ended: set once, for all who have a part in it.
type GroupEnd = OnceLock<Result<(), StoreError>>;

impl Sqlite {
    /// Does this as one part of a transaction: all of it, or where it refuses nothing. Returns when it is durable.
    pub(super) fn transact<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.in_group(true, work)
    }

    /// The same, of what is done again where it is lost, or what is over anyway when this machine stops: who has a run, when it is due
    /// next, what became of a delivery. It may return before it is durable.
    pub(super) fn transact_soon<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.in_group(false, work)
    }

    pub(super) fn in_group<T>(
        &self,
        is_durable: bool,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        self.commits_of.entering.fetch_add(1, Ordering::SeqCst);
        let mut open = self.lock_journal();
        self.commits_of.entering.fetch_sub(1, Ordering::SeqCst);
        if is_durable && open.group.as_ref().is_some_and(|group| !group.is_durable) {
            self.close(&mut open);
        }
        let is_first = open.group.is_none();
        if is_first {
            self.begin(&mut open, is_durable)?;
        }
        let done = self.part(&mut open, is_first, work);
        let done = match done {
            Ok(done) => done,
            Err(panic) => {
                self.close(&mut open);
                drop(open);
                resume_unwind(panic)
            }
        };
        let Some(group) = &open.group else { return done };
        let end = Arc::clone(&group.end);
        let is_full = group.parts >= PARTS || group.begun.elapsed() > OPEN;
        if is_full || self.commits_of.entering.load(Ordering::SeqCst) == 0 {
            self.close(&mut open);
        }
        // Whoever entered meanwhile closes it, or leaves that to the next.
        while end.get().is_none() {
            open = self.commits_of.over.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
        drop(open);
        // What refused may have refused because of a part that is lost now.
        end.get().cloned().unwrap_or(Ok(()))?;
        let done = done?;
        self.commits.took(begun.elapsed());
        Ok(done)
    }

    /// The journal, with nothing open that is not durable.
    pub(super) fn open_journal(&self) -> MutexGuard<'_, OpenJournal> {
        let mut open = self.lock_journal();
        self.close(&mut open);
        open
    }

    /// The journal, for what is kept beside the connection.
    pub(super) fn lock_journal(&self) -> MutexGuard<'_, OpenJournal> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, open: &mut OpenJournal, is_durable: bool) -> Result<(), StoreError> {
        let is_set = open.is_durable;
        let connection = open.writable()?;
        if is_set != is_durable {
            let level = if is_durable { "FULL" } else { "NORMAL" };
            let set = connection.pragma_update(None, "synchronous", level);
            set.map_err(|error| self.trouble(&error))?;
        }
        let begun = self.execute(connection, "BEGIN IMMEDIATE");
        open.is_durable = is_durable;
        begun?;
        open.group = Some(CommitGroup { parts: 0, is_durable, begun: Instant::now(), end: Arc::default() });
        Ok(())
    }

    /// One part. What it wrote is undone where it refuses or panics; the parts of others stay.
    fn part<T>(
        &self,
        open: &mut OpenJournal,
        is_first: bool,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> std::thread::Result<Result<T, StoreError>> {
        let connection = match open.connection() {
            Ok(connection) => connection,
            Err(why) => return Ok(Err(why)),
        };
        if !is_first && let Err(why) = self.execute(connection, "SAVEPOINT part") {
            return Ok(Err(why));
        }
        let mut done = catch_unwind(AssertUnwindSafe(|| work(connection)));
        if connection.is_autocommit() {
            // SQLite gave up the whole of it, as on a full disk.
            let why = match &done {
                Ok(Err(why)) => why.clone(),
                Ok(Ok(_)) | Err(_) => StoreError::Unavailable("the transaction was given up".into()),
            };
            self.notify(open, Err(why.clone()));
            return done.map(|done| done.and(Err(why)));
        }
        let is_done = matches!(&done, Ok(Ok(_)));
        let sql: &[&str] = match (is_first, is_done) {
            (true, true) => &[],
            // Nobody else has a part in it.
            (true, false) => &["ROLLBACK"],
            (false, true) => &["RELEASE part"],
            (false, false) => &["ROLLBACK TO part", "RELEASE part"],
        };
        let ended = sql.iter().try_for_each(|sql| self.execute(connection, sql));
        if is_first && !is_done {
            open.group = None;
        }
        if let (Err(why), Ok(Ok(_))) = (ended, &done) {
            done = Ok(Err(why));
        }
        if let Some(group) = &mut open.group {
            group.parts += 1;
        }
        done
    }

    /// Commits what is open, and notifies all who wait for it.
    fn close(&self, open: &mut OpenJournal) {
        if open.group.is_none() {
            return;
        }
        #[cfg(debug_assertions)]
        super::fault::here();
        let committed = open.connection().and_then(|it| {
            let committed = self.execute(it, "COMMIT");
            if committed.is_err() && !it.is_autocommit() {
                drop(self.execute(it, "ROLLBACK"));
            }
            committed
        });
        #[cfg(debug_assertions)]
        super::fault::here();
        if committed.is_ok() {
            open.used();
        }
        self.notify(open, committed);
    }

    fn notify(&self, open: &mut OpenJournal, how: Result<(), StoreError>) {
        if let Some(group) = open.group.take() {
            // Set once: whoever takes the group out of its place sets it.
            let _ = group.end.set(how);
            self.commits_of.over.notify_all();
        }
    }

    fn execute(&self, connection: &Connection, sql: &str) -> Result<(), StoreError> {
        let executed = connection.prepare_cached(sql).and_then(|mut it| it.execute([]));
        executed.map(drop).map_err(|error| self.trouble(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::params;

    type Part<'p> = &'p (dyn Fn(&Connection) -> Result<(), StoreError> + Sync);

    /// Does these at once, in one transaction: all of them wait until the journal is free. What each got.
    fn together(store: &Sqlite, parts: &[Part<'_>]) -> Vec<std::thread::Result<Result<(), StoreError>>> {
        std::thread::scope(|scope| {
            let busy = store.lock_journal();
            let threads: Vec<_> = parts.iter().map(|part| scope.spawn(|| store.transact(*part))).collect();
            while store.commits_of.entering.load(Ordering::SeqCst) < parts.len() {
                std::thread::yield_now();
            }
            drop(busy);
            threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        })
    }

    fn keep(runbook: &str) -> impl Fn(&Connection) -> Result<(), StoreError> + Sync {
        move |connection| {
            let kept = connection.execute(
                "INSERT INTO rehearsal (runbook, sha256, at, tests) VALUES (?1, '', 0, 0)",
                params![runbook],
            );
            kept.map(drop).map_err(|why| StoreError::Corrupt(why.to_string()))
        }
    }

    fn kept(folder: &std::path::Path) -> Vec<String> {
        let other = Connection::open(Sqlite::file(folder)).unwrap();
        let mut kept = other.prepare("SELECT runbook FROM rehearsal ORDER BY runbook").unwrap();
        kept.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn said(results: &[std::thread::Result<Result<(), StoreError>>]) -> Vec<&'static str> {
        let word = |it: &std::thread::Result<Result<(), StoreError>>| match it {
            Ok(Ok(())) => "done",
            Ok(Err(_)) => "refused",
            Err(_) => "panicked",
        };
        let mut words: Vec<_> = results.iter().map(word).collect();
        words.sort_unstable();
        words
    }

    #[test]
    fn a_part_that_refuses_or_panics_undoes_only_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).unwrap();
        let refuses = |connection: &Connection| {
            keep("refused")(connection)?;
            Err(StoreError::NoSuchRun("r".into()))
        };
        let panics = |connection: &Connection| {
            keep("panicked")(connection)?;
            panic!("a bug")
        };
        // Whichever of them is the first, the last, or in the middle.
        for round in 0..20 {
            let (one, two) = (format!("{round:02}a"), format!("{round:02}b"));
            let results = together(&store, &[&keep(&one), &refuses, &panics, &keep(&two)]);
            assert_eq!(said(&results), ["done", "done", "panicked", "refused"]);
            assert_eq!(kept(folder.path()).len(), (round + 1) * 2);
        }
        assert!(kept(folder.path()).iter().all(|it| it != "refused" && it != "panicked"));
        assert_eq!(said(&together(&store, &[&refuses])), ["refused"]);
        assert_eq!(said(&together(&store, &[&keep("last")])), ["done"]);
    }

    #[test]
    fn where_the_commit_fails_all_get_its_error_and_the_next_one_is_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).unwrap();
        // What it breaks is noticed by the commit only.
        let breaks = |connection: &Connection| {
            let broken = "PRAGMA defer_foreign_keys = ON; INSERT INTO signal (run, number, name, data, at) VALUES (9, 1, '', '', '')";
            connection.execute_batch(broken).map_err(|why| StoreError::Corrupt(why.to_string()))
        };
        let results = together(&store, &[&keep("a"), &breaks, &keep("b")]);
        assert_eq!(said(&results), ["refused", "refused", "refused"]);
        assert_eq!(kept(folder.path()), Vec::<String>::new());
        assert_eq!(said(&together(&store, &[&keep("a"), &keep("b")])), ["done", "done"]);
        assert_eq!(kept(folder.path()), ["a", "b"]);
    }

    #[test]
    fn whoever_reads_sees_nothing_that_is_not_durable() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).unwrap();
        std::thread::scope(|scope| {
            let mut open = store.lock_journal();
            store.begin(&mut open, true).unwrap();
            let writes = keep("a");
            assert!(matches!(store.part(&mut open, true, writes), Ok(Ok(()))));
            assert_eq!(kept(folder.path()), Vec::<String>::new());
            scope.spawn(|| {
                let reads = store.open_journal();
                let count = "SELECT count(*) FROM rehearsal";
                assert_eq!(reads.readable().unwrap().query_row(count, [], |row| row.get(0)), Ok(1));
                assert_eq!(kept(folder.path()), ["a"]);
            });
            drop(open);
        });
    }
}
