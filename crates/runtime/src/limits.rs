//! Limits: how often a runbook may run and an action be done, over all runs of a store.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::{ActLimit, Effect, Interrupt, LimitRule, LimitedRun, NoObserver, Parked, Reply, Start, World};
use rbl_check::Program;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{AtMost, Expr};
use rbl_syntax::value::{Reason, Value};

/// The limits of the runbook that is started, for whoever starts it; `None` where it has none. They are known from the
/// parameters alone.
pub fn start_limits(program: &Program, start: &Start) -> Option<LimitedRun> {
    let runbook = program.runbook(program.main())?;
    if runbook.limits.is_empty() {
        return None;
    }
    let (mut world, mut observer) = (Unreachable, NoObserver);
    let mut interpreter = Interpreter::new(program, runbook, start, &mut world, &mut observer);
    // What cannot be evaluated yet is reported by the run itself.
    let _ = interpreter.bind(&start.params).and_then(|_| interpreter.head());
    interpreter.limited_run(None).ok().flatten()
}

impl<'p> Interpreter<'p, '_> {
    /// The limits of the runbook that is being walked; `None` where it has none. `named`: how a `run` names it.
    pub(super) fn limited_run(&mut self, named: Option<(&str, Span)>) -> WalkResult<Option<LimitedRun>> {
        let runbook = self.frame.runbook;
        let mut limits = Vec::with_capacity(runbook.limits.len());
        for limit in &runbook.limits {
            let most = self.number(limit.span, &limit.count)?;
            let window = match &limit.window {
                Some(window) => Some(self.needed_seconds(limit.span, window)?),
                None => None,
            };
            let by = match &limit.by {
                None => None,
                Some(name) => {
                    let value = self.frame.environment.get(&name.text).cloned();
                    if let Some(why) = value.as_ref().and_then(Value::gap) {
                        let what = format!("the limit by `{}` is unknown: {why}", name.text);
                        return Err(self.unhandled(limit.span, what));
                    }
                    // The same value, however it is spelled; a text is what it says.
                    let counted = |value: Value| match value {
                        Value::Text(text) => text.to_string(),
                        other => other.identity(),
                    };
                    Some((name.text.clone(), value.map(counted).unwrap_or_default()))
                }
            };
            limits.push(LimitRule { most, window, by });
        }
        if limits.is_empty() {
            return Ok(None);
        }
        let file = self.files.get(self.frame.source.0 as usize).cloned().unwrap_or_default();
        let (named, key) = match named {
            Some((named, span)) => (Some(named.to_owned()), self.key(span)),
            None => (None, String::new()),
        };
        Ok(Some(LimitedRun { runbook: self.frame.title.clone(), file, named, key, limits }))
    }

    /// The runbook that was started waits until there is a place for it. How often it runs was counted when it started.
    pub(super) fn wait_for_a_place(&mut self, span: Span) -> WalkResult<()> {
        let Some(mut limited) = self.limited_run(None)? else { return Ok(()) };
        limited.limits.retain(|limit| limit.window.is_none());
        if limited.limits.is_empty() {
            return Ok(());
        }
        match self.enter(limited)? {
            Ok(()) => Ok(()),
            Err(why) => Err(self.unhandled(span, format!("the runbook was not started: {why}"))),
        }
    }

    /// Asks whether a runbook may begin; the inner error says which limit is reached.
    pub(super) fn enter(&mut self, limited: LimitedRun) -> WalkResult<Result<(), Reason>> {
        let reply = self.perform(&Effect::Enter(limited))?;
        self.forget_readings();
        Ok(if let Reply::Entered(entered) = reply { entered } else { Err(other_kind()) })
    }

    /// `at most N in D` of a define.
    pub(super) fn act_limit(&mut self, at_most: &'p AtMost) -> WalkResult<Result<ActLimit, Reason>> {
        let file = self.files.get(self.frame.source.0 as usize).cloned().unwrap_or_default();
        let most = match self.whole(&at_most.times)? {
            Ok(most) => Some(most),
            Err(reason) => return Ok(Err(reason)),
        };
        Ok(self.seconds(&at_most.window)?.map(|window| ActLimit { file, most, window }))
    }

    fn number(&mut self, span: Span, expr: &'p Expr) -> WalkResult<u32> {
        match self.whole(expr)? {
            Ok(number) => Ok(number),
            Err(reason) => Err(self.unhandled(span, format!("the limit is unknown: {reason}"))),
        }
    }
}

/// A world in which nothing happens: limits are known without it.
struct Unreachable;

impl World for Unreachable {
    fn perform(&mut self, _: &Effect) -> Result<Reply, Interrupt> {
        Err(Interrupt::Parked(Parked::ByHand))
    }
}
