//! A store that lasts as long as this process: for tests, and for runs that are not kept.
//!
//! It cannot detect that a worker has died: a lease is lost when it was not renewed for its `ttl`, by the clock that the
//! store was made with.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::SmolStr;

use super::{
    Accepted, Claim, Epoch, Filter, JournalRecord, Lease, NewRun, Release, RunQuery, RunSummary, Signal,
    Store, StoreError, Worker,
};
use crate::journal::run_state::{RunHead, RunStatus, Write, moved};
use rbl_syntax::value::Time;

/// Keeps runs in memory.
pub struct Memory {
    clock: Box<dyn Fn() -> Time + Send + Sync>,
    runs: Mutex<Vec<MemoryRun>>,
    bell: Condvar,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("runs", &self.runs).finish_non_exhaustive()
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
}

/// No lease is longer.
const FOR_EVER: Duration = Duration::from_hours(24 * 365);

/// How often [`Store::idle`] checks.
const LOOK: Duration = Duration::from_millis(50);

impl Memory {
    /// An empty store. Times and the end of leases are read from this clock.
    pub fn new(clock: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self { clock: Box::new(clock), runs: Mutex::default(), bell: Condvar::new() }
    }

    fn now(&self) -> Time {
        (self.clock)()
    }

    fn runs(&self) -> MutexGuard<'_, Vec<MemoryRun>> {
        // A thread that panicked elsewhere left whole runs behind: every change here is made in one piece.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn summary(&self, now: Time) -> RunSummary {
        RunSummary {
            run: self.new.run.clone(),
            runbook: self.new.runbook.clone(),
            file: self.new.file.clone(),
            started: self.new.at,
            changed: self.records.last().map_or(self.new.at, |record| record.at),
            state: self.standing.state(self.lives(now)),
            length: self.standing.length,
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

/// Adds a run, unless there is one of its cause: returns the id of that one.
fn add(runs: &mut Vec<MemoryRun>, new: &NewRun) -> Result<(SmolStr, bool), StoreError> {
    if let Some(there) = runs.iter().find(|it| it.new.dedupe == new.dedupe) {
        return Ok((there.new.run.clone(), false));
    }
    if runs.iter().any(|it| it.new.run == new.run) {
        return Err(StoreError::Corrupt(format!("there is a run {} already, of another cause", new.run)));
    }
    let standing = RunHead::begun(&new.first)?;
    let records = vec![new.first.clone()];
    runs.push(MemoryRun { new: new.clone(), standing, held: None, records, signals: Vec::new() });
    Ok((new.run.clone(), true))
}

impl Store for Memory {
    fn start(&self, new: &NewRun) -> Result<(SmolStr, bool), StoreError> {
        let started = add(&mut self.runs(), new)?;
        self.bell.notify_all();
        Ok(started)
    }

    fn start_held(
        &self,
        new: &NewRun,
        worker: &Worker,
        ttl: Duration,
    ) -> Result<(SmolStr, Option<Lease>), StoreError> {
        let now = self.now();
        let mut runs = self.runs();
        let (run, is_new) = add(&mut runs, new)?;
        let lease = if is_new { place(&mut runs, &run)?.claim(worker, now, ttl) } else { None };
        Ok((run, lease))
    }

    fn leases_expire(&self) -> bool {
        true
    }

    fn claim(&self, worker: &Worker, which: &Claim, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        let now = self.now();
        let mut runs = self.runs();
        match which {
            Claim::Run(run) => {
                let run = place(&mut runs, run)?;
                if matches!(run.standing.status, RunStatus::Held { .. }) && run.lives(now) {
                    return Err(run.standing.fenced());
                }
                Ok(run.claim(worker, now, ttl).into_iter().collect())
            }
            Claim::Due(most) => {
                // Runs that were cut off come first, then the others in the order in which they began.
                let (left, due): (Vec<_>, Vec<_>) = runs
                    .iter_mut()
                    .filter(|it| it.cut_off(now) || it.standing.due(now))
                    .partition(|it| it.cut_off(now));
                let claimed = left.into_iter().chain(due).filter_map(|run| run.claim(worker, now, ttl));
                Ok(claimed.take(*most).collect())
            }
        }
    }

    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        let mut runs = self.runs();
        let run = place(&mut runs, &lease.run)?;
        if !run.standing.is_held_by(lease) {
            return Err(run.standing.fenced());
        }
        let records = run.records.iter().filter(|it| it.seq >= from).cloned().collect();
        Ok((records, run.signals.clone()))
    }

    fn append(&self, lease: &mut Lease, batch: &[JournalRecord]) -> Result<(), StoreError> {
        let mut runs = self.runs();
        let run = place(&mut runs, &lease.run)?;
        let write = run.standing.append(lease, batch)?;
        run.write(write, batch);
        moved(lease, batch);
        Ok(())
    }

    fn renew(
        &self,
        worker: &Worker,
        held: &[(SmolStr, Epoch)],
        ttl: Duration,
    ) -> Result<Vec<SmolStr>, StoreError> {
        let now = self.now();
        let mut runs = self.runs();
        let mut lost = Vec::new();
        for (name, epoch) in held {
            let run = place(&mut runs, name)?;
            match &run.standing.status {
                RunStatus::Held { by, .. } if by == worker && run.standing.epoch == *epoch => {
                    run.held = Some(until(now, ttl));
                }
                _ => lost.push(name.clone()),
            }
        }
        Ok(lost)
    }

    fn release(&self, lease: &mut Lease, batch: &[JournalRecord], how: &Release) -> Result<(), StoreError> {
        let mut runs = self.runs();
        let run = place(&mut runs, &lease.run)?;
        let write = run.standing.release(lease, batch, how)?;
        run.write(write, batch);
        run.held = None;
        moved(lease, batch);
        self.bell.notify_all();
        Ok(())
    }

    fn signal(&self, run: &str, name: &str, data: &str) -> Result<Accepted, StoreError> {
        let mut runs = self.runs();
        let run = place(&mut runs, run)?;
        if run.signals.iter().any(|it| it.name == name)
            && !matches!(run.standing.status, RunStatus::Ended { .. })
        {
            return Ok(Accepted::Duplicate);
        }
        let accepted = run.standing.signal();
        if accepted == Accepted::Accepted {
            let number = run.standing.signals;
            run.signals.push(Signal { number, name: name.into(), data: data.into(), at: self.now() });
            self.bell.notify_all();
        }
        Ok(accepted)
    }

    fn idle(&self, longest: Duration) -> Result<(), StoreError> {
        let mut left = longest;
        let mut runs = self.runs();
        loop {
            let now = self.now();
            if left.is_zero() || runs.iter().any(|it| it.cut_off(now) || it.standing.due(now)) {
                return Ok(());
            }
            // What becomes due by itself notifies nobody.
            let look = left.min(LOOK);
            let (woken, waited) = self.bell.wait_timeout(runs, look).unwrap_or_else(PoisonError::into_inner);
            if !waited.timed_out() {
                return Ok(());
            }
            (runs, left) = (woken, left.saturating_sub(look));
        }
    }
}

impl RunQuery for Memory {
    fn list(&self, filter: &Filter) -> Result<Vec<RunSummary>, StoreError> {
        let now = self.now();
        let runs = self.runs();
        let all = runs.iter().rev().map(|run| run.summary(now)).filter(|it| filter.takes(it));
        Ok(all.take(filter.limit.unwrap_or(usize::MAX)).collect())
    }

    fn find(&self, beginning: &str, limit: usize) -> Result<Vec<RunSummary>, StoreError> {
        let now = self.now();
        let runs = self.runs();
        let all =
            runs.iter().rev().filter(|it| it.new.run.starts_with(beginning)).map(|run| run.summary(now));
        Ok(all.take(limit).collect())
    }

    fn read(&self, run: &str) -> Result<(Vec<JournalRecord>, Vec<Signal>), StoreError> {
        let mut runs = self.runs();
        place(&mut runs, run).map(|run| (run.records.clone(), run.signals.clone()))
    }
}
