//! A store that lasts as long as this process: for tests, and for runs that are not kept.
//!
//! It cannot detect that a worker has died: a lease is lost when it was not renewed for its `ttl`, by the clock that the
//! store was made with.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::SmolStr;

use super::memory_guards::MemoryGuards;
use super::{
    Accepted, AppendGuard, Appended, Claim, Filter, Freeze, HeldRun, JournalRecord, Lease, LockHolder,
    NewRun, NotedWork, Release, Renewal, RunQuery, RunState, RunSummary, Signal, SignalName, StartOutcome,
    Store, StoreError, TakeLock, Tally, Worker, covered, deciding,
};
use crate::journal::run_state::{RunHead, RunStatus, Write, moved};
use rbl_syntax::value::Time;

/// Keeps runs in memory.
pub struct Memory {
    clock: Box<dyn Fn() -> Time + Send + Sync>,
    kept: Mutex<MemoryContent>,
    bell: Condvar,
}

/// What it keeps.
#[derive(Debug, Default)]
struct MemoryContent {
    runs: Vec<MemoryRun>,
    guards: MemoryGuards,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("kept", &self.kept).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct MemoryRun {
    new: NewRun,
    standing: RunHead,
    /// Until when its worker holds it.
    held: Option<Time>,
    records: Vec<JournalRecord>,
    signals: Vec<Signal>,
    process: Option<NotedWork>,
}

/// No lease is longer.
const FOR_EVER: Duration = Duration::from_hours(24 * 365);

/// How often [`Store::idle`] checks.
const LOOK: Duration = Duration::from_millis(50);

impl Memory {
    /// An empty store. Times and the end of leases are read from this clock.
    pub fn new(clock: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self { clock: Box::new(clock), kept: Mutex::default(), bell: Condvar::new() }
    }

    fn now(&self) -> Time {
        (self.clock)()
    }

    fn kept(&self) -> MutexGuard<'_, MemoryContent> {
        // A thread that panicked elsewhere left whole runs behind: every change here is made in one piece.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryRun {
    fn lives(&self, now: Time) -> bool {
        self.held.is_some_and(|until| now < until)
    }

    fn cut_off(&self, now: Time) -> bool {
        matches!(self.standing.status, RunStatus::Held { .. }) && !self.lives(now)
    }

    fn claim(&mut self, worker: &Worker, now: Time, ttl: Duration) -> Option<Lease> {
        let lease = self.standing.claim(&self.new.run, worker, now)?;
        self.held = Some(until(now, ttl));
        Some(lease)
    }

    fn write(&mut self, write: Write, batch: &[JournalRecord]) {
        if write == Write::New {
            self.records.extend_from_slice(batch);
        }
    }
}

/// The end of a lease. Where the calendar ends, it has no time left.
fn until(now: Time, ttl: Duration) -> Time {
    now.plus(ttl.min(FOR_EVER).as_secs_f64()).unwrap_or(now)
}

/// The run of this id.
fn place<'r>(runs: &'r mut [MemoryRun], run: &str) -> Result<&'r mut MemoryRun, StoreError> {
    runs.iter_mut().find(|it| it.new.run == run).ok_or_else(|| StoreError::NoSuchRun(run.into()))
}

/// The run of the same cause, if there is one.
fn started(runs: &[MemoryRun], new: &NewRun) -> Result<Option<SmolStr>, StoreError> {
    if let Some(there) = runs.iter().find(|it| it.new.dedupe == new.dedupe) {
        return Ok(Some(there.new.run.clone()));
    }
    if runs.iter().any(|it| it.new.run == new.run) {
        return Err(StoreError::Corrupt(format!("there is a run {} already, of another cause", new.run)));
    }
    Ok(None)
}

/// Adds a run.
fn add(runs: &mut Vec<MemoryRun>, new: &NewRun) -> Result<(), StoreError> {
    let standing = RunHead::begun(&new.first)?;
    let records = vec![new.first.clone()];
    runs.push(MemoryRun {
        new: new.clone(),
        standing,
        held: None,
        records,
        signals: Vec::new(),
        process: None,
    });
    Ok(())
}

impl MemoryContent {
    /// Who holds a lock, by the name under which it is kept.
    fn holders(&self, name: &str, now: Time) -> Vec<LockHolder> {
        let holder = |(run, since): (&SmolStr, Time)| {
            let there = self.runs.iter().find(|it| it.new.run == *run)?;
            Some(LockHolder {
                run: run.clone(),
                runbook: there.new.runbook.clone(),
                since,
                state: there.standing.state(there.lives(now)),
            })
        };
        self.guards.holders(name).filter_map(holder).collect()
    }

