//! Generates locks that other runs hold, and limits that are reached.

use super::GeneratedWorld;
use crate::scripted::{GivenLimit, GivenLock, GivenSubject};
use rbl_runtime::{Act, LimitedRun, LockEffect};

/// One in this many locks is held, and one in this many limits reached.
const SELDOM: usize = 5;

pub(super) fn lock_key(name: &str) -> String {
    format!("lock {name}")
}

pub(super) fn limit_key(limit: &GivenLimit) -> String {
    format!("limit {limit:?}")
}

impl GeneratedWorld<'_> {
    pub(super) fn lock(&mut self, lock: &LockEffect) {
        if self.first(lock_key(&lock.name)) && self.rng.once_in(SELDOM) {
            let for_ever = self.rng.once_in(2);
            let held = if for_ever { None } else { Some(self.hints.time(Some(lock.within), &mut self.rng)) };
            self.give(None, GivenSubject::Lock(GivenLock { name: lock.name.clone(), held }));
        }
    }

    pub(super) fn enter(&mut self, run: &LimitedRun) {
        if let Some(named) = &run.named {
            self.limit(GivenLimit::Run(named.clone()));
        }
    }

    /// The limit of an action, before it is done.
    pub(super) fn limit_of(&mut self, act: &Act) {
        let limited = act.at_most.as_ref().is_some_and(|limit| limit.most.is_some());
        if let (true, Some(call)) = (limited, &act.call) {
            self.limit(GivenLimit::Action(call.name.clone()));
        }
    }

    fn limit(&mut self, limit: GivenLimit) {
        if self.first(limit_key(&limit)) && self.rng.once_in(SELDOM) {
            self.give(None, GivenSubject::Limit(limit));
        }
    }
}
