//! Builds the graph of a program's paths, backwards, so that every successor exists before its predecessors.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use smol_str::SmolStr;

use super::Bound;
use super::constant::{Bindings, ConstantValue, NameScope};
use super::expression_time::{Cost, FreshReadings, KnownCosts};
use super::graph::{Class, EndCause, Graph, Leaf, NodeEdge, NodeId, NodeSite, PathExit, SiteKind, Turn};
use super::path_cost::Weight;
use super::scope::PathScope;
use crate::certainty;
use crate::{Catalogue, ParamDeclared, Program, Runbook, RunbookId};
use rbl_syntax::source::{Place, SourceId, Span};
use rbl_syntax::tree::{Arm, Block, Statement, StatementKind, TriggerKind};
use rbl_syntax::value::Value;

/// Up to this number, the runs of one runbook by others are distinguished by their parameter values; beyond that the
/// values count as unknown. *Why:* in a chain of runbooks that each run the next twice with different values their
/// number is exponential.
const TOLD_APART: usize = 1_000;

/// The node for the state in which nobody was paged in this runbook yet, and the one for the state after a page.
pub(super) type NodePair = [NodeId; 2];

/// The two states of a [`NodePair`].
pub(super) const STATES: [bool; 2] = [false, true];

/// Selects the node for a state.
pub(super) fn of(pair: NodePair, paged: bool) -> NodeId {
    let [before, after] = pair;
    if paged { after } else { before }
}

/// Identifies a runbook with its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct FrameKey {
    pub(super) runbook: RunbookId,
    /// The values of its parameters, in order.
    pub(super) params: Vec<ParamInput>,
    /// Its own owner, else the one of the calling runbook.
    pub(super) owner: Option<Place>,
    /// Whether somebody was paged before it began.
    pub(super) paged_before: bool,
    /// Whether the run has a maintenance window.
    pub(super) windowed: bool,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum ParamInput {
    /// The default.
    Default,
    /// A number: the least and the greatest that it can be, by their bits.
    Number(u64, u64),
    /// A list of this length.
    List(u32),
    /// A text.
    Text(SmolStr),
    /// `true` or `false`
    Bool(bool),
    /// A value that is not known before the run.
    Unknown,
}

/// A runbook while its graph is being built.
pub(super) struct GraphFrame<'p> {
    pub(super) runbook: &'p Runbook,
    pub(super) key: FrameKey,
    pub(super) globals: NameScope,
    pub(super) known: KnownCosts,
    /// The most time that the `finally` targets of the blocks around this place take.
    pub(super) leaving: Bound,
}

/// Builds the graph.
pub(super) struct GraphBuilder<'p, 'a> {
    pub(super) program: &'p Program,
    pub(super) catalogue: &'a Catalogue,
    pub(super) graph: Graph,
    pub(super) bindings: Bindings,
    pub(super) built: HashMap<FrameKey, NodeId>,
    /// The length of the main runbook's maintenance window, in seconds.
    pub(super) window: Option<f64>,
    /// Whether the paths are those of one run, whose given parameters decide conditions.
    pub(super) one_run: bool,
}