    /// The state of a run, with how many are before it where it waits for a worker.
    fn state(&self, run: &MemoryRun, now: Time) -> RunState {
        match run.standing.state(run.lives(now)) {
            RunState::Queued { .. } => {
                let before = self.runs.iter().take_while(|it| it.new.run != run.new.run);
                let waits = before.filter(|it| matches!(it.standing.status, RunStatus::New));
                RunState::Queued { ahead: waits.count() as u64 }
            }
            state => state,
        }
    }

    fn summary(&self, run: &MemoryRun, now: Time) -> RunSummary {
        let locks = self.guards.held_by(&run.new.run);
        let locks = locks.filter_map(TakeLock::lock_of).map(str::to_owned).collect();
        RunSummary {
            run: run.new.run.clone(),
            runbook: run.new.runbook.clone(),
            file: run.new.file.clone(),
            identity: run.new.needs.identity.clone(),
            started: run.new.at,
            changed: run.records.last().map_or(run.new.at, |record| record.at),
            mode: run.new.needs.mode,
            state: self.state(run, now),
            length: run.standing.length,
            locks,
        }
    }

    /// Makes the parked runs due whose turn it is at a lock.
    fn wake(&mut self, names: &[String], now: Time) {
        for run in self.guards.wake(names, now) {
            if let Ok(run) = place(&mut self.runs, &run) {
                run.standing.wake();
            }
        }
    }
}

impl Store for Memory {
    fn start_counted(
        &self,
        new: &NewRun,
        counts: &[Tally],
        holder: Option<(&Worker, Duration)>,
    ) -> Result<StartOutcome, StoreError> {
        let now = self.now();
        let mut kept = self.kept();
        let MemoryContent { runs, guards, .. } = &mut *kept;
        if let Some(there) = started(runs, new)? {
            return Ok(StartOutcome::Already(there));
        }
        let before = match guards.counts(counts, now) {
            Ok(before) => before,
            Err(reached) => return Ok(StartOutcome::Reached(reached)),
        };
        add(runs, new)?;
        guards.count(counts, now);
        let lease = match holder {
            Some((worker, ttl)) => place(runs, &new.run)?.claim(worker, now, ttl),
            None => None,
        };
        self.bell.notify_all();
        Ok(StartOutcome::Begun { lease, before })
    }

    fn leases_expire(&self) -> bool {
        true
    }

