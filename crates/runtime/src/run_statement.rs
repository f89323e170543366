//! `run`: runs another runbook as part of this one.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::budget::SENT;
use super::exit::{EarlyExit, EarlyExitKind, WalkResult};
use super::frame::RunbookFrame;
use super::interpreter::Interpreter;
use super::{Effect, EventKind, LimitedRun, NamedValue, Outcome, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::Run;
use rbl_syntax::value::{Reason, Value};

/// A runbook that may begin: its limits, and its parameters.
type EnteredRun = (Option<LimitedRun>, Vec<NamedValue>);

impl<'p> Interpreter<'p, '_> {
    /// `run "FILE" [with (name: EXPR, …)] [else {…}]`
    pub(super) fn run_other(&mut self, span: Span, run: &'p Run) -> WalkResult<()> {
        let program = self.program;
        let other = self.frame.runbook.runs.get(&span).and_then(|id| program.runbook(*id));
        let Some(other) = other else {
            let file = run.file.literal().unwrap_or_default();
            return Err(self.unhandled(span, format!("`{file}` was not read (this is a bug in rbl)")));
        };
        self.budget.heavy(SENT);
        let mut params: BTreeMap<SmolStr, Value> = BTreeMap::new();
        for arg in &run.with {
            let value = self.untraced(&arg.value)?;
            if let Some(name) = &arg.name {
                params.insert(name.text.clone(), value);
            }
        }
        let paged_before = self.paged.len();
        // The other runbook's own owner replaces it where one is named; see `head`.
        let frame = RunbookFrame::new(other, self.frame.owner.clone());
        let file = self.file_of_runbook();
        self.runbook_files.push(file);
        let outer = std::mem::replace(&mut self.frame, frame);
        self.depth += 1;
        self.path.push(span.start);
        let entered = self.enter_other(span, run, &params);
        let (finished, limited) = match entered {
            Ok(Ok((limited, params))) => {
                let walked = self.walk_other(params);
                (self.finish(walked, paged_before), limited)
            }
            Ok(Err((title, file, reason))) => {
                self.path.pop();
                self.depth -= 1;
                self.runbook_files.pop();
                self.frame = outer;
                return self.run_limited(span, run, (title, file, reason));
            }
            Err(exit) => (self.finish(Err(exit), paged_before), None),
        };
        self.path.pop();
        self.depth -= 1;
        self.runbook_files.pop();
        let title = std::mem::replace(&mut self.frame, outer).title;
        let interrupt = finished.interrupt(self.aborted.as_ref());
        // A run that is parked keeps its place; one that was aborted gives up everything when it ends.
        if let (Some(limited), None) = (limited, &interrupt) {
            self.perform(&Effect::Leave(limited))?;
        }

        let (outcome, message) = (finished.outcome, finished.message.clone());
        let resolved = outcome == Outcome::Resolved;
        self.note(span, &format!("the runbook \"{title}\" ended {outcome}: {message}"));
        let only_looked = self.only_looked.as_ref().map(|it| it.what.clone());
        let then = if only_looked.is_some() {
            Then::Stops
        } else if resolved {
            Then::GoesOn
        } else {
            self.arm("else", run.otherwise.as_ref())
        };
        self.report(span, |_| EventKind::RunEnded { runbook: title.clone(), outcome, message, then });
        if let Some(interrupt) = interrupt {
            return Err(interrupt.into());
        }
        // It would do something now: what comes behind it depends on that.
        if let Some(what) = only_looked {
            return Err(EarlyExit::new(EarlyExitKind::Unhandled(what)));
        }
        match (&run.otherwise, resolved) {
            (_, true) => Ok(()),
            (Some(arm), false) => self.block(&arm.block),
            (None, false) => {
                let what = format!(
                    "the runbook \"{title}\" ended {outcome} ({}), and the run has no `else`",
                    finished.message
                );
                Err(self.unhandled(span, what))
            }
        }
    }

    /// Another runbook was not started: takes the `else`, or stops.
    fn run_limited(
        &mut self,
        span: Span,
        run: &'p Run,
        (title, file, reason): (String, SmolStr, Reason),
    ) -> WalkResult<()> {
        self.note(span, &format!("the runbook \"{title}\" was not started: {reason}"));
        let then = self.arm("else", run.otherwise.as_ref());
        self.report(span, |_| EventKind::RunLimited {
            runbook: title.clone(),
            file,
            reason: reason.clone(),
            then,
        });
        if let Some(arm) = &run.otherwise {
            return self.block(&arm.block);
        }
        let what = format!("the runbook \"{title}\" was not started ({reason}), and the run has no `else`");
        Err(self.unhandled(span, what))
    }

    /// Prepares another runbook, and asks whether its limits allow it to begin. The inner error is its title, its file,
    /// and the limit that is reached.
    fn enter_other(
        &mut self,
        span: Span,
        run: &'p Run,
        params: &BTreeMap<SmolStr, Value>,
    ) -> WalkResult<Result<EnteredRun, (String, SmolStr, Reason)>> {
        let params = self.bind(params)?;
        self.head()?;
        let named = run.file.literal().unwrap_or_default();
        let Some(limited) = self.limited_run(Some((named, span)))? else { return Ok(Ok((None, params))) };
        Ok(match self.enter(limited.clone())? {
            Ok(()) => Ok((Some(limited), params)),
            Err(reason) => Err((limited.runbook, limited.file, reason)),
        })
    }

    fn walk_other(&mut self, params: Vec<NamedValue>) -> WalkResult<()> {
        let span = self.frame.runbook.title.span;
        self.report(span, |this| EventKind::RunStarted {
            runbook: this.frame.title.clone(),
            file: this.files.get(this.frame.source.0 as usize).cloned().unwrap_or_default(),
            params,
        });
        let begins = format!("the runbook \"{}\" begins", self.frame.title);
        self.story.line(begins);
        self.constants()?;
        self.steps()
    }
}
