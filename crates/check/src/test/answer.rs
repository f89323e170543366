//! Checks the answers of a test: that a question or an instruction can have them.

use super::TestChecker;
use super::subject::PossibleAnswers;
use crate::answer_reading::{did, yes_no};
use crate::walk;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree::{Expr, ExprKind, Template};

impl<'t> TestChecker<'_, 't> {
    /// Reports an answer that no person could give to this question: it would be asked again, and time out.
    pub(super) fn answer_fits(&mut self, question: &'t Template, with: &'t Expr) {
        if !self.subject.complete {
            return;
        }
        let PossibleAnswers { yes_or_no, any_text, done_or_not } = self.subject.answers_of(question);
        if any_text || !yes_or_no && !done_or_not {
            return;
        }
        let written = match &with.bare().kind {
            ExprKind::Text(text) => text.literal(),
            _ => walk::name_of(with.bare()).map(|name| name.text.as_str()),
        };
        // A value that is not written is not known here.
        let Some(written) = written else { return };
        if yes_or_no && yes_no(written).is_some() || done_or_not && did(written).is_some() {
            return;
        }
        let (what, words) = match (yes_or_no, done_or_not) {
            (true, false) => ("question", "`yes`, `no` or `\"not sure\"`"),
            (false, true) => ("instruction", "`done`, `failed` or `skipped`"),
            (true, true) | (false, false) => ("question", "`yes`, `no`, `done`, `failed` or `skipped`"),
        };
        let message = format!("{} is no answer to this {what}", self.checker.shown(with.span));
        let finding =
            self.checker.finding(Code::UPKEEP_NO_ANSWER, message, with.span, "nobody could say that");
        self.checker.report(finding.help(format!("write {words}")));
    }
}