impl<'p> GraphBuilder<'p, '_> {
    /// Builds the graph of the program's main runbook; returns its first node.
    pub(super) fn main(&mut self, given: &BTreeMap<SmolStr, Value>) -> Option<NodeId> {
        let id = self.program.main();
        let runbook = self.program.runbook(id)?;
        let input = |param: &ParamDeclared| match given.get(&param.declaration.name.text) {
            None => ParamInput::Default,
            Some(value) if let Some(quantity) = value.quantity() => {
                ParamInput::Number(quantity.base.to_bits(), quantity.base.to_bits())
            }
            Some(Value::List(items)) => {
                u32::try_from(items.len()).map_or(ParamInput::Unknown, ParamInput::List)
            }
            Some(Value::Text(text)) => ParamInput::Text(text.clone()),
            Some(Value::Bool(value)) => ParamInput::Bool(*value),
            Some(_) => ParamInput::Unknown,
        };
        let params = runbook.params.iter().map(input).collect();
        let windowed = matches!(runbook.trigger, Some(TriggerKind::Schedule { window: Some(_), .. }));
        let owner = owner_of(runbook);
        let key = FrameKey { runbook: id, params, owner, paged_before: false, windowed };
        self.runbook(key, true)
    }

    /// Builds the graph of a runbook, once per [`FrameKey`].
    pub(super) fn runbook(&mut self, mut key: FrameKey, main: bool) -> Option<NodeId> {
        if self.built.len() >= TOLD_APART {
            key.params.iter_mut().for_each(|it| *it = ParamInput::Unknown);
        }
        if let Some(root) = self.built.get(&key) {
            return Some(*root);
        }
        let runbook: &'p Arc<Runbook> = self.program.runbook(key.runbook)?;
        let mut frame = GraphFrame {
            runbook,
            key: key.clone(),
            globals: NameScope::default(),
            known: KnownCosts::default(),
            leaving: Bound::ZERO,
        };
        let root = self.body(&mut frame, main);
        self.built.insert(key, root);
        Some(root)
    }

    fn body(&mut self, frame: &mut GraphFrame<'p>, main: bool) -> NodeId {
        let runbook = frame.runbook;
        let kept = FreshReadings::default();
        let mut begin = Cost::NONE;
        let mut missing = None;
        let given = frame.key.params.clone();
        for (param, given) in runbook.params.iter().zip(given) {
            let declaration = &param.declaration;
            // What a person or an alert gives is a value; what another runbook passes may be unknown.
            let unknown = !main && given == ParamInput::Unknown;
            // Instead of the default a run may get the label of its alert.
            let is_given = given != ParamInput::Default;
            let value = match given {
                ParamInput::Number(low, high) => {
                    Some(ConstantValue::Number(f64::from_bits(low), f64::from_bits(high)))
                }
                ParamInput::List(length) => Some(ConstantValue::List(length)),
                ParamInput::Text(text) => Some(ConstantValue::Text(text)),
                ParamInput::Bool(value) => Some(ConstantValue::Bool(value)),
                ParamInput::Unknown => None,
                ParamInput::Default => {
                    if let Some(default) = &declaration.default {
                        begin = begin.plus(self.cost(frame, frame.globals, default, &kept));
                        // Another run may be given a list of another length: `up to` bounds it.
                        let value = self.bindings.value(default, frame.globals);
                        value.filter(|value| !main || !matches!(value, ConstantValue::List(_)))
                    } else {
                        // The main runbook is not started without it.
                        missing = missing.or((!main).then_some(declaration.span));
                        None
                    }
                }
            };
            let large = declaration.default.as_ref().is_some_and(certainty::holds_large);
            let name = declaration.name.text.clone();
            frame.globals = self.bindings.with_param(frame.globals, name, value, unknown || large, is_given);
        }
        for constant in &runbook.constants {
            let it = &constant.declaration;
            begin = begin.plus(self.cost(frame, frame.globals, &it.value, &kept));
            let unknown =
                self.can_be_unknown(frame, frame.globals, &it.value) || certainty::holds_large(&it.value);
            frame.globals = self.bindings.with_let(frame.globals, it, unknown);
        }
        let mut scopes = Vec::with_capacity(runbook.steps.len());
        let mut scope = PathScope { names: frame.globals, fresh: kept, found: None };
        for step in &runbook.steps {
            scopes.push(scope.clone());
            // A step is a heading: its names are known in the steps after it.
            scope = step.statements.iter().fold(scope, |scope, it| self.after(frame, it, &scope));
        }
        let source = runbook.source;
        let end = runbook.steps.last().map_or(runbook.title.span, |step| step.span);
        let end = Span::new(end.end, end.end).in_source(source);
        let mut next = self.leaves(end, PathExit::Continues, EndCause::Body);
        for (step, scope) in runbook.steps.iter().zip(scopes).rev() {
            let body = self.statements(frame, &step.statements, scope.clone(), next);
            next = self.step(frame, step, &scope, body);
        }
        let first = of(next, false);
        self.beginning(frame, main, begin, missing, first)
    }

    /// Builds the nodes before the first step.
    fn beginning(
        &mut self,
        frame: &GraphFrame<'p>,
        main: bool,
        begin: Cost,
        missing: Option<Span>,
        first: NodeId,
    ) -> NodeId {
        let runbook = frame.runbook;
        let title = runbook.title.span.in_source(runbook.source);
        let mut next = first;
        if begin != Cost::NONE {
            let site = NodeSite { kind: SiteKind::Plain, place: title, shown: title };
            let ways = vec![way(None, Weight::NONE, next)];
            next = self.graph.node(site, Weight::upto(begin.longest()), ways);
        }
        // Built backwards: the last guard of the run comes first.
        if main && self.program.runbooks.iter().any(|one| !one.secrets.is_empty()) {
            let shown = NodeSite { kind: SiteKind::Secrets, place: title, shown: title };
            next = self.guard(frame, shown, next, false);
        }
        if main && let Some(TriggerKind::Schedule { window: Some(window), .. }) = &runbook.trigger {
            self.window = self.bindings.amount(window, frame.globals);
        }
        if main
            && let Some(TriggerKind::Schedule { window: Some(window), .. }) = &runbook.trigger
            && self.window.is_none()
        {
            let shown = window.span.in_source(runbook.source);
            next = self.guard(frame, NodeSite { kind: SiteKind::Guard, place: title, shown }, next, false);
        }
        if let Some(span) = missing {
            let place = span.in_source(runbook.source);
            next = self.guard(frame, NodeSite { kind: SiteKind::Guard, place, shown: place }, next, false);
        }
        next
    }

    /// Builds the beginning of a step: a node exists only if the step has a title or a maintenance window may have
    /// closed.
    fn step(
        &mut self,
        frame: &mut GraphFrame<'p>,
        step: &'p crate::RunbookStep,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let source = frame.runbook.source;
        let place = step.span.in_source(source);
        let shown = step.title.as_ref().map(|title| title.span.in_source(source));
        if shown.is_none() && !frame.key.windowed {
            return next;
        }
        let cost = step.title.as_ref().map_or(Cost::NONE, |it| self.parts(frame, scope, &it.parts));
        let shown = shown.unwrap_or(place);
        let site = NodeSite { kind: SiteKind::Step, place, shown };
        STATES.map(|paged| {
            let mut ways =
                vec![way(frame.key.windowed.then_some(Turn::Continues), Weight::NONE, of(next, paged))];
            if frame.key.windowed {
                let closed = self.stop(frame, place, EndCause::Unhandled, paged);
                ways.push(way(Some(Turn::Stops), Weight::NONE, closed));
            }
            self.graph.node(site, Weight::upto(cost.longest()), ways)
        })
    }

    /// Adds a guard, which stops the run if a value is unknown.
    pub(super) fn guard(
        &mut self,
        frame: &GraphFrame<'p>,
        site: NodeSite,
        next: NodeId,
        paged: bool,
    ) -> NodeId {
        let stop = self.stop(frame, site.place, EndCause::Unhandled, paged);
        let ways =
            vec![way(Some(Turn::Continues), Weight::NONE, next), way(Some(Turn::Stops), Weight::NONE, stop)];
        self.graph.node(site, Weight::NONE, ways)
    }

    pub(super) fn block(
        &mut self,
        frame: &mut GraphFrame<'p>,
        block: &'p Block,
        scope: PathScope,
        next: NodePair,
    ) -> NodePair {
        self.statements(frame, &block.statements, scope, next)
    }

    fn statements(
        &mut self,
        frame: &mut GraphFrame<'p>,
        all: &'p [Statement],
        scope: PathScope,
        mut next: NodePair,
    ) -> NodePair {
        let mut scopes = Vec::with_capacity(all.len());
        let mut at = scope;
        for statement in all {
            scopes.push(at.clone());
            at = self.after(frame, statement, &at);
        }
        for (statement, scope) in all.iter().zip(scopes).rev() {
            next = self.statement(frame, statement, &scope, next);
        }
        next
    }

    fn statement(
        &mut self,
        frame: &mut GraphFrame<'p>,
        it: &'p Statement,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let source = frame.runbook.source;
        let place = it.span.in_source(source);
        match &it.kind {
            StatementKind::Prose { text } => {
                let cost = self.parts(frame, scope, &text.parts);
                self.plain(place, text.span.in_source(source), Weight::upto(cost.longest()), next, false)
            }
            StatementKind::Check(check) => self.check(frame, check, scope, next),
            StatementKind::If(branches) => self.branch(frame, branches, scope, next),
            StatementKind::Match(it) => self.matching(frame, it, scope, next),
            StatementKind::Action(action) => self.action(frame, action, scope, next),
            StatementKind::Escalate(escalate) => self.escalate(frame, place, escalate, scope, next),
            StatementKind::Wait(wait) => self.wait(frame, place, wait, scope, next),
            StatementKind::Let(it) => {
                let cost = self.cost(frame, scope.names, &it.value, &scope.fresh);
                self.plain(place, place, Weight::upto(cost.longest()), next, false)
            }
            StatementKind::Record(record) => {
                let cost = self.cost(frame, scope.names, &record.text, &scope.fresh);
                let channel = self.optional(frame, scope, record.channel.as_ref());
                self.plain(place, place, Weight::upto(cost.plus(channel).longest()), next, true)
            }
            StatementKind::ForEach(each) => self.for_each(frame, place, each, scope, next),
            StatementKind::Repeat(repeat) => self.repeat(frame, place, repeat, scope, next),
            StatementKind::Run(run) => self.run(frame, it.span, run, scope, next),
            StatementKind::Lock(lock) => self.lock(frame, place, lock, scope, next),
            StatementKind::Resolve { text } => {
                let cost = self.optional(frame, scope, text.as_ref());
                let left = Weight::upto(frame.leaving);
                let end = self.leaves(place, PathExit::Resolved, EndCause::Resolve);
                let end = if frame.leaving == Bound::ZERO {
                    end
                } else {
                    self.plain(place, place, left, end, false)
                };
                self.plain(place, place, Weight::upto(cost.longest()), end, false)
            }
            StatementKind::Stop { text } => {
                let cost = self.optional(frame, scope, text.as_ref());
                let end = self.stops(frame, place, EndCause::Stop);
                self.plain(place, place, Weight::upto(cost.longest()), end, false)
            }
            StatementKind::Broken { .. } => self.stops(frame, place, EndCause::Unhandled),
        }
    }

    /// Adds a node with a single edge. Without cost it is left out, unless `always` is set.
    pub(super) fn plain(
        &mut self,
        place: Place,
        shown: Place,
        weight: Weight,
        next: NodePair,
        always: bool,
    ) -> NodePair {
        if weight == Weight::NONE && !always {
            return next;
        }
        let site = NodeSite { kind: SiteKind::Plain, place, shown };
        next.map(|next| self.graph.node(site, weight, vec![way(None, Weight::NONE, next)]))
    }

    /// Builds an arm; if it is missing, the run stops.
    pub(super) fn arm(
        &mut self,
        frame: &mut GraphFrame<'p>,
        place: Place,
        arm: Option<&'p Arm>,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        match arm {
            Some(arm) => self.block(frame, &arm.block, scope.clone(), next),
            None => self.stops(frame, place, EndCause::Unhandled),
        }
    }

    /// Adds the ends that page nobody.
    pub(super) fn leaves(&mut self, place: Place, exit: PathExit, how: EndCause) -> NodePair {
        STATES.map(|paged| {
            let site = NodeSite { kind: SiteKind::End, place, shown: place };
            let leaf = Leaf { class: Class { exit, paged }, how, owner: None };
            self.graph.leaf(site, Weight::NONE, leaf)
        })
    }

    pub(super) fn stops(&mut self, frame: &GraphFrame<'p>, place: Place, how: EndCause) -> NodePair {
        STATES.map(|paged| self.stop(frame, place, how, paged))
    }

    /// Adds an end that stops the run. The owner is paged for what nobody handles (a path that paged the owner before
    /// is described without it), and for a `stop` unless somebody already was.
    pub(super) fn stop(
        &mut self,
        frame: &GraphFrame<'p>,
        place: Place,
        how: EndCause,
        paged: bool,
    ) -> NodeId {
        let owner = match how {
            EndCause::Unhandled => frame.key.owner,
            EndCause::Stop | EndCause::Body | EndCause::Resolve | EndCause::Pass => {
                frame.key.owner.filter(|_| !paged && !frame.key.paged_before)
            }
        };
        let site = NodeSite { kind: SiteKind::End, place, shown: place };
        let class = Class { exit: PathExit::Stopped, paged: paged || owner.is_some() };
        let weight = match owner {
            Some(_) => Weight { pages: Bound::of(1.0), ..Weight::NONE },
            None => Weight::NONE,
        };
        let weight = Weight::upto(frame.leaving).then(weight);
        self.graph.leaf(site, weight, Leaf { class, how, owner })
    }

    /// Returns a place in the runbook's own file.
    pub(super) fn place(frame: &GraphFrame<'p>, span: Span) -> Place {
        let source: SourceId = frame.runbook.source;
        span.in_source(source)
    }
}

/// Creates an edge.
pub(super) fn way(turn: Option<Turn>, weight: Weight, to: NodeId) -> NodeEdge {
    NodeEdge { turn, weight, inner: None, to, about: None, body: None }
}

/// Returns the place where a runbook names its owner.
pub(super) fn owner_of(runbook: &Runbook) -> Option<Place> {
    runbook.owner.as_ref().map(|owner| owner.span.in_source(runbook.source))
}
