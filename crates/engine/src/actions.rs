//! [`Actions`]: how many machine actions are done at once, over all runs of a process.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rbl_runtime::{ActTarget, Effect, Interrupt, Reply, World};

use crate::heartbeat::Lost;

/// How soon a run that waits for its turn hears that it was aborted.
const LOOK: Duration = Duration::from_millis(250);

/// The bound of machine actions: commands and executors. Clones share it.
#[derive(Debug, Clone)]
pub struct Actions(Arc<ActionCount>);

#[derive(Debug)]
struct ActionCount {
    most: usize,
    now: Mutex<usize>,
    freed: Condvar,
}

/// The right to do one action.
struct ActionPermit<'a>(&'a ActionCount);

impl Actions {
    /// At most this many at once; at least one.
    pub fn at_most(most: usize) -> Self {
        Self(Arc::new(ActionCount { most: most.max(1), now: Mutex::new(0), freed: Condvar::new() }))
    }

    /// How many are done now.
    pub fn busy(&self) -> usize {
        *self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one more may be done. `None`: `gives_up` said so first.
    fn take(&self, gives_up: impl Fn() -> bool) -> Option<ActionPermit<'_>> {
        let mut now = self.0.now.lock().unwrap_or_else(PoisonError::into_inner);
        while *now >= self.0.most {
            if gives_up() {
                return None;
            }
            now = self.0.freed.wait_timeout(now, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        *now += 1;
        Some(ActionPermit(&self.0))
    }
}

impl Default for Actions {
    fn default() -> Self {
        Self::at_most(usize::MAX)
    }
}

impl Drop for ActionPermit<'_> {
    fn drop(&mut self) {
        let mut now = self.0.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_sub(1);
        self.0.freed.notify_one();
    }
}

/// A world that waits with a machine action until there is room for it. Outside of the journal: an action that only waits
/// has not begun, and after a crash nobody has to ask whether it was done.
pub(crate) struct Bounded<W> {
    pub(crate) inner: W,
    pub(crate) actions: Actions,
    pub(crate) lost: Lost,
}

impl<W: World> World for Bounded<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let is_machine = match effect {
            Effect::Act(act) => !matches!(act.target, ActTarget::Instruction(_)),
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Ask(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => false,
        };
        let actions = self.actions.clone();
        let lost = self.lost.clone();
        let _permit = is_machine.then(|| actions.take(|| lost.is_lost() || lost.abort().is_some()));
        self.inner.perform(effect)
    }

    rbl_runtime::forward_to_inner!(self => self.inner);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_than_the_bound_are_done_at_once() {
        let actions = Actions::at_most(3);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    let permit = actions.take(|| false).unwrap();
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(10));
                    now.fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 3);
        let held: Vec<_> = (0..3).map(|_| actions.take(|| false).unwrap()).collect();
        assert!(actions.take(|| true).is_none(), "who is aborted does not wait");
        assert_eq!(actions.busy(), 3);
        drop(held);
        assert_eq!(actions.busy(), 0);
        assert!(actions.take(|| true).is_some());
    }
}
