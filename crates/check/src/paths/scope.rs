//! The static knowledge at a place in a runbook: the names in scope, and the readings that still count.

use std::rc::Rc;

use super::build::{Builder, Frame};
use super::constant::Names;
use super::cost::{Cost, Kept, Looking, asks};
use super::found::Found;
use crate::{Runbook, walk};
use rbl_syntax::tree;
use rbl_syntax::tree::{Expr, Part, Statement, StatementKind, Wait};

/// The static knowledge at a place in a runbook.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) names: Names,
    pub(super) kept: Kept,
    /// The fact established by a reading that still counts.
    pub(super) found: Option<Rc<Found>>,
}

impl Scope {
    /// Returns the scope extended by the fact that a condition's verdict establishes.
    pub(super) fn finding(&self, condition: &Expr, holds: bool, runbook: &Runbook) -> Self {
        let found = Found::by(condition, holds, runbook).map(Rc::new).or_else(|| self.found.clone());
        Self { found, ..self.clone() }
    }
}

impl<'p> Builder<'p, '_> {
    pub(super) fn looking<'b>(&'b self, frame: &Frame<'p>, names: Names) -> Looking<'p, 'b> {
        Looking {
            runbook: frame.runbook,
            catalogue: self.catalogue,
            bindings: &self.bindings,
            names,
            globals: frame.globals,
        }
    }

    pub(super) fn cost(&self, frame: &mut Frame<'p>, names: Names, expr: &'p Expr, kept: &Kept) -> Cost {
        let mut known = std::mem::take(&mut frame.known);
        let cost = self.looking(frame, names).cost(expr, kept, &mut known);
        frame.known = known;
        cost
    }

    pub(super) fn optional(&self, frame: &mut Frame<'p>, scope: &Scope, expr: Option<&'p Expr>) -> Cost {
        expr.map_or(Cost::NONE, |expr| self.cost(frame, scope.names, expr, &scope.kept))
    }

    pub(super) fn parts(&self, frame: &mut Frame<'p>, scope: &Scope, parts: &'p [Part]) -> Cost {
        let mut known = std::mem::take(&mut frame.known);
        let cost = self.looking(frame, scope.names).parts(parts, &scope.kept, &mut known);
        frame.known = known;
        cost
    }

    pub(super) fn team(&self, frame: &mut Frame<'p>, scope: &Scope, team: Option<&'p tree::Team>) -> Cost {
        let mut known = std::mem::take(&mut frame.known);
        let cost = self.looking(frame, scope.names).team(team, &scope.kept, &mut known);
        frame.known = known;
        cost
    }

    /// Returns the scope after a condition, including its readings.
    pub(super) fn behind(&self, frame: &Frame<'p>, condition: &'p Expr, scope: &Scope) -> Scope {
        let kept = self.looking(frame, scope.names).read_by(condition, &scope.kept);
        let found = if asks(condition) { None } else { scope.found.clone() };
        Scope { names: scope.names, kept, found }
    }

    /// Returns the scope after a statement.
    pub(super) fn after(&mut self, frame: &Frame<'p>, it: &'p Statement, scope: &Scope) -> Scope {
        let kept = if forgets(it) {
            // The readings of the last poll still count after a wait.
            if let StatementKind::Wait(Wait::Until { condition, otherwise: None, unknown: None, .. }) =
                &it.kind
            {
                self.looking(frame, scope.names).read_by(condition, &Kept::default())
            } else {
                Kept::default()
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
                | StatementKind::Resolve { .. }
                | StatementKind::Stop { .. }
                | StatementKind::Broken { .. } => None,
            };
            match condition {
                Some(condition) => self.behind(frame, condition, scope).kept,
                None => Rc::clone(&scope.kept),
            }
        };
        let names = match &it.kind {
            StatementKind::Let(it) => {
                let value = self.bindings.value(&it.value, scope.names);
                self.bindings.with(scope.names, it.name.text.clone(), value)
            }
            StatementKind::Action(action) => match &action.name {
                Some(name) => self.bindings.with(scope.names, name.text.clone(), None),
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
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. }
            | StatementKind::Broken { .. } => scope.names,
        };
        let found = if forgets(it) {
            None
        } else {
            Found::behind(it, frame.runbook).map(Rc::new).or_else(|| scope.found.clone())
        };
        Scope { names, kept, found }
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
