//! The methods of [`Store`], each one transaction that takes the write lock first.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};
use smol_str::SmolStr;

use super::lock::RunLock;
use super::row::{self, CountColumn, TimeColumn};
use super::{ClaimedLock, Sqlite, error, folder, guards, noted_process, paged, reader};
use rbl_runtime::journal::run_state::{RunHead, RunStatus, Write, moved};
use rbl_runtime::journal::{
    Accepted, AppendGuard, Appended, Claim, Freeze, GuardRefusal, HeldRun, JournalRecord, Lease, NewRun,
    NotedWork, Release, Renewal, Signal, SignalName, StartOutcome, Store, StoreError, Tally, Worker,
    deciding,
};
use rbl_syntax::value::Time;

/// How long a claim retries where the lock is held: a reader that checks it holds it for a moment too.
pub(super) const GLANCE: Duration = Duration::from_millis(50);

/// When a run that was given up is due again for this process.
const AGAIN: Duration = Duration::from_mins(1);

/// How often [`Store::idle`] checks.
const LOOK: Duration = Duration::from_millis(100);

impl Sqlite {
    pub(super) fn run(&self, connection: &Connection, run: &str) -> Result<(i64, RunHead), StoreError> {
        row::find(connection, run)
            .map_err(|error| self.trouble(&error))?
            .ok_or_else(|| StoreError::NoSuchRun(run.into()))
    }

    pub(super) fn lock(&self, id: i64) -> Result<Option<RunLock>, StoreError> {
        RunLock::take(folder::lock(&self.folder, id))
    }

    /// The lock of a new run, which a process that died may have left behind and another may be checking.
    fn lock_soon(&self, id: i64) -> Result<RunLock, StoreError> {
        let end = Instant::now() + GLANCE;
        loop {
            match self.lock(id)? {
                Some(lock) => return Ok(lock),
                None if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
                None => return Err(StoreError::Fenced { by: None }),
            }
        }
    }

    /// The run of the same cause, if there is one.
    fn started(&self, transaction: &Connection, new: &NewRun) -> Result<Option<SmolStr>, StoreError> {
        let same = |column: &str, value: &str| {
            transaction
                .prepare_cached(&format!("SELECT run FROM run WHERE {column} = ?1"))
                .and_then(|mut it| it.query_row([value], |row| row.get::<_, String>(0)).optional())
                .map_err(|error| self.trouble(&error))
        };
        if let Some(there) = same("dedupe", &new.dedupe)? {
            return Ok(Some(there.into()));
        }
        if same("run", &new.run)?.is_some() {
            return Err(StoreError::Corrupt(format!("there is a run {} already, of another cause", new.run)));
        }
        Ok(None)
    }

