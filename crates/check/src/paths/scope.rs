//! The static knowledge at a place in a runbook: the names in scope, and the readings that still count.

use std::rc::Rc;

use super::build::{GraphBuilder, GraphFrame};
use super::constant::NameScope;
use super::element_fact::FoundElement;
use super::expression_time::{Cost, CostContext, FreshReadings, asks};
use crate::certainty;
use crate::{Runbook, walk};
use rbl_syntax::tree;
use rbl_syntax::tree::{Escalate, Expr, Part, Statement, StatementKind, Wait};

/// The static knowledge at a place in a runbook.
#[derive(Clone)]
pub(super) struct PathScope {
    pub(super) names: NameScope,
    pub(super) fresh: FreshReadings,
    /// The fact established by a reading that still counts.
    pub(super) found: Option<Rc<FoundElement>>,
}

impl PathScope {
    /// Returns the scope extended by the fact that a condition's verdict establishes.
    pub(super) fn finding(&self, condition: &Expr, holds: bool, runbook: &Runbook) -> Self {
        let found = FoundElement::by(condition, holds, runbook).map(Rc::new).or_else(|| self.found.clone());
        Self { found, ..self.clone() }
    }
}

impl<'p> GraphBuilder<'p, '_> {
    pub(super) fn cost_context<'b>(
        &'b self,
        frame: &GraphFrame<'p>,
        names: NameScope,
    ) -> CostContext<'p, 'b> {
        CostContext {
            runbook: frame.runbook,
            catalogue: self.catalogue,
            bindings: &self.bindings,
            names,
            globals: frame.globals,
        }
    }

    pub(super) fn cost(
        &self,
        frame: &mut GraphFrame<'p>,
        names: NameScope,
        expr: &'p Expr,
        kept: &FreshReadings,
    ) -> Cost {
        let mut known = std::mem::take(&mut frame.known);
        let cost = self.cost_context(frame, names).cost(expr, kept, &mut known);
        frame.known = known;
        cost
    }

    pub(super) fn optional(
        &self,
        frame: &mut GraphFrame<'p>,
        scope: &PathScope,
        expr: Option<&'p Expr>,
    ) -> Cost {
        expr.map_or(Cost::NONE, |expr| self.cost(frame, scope.names, expr, &scope.fresh))
    }

    pub(super) fn parts(&self, frame: &mut GraphFrame<'p>, scope: &PathScope, parts: &'p [Part]) -> Cost {
        let mut known = std::mem::take(&mut frame.known);
        let cost = self.cost_context(frame, scope.names).parts(parts, &scope.fresh, &mut known);
        frame.known = known;
        cost
    }

    pub(super) fn team(
        &self,
        frame: &mut GraphFrame<'p>,
        scope: &PathScope,
        team: Option<&'p tree::Team>,
    ) -> Cost {
        let mut known = std::mem::take(&mut frame.known);
        let cost = self.cost_context(frame, scope.names).team(team, &scope.fresh, &mut known);
        frame.known = known;
        cost
    }

    /// Returns the scope after a condition, including its readings.
    pub(super) fn behind(&self, frame: &GraphFrame<'p>, condition: &'p Expr, scope: &PathScope) -> PathScope {
        let kept = self.cost_context(frame, scope.names).read_by(condition, &scope.fresh);
        let found = if asks(condition) { None } else { scope.found.clone() };
        PathScope { names: scope.names, fresh: kept, found }
    }

    /// Returns the scope after a statement.
    pub(super) fn after(
        &mut self,
        frame: &GraphFrame<'p>,
        it: &'p Statement,
        scope: &PathScope,
    ) -> PathScope {
        let kept = if forgets(it) {
            // The readings of the last poll still count after a wait.
            if let StatementKind::Wait(Wait::Until { condition, otherwise: None, unknown: None, .. }) =
                &it.kind
            {
                self.cost_context(frame, scope.names).read_by(condition, &FreshReadings::default())
            } else {
                FreshReadings::default()
            }
        } else {
            let condition = match &it.kind {
                StatementKind::Check(it) => Some(&it.condition),
                StatementKind::If(it) => it.branches.first().map(|it| &it.condition),
                StatementKind::Match(it) => Some(&it.subject),
                StatementKind::Let(it) => Some(&it.value),
                StatementKind::Prose { .. }
                | StatementKind::Action(_)
                | StatementKind::Escalate(_)
                | StatementKind::Wait(_)
                | StatementKind::Record(_)
                | StatementKind::ForEach(_)
                | StatementKind::Repeat(_)
                | StatementKind::Run(_)
                | StatementKind::Lock(_)
                | StatementKind::Resolve { .. }
                | StatementKind::Stop { .. }
                | StatementKind::Broken { .. } => None,
            };
            match condition {
                Some(condition) => self.behind(frame, condition, scope).fresh,
                None => Rc::clone(&scope.fresh),
            }
        };
        let names = match &it.kind {
            StatementKind::Let(it) => {
                let unknown =
                    self.can_be_unknown(frame, scope.names, &it.value) || certainty::holds_large(&it.value);
                self.bindings.with_let(scope.names, it, unknown)
            }
            StatementKind::Action(action) => match &action.name {
                Some(name) => self.bindings.with(scope.names, name.text.clone(), true),
                None => scope.names,
            },
            StatementKind::Prose { .. }
            | StatementKind::Check(_)
            | StatementKind::If(_)
            | StatementKind::Match(_)
            | StatementKind::Escalate(_)
            | StatementKind::Wait(_)
            | StatementKind::Record(_)
            | StatementKind::ForEach(_)
            | StatementKind::Repeat(_)
            | StatementKind::Run(_)
            | StatementKind::Lock(_)
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. }
            | StatementKind::Broken { .. } => scope.names,
        };
        let found = if forgets(it) {
            None
        } else {
            FoundElement::behind(it, frame.runbook).map(Rc::new).or_else(|| scope.found.clone())
        };
        PathScope { names, fresh: kept, found }
    }
}

/// Whether a statement invalidates earlier readings.
fn forgets(it: &Statement) -> bool {
    let mut forgets = false;
    walk::statement(it, &mut |inner| {
        forgets |= match inner.kind {
            StatementKind::Action(_)
            | StatementKind::Wait(_)
            | StatementKind::Run(_)
            | StatementKind::Lock(_)
            | StatementKind::Escalate(Escalate { acknowledged: Some(_), .. })
            | StatementKind::Repeat(_) => true,
            StatementKind::Prose { .. }
            | StatementKind::Check(_)
            | StatementKind::If(_)
            | StatementKind::Match(_)
            | StatementKind::Escalate(_)
            | StatementKind::Let(_)
            | StatementKind::Record(_)
            | StatementKind::ForEach(_)
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. }
            | StatementKind::Broken { .. } => false,
        };
        walk::own_expressions(inner, &mut |expr| forgets |= asks(expr));
    });
    forgets
}
