//! Locks and limits in a test: every lock is free and no limit is reached, unless the test says otherwise or the run
//! itself has done an action as often as it may.

use std::collections::BTreeSet;

use super::{GivenLimit, GivenLock, Scripted};
use rbl_runtime::{Act, ActLimit, Acted, Called, LimitedRun, LockEffect};
use rbl_syntax::value::{CommandOutput, Quantity, Reason, ReasonKind};

/// How often the run itself has done what `at most N in D` limits; with the same arguments, as in a real run.
#[derive(Debug, Default)]
pub(super) struct CountedActions(Vec<CountedAction>);

#[derive(Debug)]
struct CountedAction {
    call: Called,
    /// The same for each of its tries: they count once.
    key: String,
    at: f64,
}

impl CountedActions {
    /// Counts an action when it is begun.
    pub(super) fn count(&mut self, act: &Act, at: f64) {
        let (Some(_), Some(call)) = (&act.at_most, &act.call) else { return };
        if !self.0.iter().any(|it| it.key == act.key) {
            self.0.push(CountedAction { call: call.clone(), key: act.key.clone(), at });
        }
    }

    /// How often it was begun before, within its window; nothing if this is another try of one that was counted.
    fn before(&self, act: &Act, limit: &ActLimit, now: f64) -> u32 {
        if self.0.iter().any(|it| it.key == act.key) {
            return 0;
        }
        let same = |it: &&CountedAction| act.call.as_ref() == Some(&it.call) && now - it.at < limit.window;
        u32::try_from(self.0.iter().filter(same).count()).unwrap_or(u32::MAX)
    }
}

/// The locks that other runs hold, and those of the run under test.
#[derive(Debug, Default)]
pub(super) struct GivenLocks {
    /// Since when, until when (`None`: for as long as the test lasts), and which.
    held: Vec<(f64, Option<f64>, String)>,
    own: BTreeSet<String>,
}

impl GivenLocks {
    /// Another run takes a lock at this time.
    pub(super) fn give(&mut self, from: f64, lock: &GivenLock) {
        self.held.push((from, lock.held.map(|held| from + held), lock.name.clone()));
    }

    /// Whether anything is said about a lock.
    pub(super) fn is_given(&self, name: &str) -> bool {
        self.held.iter().any(|(_, _, held)| held == name)
    }

    /// When the lock is free; `None`: never. One that is free now is free at `now`.
    fn free(&self, name: &str, now: f64) -> Option<f64> {
        let mut free = now;
        let mut held: Vec<_> = self.held.iter().filter(|(_, _, held)| held == name).collect();
        held.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (from, until, _) in held {
            match until {
                _ if *from > free => {}
                Some(until) => free = free.max(*until),
                None => return None,
            }
        }
        Some(free)
    }
}

impl Scripted {
    /// Takes a lock, after the time for which another run still holds it.
    pub(super) fn lock(&mut self, lock: &LockEffect) -> Result<(), Reason> {
        if self.locks.own.contains(&lock.name) {
            return Ok(());
        }
        let now = self.clock.seconds();
        match self.locks.free(&lock.name, now) {
            Some(free) if free - now <= lock.within => {
                self.clock.pass(free - now);
                self.locks.own.insert(lock.name.clone());
                Ok(())
            }
            _ => {
                self.clock.pass(lock.within);
                let within = Quantity::seconds(lock.within);
                let text = format!("not free within {within}: held by another run");
                Err(Reason::new(ReasonKind::TimedOut, text))
            }
        }
    }

    /// Whether a runbook may begin.
    pub(super) fn enter(&self, run: &LimitedRun) -> Result<(), Reason> {
        let is_meant =
            |limit: &GivenLimit| matches!(limit, GivenLimit::Run(file) if run.named.as_ref() == Some(file));
        if self.is_reached(is_meant) {
            return Err(Reason::new(ReasonKind::LimitReached, "its limit is reached"));
        }
        Ok(())
    }

    /// The result of an action that was done as often as it may be. A clean-up is never kept from running.
    pub(super) fn over_its_limit(&self, act: &Act) -> Option<Acted> {
        let limit = act.at_most.as_ref()?;
        let most = limit.most?;
        let name = &act.call.as_ref()?.name;
        let is_given = self.is_reached(|given| matches!(given, GivenLimit::Action(it) if it == name));
        if !is_given && self.counted.before(act, limit, self.clock.seconds()) < most {
            return None;
        }
        let reason = Reason::new(ReasonKind::LimitReached, "done as often as its limit allows");
        Some(Acted { result: Err(reason), output: CommandOutput::default(), by: None, remark: None })
    }

    pub(super) fn is_reached(&self, is_meant: impl Fn(&GivenLimit) -> bool) -> bool {
        let now = self.clock.seconds();
        self.limits.iter().any(|(from, limit)| *from <= now && is_meant(limit))
    }
}
