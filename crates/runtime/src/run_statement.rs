//! `run`: runs another runbook as part of this one.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::exit::WalkResult;
use super::frame::RunbookFrame;
use super::interpreter::Interpreter;
use super::{EventKind, Outcome, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree::Run;
use rbl_syntax::value::Value;

impl<'p> Interpreter<'p, '_> {
    /// `run "FILE" [with (name: EXPR, …)] [else {…}]`
    pub(super) fn run_other(&mut self, span: Span, run: &'p Run) -> WalkResult<()> {
        let program = self.program;
        let other = self.frame.runbook.runs.get(&span).and_then(|id| program.runbook(*id));
        let Some(other) = other else {
            let file = run.file.literal().unwrap_or_default();
            return Err(self.unhandled(span, format!("`{file}` was not read (this is a bug in rbl)")));
        };
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
        let outer = std::mem::replace(&mut self.frame, frame);
        self.depth += 1;
        self.path.push(span.start);
        let walked = self.walk_other(&params);
        let finished = self.finish(walked, paged_before);
        self.path.pop();
        self.depth -= 1;
        let title = std::mem::replace(&mut self.frame, outer).title;

        let (outcome, message) = (finished.outcome, finished.message.clone());
        let resolved = outcome == Outcome::Resolved;
        self.note(span, &format!("the runbook \"{title}\" ended {outcome}: {message}"));
        let then = if resolved { Then::GoesOn } else { self.arm("else", run.otherwise.as_ref()) };
        self.report(span, |_| EventKind::RunEnded { runbook: title.clone(), outcome, message, then });
        if let Some(interrupt) = finished.interrupt(self.aborted.as_ref()) {
            return Err(interrupt.into());
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

    fn walk_other(&mut self, params: &BTreeMap<SmolStr, Value>) -> WalkResult<()> {
        let params = self.bind(params)?;
        self.head()?;
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
