//! [`MemoryGuards`]: locks, counts and closed questions of the store in memory.

use smol_str::SmolStr;

use super::lock_queue::{LOCK_GRACE, LOCK_WAKE, LockEntry, LockTurn, next, turn};
use super::{AppendGuard, GuardRefusal, LockRefusal, Signal, TakeLock, Tally, TallyReached, deciding};
use rbl_syntax::value::Time;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct MemoryGuards {
    /// In the order in which they came, with the name of the lock.
    entries: Vec<(String, LockEntry)>,
    /// What was counted: its key, its id, when.
    counted: Vec<(String, String, Time)>,
    /// The questions that are closed: run, question, how.
    closed: Vec<(SmolStr, SmolStr, String)>,
}

impl MemoryGuards {
    /// Who holds a lock, and since when.
    pub(super) fn holders(&self, name: &str) -> impl Iterator<Item = (&SmolStr, Time)> {
        let held = self.entries.iter().filter(move |(it, entry)| *it == name && entry.held);
        held.map(|(_, entry)| (&entry.run, entry.since))
    }

    /// The names of the locks that a run holds.
    pub(super) fn held_by(&self, run: &str) -> impl Iterator<Item = &str> {
        let held = self.entries.iter().filter(move |(_, entry)| entry.held && entry.run == run);
        held.map(|(name, _)| name.as_str())
    }

    /// How a question was closed.
    pub(super) fn closed(&self, run: &str, question: &str) -> Option<&str> {
        let closed = self.closed.iter().find(|(of, it, _)| of == run && it == question);
        closed.map(|(_, _, how)| how.as_str())
    }

    /// Checks every guard. A run that has to wait gets its place in the queue.
    pub(super) fn check(
        &mut self,
        run: &SmolStr,
        guards: &[AppendGuard],
        signals: &[Signal],
        now: Time,
    ) -> Result<(), GuardRefusal> {
        for guard in guards {
            match guard {
                AppendGuard::UnlessSignaled { question, quorum, .. } => {
                    let about = signals.iter().filter(|it| it.question() == question);
                    if let Some(first) = deciding(about, *quorum) {
                        return Err(GuardRefusal::Signaled(first.clone()));
                    }
                }
                AppendGuard::TakeLock(lock) => {
                    let ahead = match turn(&self.of(&lock.name), run, &lock.key, lock.slots, now) {
                        LockTurn::Own | LockTurn::Free => continue,
                        LockTurn::Wait { ahead } => ahead,
                    };
                    if lock.queues {
                        self.enter(run, lock, false, now);
                    }
                    let refusal = LockRefusal { name: lock.name.clone(), holders: Vec::new(), ahead };
                    return Err(GuardRefusal::Locked(refusal));
                }
                AppendGuard::Count(count) => {
                    self.counts(std::slice::from_ref(count), now).map_err(GuardRefusal::Reached)?;
                }
                AppendGuard::LeaveLock { .. } => {}
            }
        }
        Ok(())
    }

    /// Applies guards that hold; returns the names of the locks that may have become free.
    pub(super) fn apply(&mut self, run: &SmolStr, guards: &[AppendGuard], now: Time) -> Vec<String> {
        let mut freed = Vec::new();
        for guard in guards {
            match guard {
                AppendGuard::UnlessSignaled { question, closed, .. } => {
                    if self.closed(run, question).is_none() {
                        self.closed.push((run.clone(), question.clone(), closed.clone()));
                    }
                }
                AppendGuard::TakeLock(lock) => self.enter(run, lock, true, now),
                AppendGuard::LeaveLock { name, key } => {
                    self.entries.retain(|(it, entry)| it != name || entry.run != *run || entry.key != *key);
                    freed.push(name.clone());
                }
                AppendGuard::Count(count) => self.count(std::slice::from_ref(count), now),
            }
        }
        freed
    }

    /// Takes everything from a run that has ended; returns the names of its locks.
    pub(super) fn ended(&mut self, run: &str) -> Vec<String> {
        let (own, others) = std::mem::take(&mut self.entries).into_iter().partition(|(_, it)| it.run == run);
        self.entries = others;
        let own: Vec<(String, LockEntry)> = own;
        self.closed.retain(|(of, _, _)| of != run);
        own.into_iter().map(|(name, _)| name).collect()
    }

    /// The runs whose turn it is at these locks: they are to be woken, and their place is respected until they ask.
    pub(super) fn wake(&mut self, names: &[String], now: Time) -> Vec<SmolStr> {
        let mut woken = Vec::new();
        for name in names {
            let runs: Vec<SmolStr> = next(&self.of(name), now).map(|entry| entry.run.clone()).collect();
            for (it, entry) in &mut self.entries {
                if it == name && !entry.held && runs.contains(&entry.run) {
                    entry.respected = now.plus(LOCK_WAKE).unwrap_or(now);
                }
            }
            woken.extend(runs);
        }
        woken
    }

    /// How often each was counted before; or the first that is reached.
    pub(super) fn counts(&self, counts: &[Tally], now: Time) -> Result<Vec<u32>, TallyReached> {
        counts
            .iter()
            .map(|tally| {
                let of_key = || self.counted.iter().filter(|(key, _, _)| *key == tally.key);
                let others =
                    of_key().filter(|(_, id, at)| *id != tally.id && now.since(*at).base < tally.window);
                let count = u32::try_from(others.count()).unwrap_or(u32::MAX);
                let is_counted = of_key().any(|(_, id, _)| *id == tally.id);
                match tally.most {
                    Some(most) if count >= most && !is_counted => {
                        Err(TallyReached { key: tally.key.clone(), count, most, window: tally.window })
                    }
                    _ => Ok(count),
                }
            })
            .collect()
    }

    /// Counts each, unless it is counted already.
    pub(super) fn count(&mut self, counts: &[Tally], now: Time) {
        for tally in counts {
            if !self.counted.iter().any(|(key, id, _)| *key == tally.key && *id == tally.id) {
                self.counted.push((tally.key.clone(), tally.id.clone(), now));
            }
        }
    }

    /// The entries of a lock.
    fn of(&self, name: &str) -> Vec<LockEntry> {
        self.entries.iter().filter(|(it, _)| it == name).map(|(_, entry)| entry.clone()).collect()
    }

    /// Puts the run in its place, or keeps it there.
    fn enter(&mut self, run: &SmolStr, lock: &TakeLock, held: bool, now: Time) {
        let respected = now.plus(LOCK_GRACE).unwrap_or(now);
        let mut own = self.entries.iter_mut();
        let own = own.find(|(name, entry)| *name == lock.name && entry.run == *run && entry.key == lock.key);
        if let Some((_, entry)) = own {
            if held && !entry.held {
                entry.since = now;
            }
            entry.held |= held;
            (entry.respected, entry.until, entry.slots) = (respected, lock.until, lock.slots);
            return;
        }
        let entry = LockEntry {
            run: run.clone(),
            key: lock.key.clone(),
            held,
            slots: lock.slots,
            since: now,
            respected,
            until: lock.until,
        };
        self.entries.push((lock.name.clone(), entry));
    }
}
