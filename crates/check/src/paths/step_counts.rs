//! Counts the steps of a runbook, and its checks by people and by machines.

use super::expression_time::asks;
use crate::{Runbook, walk};
use rbl_syntax::tree::{Expr, StatementKind, Wait};

/// The counts of a runbook, without those it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Steps; a bare statement is one.
    pub steps: usize,
    /// Decisions that depend on a person's answer.
    pub by_people: usize,
    /// Decisions without a person.
    pub automatic: usize,
}

impl Counted {
    /// Counts a runbook.
    pub fn of(runbook: &Runbook) -> Self {
        let mut counted = Self { steps: runbook.steps.len(), ..Self::default() };
        for statement in runbook.steps.iter().flat_map(|step| &step.statements) {
            walk::statement(statement, &mut |it| match &it.kind {
                StatementKind::Check(it) => counted.decision(&it.condition),
                StatementKind::If(it) => it.branches.iter().for_each(|it| counted.decision(&it.condition)),
                StatementKind::Match(it) => counted.decision(&it.subject),
                StatementKind::Wait(Wait::Until { condition, .. }) => counted.decision(condition),
                StatementKind::Repeat(it) => it.until.iter().for_each(|it| counted.decision(it)),
                StatementKind::Prose { .. }
                | StatementKind::Action(_)
                | StatementKind::Escalate(_)
                | StatementKind::Wait(_)
                | StatementKind::Let(_)
                | StatementKind::Record(_)
                | StatementKind::ForEach(_)
                | StatementKind::Run(_)
                | StatementKind::Lock(_)
                | StatementKind::Resolve { .. }
                | StatementKind::Stop { .. }
                | StatementKind::Broken { .. } => {}
            });
        }
        counted
    }

    fn decision(&mut self, condition: &Expr) {
        if asks(condition) { self.by_people += 1 } else { self.automatic += 1 }
    }
}
