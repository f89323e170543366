//! The forward walk through a body: tracks what is known, done and checked, on every path.

use std::collections::HashSet;

use super::super::walk;
use super::change::UnfinishedChange;
use super::knowledge::PathFacts;
use super::names::FlowNames;
use super::reasoning::Reasoning;
use super::report::FlowReport;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::{Arm, Block, Item, Statement, StatementKind, Wait};

/// What was done and checked on the way to a place.
#[derive(Debug, Clone, Default)]
pub(super) struct PathActivity {
    /// Whether something was checked on every path.
    pub(super) checked: bool,
    /// An action without a check after it, on some path on which nobody was paged.
    pub(super) unverified: Option<Span>,
    /// A change in progress that may not be completed.
    pub(super) change: Option<UnfinishedChange>,
}

impl PathActivity {
    fn join(self, other: Self) -> Self {
        Self {
            checked: self.checked && other.checked,
            unverified: self.unverified.or(other.unverified),
            change: UnfinishedChange::join(self.change, other.change),
        }
    }
}

/// The state at the end of a path that continues.
#[derive(Debug)]
pub(super) struct Passed {
    pub(super) way: PathFacts,
    pub(super) done: PathActivity,
}

/// Whether a run continues after something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Continuation {
    On,
    Nowhere,
}

/// The state of the walk.
pub(super) struct Forward<'a, 't> {
    pub(super) reasoning: Reasoning<'t>,
    pub(super) done: PathActivity,
    pub(super) report: FlowReport<'a>,
    /// Whether the trigger is a person or the clock: then somebody chose the moment.
    pub(super) deliberate: bool,
    /// The findings already reported: each place once, however many paths lead to it.
    pub(super) reported: HashSet<(Code, Span)>,
}

/// Walks the body of a runbook.
pub(super) fn check<'t>(tree: &'t tree::File, names: FlowNames<'t>, report: FlowReport<'_>) {
    let deliberate = tree.declarations().any(|it| match it {
        tree::Declaration::Trigger(it) => match it.kind {
            tree::TriggerKind::Manual | tree::TriggerKind::Schedule { .. } => true,
            tree::TriggerKind::Alert { .. } => false,
        },
        _ => false,
    });
    let mut forward = Forward {
        reasoning: Reasoning::new(names),
        done: PathActivity::default(),
        report,
        deliberate,
        reported: HashSet::new(),
    };
    let mut last = None;
    for item in &tree.items {
        let goes = match item {
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => continue,
            Item::Step(step) => {
                last = Some(step.title.span);
                forward.statements(&step.body)
            }
            Item::Statement(statement) => {
                last = Some(forward.report.head(statement.span));
                forward.statement(statement)
            }
        };
        if goes == Continuation::Nowhere {
            return;
        }
    }
    if let Some(last) = last {
        forward.resolved(last, false);
    }
}