    /// Adds a run; returns its number.
    fn add(&self, transaction: &Connection, new: &NewRun) -> Result<i64, StoreError> {
        let standing = RunHead::begun(&new.first)?;
        let written = || {
            transaction
                .prepare_cached(
                    "INSERT INTO run (run, dedupe, runbook, file, started, changed, epoch, length, last_hash, signals, \
                     state, needs_format, language, mode, providers, executors, secrets, folder, identity) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, '', 0, 'new', ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                )?
                .execute(params![
                    new.run.as_str(),
                    new.dedupe,
                    new.runbook,
                    new.file.as_str(),
                    TimeColumn(new.at),
                    TimeColumn(new.first.at),
                    new.needs.format,
                    new.needs.language,
                    new.needs.mode.word(),
                    list(&new.needs.providers),
                    list(&new.needs.executors),
                    list(&new.needs.secrets),
                    new.needs.folder,
                    new.needs.identity,
                ])?;
            let id = transaction.last_insert_rowid();
            row::insert(transaction, id, std::slice::from_ref(&new.first))?;
            row::save(transaction, id, &standing)?;
            Ok::<_, rusqlite::Error>(id)
        };
        written().map_err(|error| self.trouble(&error))
    }

    pub(super) fn damaged(&self, why: &str) -> StoreError {
        error::damaged(&Self::file(&self.folder), why)
    }

    /// Checks the guards and applies them; returns why not.
    fn guarded(
        &self,
        transaction: &Connection,
        (id, lease): (i64, &Lease),
        guards: &[AppendGuard],
    ) -> Result<Option<GuardRefusal>, StoreError> {
        let trouble = |error: rusqlite::Error| self.trouble(&error);
        match guards::check(transaction, (id, lease), guards, now()).map_err(trouble)? {
            Ok(()) => {}
            Err(GuardRefusal::Locked(mut locked)) => {
                locked.holders = reader::holders(transaction, &self.folder, &locked.name).map_err(trouble)?;
                return Ok(Some(GuardRefusal::Locked(locked)));
            }
            Err(refusal) => return Ok(Some(refusal)),
        }
        let freed = guards::apply(transaction, id, guards, now()).map_err(trouble)?;
        self.wake(transaction, &freed)?;
        Ok(None)
    }

    /// Makes the parked runs due whose turn it is at these locks.
    fn wake(&self, transaction: &Connection, names: &[String]) -> Result<(), StoreError> {
        let trouble = |error: rusqlite::Error| self.trouble(&error);
        for run in guards::to_wake(transaction, names, now()).map_err(trouble)? {
            let (id, mut standing) = self.run(transaction, &run)?;
            if standing.wake() {
                row::save(transaction, id, &standing).map_err(trouble)?;
            }
        }
        Ok(())
    }

    /// The file of the process that is noted for a run that is held here.
    fn noted(&self, run: &str) -> Option<PathBuf> {
        self.held().get(run).map(|held| self.process(&held.lock))
    }

    /// The file of the process of the run with this lock.
    fn process(&self, lock: &RunLock) -> PathBuf {
        folder::process(&self.folder, lock.path())
    }

    /// Something was recorded again: the next time that this fails, the owner is paged again.
    fn forget_page(&self, run: &str) {
        if let Some(held) = self.held().get_mut(run).filter(|held| held.is_paged) {
            paged::forget(&folder::paged(held.lock.path()));
            held.is_paged = false;
        }
    }
}

impl Store for Sqlite {
    fn start_counted(
        &self,
        new: &NewRun,
        counts: &[Tally],
        holder: Option<(&Worker, Duration)>,
    ) -> Result<StartOutcome, StoreError> {
        let (outcome, claimed) = self.transact(|transaction| {
            let trouble = |error: rusqlite::Error| self.trouble(&error);
            if let Some(there) = self.started(transaction, new)? {
                return Ok((StartOutcome::Already(there), None));
            }
            let before = match guards::counts(transaction, counts, now()).map_err(trouble)? {
                Ok(before) => before,
                Err(reached) => return Ok((StartOutcome::Reached(reached), None)),
            };
            let id = self.add(transaction, new)?;
            guards::count(transaction, counts, now()).map_err(trouble)?;
            let Some((worker, _)) = holder else {
                return Ok((StartOutcome::Begun { lease: None, before }, None));
            };
            // The number is new: no process can hold its lock, except for a moment to check it.
            let lock = self.lock_soon(id)?;
            let standing = self.run(transaction, &new.run)?;
            let claimed = self.give(transaction, &new.run, standing, worker, lock)?;
            Ok((StartOutcome::Begun { lease: None, before }, claimed))
        })?;
        Ok(match outcome {
            StartOutcome::Begun { before, .. } => {
                StartOutcome::Begun { lease: self.hold(claimed).pop(), before }
            }
            other => other,
        })
    }

    fn leases_expire(&self) -> bool {
        false
    }

