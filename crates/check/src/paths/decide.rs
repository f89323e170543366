//! Adds decisions to the graph: `check`, `if` and `match`.

use super::build::{GraphBuilder, GraphFrame, NodePair, STATES, of, way};
use super::constant::Bindings;
use super::expression_time::Cost;
use super::graph::{EndCause, NodeEdge, NodeSite, SiteKind, Turn};
use super::path_cost::Weight;
use super::scope::PathScope;
use crate::allowed_value::is_complete;
use rbl_syntax::source::Place;
use rbl_syntax::tree::{Check, Expr, ExprKind, If, Match, PatternKind};

impl<'p> GraphBuilder<'p, '_> {
    /// `check COND [else {…}] [unknown {…}]`
    pub(super) fn check(
        &mut self,
        frame: &mut GraphFrame<'p>,
        it: &'p Check,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let cost = self.cost(frame, scope.names, &it.condition, &scope.fresh);
        let place = Self::place(frame, it.condition.span);
        let within = self.behind(frame, &it.condition, scope);
        let no = within.finding(&it.condition, false, frame.runbook);
        let no = self.arm(frame, place, it.otherwise.as_ref(), &no, next);
        let unknown = self.arm(frame, place, it.on_unknown(), &within, next);
        let sure = !self.can_be_unknown(frame, scope.names, &it.condition);
        let ways = [Some(next), Some(no), (!sure).then_some(unknown)];
        self.condition(place, cost, self.possible(&it.condition, scope, ways))
    }

    /// `if COND {…} [else if COND {…}]… [else {…}] [unknown {…}]`
    pub(super) fn branch(
        &mut self,
        frame: &mut GraphFrame<'p>,
        it: &'p If,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let first = it.branches.first().map(|branch| &branch.condition);
        let behind = first.map_or_else(|| scope.clone(), |condition| self.behind(frame, condition, scope));
        let mut no = match &it.otherwise {
            Some(arm) => {
                let last = it.branches.last().map(|branch| &branch.condition);
                let no = last.map_or_else(|| behind.clone(), |it| behind.finding(it, false, frame.runbook));
                self.block(frame, &arm.block, no, next)
            }
            None => next,
        };
        let handled = it.on_unknown().map(|arm| self.block(frame, &arm.block, behind.clone(), next));
        for (index, branch) in it.branches.iter().enumerate().rev() {
            // The readings of the first condition count in the later ones.
            let around = if index == 0 { scope } else { &behind };
            let place = Self::place(frame, branch.condition.span);
            let cost = self.cost(frame, around.names, &branch.condition, &around.fresh);
            let within = self.behind(frame, &branch.condition, around);
            let yes = within.finding(&branch.condition, true, frame.runbook);
            let yes = self.block(frame, &branch.block, yes, next);
            let unknown = self
                .can_be_unknown(frame, around.names, &branch.condition)
                .then(|| handled.unwrap_or_else(|| self.stops(frame, place, EndCause::Unhandled)));
            let ways = self.possible(&branch.condition, around, [Some(yes), Some(no), unknown]);
            no = self.condition(place, cost, ways);
        }
        no
    }

    /// The ways of a condition, without those that the given parameters rule out.
    fn possible<T>(&self, condition: &Expr, scope: &PathScope, ways: [Option<T>; 3]) -> [Option<T>; 3] {
        let decides = self.one_run && self.bindings.is_decided(condition, scope.names);
        let holds = if decides { self.bindings.holds(condition, scope.names) } else { None };
        let [yes, no, unknown] = ways;
        match holds {
            Some(true) => [yes, None, None],
            Some(false) => [None, no, None],
            None => [yes, no, unknown],
        }
    }

    /// Adds a condition with its edges: yes, no, and unknown where it can be.
    pub(super) fn condition(&mut self, place: Place, cost: Cost, ways: [Option<NodePair>; 3]) -> NodePair {
        let site = NodeSite { kind: SiteKind::Condition, place, shown: place };
        let weight = Weight::upto(cost.longest());
        STATES.map(|paged| {
            let turns = [Turn::Yes, Turn::No, Turn::Unknown];
            let ways = turns
                .into_iter()
                .zip(ways)
                .filter_map(|(turn, to)| Some(way(Some(turn), Weight::NONE, of(to?, paged))));
            self.graph.node(site, weight, ways.collect())
        })
    }

    /// `match EXPR {…}`
    pub(super) fn matching(
        &mut self,
        frame: &mut GraphFrame<'p>,
        it: &'p Match,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let place = Self::place(frame, it.subject.span);
        let mut cost = self.cost(frame, scope.names, &it.subject, &scope.fresh);
        for arm in &it.arms {
            let (PatternKind::Value { value: expr }
            | PatternKind::Contains { text: expr }
            | PatternKind::Matches { regex: expr }
            | PatternKind::Compare { value: expr, .. }) = &arm.pattern.kind;
            cost = cost.plus(self.cost(frame, scope.names, expr, &scope.fresh));
        }
        let within = self.behind(frame, &it.subject, scope);
        let mut ways: Vec<(Turn, Option<Place>, NodePair)> = Vec::with_capacity(it.arms.len() + 2);
        let settled = self.one_run && self.bindings.is_decided(&it.subject, scope.names);
        let known = if settled { self.bindings.value(&it.subject, scope.names) } else { None };
        let mut fits = false;
        let mut decided = known.is_some();
        for (arm, index) in it.arms.iter().zip(0..) {
            let one = known.as_ref().filter(|_| is_settled_pattern(&self.bindings, arm, scope));
            let one = one.and_then(|subject| self.bindings.fits_pattern(subject, &arm.pattern, scope.names));
            decided &= fits || one.is_some();
            if fits || one == Some(false) {
                continue;
            }
            fits = one == Some(true);
            let to = self.block(frame, &arm.block, within.clone(), next);
            ways.push((Turn::Case(index), Some(Self::place(frame, arm.pattern.span)), to));
        }
        // In a menu a person chooses one of the arms, or the answer is unknown.
        let chosen = it.menu().is_some() && !it.arms.is_empty() && it.arms.iter().all(is_choice);
        let complete = chosen || fits || is_complete(it, frame.runbook);
        if !complete || (chosen && it.otherwise.is_some()) {
            ways.push((Turn::Nothing, None, self.arm(frame, place, it.otherwise.as_ref(), &within, next)));
        }
        if !decided && self.match_can_be_unknown(frame, scope.names, it) {
            ways.push((Turn::Unknown, None, self.arm(frame, place, it.on_unknown(), &within, next)));
        }
        if ways.is_empty() {
            ways.push((Turn::Nothing, None, self.arm(frame, place, it.otherwise.as_ref(), &within, next)));
        }
        let site = NodeSite { kind: SiteKind::Match, place, shown: place };
        STATES.map(|paged| {
            let ways = ways.iter().map(|(turn, about, to)| NodeEdge {
                about: *about,
                ..way(Some(*turn), Weight::NONE, of(*to, paged))
            });
            let ways = ways.collect();
            self.graph.node(site, Weight::upto(cost.longest()), ways)
        })
    }
}

/// Whether everything in the pattern of an arm has the value of the run.
fn is_settled_pattern(bindings: &Bindings, arm: &rbl_syntax::tree::MatchArm, scope: &PathScope) -> bool {
    match &arm.pattern.kind {
        PatternKind::Value { value } | PatternKind::Compare { value, .. } => {
            bindings.is_settled(value, scope.names)
        }
        PatternKind::Contains { .. } | PatternKind::Matches { .. } => false,
    }
}

/// Whether an arm of a menu is an answer in itself.
fn is_choice(arm: &rbl_syntax::tree::MatchArm) -> bool {
    let range = |value: &Expr| matches!(value.bare().kind, ExprKind::Range { .. });
    matches!(&arm.pattern.kind, PatternKind::Value { value } if !range(value))
}