impl<'t> Forward<'_, 't> {
    /// Walks a block with a scope of its own.
    fn scope(&mut self, block: &'t Block) -> Continuation {
        let mark = self.reasoning.names.open();
        let goes = self.statements(block);
        self.reasoning.names.close(&mark);
        goes
    }

    /// Walks the statements of a block, as far as a run can reach. Statements after an end have a finding of their own.
    pub(super) fn statements(&mut self, block: &'t Block) -> Continuation {
        for statement in &block.statements {
            if self.statement(statement) == Continuation::Nowhere {
                return Continuation::Nowhere;
            }
        }
        Continuation::On
    }

    /// Walks a block on a separate path; `None` if no run enters it or leaves it at its end.
    pub(super) fn block(
        &mut self,
        way: Option<PathFacts>,
        done: &PathActivity,
        block: &'t Block,
    ) -> Option<Passed> {
        let way = way?;
        let fork = self.reasoning.knowledge.fork();
        self.reasoning.knowledge.go(way);
        let before = std::mem::replace(&mut self.done, done.clone());
        let goes = self.scope(block);
        let done = std::mem::replace(&mut self.done, before);
        let way = self.reasoning.knowledge.back(&fork);
        (goes == Continuation::On).then_some(Passed { way, done })
    }

    /// Walks an arm on a separate path. An arm that is not written stops the run.
    pub(super) fn arm(
        &mut self,
        way: Option<PathFacts>,
        done: &PathActivity,
        arm: Option<&'t Arm>,
    ) -> Option<Passed> {
        arm.and_then(|arm| self.block(way, done, &arm.block))
    }

    /// Continues where all these paths merge.
    pub(super) fn merge(&mut self, ways: impl IntoIterator<Item = Option<Passed>>) -> Continuation {
        let knowledge = &mut self.reasoning.knowledge;
        let all = ways.into_iter().flatten().reduce(|one, other| Passed {
            way: knowledge.join(&one.way, &other.way),
            done: one.done.join(other.done),
        });
        let Some(Passed { way, done }) = all else { return Continuation::Nowhere };
        knowledge.go(way);
        self.done = done;
        Continuation::On
    }

    /// Returns the path that continues from here unchanged.
    pub(super) fn here(&self) -> Passed {
        Passed { way: self.reasoning.knowledge.here(), done: self.done.clone() }
    }

    fn statement(&mut self, it: &'t Statement) -> Continuation {
        match &it.kind {
            StatementKind::Check(check) => self.checked(check),
            StatementKind::If(branches) => self.branches(branches),
            StatementKind::Match(matching) => self.matching(matching),
            StatementKind::Action(action) => self.action(it.span, action),
            StatementKind::Escalate(escalate) => {
                self.asked_in(it);
                // Whoever was paged checks the situation.
                self.done.unverified = None;
                if escalate.acknowledged.is_some() {
                    self.reasoning.knowledge.forget_readings();
                }
                let here = self.here();
                let undelivered = self.arm(Some(here.way.clone()), &here.done, escalate.otherwise.as_ref());
                self.merge([Some(here), undelivered])
            }
            StatementKind::Wait(Wait::Duration { .. }) => {
                self.reasoning.knowledge.forget_readings();
                Continuation::On
            }
            StatementKind::Wait(wait @ Wait::Until { .. }) => self.waited(wait),
            StatementKind::Let(it) => {
                self.taken(it);
                Continuation::On
            }
            StatementKind::Prose { .. } | StatementKind::Record(_) => {
                self.asked_in(it);
                Continuation::On
            }
            StatementKind::ForEach(each) => self.for_each(each),
            StatementKind::Repeat(repeat) => self.repeat(repeat),
            StatementKind::Run(run) => {
                self.reasoning.knowledge.forget_readings();
                // The other runbook does its own checks, and is checked separately.
                self.done = PathActivity { checked: true, unverified: None, change: self.done.change.take() };
                let here = self.here();
                let failed = self.arm(Some(here.way.clone()), &here.done, run.otherwise.as_ref());
                self.merge([Some(here), failed])
            }
            StatementKind::Lock(lock) => {
                self.reasoning.knowledge.forget_readings();
                let here = self.here();
                let missed = self.arm(Some(here.way.clone()), &here.done, lock.otherwise.as_ref());
                self.merge([Some(here), missed])
            }
            StatementKind::Resolve { .. } => {
                self.resolved(self.report.head(it.span), true);
                Continuation::Nowhere
            }
            StatementKind::Stop { .. } => Continuation::Nowhere,
            StatementKind::Broken { .. } => {
                // It may have been anything.
                self.reasoning.knowledge.forget_readings();
                self.done = PathActivity { checked: true, ..PathActivity::default() };
                Continuation::On
            }
        }
    }

    /// A person who is asked inside a text may take any time, so readings are forgotten.
    pub(super) fn asked_in(&mut self, it: &'t Statement) {
        let mut asks = false;
        walk::own_expressions(it, &mut |inner| {
            asks |= matches!(inner.kind, tree::ExprKind::Ask { .. } | tree::ExprKind::Question(_));
        });
        if asks {
            self.reasoning.knowledge.forget_readings();
        }
    }

    /// Records a check, if the expression depends on a reading or a person.
    pub(super) fn records_check(&mut self, it: &'t tree::Expr) {
        if self.reasoning.depends_on_the_world(it) {
            self.done.checked = true;
            self.done.unverified = None;
        }
    }
}
