//! Actions that an executor does elsewhere: an execution there goes on when rbl is cut off, so whoever resumes the run follows it
//! instead of beginning another.

use super::RemoteExecution;
use super::RemoteOrder;
use super::layer::JournalWorld;
use super::replay_cursor::InterruptedEffect;
use crate::{Act, ActTarget, Acted, Effect, Interrupt, Reply, World};

/// The least time for a look at an execution whose time limit has passed while nobody watched it, in seconds.
const LAST_LOOK: f64 = 15.0;

impl<W: World> JournalWorld<W> {
    /// Continues an action of an executor that was cut off: follows the execution that it began, or begins it again where that
    /// leads to the same one. `None`: neither is possible.
    pub(super) fn follow(
        &mut self,
        effect: &Effect,
        act: &Act,
        open: &InterruptedEffect,
    ) -> Option<Result<Reply, Interrupt>> {
        let ActTarget::Executor { executor, .. } = &act.target else { return None };
        let left = (act.within - self.shared.borrow().since(open.at)).max(LAST_LOOK);
        let rest = |remote| Effect::Act(Act { within: left, remote, ..act.clone() });
        if let Some(execution) = self.remote_of(act) {
            self.note(format!(
                "cut off at {}: {} is still followed in {executor}, and not begun again",
                open.at, execution.remote
            ));
            let order = Box::new(RemoteOrder { execution, cancels: false });
            return Some(self.go(effect, &rest(Some(order)), open));
        }
        if !self.inner.begins_once(act) {
            return None;
        }
        self.note(format!(
            "cut off at {}: begun again with the same key, which {executor} takes for the same execution",
            open.at
        ));
        Some(self.go(effect, &rest(None), open))
    }

    /// Has the execution of an action ended that was cut off, because the run was aborted meanwhile.
    pub(super) fn cancel_remote(&mut self, act: &Act) {
        let Some(execution) = self.remote_of(act) else { return };
        let remote = execution.remote.clone();
        let order = Box::new(RemoteOrder { execution, cancels: true });
        let cancel = Effect::Act(Act { within: LAST_LOOK, remote: Some(order), ..act.clone() });
        let came = self.inner.perform(&cancel);
        let said = if let Ok(Reply::Acted(Acted { result, .. })) = came {
            match result {
                Ok(()) => format!("{remote} of `{}` was ended", act.title),
                Err(why) => format!("{remote} of `{}` may still run: {why}", act.title),
            }
        } else {
            format!("{remote} of `{}` may still run", act.title)
        };
        self.note(said);
    }

    /// The execution that was noted for this try of the action.
    fn remote_of(&self, act: &Act) -> Option<RemoteExecution> {
        let noted = self.shared.borrow().writer.noted()?;
        noted.remote().filter(|it| it.key == act.key && it.attempt == act.attempt).cloned()
    }
}
