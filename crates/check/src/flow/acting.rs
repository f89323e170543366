//! Actions in the flow analysis: what was checked before them, what is checked after them, and how a run ends.

use super::forward::{Continuation, Forward};
use super::names::ActionTarget;
use super::{command, exempt_command, unhandled};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Action, Target};

impl<'t> Forward<'_, 't> {
    /// `action TARGET …`
    pub(super) fn action(&mut self, span: Span, it: &'t Action) -> Continuation {
        let deed = self.reasoning.names.action_target(&it.target);
        let head = Span::new(span.start, it.target.span().end);
        let small = matches!(deed, ActionTarget::Command(parts) if exempt_command::is_housekeeping(parts));
        match deed {
            // Whoever carries out an instruction sees its effect and reports whether it worked.
            ActionTarget::Instruction => {
                self.done.checked = true;
                self.done.unverified = None;
            }
            ActionTarget::Command(_) | ActionTarget::Executor if small => {}
            ActionTarget::Command(_) | ActionTarget::Executor => {
                let mut words = match deed {
                    ActionTarget::Command(parts) => command::spoken(parts),
                    ActionTarget::Instruction | ActionTarget::Executor => Vec::new(),
                };
                if let Target::Call { name, .. } = &it.target {
                    words.extend(name.text.split('_').map(str::to_lowercase));
                }
                self.blind(head);
                unhandled::go_on(self, head, &words);
                // With a block, `finally` puts it back before the next statement.
                let finally = !it.finally.is_empty() && it.block.is_none();
                let undone = !it.undo.is_empty() || it.block.is_some() && !it.finally.is_empty();
                unhandled::begin(self, head, &words, finally, undone);
                self.done.checked = true;
                self.done.unverified = Some(head);
            }
        }
        self.reasoning.knowledge.forget_readings();
        if let Some(name) = &it.name {
            self.reasoning.names.take(name, None, (true, true));
        }
        let here = self.here();
        let failed = self.arm(Some(here.way.clone()), &here.done, it.otherwise.as_ref());
        let done = match &it.block {
            None => Some(here),
            Some(block) => self.block(Some(here.way.clone()), &here.done, block),
        };
        let goes = self.merge([done, failed]);
        if it.block.is_some() && !it.finally.is_empty() {
            self.reasoning.knowledge.forget_readings();
        }
        goes
    }

    /// Reports an action before anything was checked, unless somebody chose to start the runbook now.
    fn blind(&mut self, action: Span) {
        if self.done.checked || self.deliberate || !self.reported.insert((Code::FLOW_BLIND, action)) {
            return;
        }
        let finding = self.report.finding(
            Code::FLOW_BLIND,
            "acts before anything was looked at",
            action,
            "the first thing that is done",
        );
        self.report.add(
            finding
                .help("look first: `if COND { resolve \"the alert is over\" }`, or ask: `check \"Is it real?\"`")
                .help("where a person who has looked starts it, write `trigger manual`"),
        );
    }

    /// Handles a resolved end of the run: `resolve`, or the end of the body.
    pub(super) fn resolved(&mut self, end: Span, written: bool) {
        let Some(action) = self.done.unverified else { return };
        if !self.reported.insert((Code::FLOW_NO_VERIFY, action)) {
            return;
        }
        let finding = self.report.finding(
            Code::FLOW_NO_VERIFY,
            "acts, and nothing checks whether it helped",
            action,
            if end == action { "the last thing that is done" } else { "acts" },
        );
        let label =
            if written { "ends resolved, unchecked" } else { "the last step: ends resolved, unchecked" };
        let finding = if end == action { finding } else { finding.also(self.report.at(end), label) };
        self.report
            .add(finding.help("check after it: `wait until COND within 10m else { escalate to owner }`"));
    }
}
