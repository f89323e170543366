//! Loops and `let` in the flow analysis.

use super::super::walk;
use super::fact::{Cases, Fact, Values};
use super::forward::{Continuation, Forward, Passed};
use super::names::Meaning;
use super::reasoning::{ComparedType, Reasoning};
use super::settled::ConditionRole;
use super::{frozen, settled, unhandled, unknown_arm};
use rbl_syntax::tree::{
    BinaryOp, Block, Escalate, Expr, ExprKind, ForEach, Let, Repeat, StatementKind, UnaryOp,
};

impl<'t> Forward<'_, 't> {
    /// `let NAME = EXPR`
    pub(super) fn taken(&mut self, it: &'t Let) {
        if self.reasoning.depends_on_the_world(&it.value) {
            self.done.checked = true;
        }
        if self.reasoning.asks(&it.value) {
            self.reasoning.knowledge.forget_readings();
            self.done.unverified = None;
        }
        let value = self.reasoning.operand(&it.value);
        let sort = match &value.values {
            Values::Texts(_) => Some(ComparedType::Text),
            _ => value.dimension.map(|_| ComparedType::Quantity),
        };
        let (values, unknown) = self.reasoning.settled(&value, sort);
        let cases = self.verdicts(&it.value);
        let from_outside = self.reasoning.can_be_unknown_from_outside(&it.value);
        self.reasoning.names.take(&it.name, value.dimension, (value.unknown, from_outside));
        let name = Expr { span: it.name.span, kind: ExprKind::Name(it.name.clone()) };
        let own = self.reasoning.operand(&name);
        let since = it.name.span;
        let mut facts = vec![(sort, Fact { values, unknown, since })];
        if let Some((cases, unknown)) = cases {
            facts
                .push((Some(ComparedType::Condition), Fact { values: Values::Cases(cases), unknown, since }));
        }
        for (sort, fact) in facts {
            if let Some(key) = sort.and_then(|sort| Reasoning::key(&own, sort))
                && !fact.is_empty()
            {
                self.reasoning.knowledge.learn(key, fact);
            }
        }
    }

    /// Returns the possible verdicts of a condition that is stored as a value.
    fn verdicts(&mut self, it: &Expr) -> Option<(Cases, bool)> {
        let condition = match &it.bare().kind {
            ExprKind::Bool { .. } | ExprKind::Unary { op: UnaryOp::Not, .. } => true,
            ExprKind::Binary { op, .. } => op.is_comparison() || matches!(op, BinaryOp::And | BinaryOp::Or),
            _ => false,
        };
        if !condition || self.reasoning.asks(it) {
            return None;
        }
        let judged = self.reasoning.judge(it);
        let cases = match (judged.yes.is_some(), judged.no.is_some()) {
            (true, true) => return None,
            (true, false) => Cases::YES,
            (false, true) => Cases::NO,
            (false, false) => Cases::YES.and(Cases::NO),
        };
        Some((cases, judged.unknown.is_some()))
    }

    /// Handles `for each NAME in EXPR …`: all passes are analysed as one, which starts with what holds at the start of
    /// every pass.
    pub(super) fn for_each(&mut self, it: &'t ForEach) -> Continuation {
        if self.reasoning.depends_on_the_world(&it.over) {
            self.done.checked = true;
        }
        if self.reasoning.asks(&it.over) {
            self.reasoning.knowledge.forget_readings();
        }
        let done = self.done.clone();
        let without = match &it.none {
            Some(_) => self.arm(Some(self.reasoning.knowledge.here()), &done, it.none.as_ref()),
            None => Some(self.here()),
        };
        let unknown = self.arm(Some(self.reasoning.knowledge.here()), &done, it.unknown.as_ref());
        let fork = self.reasoning.knowledge.fork();
        let mark = self.reasoning.names.open();
        let asks = it.filter.as_ref().is_some_and(|filter| self.reasoning.asks(filter));
        if asks || forgets(self, &it.body) {
            self.reasoning.knowledge.forget_readings();
        }
        let dimension =
            walk::name_of(it.over.bare()).and_then(|name| match self.reasoning.names.meaning(name) {
                Meaning::Metric(dimension) => dimension,
                _ => None,
            });
        let literal = matches!(it.over.bare().kind, ExprKind::List { .. });
        let uncertain = !literal || self.reasoning.can_be_unknown(&it.over);
        let from_outside = self.reasoning.can_be_unknown_from_outside(&it.over);
        let read = self.reasoning.names.may_give_series(&it.over);
        self.reasoning.names.take_element(&it.name, dimension, (uncertain, from_outside), read);
        unknown_arm::report(self, std::iter::once(&it.over).chain(&it.filter), it.unknown.as_ref());
        let mut way = Some(self.reasoning.knowledge.here());
        if let Some(filter) = &it.filter {
            self.records_check(filter);
            let judged = self.reasoning.judge(filter);
            settled::report(self, filter, &judged, ConditionRole::Where, None);
            way = judged.yes;
            // `where` is judged before the first pass: a later pass reads the element anew.
            if asks || forgets(self, &it.body) {
                way = way.map(|way| self.reasoning.knowledge.forgotten(way));
            }
        }
        let done = self.done.clone();
        let pass = self.block(way, &done, &it.body);
        self.reasoning.names.close(&mark);
        let start = self.reasoning.knowledge.back(&fork);
        let pass = pass.map(|pass| Passed { way: start.then(pass.way), done: pass.done });
        self.merge([without, pass, unknown])
    }

    /// `repeat up to N times …`
    pub(super) fn repeat(&mut self, it: &'t Repeat) -> Continuation {
        let without = self.here();
        let fork = self.reasoning.knowledge.fork();
        let asks = it.until.as_ref().is_some_and(|until| self.reasoning.asks(until));
        if it.every.is_some() || asks || forgets(self, &it.body) {
            self.reasoning.knowledge.forget_readings();
        }
        let here = self.here();
        let pass = self.block(Some(here.way), &here.done, &it.body);
        let mut goes = self.merge([pass]);
        if goes == Continuation::On {
            if it.every.is_some() {
                self.reasoning.knowledge.forget_readings();
            }
            if let Some(until) = &it.until {
                self.records_check(until);
                let judged = self.reasoning.judge(until);
                if self.reasoning.names.never_changes(until) {
                    frozen::report(self, until, ConditionRole::Until);
                } else {
                    settled::report(self, until, &judged, ConditionRole::Until, it.on_unknown());
                }
                unknown_arm::report(self, [until], it.on_unknown());
                if it.on_unknown().is_none() {
                    unhandled::note(self, until, &judged);
                }
                goes = self.arms(judged, it.otherwise.as_ref(), it.unknown.as_ref());
            }
        }
        let way = self.reasoning.knowledge.back(&fork);
        let done = self.done.clone();
        match goes {
            Continuation::On => self.merge([Some(Passed { way, done })]),
            // If the body always ends the run, only a loop without a pass continues.
            Continuation::Nowhere => self.merge([Some(without)]),
        }
    }
}

/// Whether something in a block causes readings to be taken again: an action, a wait, a person, another runbook.
fn forgets(forward: &Forward<'_, '_>, block: &Block) -> bool {
    let mut forgets = false;
    walk::block(block, &mut |statement| {
        forgets |= match statement.kind {
            StatementKind::Action(_)
            | StatementKind::Wait(_)
            | StatementKind::Run(_)
            | StatementKind::Lock(_)
            | StatementKind::Escalate(Escalate { acknowledged: Some(_), .. })
            | StatementKind::Broken { .. } => true,
            StatementKind::Prose { .. }
            | StatementKind::Check(_)
            | StatementKind::If(_)
            | StatementKind::Match(_)
            | StatementKind::Escalate(_)
            | StatementKind::Let(_)
            | StatementKind::Record(_)
            | StatementKind::ForEach(_)
            | StatementKind::Repeat(_)
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. } => false,
        };
        if !forgets {
            walk::own_expressions(statement, &mut |it| {
                forgets |= match &it.kind {
                    ExprKind::Question(_) | ExprKind::Ask { .. } => true,
                    ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                        matches!(forward.reasoning.names.meaning(name), Meaning::Expression(_))
                    }
                    _ => false,
                };
            });
        }
    });
    forgets
}
