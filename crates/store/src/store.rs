//! The methods of [`Store`], each one transaction that takes the write lock first.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use smol_str::SmolStr;

use super::lock::{RunLock, is_held};
use super::row::{self, CountColumn, TimeColumn};
use super::{Sqlite, error, folder};
use rbl_runtime::journal::run_state::{RunHead, RunStatus, Write, moved};
use rbl_runtime::journal::{
    Accepted, Claim, Epoch, JournalRecord, Lease, NewRun, Release, Signal, Store, StoreError, Worker,
};
use rbl_syntax::value::Time;

/// How long a claim retries where the lock is held: a reader that checks it holds it for a moment too.
const GLANCE: Duration = Duration::from_millis(50);

/// How often [`Store::idle`] checks.
const LOOK: Duration = Duration::from_millis(100);

type LockedLease = (Lease, RunLock);

impl Sqlite {
    fn transact<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| self.trouble(&error))?;
        let done = work(&transaction)?;
        #[cfg(debug_assertions)]
        super::fault::here();
        transaction.commit().map_err(|error| self.trouble(&error))?;
        #[cfg(debug_assertions)]
        super::fault::here();
        Ok(done)
    }

    fn run(&self, connection: &Connection, run: &str) -> Result<(i64, RunHead), StoreError> {
        row::find(connection, run)
            .map_err(|error| self.trouble(&error))?
            .ok_or_else(|| StoreError::NoSuchRun(run.into()))
    }

    fn lock(&self, id: i64) -> Result<Option<RunLock>, StoreError> {
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

    /// Adds a run, unless there is one of its cause: returns the id of that one, and no number.
    fn add(&self, transaction: &Transaction<'_>, new: &NewRun) -> Result<(SmolStr, Option<i64>), StoreError> {
        let same = |column: &str, value: &str| {
            transaction
                .prepare_cached(&format!("SELECT run FROM run WHERE {column} = ?1"))
                .and_then(|mut it| it.query_row([value], |row| row.get::<_, String>(0)).optional())
                .map_err(|error| self.trouble(&error))
        };
        if let Some(there) = same("dedupe", &new.dedupe)? {
            return Ok((there.into(), None));
        }
        if same("run", &new.run)?.is_some() {
            return Err(StoreError::Corrupt(format!("there is a run {} already, of another cause", new.run)));
        }
        let standing = RunHead::begun(&new.first)?;
        let written = || {
            transaction
                .prepare_cached(
                    "INSERT INTO run (run, dedupe, runbook, file, started, changed, epoch, length, last_hash, signals, \
                     state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, '', 0, 'new')",
                )?
                .execute(params![
                    new.run.as_str(),
                    new.dedupe,
                    new.runbook,
                    new.file.as_str(),
                    TimeColumn(new.at),
                    TimeColumn(new.first.at)
                ])?;
            let id = transaction.last_insert_rowid();
            row::insert(transaction, id, std::slice::from_ref(&new.first))?;
            row::save(transaction, id, &standing)?;
            Ok::<_, rusqlite::Error>(id)
        };
        let id = written().map_err(|error| self.trouble(&error))?;
        Ok((new.run.clone(), Some(id)))
    }

    /// Gives a run to a worker that holds its lock.
    fn give(
        &self,
        transaction: &Transaction<'_>,
        run: &str,
        (id, mut standing): (i64, RunHead),
        worker: &Worker,
        lock: RunLock,
    ) -> Result<Option<LockedLease>, StoreError> {
        self.whole(transaction, id, &standing)?;
        let Some(lease) = standing.claim(run, worker, now()) else { return Ok(None) };
        row::save(transaction, id, &standing).map_err(|error| self.trouble(&error))?;
        Ok(Some((lease, lock)))
    }

    /// Checks that the run's row and its last record agree. Both are written at once: where they differ, another
    /// program changed one of them.
    fn whole(&self, connection: &Connection, id: i64, standing: &RunHead) -> Result<(), StoreError> {
        let last = connection
            .prepare_cached("SELECT seq, epoch, hash FROM record WHERE run = ?1 ORDER BY seq DESC LIMIT 1")
            .and_then(|mut statement| {
                statement.query_row([id], |row| {
                    Ok((
                        row.get::<_, CountColumn>(0)?.0,
                        row.get::<_, CountColumn>(1)?.0,
                        row.get::<_, String>(2)?,
                    ))
                })
            })
            .optional()
            .map_err(|error| self.trouble(&error))?;
        let same = last.is_some_and(|(seq, epoch, hash)| {
            seq.checked_add(1) == Some(standing.length)
                && epoch <= standing.epoch
                && hash == standing.last_hash
        });
        if same { Ok(()) } else { Err(self.damaged("a run and its last record do not match")) }
    }

    fn damaged(&self, why: &str) -> StoreError {
        error::damaged(&Self::file(&self.folder), why)
    }

    fn claim_one(&self, worker: &Worker, run: &SmolStr) -> Result<Vec<Lease>, StoreError> {
        let end = Instant::now() + GLANCE;
        loop {
            let claimed = self.transact(|transaction| {
                let (id, standing) = self.run(transaction, run)?;
                match self.lock(id)? {
                    Some(lock) => self.give(transaction, run, (id, standing), worker, lock),
                    None => Err(standing.fenced()),
                }
            });
            match claimed {
                Err(StoreError::Fenced { .. }) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                claimed => return Ok(self.hold(claimed?)),
            }
        }
    }

    fn claim_due(&self, worker: &Worker, most: usize) -> Result<Vec<Lease>, StoreError> {
        let claimed = self.transact(|transaction| {
            let mut claimed = Vec::new();
            for (id, run) in self.due(transaction, now())? {
                if claimed.len() >= most {
                    break;
                }
                let Some(lock) = self.lock(id)? else { continue };
                let standing = self.run(transaction, &run)?;
                match self.give(transaction, &run, standing, worker, lock) {
                    // A damaged run does not keep the others waiting.
                    Err(StoreError::Corrupt(_)) => {}
                    given => claimed.extend(given?),
                }
            }
            Ok(claimed)
        })?;
        Ok(self.hold(claimed))
    }

    /// The runs that a process holds or held, then those whose time has come.
    fn due(&self, connection: &Connection, now: Time) -> Result<Vec<(i64, SmolStr)>, StoreError> {
        let listed = || {
            let mut found = Vec::new();
            let mut take = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
                let mut statement = connection.prepare_cached(sql)?;
                let runs = statement
                    .query_map(parameters, |row| Ok((row.get(0)?, row.get::<_, String>(1)?.into())))?;
                for run in runs {
                    found.push(run?);
                }
                Ok::<_, rusqlite::Error>(())
            };
            take("SELECT id, run FROM run WHERE state = 'driven' ORDER BY id", &[])?;
            take("SELECT id, run FROM run WHERE due <= ?1 ORDER BY due, id", &[&now.0.as_millisecond()])?;
            Ok::<_, rusqlite::Error>(found)
        };
        listed().map_err(|error| self.trouble(&error))
    }

    /// Keeps the locks of the claimed runs.
    fn hold(&self, claimed: impl IntoIterator<Item = LockedLease>) -> Vec<Lease> {
        let mut held = self.held();
        let keep = |(lease, lock): LockedLease| {
            held.insert(lease.run.clone(), (lease.epoch, lock));
            lease
        };
        claimed.into_iter().map(keep).collect()
    }

    /// Whether there is something to claim.
    fn something_due(&self) -> Result<bool, StoreError> {
        let runs = self.due(&self.connection(), now())?;
        for (id, run) in runs {
            if !self.held().contains_key(&run) && !is_held(&folder::lock(&self.folder, id))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Store for Sqlite {
    fn start(&self, new: &NewRun) -> Result<(SmolStr, bool), StoreError> {
        self.transact(|transaction| {
            let (run, id) = self.add(transaction, new)?;
            Ok((run, id.is_some()))
        })
    }

    fn start_held(
        &self,
        new: &NewRun,
        worker: &Worker,
        _: Duration,
    ) -> Result<(SmolStr, Option<Lease>), StoreError> {
        let (run, claimed) = self.transact(|transaction| {
            let (run, id) = self.add(transaction, new)?;
            let Some(id) = id else { return Ok((run, None)) };
            // The number is new: no process can hold its lock, except for a moment to check it.
            let lock = self.lock_soon(id)?;
            let standing = self.run(transaction, &run)?;
            let claimed = self.give(transaction, &run, standing, worker, lock)?;
            Ok((run, claimed))
        })?;
        Ok((run, self.hold(claimed).pop()))
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
        self.transact(|transaction| {
            let (id, standing) = self.run(transaction, &lease.run)?;
            if !standing.is_held_by(lease) {
                return Err(standing.fenced());
            }
            let (records, signals) = both(transaction, id, from).map_err(|error| self.trouble(&error))?;
            self.follow_to_the_end(&records, from, &standing)?;
            Ok((records, signals))
        })
    }

    fn append(&self, lease: &mut Lease, batch: &[JournalRecord]) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let (id, mut standing) = self.run(transaction, &lease.run)?;
            if standing.append(lease, batch)? == Write::New
                && let Some(last) = batch.last()
            {
                row::insert(transaction, id, batch)
                    .and_then(|()| row::lengthen(transaction, id, &standing, last))
                    .map_err(|error| self.trouble(&error))?;
            }
            Ok(())
        })?;
        moved(lease, batch);
        Ok(())
    }

    fn renew(
        &self,
        worker: &Worker,
        held: &[(SmolStr, Epoch)],
        _: Duration,
    ) -> Result<Vec<SmolStr>, StoreError> {
        // The lock holds the runs: nothing is written here, only checked whether they still belong to this worker.
        let connection = self.connection();
        let mut lost = Vec::new();
        for (run, epoch) in held {
            let (_, standing) = self.run(&connection, run)?;
            let own = matches!(&standing.status, RunStatus::Held { by, .. } if by == worker);
            if !own || standing.epoch != *epoch {
                lost.push(run.clone());
            }
        }
        Ok(lost)
    }

    fn release(&self, lease: &mut Lease, batch: &[JournalRecord], how: &Release) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let (id, mut standing) = self.run(transaction, &lease.run)?;
            let write = standing.release(lease, batch, how)?;
            let written = || {
                if write == Write::New
                    && let Some(last) = batch.last()
                {
                    row::insert(transaction, id, batch)?;
                    row::lengthen(transaction, id, &standing, last)?;
                }
                row::save(transaction, id, &standing)
            };
            written().map_err(|error| self.trouble(&error))
        })?;
        // Only the lock of this turn: the run may be held again already.
        let mut held = self.held();
        if held.get(&lease.run).is_some_and(|(epoch, _)| *epoch == lease.epoch) {
            held.remove(&lease.run);
        }
        moved(lease, batch);
        Ok(())
    }

    fn signal(&self, run: &str, name: &str, data: &str) -> Result<Accepted, StoreError> {
        self.transact(|transaction| {
            let (id, mut standing) = self.run(transaction, run)?;
            let there = transaction
                .prepare_cached("SELECT 1 FROM signal WHERE run = ?1 AND name = ?2")
                .and_then(|mut it| it.exists(params![id, name]))
                .map_err(|error| self.trouble(&error))?;
            if there && !matches!(standing.status, RunStatus::Ended { .. }) {
                return Ok(Accepted::Duplicate);
            }
            let accepted = standing.signal();
            if accepted == Accepted::Accepted {
                transaction
                    .prepare_cached(
                        "INSERT INTO signal (run, number, name, data, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )
                    .and_then(|mut it| {
                        it.execute(params![id, CountColumn(standing.signals), name, data, TimeColumn(now())])
                    })
                    .and_then(|_| row::save(transaction, id, &standing))
                    .map_err(|error| self.trouble(&error))?;
            }
            Ok(accepted)
        })
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

impl Sqlite {
    /// Checks that the loaded records are dense, tied together, and end where the run does.
    fn follow_to_the_end(
        &self,
        records: &[JournalRecord],
        from: u64,
        standing: &RunHead,
    ) -> Result<(), StoreError> {
        let whole = match records.first() {
            Some(first) if first.seq == from => first,
            None if from >= standing.length => return Ok(()),
            _ => return Err(self.damaged(&format!("record {from} of a run is missing"))),
        };
        let mut chain = if from == 0 {
            rbl_runtime::journal::Chain::new()
        } else {
            rbl_runtime::journal::Chain::behind(whole)
        };
        let rest = if from == 0 { records } else { records.get(1..).unwrap_or_default() };
        chain.follow(rest).map_err(|why| self.damaged(&why.to_string()))?;
        if chain.length() == standing.length && chain.last_hash() == standing.last_hash {
            Ok(())
        } else {
            Err(self.damaged(&format!("a run ends at record {}, and not where it should", chain.length())))
        }
    }
}

fn both(connection: &Connection, id: i64, from: u64) -> rusqlite::Result<(Vec<JournalRecord>, Vec<Signal>)> {
    Ok((row::records(connection, id, from)?, row::signals(connection, id)?))
}

fn now() -> Time {
    Time(jiff::Timestamp::now())
}