    fn claim(&self, worker: &Worker, which: &Claim, _: Duration) -> Result<Vec<Lease>, StoreError> {
        match which {
            Claim::Run(run) => self.claim_one(worker, run),
            Claim::Due(most) => self.claim_due(worker, *most),
        }
    }

    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        self.transact_soon(|transaction| {
            let (id, standing) = self.run(transaction, &lease.run)?;
            if !standing.is_held_by(lease) {
                return Err(standing.fenced());
            }
            let records = self.uncovered(transaction, id, from, &standing)?;
            let signals = row::signals(transaction, id).map_err(|error| self.trouble(&error))?;
            Ok((records, signals))
        })
    }

    fn append_guarded(
        &self,
        lease: &mut Lease,
        batch: &[JournalRecord],
        guards: &[AppendGuard],
    ) -> Result<Appended, StoreError> {
        let appended = self.transact(|transaction| {
            let (id, mut standing) = self.run(transaction, &lease.run)?;
            // Without records nothing tells a repeated call from a new one: its guards are asked again.
            if standing.append(lease, batch)? == Write::Again && !batch.is_empty() {
                return Ok(Appended::Written);
            }
            if let Some(refusal) = self.guarded(transaction, (id, lease), guards)? {
                return Ok(Appended::Refused(refusal));
            }
            // The row of the run stays as it is: what it says of the end is written when the turn ends.
            row::insert(transaction, id, batch).map_err(|error| self.trouble(&error))?;
            Ok(Appended::Written)
        })?;
        if appended == Appended::Written {
            moved(lease, batch);
            if !batch.is_empty() {
                self.lock_journal().wrote(&lease.run, lease.length, &lease.last_hash);
                self.forget_page(&lease.run);
            }
        }
        Ok(appended)
    }

    fn renew(&self, worker: &Worker, held: &[HeldRun], _: Duration) -> Result<Renewal, StoreError> {
        // The lock holds the runs: nothing is written here, only checked whether they still belong to this worker.
        let open = self.open_journal();
        let connection = open.readable()?;
        let mut renewal = Renewal::default();
        for (run, epoch, seen) in held {
            let (id, standing) = self.run(connection, run)?;
            let own = matches!(&standing.status, RunStatus::Held { by, .. } if by == worker);
            if !own || standing.epoch != *epoch {
                renewal.lost.push(run.clone());
            } else if standing.signals > *seen {
                let signals = row::signals(connection, id).map_err(|error| self.trouble(&error))?;
                let new = signals.into_iter().filter(|signal| signal.number > *seen);
                renewal.signals.extend(new.map(|signal| (run.clone(), signal)));
            }
        }
        Ok(renewal)
    }

    fn release(&self, lease: &mut Lease, batch: &[JournalRecord], how: &Release) -> Result<(), StoreError> {
        // A run that is only parked again, as between two polls, is taken up again where that is lost.
        let is_durable = !batch.is_empty() || !matches!(how, Release::Parked(_));
        self.in_group(is_durable, |transaction| {
            let (id, mut standing) = self.run(transaction, &lease.run)?;
            let write = standing.release(lease, batch, how)?;
            let written = || {
                if write == Write::New {
                    row::insert(transaction, id, batch)?;
                }
                row::save(transaction, id, &standing)
            };
            written().map_err(|error| self.trouble(&error))?;
            if matches!(how, Release::Ended { .. }) {
                let freed = guards::ended(transaction, id).map_err(|error| self.trouble(&error))?;
                self.wake(transaction, &freed)?;
            }
            Ok(())
        })?;
        if matches!(how, Release::Ended { .. })
            && let Some(noted) = self.noted(&lease.run)
        {
            // What could not be removed is asked for by nobody.
            drop(noted_process::remove(&noted));
        }
        // Only the lock of this turn: the run may be held again already.
        let released = {
            let mut held = self.held();
            let is_own = held.get(&lease.run).is_some_and(|held| held.epoch == lease.epoch);
            is_own.then(|| held.remove(&lease.run)).flatten()
        };
        if let Some(ClaimedLock { lock, is_paged, .. }) = released {
            if is_paged {
                paged::forget(&folder::paged(lock.path()));
            }
            self.lock_journal().forget(&lease.run);
        }
        moved(lease, batch);
        Ok(())
    }