    fn claim(&self, worker: &Worker, which: &Claim, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        let now = self.now();
        let runs = &mut self.kept().runs;
        match which {
            Claim::Run(run) => {
                let run = place(runs, run)?;
                if matches!(run.standing.status, RunStatus::Held { .. }) && run.lives(now) {
                    return Err(run.standing.fenced());
                }
                Ok(run.claim(worker, now, ttl).into_iter().collect())
            }
            Claim::Due(most) => {
                // Runs that were cut off come first, then the others in the order in which they began.
                let (left, due): (Vec<_>, Vec<_>) = runs
                    .iter_mut()
                    .filter(|it| it.new.needs.are_known() && (it.cut_off(now) || it.standing.due(now)))
                    .partition(|it| it.cut_off(now));
                let claimed = left.into_iter().chain(due).filter_map(|run| run.claim(worker, now, ttl));
                Ok(claimed.take(*most).collect())
            }
        }
    }

    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        let runs = &mut self.kept().runs;
        let run = place(runs, &lease.run)?;
        if !run.standing.is_held_by(lease) {
            return Err(run.standing.fenced());
        }
        // A later mark of the same wait covers the earlier ones.
        let covers: Vec<(u64, u64)> = run.records.iter().filter_map(|it| covered(&it.data)).collect();
        let is_left_out = |seq: u64| covers.iter().any(|(first, behind)| (*first..*behind).contains(&seq));
        let records =
            run.records.iter().filter(|it| it.seq >= from && !is_left_out(it.seq)).cloned().collect();
        Ok((records, run.signals.clone()))
    }

    fn append_guarded(
        &self,
        lease: &mut Lease,
        batch: &[JournalRecord],
        guards: &[AppendGuard],
    ) -> Result<Appended, StoreError> {
        let now = self.now();
        let mut kept = self.kept();
        let run = place(&mut kept.runs, &lease.run)?;
        let mut standing = run.standing.clone();
        // Without records nothing tells a repeated call from a new one: its guards are asked again.
        if standing.append(lease, batch)? == Write::New || batch.is_empty() {
            let signals = run.signals.clone();
            if let Err(refusal) = kept.guards.check(&lease.run, guards, &signals, now) {
                return Ok(Appended::Refused(match refusal {
                    super::GuardRefusal::Locked(mut locked) => {
                        locked.holders = kept.holders(&locked.name, now);
                        super::GuardRefusal::Locked(locked)
                    }
                    other => other,
                }));
            }
            let freed = kept.guards.apply(&lease.run, guards, now);
            kept.wake(&freed, now);
            let run = place(&mut kept.runs, &lease.run)?;
            run.standing = standing;
            run.write(Write::New, batch);
            self.bell.notify_all();
        }
        moved(lease, batch);
        Ok(Appended::Written)
    }

    fn renew(&self, worker: &Worker, held: &[HeldRun], ttl: Duration) -> Result<Renewal, StoreError> {
        let now = self.now();
        let runs = &mut self.kept().runs;
        let mut renewal = Renewal::default();
        for (name, epoch, seen) in held {
            let run = place(runs, name)?;
            match &run.standing.status {
                RunStatus::Held { by, .. } if by == worker && run.standing.epoch == *epoch => {
                    run.held = Some(until(now, ttl));
                    let new = run.signals.iter().filter(|signal| signal.number > *seen);
                    renewal.signals.extend(new.map(|signal| (name.clone(), signal.clone())));
                }
                _ => renewal.lost.push(name.clone()),
            }
        }
        Ok(renewal)
    }

    fn release(&self, lease: &mut Lease, batch: &[JournalRecord], how: &Release) -> Result<(), StoreError> {
        let now = self.now();
        let mut kept = self.kept();
        let run = place(&mut kept.runs, &lease.run)?;
        let write = run.standing.release(lease, batch, how)?;
        run.write(write, batch);
        run.held = None;
        if matches!(how, Release::Ended { .. }) {
            run.process = None;
            let freed = kept.guards.ended(&lease.run);
            kept.wake(&freed, now);
        }
        moved(lease, batch);
        self.bell.notify_all();
        Ok(())
    }

    fn note_process(&self, lease: &Lease, process: Option<&NotedWork>) -> Result<(), StoreError> {
        let runs = &mut self.kept().runs;
        let run = place(runs, &lease.run)?;
        if !run.standing.is_held_by(lease) {
            return Err(run.standing.fenced());
        }
        run.process = process.cloned();
        Ok(())
    }

    fn noted_process(&self, lease: &Lease) -> Result<Option<NotedWork>, StoreError> {
        place(&mut self.kept().runs, &lease.run).map(|run| run.process.clone())
    }

    fn signal_named(
        &self,
        run: &str,
        name: &SignalName,
        data: &str,
        quorum: u32,
    ) -> Result<Accepted, StoreError> {
        let at = self.now();
        let MemoryContent { runs, guards, .. } = &mut *self.kept();
        let run = place(runs, run)?;
        if !matches!(run.standing.status, RunStatus::Ended { .. }) {
            if let Some(closed) = guards.closed(&run.new.run, name.question()) {
                return Ok(Accepted::TooLate(closed.to_owned()));
            }
            let same = || run.signals.iter().filter(|it| it.question() == name.question());
            let text = name.to_string();
            if deciding(same(), quorum).is_some() || same().any(|it| it.name == text) {
                return Ok(Accepted::Duplicate);
            }
        }
        let accepted = run.standing.signal(name.wakes());
        if accepted == Accepted::Accepted {
            let number = run.standing.signals;
            run.signals.push(Signal { number, name: name.to_string().into(), data: data.into(), at });
            self.bell.notify_all();
        }
        Ok(accepted)
    }

    /// It ends with its process: nobody freezes its runs.
    fn frozen(&self) -> Result<Option<Freeze>, StoreError> {
        Ok(None)
    }

    fn idle(&self, longest: Duration) -> Result<(), StoreError> {
        let mut left = longest;
        let mut kept = self.kept();
        loop {
            let now = self.now();
            if left.is_zero() || kept.runs.iter().any(|it| it.cut_off(now) || it.standing.due(now)) {
                return Ok(());
            }
            // What becomes due by itself notifies nobody.
            let look = left.min(LOOK);
            let (woken, waited) = self.bell.wait_timeout(kept, look).unwrap_or_else(PoisonError::into_inner);
            if !waited.timed_out() {
                return Ok(());
            }
            (kept, left) = (woken, left.saturating_sub(look));
        }
    }
}

impl RunQuery for Memory {
    fn list(&self, filter: &Filter) -> Result<Vec<RunSummary>, StoreError> {
        let now = self.now();
        let kept = self.kept();
        let all = kept.runs.iter().rev().map(|run| kept.summary(run, now)).filter(|it| filter.takes(it));
        Ok(all.take(filter.limit.unwrap_or(usize::MAX)).collect())
    }

    fn find(&self, beginning: &str, limit: usize) -> Result<Vec<RunSummary>, StoreError> {
        let now = self.now();
        let kept = self.kept();
        let found = kept.runs.iter().rev().filter(|it| it.new.run.starts_with(beginning));
        Ok(found.map(|run| kept.summary(run, now)).take(limit).collect())
    }

    fn lock_holders(&self, name: &str) -> Result<Vec<LockHolder>, StoreError> {
        Ok(self.kept().holders(&TakeLock::of_lock(name), self.now()))
    }

    fn read(&self, run: &str) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        place(&mut self.kept().runs, run).map(|run| (run.records.clone(), run.signals.clone()))
    }
}
