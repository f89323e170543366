//! A store that lasts as long as this process: for tests, and for runs that are not kept.
//!
//! It cannot detect that a worker has died: a lease is lost when it was not renewed for its `ttl`.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use smol_str::SmolStr;

use super::{
    Accepted, Claim, Epoch, Filter, Lease, NewRun, Record, Release, RunQuery, Signal, Store, StoreError,
    Summary, Worker,
};
use crate::journal::run_state::{Standing, Stands, Write, moved};
use rbl_syntax::value::Time;

/// Keeps runs in memory.
#[derive(Debug, Default)]
pub struct Memory {
    runs: Mutex<Vec<Run>>,
    bell: Condvar,
}

#[derive(Debug)]
struct Run {
    new: NewRun,
    standing: Standing,
    /// Until when its worker holds it.
    held: Option<Instant>,
    records: Vec<Record>,
    signals: Vec<Signal>,
}

/// A duration beyond the clock's range counts as for ever.
const FOR_EVER: Duration = Duration::from_hours(24 * 365);

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn runs(&self) -> MutexGuard<'_, Vec<Run>> {
        // A thread that panicked elsewhere left whole runs behind: every change here is made in one piece.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    fn lives(&self) -> bool {
        self.held.is_some_and(|until| Instant::now() < until)
    }

    fn cut_off(&self) -> bool {
        matches!(self.standing.stands, Stands::Driven { .. }) && !self.lives()
    }

    fn claim(&mut self, worker: &Worker, ttl: Duration) -> Option<Lease> {
        let lease = self.standing.claim(&self.new.run, worker, now())?;
        self.held = Some(until(ttl));
        Some(lease)
    }

    fn write(&mut self, write: Write, batch: &[Record]) {
        if write == Write::New {
            self.records.extend_from_slice(batch);
        }
    }

    fn summary(&self) -> Summary {
        Summary {
            run: self.new.run.clone(),
            runbook: self.new.runbook.clone(),
            file: self.new.file.clone(),
            started: self.new.at,
            changed: self.records.last().map_or(self.new.at, |record| record.at),
            state: self.standing.state(self.lives()),
            length: self.standing.length,
        }
    }
}

fn now() -> Time {
    Time(jiff::Timestamp::now())
}

fn until(ttl: Duration) -> Instant {
    Instant::now() + ttl.min(FOR_EVER)
}

/// The run of this id.
fn place<'r>(runs: &'r mut [Run], run: &str) -> Result<&'r mut Run, StoreError> {
    runs.iter_mut().find(|it| it.new.run == run).ok_or_else(|| StoreError::NoSuchRun(run.into()))
}

impl Store for Memory {
    fn start(&self, new: &NewRun) -> Result<(SmolStr, bool), StoreError> {
        let mut runs = self.runs();
        if let Some(there) = runs.iter().find(|it| it.new.dedupe == new.dedupe) {
            return Ok((there.new.run.clone(), false));
        }
        if runs.iter().any(|it| it.new.run == new.run) {
            return Err(StoreError::Corrupt(format!("there is a run {} already, of another cause", new.run)));
        }
        let standing = Standing::begun(&new.first)?;
        let records = vec![new.first.clone()];
        runs.push(Run { new: new.clone(), standing, held: None, records, signals: Vec::new() });
        self.bell.notify_all();
        Ok((new.run.clone(), true))
    }

    fn claim(&self, worker: &Worker, which: &Claim, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        let mut runs = self.runs();
        match which {
            Claim::Run(run) => {
                let run = place(&mut runs, run)?;
                if matches!(run.standing.stands, Stands::Driven { .. }) && run.lives() {
                    return Err(run.standing.fenced());
                }
                Ok(run.claim(worker, ttl).into_iter().collect())
            }
            Claim::Due(most) => {
                let at = now();
                // Runs that were cut off come first, then the others in the order in which they began.
                let (left, due): (Vec<_>, Vec<_>) = runs
                    .iter_mut()
                    .filter(|it| it.cut_off() || it.standing.due(at))
                    .partition(|it| it.cut_off());
                let claimed = left.into_iter().chain(due).filter_map(|run| run.claim(worker, ttl));
                Ok(claimed.take(*most).collect())
            }
        }
    }

    fn load(&self, lease: &Lease, from: u64) -> Result<(Vec<Record>, Vec<Signal>), StoreError> {
        let mut runs = self.runs();
        let run = place(&mut runs, &lease.run)?;
        if !run.standing.is_driven_by(lease) {
            return Err(run.standing.fenced());
        }
        let records = run.records.iter().filter(|it| it.seq >= from).cloned().collect();
        Ok((records, run.signals.clone()))
    }

    fn append(&self, lease: &mut Lease, batch: &[Record]) -> Result<(), StoreError> {
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
        let mut runs = self.runs();
        let mut lost = Vec::new();
        for (name, epoch) in held {
            let run = place(&mut runs, name)?;
            match &run.standing.stands {
                Stands::Driven { by, .. } if by == worker && run.standing.epoch == *epoch => {
                    run.held = Some(until(ttl));
                }
                _ => lost.push(name.clone()),
            }
        }
        Ok(lost)
    }

    fn release(&self, lease: &mut Lease, batch: &[Record], how: &Release) -> Result<(), StoreError> {
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
            && !matches!(run.standing.stands, Stands::Ended { .. })
        {
            return Ok(Accepted::Duplicate);
        }
        let accepted = run.standing.signal();
        if accepted == Accepted::Accepted {
            let number = run.standing.signals;
            run.signals.push(Signal { number, name: name.into(), data: data.into(), at: now() });
            self.bell.notify_all();
        }
        Ok(accepted)
    }

    fn idle(&self, longest: Duration) -> Result<(), StoreError> {
        let end = until(longest);
        let mut runs = self.runs();
        loop {
            let at = now();
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || runs.iter().any(|it| it.cut_off() || it.standing.due(at)) {
                return Ok(());
            }
            // What becomes due by itself notifies nobody.
            let look = left.min(Duration::from_millis(50));
            runs = self.bell.wait_timeout(runs, look).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl RunQuery for Memory {
    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, StoreError> {
        let runs = self.runs();
        let all = runs.iter().rev().map(Run::summary).filter(|it| filter.takes(it));
        Ok(all.take(filter.limit.unwrap_or(usize::MAX)).collect())
    }

    fn find(&self, beginning: &str, limit: usize) -> Result<Vec<Summary>, StoreError> {
        let runs = self.runs();
        let all = runs.iter().rev().filter(|it| it.new.run.starts_with(beginning)).map(Run::summary);
        Ok(all.take(limit).collect())
    }

    fn read(&self, run: &str) -> Result<(Vec<Record>, Vec<Signal>), StoreError> {
        let mut runs = self.runs();
        place(&mut runs, run).map(|run| (run.records.clone(), run.signals.clone()))
    }
}
