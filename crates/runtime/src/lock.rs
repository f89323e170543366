//! `lock`: takes a lock by name that one run at a time can hold, until the run has ended.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::{Effect, EventKind, LockEffect, Reply, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expr, Lock};
use rbl_syntax::value::{Reason, ReasonKind};

impl<'p> Interpreter<'p, '_> {
    /// `lock TEXT [within D] [else {…}]`
    pub(super) fn lock(&mut self, span: Span, lock: &'p Lock) -> WalkResult<()> {
        let within = match &lock.within {
            Some(within) => self.needed_seconds(span, within)?,
            None => self.limits.lock,
        };
        let (name, failure) = match self.lock_name(&lock.name)? {
            Ok(name) => {
                let reply = self.perform(&Effect::Lock(LockEffect { name: name.clone(), within }))?;
                self.forget_readings();
                let taken = if let Reply::Locked(taken) = reply { taken } else { Err(other_kind()) };
                (name, taken.err())
            }
            // It is shown in quotes, as a name is.
            Err(reason) => (self.source_line(lock.name.span).trim_matches('"').to_owned(), Some(reason)),
        };
        match &failure {
            None => self.note(span, &format!("the lock \"{name}\" is held by this run")),
            Some(why) => self.note(span, &format!("the lock \"{name}\" was not obtained: {why}")),
        }
        let then = if failure.is_none() { Then::GoesOn } else { self.arm("else", lock.otherwise.as_ref()) };
        self.report(span, |_| EventKind::Locked {
            name: name.clone(),
            within,
            failure: failure.clone(),
            then,
        });
        match (failure, &lock.otherwise) {
            (None, _) => Ok(()),
            (Some(_), Some(arm)) => self.block(&arm.block),
            (Some(why), None) => {
                let what = format!("the lock \"{name}\" was not obtained ({why}), and it has no `else`");
                Err(self.unhandled(span, what))
            }
        }
    }

    /// The name of a lock; the inner error says why there is none.
    fn lock_name(&mut self, name: &'p Expr) -> WalkResult<Result<String, Reason>> {
        Ok(match self.name_of(name)? {
            Ok(text) if text.trim().is_empty() => Err(Reason::new(ReasonKind::Empty, "its name is empty")),
            named => named,
        })
    }
}
