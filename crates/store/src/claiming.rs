//! Claims runs: each is given to the one worker that has its lock.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use smol_str::SmolStr;

use super::lock::{RunLock, is_held};
use super::store::{GLANCE, now};
use super::{ClaimedLock, Sqlite, folder, paged, row};
use rbl_runtime::journal::run_state::RunHead;
use rbl_runtime::journal::{Begun, Lease, StoreError, Worker};
use rbl_syntax::value::Time;

/// A lease, and the lock that goes with it.
type LockedLease = (Lease, RunLock);

impl Sqlite {
    /// Gives a run to a worker that holds its lock.
    pub(super) fn give(
        &self,
        transaction: &Connection,
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

    /// Checks that the run's row and its records agree: where they differ, another program changed one of them.
    fn whole(&self, connection: &Connection, id: i64, standing: &RunHead) -> Result<(), StoreError> {
        let last = row::last(connection, id).map_err(|error| self.trouble(&error))?;
        let same = last.is_some_and(|last| {
            last.seq.checked_add(1) == Some(standing.length)
                && last.epoch <= standing.epoch
                && last.hash == standing.last_hash
        });
        if same && row::has_its_end(connection, id).map_err(|error| self.trouble(&error))? {
            Ok(())
        } else {
            Err(self.damaged("a run and its last record do not match"))
        }
    }

    /// Claims this run.
    pub(super) fn claim_one(&self, worker: &Worker, run: &SmolStr) -> Result<Vec<Lease>, StoreError> {
        let end = Instant::now() + GLANCE;
        loop {
            let claimed = self.transact_soon(|transaction| {
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

    /// Claims runs that are due, at most this many.
    pub(super) fn claim_due(&self, worker: &Worker, most: usize) -> Result<Vec<Lease>, StoreError> {
        let claimed = self.transact_soon(|transaction| {
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
            // A run of another format or edition is left to the rbl that can walk it.
            let known = "needs_format = ?1 AND language = ?2";
            let (format, language) = (Begun::FORMAT, Begun::LANGUAGE);
            take(
                &format!("SELECT id, run FROM run WHERE state = 'driven' AND {known} ORDER BY id"),
                &[&format, &language],
            )?;
            take(
                &format!("SELECT id, run FROM run WHERE due <= ?3 AND {known} ORDER BY due, id"),
                &[&format, &language, &now.0.as_millisecond()],
            )?;
            Ok::<_, rusqlite::Error>(found)
        };
        let mut found = listed().map_err(|error| self.trouble(&error))?;
        let mut given_up = self.given_up();
        if !given_up.is_empty() {
            let now = Instant::now();
            given_up.retain(|_, until| *until > now);
            found.retain(|(_, run)| !given_up.contains_key(run));
        }
        Ok(found)
    }

    /// Keeps the locks of the claimed runs.
    pub(super) fn hold(&self, claimed: impl IntoIterator<Item = LockedLease>) -> Vec<Lease> {
        let mut held = self.held();
        let keep = |(lease, lock): LockedLease| {
            let is_paged = paged::at(&folder::paged(lock.path())).is_some();
            held.insert(lease.run.clone(), ClaimedLock { epoch: lease.epoch, lock, is_paged });
            lease
        };
        claimed.into_iter().map(keep).collect()
    }

    /// Whether there is something to claim.
    pub(super) fn something_due(&self) -> Result<bool, StoreError> {
        let runs = self.due(self.open_journal().readable()?, now())?;
        for (id, run) in runs {
            if !self.held().contains_key(&run) && !is_held(&folder::lock(&self.folder, id))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
