//! Adds `run` to the graph: the paths of another runbook inside those of this one.

use super::Bound;
use super::act::forgotten;
use super::build::{FrameKey, GraphBuilder, GraphFrame, NodePair, ParamInput, STATES, of, owner_of, way};
use super::constant::ConstantValue;
use super::expression_time::Cost;
use super::graph::{Class, EndCause, Inner, NodeEdge, NodeId, NodeSite, SiteKind, Turn};
use super::path_cost::Weight;
use super::scope::PathScope;
use crate::walk;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Run, Statement, StatementKind};

impl<'p> GraphBuilder<'p, '_> {
    /// `run "FILE" [with (name: EXPR, …)] [else {…}]`
    pub(super) fn run(
        &mut self,
        frame: &mut GraphFrame<'p>,
        span: Span,
        it: &'p Run,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let place = Self::place(frame, span);
        let mut cost = Cost::NONE;
        for arg in &it.with {
            cost = cost.plus(self.cost(frame, scope.names, &arg.value, &scope.fresh));
        }
        let program = self.program;
        let other = frame.runbook.runs.get(&span).and_then(|id| Some((*id, program.runbook(*id)?)));
        let Some((id, other)) = other else { return self.stops(frame, place, EndCause::Unhandled) };
        let params: Vec<ParamInput> = other
            .params
            .iter()
            .map(|param| {
                let name = &param.declaration.name.text;
                let arg = it.with.iter().find(|arg| arg.name.as_ref().is_some_and(|it| it.text == *name));
                match arg.map(|arg| self.bindings.value(&arg.value, scope.names)) {
                    None => ParamInput::Default,
                    Some(Some(ConstantValue::Number(low, high))) => {
                        ParamInput::Number(low.to_bits(), high.to_bits())
                    }
                    Some(Some(ConstantValue::List(length))) => ParamInput::List(length),
                    // Only what decides conditions is distinguished by texts.
                    Some(Some(ConstantValue::Text(text))) if self.one_run => ParamInput::Text(text),
                    Some(Some(ConstantValue::Bool(value))) if self.one_run => ParamInput::Bool(value),
                    Some(Some(ConstantValue::Text(_) | ConstantValue::Bool(_)) | None) => ParamInput::Unknown,
                }
            })
            .collect();
        let owner = owner_of(other).or(frame.key.owner);
        let otherwise = self.arm(frame, place, it.otherwise.as_ref(), &forgotten(scope), next);
        let last = it.with.last().map_or(it.file.span.end, |arg| arg.value.span.end.saturating_add(1));
        let shown = Self::place(frame, Span::new(span.start, last.min(span.end)));
        let site = NodeSite { kind: SiteKind::Run, place, shown };
        // A runbook that ends resolved only does its `finally` actions; if one fails, it is not resolved.
        let cleans_up = other.steps.iter().flat_map(|step| &step.statements).any(promises);
        let windowed = frame.key.windowed;
        let before = frame.key.paged_before;
        STATES.map(|paged| {
            let paged_before = paged || before;
            let key = FrameKey { runbook: id, params: params.clone(), owner, paged_before, windowed };
            let Some(root) = self.runbook(key, false) else {
                return self.stop(frame, place, EndCause::Unhandled, paged);
            };
            let mut ways = self.ends(root, [next, otherwise], paged);
            if cleans_up {
                ways.extend(failing(&ways, otherwise, owner.is_some()));
            }
            if !other.limits.is_empty() {
                ways.push(way(Some(Turn::Limited), Weight::NONE, of(otherwise, paged)));
            }
            self.graph.node(site, Weight::upto(cost.longest()), ways)
        })
    }

    /// Returns an edge for each way in which the other runbook can end, resolved ones first.
    fn ends(&self, root: NodeId, [next, otherwise]: [NodePair; 2], paged: bool) -> Vec<NodeEdge> {
        let mut classes: Vec<Class> = self
            .graph
            .get(root)
            .map_or_else(Vec::new, |node| node.exits.iter().map(|(class, _)| *class).collect());
        classes.sort_by_key(|class| (!class.resolved(), *class));
        classes
            .into_iter()
            .map(|class| {
                let (turn, to) =
                    if class.resolved() { (Turn::Resolved, next) } else { (Turn::NotResolved, otherwise) };
                let inner = Some(Inner { root, class, closed: true });
                NodeEdge { inner, ..way(Some(turn), Weight::NONE, of(to, paged || class.paged)) }
            })
            .collect()
    }
}

/// Returns the edges on which a clean-up fails: the owner is paged, and the caller takes its `else`.
fn failing(ways: &[NodeEdge], otherwise: NodePair, owned: bool) -> Vec<NodeEdge> {
    let resolved = ways.iter().filter(|way| way.turn == Some(Turn::Resolved));
    resolved
        .map(|way| {
            let paged = owned || way.inner.is_some_and(|inner| inner.class.paged);
            let weight = if owned { Weight { pages: Bound::of(1.0), ..Weight::NONE } } else { Weight::NONE };
            NodeEdge { turn: Some(Turn::CleanUpFails), weight, to: of(otherwise, paged), ..way.clone() }
        })
        .collect()
}

/// Whether a statement, or one inside it, has a `finally`.
fn promises(it: &Statement) -> bool {
    let mut promises = false;
    walk::statement(it, &mut |inner| {
        promises |= matches!(&inner.kind, StatementKind::Action(action) if !action.finally.is_empty());
    });
    promises
}