    fn give_up(&self, lease: &Lease) {
        let mut held = self.held();
        if held.get(&lease.run).is_some_and(|held| held.epoch == lease.epoch) {
            held.remove(&lease.run);
            self.lock_journal().forget(&lease.run);
            self.given_up().insert(lease.run.clone(), Instant::now() + AGAIN);
        }
    }

    fn note_page(&self, lease: &Lease) {
        if let Some(held) = self.held().get_mut(&lease.run).filter(|held| held.epoch == lease.epoch) {
            held.is_paged = paged::note(&folder::paged(held.lock.path()));
        }
    }

    fn noted_page(&self, lease: &Lease) -> Option<Time> {
        let held = self.held();
        let held = held.get(&lease.run).filter(|held| held.epoch == lease.epoch && held.is_paged)?;
        paged::at(&folder::paged(held.lock.path()))
    }

    fn note_process(&self, lease: &Lease, process: Option<&NotedWork>) -> Result<(), StoreError> {
        let path = self
            .held()
            .get(&lease.run)
            .filter(|held| held.epoch == lease.epoch)
            .map(|held| self.process(&held.lock));
        match (path, process) {
            (Some(path), Some(process)) => noted_process::write(&path, process),
            (Some(path), None) => noted_process::remove(&path),
            (None, _) => Err(StoreError::Fenced { by: None }),
        }
    }

    fn noted_process(&self, lease: &Lease) -> Result<Option<NotedWork>, StoreError> {
        self.noted(&lease.run).map_or(Ok(None), |path| noted_process::read(&path))
    }

    fn signal_named(
        &self,
        run: &str,
        name: &SignalName,
        data: &str,
        quorum: u32,
    ) -> Result<Accepted, StoreError> {
        self.transact(|transaction| {
            let (id, mut standing) = self.run(transaction, run)?;
            let text = name.to_string();
            if !matches!(standing.status, RunStatus::Ended { .. }) {
                let trouble = |error: rusqlite::Error| self.trouble(&error);
                if let Some(how) = guards::closed(transaction, id, name.question()).map_err(trouble)? {
                    return Ok(Accepted::TooLate(how));
                }
                // What wakes nobody decides nothing: of alerts that join a run there may be thousands.
                let is_decided = name.wakes()
                    && deciding(
                        &guards::signals_of(transaction, id, name.question()).map_err(trouble)?,
                        quorum,
                    )
                    .is_some();
                if is_decided || guards::has_signal(transaction, id, &text).map_err(trouble)? {
                    return Ok(Accepted::Duplicate);
                }
            }
            let accepted = standing.signal(name.wakes());
            if accepted == Accepted::Accepted {
                transaction
                    .prepare_cached(
                        "INSERT INTO signal (run, number, name, data, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )
                    .and_then(|mut it| {
                        it.execute(params![id, CountColumn(standing.signals), text, data, TimeColumn(now())])
                    })
                    .and_then(|_| row::save(transaction, id, &standing))
                    .map_err(|error| self.trouble(&error))?;
            }
            Ok(accepted)
        })
    }

    fn frozen(&self) -> Result<Option<Freeze>, StoreError> {
        self.read_freeze()
    }

    fn idle(&self, longest: Duration) -> Result<(), StoreError> {
        let begun = Instant::now();
        loop {
            let left = longest.saturating_sub(begun.elapsed());
            if left.is_zero() || self.something_due()? {
                return Ok(());
            }
            std::thread::sleep(left.min(LOOK));
        }
    }
}

/// Names as a JSON list.
fn list(names: &std::collections::BTreeSet<SmolStr>) -> String {
    // A list of texts always has a JSON form.
    serde_json::to_string(names).unwrap_or_default()
}

/// The current time.
pub(super) fn now() -> Time {
    Time(jiff::Timestamp::now())
}
