//! Adds loops to the graph, by their bounds: no pass, some passes, and a pass that ends the run.

use super::Bound;
use super::act::forgotten;
use super::build::{GraphBuilder, GraphFrame, NodePair, STATES, of, way};
use super::constant::ConstantValue;
use super::expression_time::{Cost, FreshReadings, asks};
use super::graph::{Class, EndCause, Inner, Leaf, NodeEdge, NodeId, NodeSite, PathExit, SiteKind, Turn};
use super::path_cost::Weight;
use super::scope::PathScope;
use crate::walk;
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree::{Block, ExprKind, ForEach, Repeat, StatementKind};
use smol_str::SmolStr;

/// The passes of a loop.
struct Passes {
    /// The maximum number of passes.
    most: Bound,
    /// The minimum number of passes if the loop is left normally.
    least: f64,
    /// The cost of each pass besides its body.
    each: Weight,
    /// Whether the loop may have no pass.
    none: bool,
}

impl<'p> GraphBuilder<'p, '_> {
    /// `for each NAME in EXPR [where COND] [up to N] {…}`
    pub(super) fn for_each(
        &mut self,
        frame: &mut GraphFrame<'p>,
        place: Place,
        it: &'p ForEach,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let mut cost = self.cost(frame, scope.names, &it.over, &scope.fresh);
        let length = match self.bindings.value(&it.over, scope.names) {
            Some(ConstantValue::List(length)) => Some(f64::from(length)),
            Some(_) | None => None,
        };
        let up_to = it.up_to.as_ref().map(|up_to| {
            cost = cost.plus(self.cost(frame, scope.names, up_to, &scope.fresh));
            self.bindings.amount(up_to, scope.names).map(f64::floor)
        });
        let over_unknown = self.can_be_unknown(frame, scope.names, &it.over);
        let anew = self.element_reading(frame, scope, it);
        let names = self.bindings.with_element(scope.names, it.name.text.clone(), over_unknown, anew);
        let filter_unknown =
            it.filter.as_ref().is_some_and(|filter| self.can_be_unknown(frame, names, filter));
        let mut looks = Bound::of(1.0);
        let mut filter_cost = Cost::NONE;
        if let Some(filter) = &it.filter {
            // A reading for one element counts for the next; all other costs recur for each.
            let once = self.cost_context(frame, names).read_by(filter, &scope.fresh);
            let anew = self.cost(frame, names, filter, &once);
            filter_cost = self.cost(frame, names, filter, &scope.fresh);
            looks = if anew == Cost::NONE { Bound::of(1.0) } else { Bound(length) };
        }
        let head = cost.longest().plus(filter_cost.longest().times(looks));
        let most = Bound(length).and(Bound(up_to.flatten()));
        let found = scope.found.as_ref().zip(it.filter.as_ref());
        let passes = found
            .is_some_and(|(found, filter)| found.is_among(&it.over, &it.name.text, filter, frame.runbook));
        let passes = Passes {
            most,
            least: 1.0,
            each: Weight::NONE,
            none: !passes && (it.filter.is_some() || length.is_none_or(|length| length < 1.0)),
        };
        let body = PathScope { names, ..forgotten(scope) };
        let site = NodeSite { kind: SiteKind::Loop, place, shown: header(place, &it.body) };
        let nothing = match &it.none {
            Some(arm) => self.block(frame, &arm.block, forgotten(scope), next),
            None => next,
        };
        let undetermined =
            it.unknown.as_ref().map(|arm| self.block(frame, &arm.block, forgotten(scope), next));
        let ways = self.passes(frame, place, &it.body, &body, &passes, [nothing, next]);
        let too_many = it.up_to.is_some() && !length.zip(up_to.flatten()).is_some_and(|(a, b)| a <= b);
        STATES.map(|paged| {
            let mut ways = of_state(&ways, paged);
            let unknown = over_unknown || filter_unknown;
            if let Some(arm) = undetermined.filter(|_| unknown) {
                ways.push(way(Some(Turn::Unknown), Weight::NONE, of(arm, paged)));
            }
            if unknown && undetermined.is_none() || up_to.is_some_and(|it| it.is_none()) {
                let stop = self.stop(frame, place, EndCause::Unhandled, paged);
                ways.push(way(Some(Turn::Stops), Weight::NONE, stop));
            }
            if too_many {
                let stop = self.stop(frame, place, EndCause::Unhandled, paged);
                ways.push(way(Some(Turn::TooMany), Weight::NONE, stop));
            }
            let weight = Weight::upto(head);
            self.graph.node(site, weight, ways)
        })
    }

    /// The reading that the element of a loop is taken from, and how long it takes, if the loop goes through a metric.
    fn element_reading(
        &self,
        frame: &mut GraphFrame<'p>,
        scope: &PathScope,
        it: &'p ForEach,
    ) -> Option<(SmolStr, Bound)> {
        // What nothing discards is not read again.
        if !it.filter.as_ref().is_some_and(asks) && !discards_readings(&it.body) {
            return None;
        }
        let cost = self.cost(frame, scope.names, &it.over, &FreshReadings::default());
        if cost.reading() == Bound::ZERO {
            return None;
        }
        let metric =
            walk::name_of(it.over.bare()).filter(|_| matches!(it.over.bare().kind, ExprKind::Name(_)));
        let reading = match metric {
            Some(metric) if frame.runbook.metrics.contains_key(&metric.text) => metric.text.clone(),
            // Another loop's element of this name has another place, and its readings are not kept until then.
            Some(_) | None => SmolStr::from(format!("for each {}", it.name.text)),
        };
        Some((reading, cost.reading()))
    }

    /// `repeat up to N times [every D] [until COND] {…} [else {…}] [unknown {…}]`
    pub(super) fn repeat(
        &mut self,
        frame: &mut GraphFrame<'p>,
        place: Place,
        it: &'p Repeat,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let mut cost = self.cost(frame, scope.names, &it.times, &scope.fresh);
        if let Some(every) = &it.every {
            cost = cost.plus(self.cost(frame, scope.names, every, &scope.fresh));
        }
        let times = self.bindings.amount(&it.times, scope.names).map(f64::floor);
        let every = match &it.every {
            None => Some(0.0),
            Some(every) => self.bindings.amount(every, scope.names),
        };
        let inside = forgotten(scope);
        let judged = match &it.until {
            None => Cost::NONE,
            Some(until) => self.cost(frame, inside.names, until, &inside.fresh),
        };
        let pause = Weight::time(every.unwrap_or(0.0), Bound(every));
        let passes = Passes {
            most: Bound(times),
            least: if it.until.is_some() { 1.0 } else { times.unwrap_or(1.0) },
            each: pause.then(Weight::upto(judged.longest())),
            none: times.is_none_or(|times| times < 1.0),
        };
        let behind = match &it.until {
            None => next,
            Some(until) => {
                let at = Self::place(frame, until.span);
                let no = self.arm(frame, at, it.otherwise.as_ref(), &inside, next);
                let unknown = self.arm(frame, at, it.on_unknown(), &inside, next);
                let sure = !self.can_be_unknown(frame, inside.names, until);
                self.condition(at, Cost::NONE, [Some(next), Some(no), (!sure).then_some(unknown)])
            }
        };
        let site = NodeSite { kind: SiteKind::Loop, place, shown: header(place, &it.body) };
        let ways = self.passes(frame, place, &it.body, &inside, &passes, [behind, behind]);
        let loops =
            STATES.map(|paged| self.graph.node(site, Weight::upto(cost.longest()), of_state(&ways, paged)));
        let clauses = std::iter::once(&it.times).chain(&it.every);
        self.known(frame, place, scope, clauses, loops)
    }

    /// Builds the edges of a loop, in both states: what follows it without a pass, and what follows its passes.
    fn passes(
        &mut self,
        frame: &mut GraphFrame<'p>,
        place: Place,
        block: &'p Block,
        scope: &PathScope,
        passes: &Passes,
        [nothing, behind]: [NodePair; 2],
    ) -> [Vec<NodeEdge>; 2] {
        let end = Span::new(block.span.end, block.span.end).in_source(place.source);
        let over = self.leaves(end, PathExit::Continues, EndCause::Body);
        let body = self.block(frame, block, scope.clone(), over);
        STATES.map(|paged| {
            let mut ways = Vec::new();
            if passes.none {
                ways.push(way(Some(Turn::NoPass), Weight::NONE, of(nothing, paged)));
            }
            if passes.most == Bound::ZERO {
                return ways;
            }
            let root = of(body, paged);
            let later = of(body, true);
            let on = |this: &Self, root: NodeId, paged: bool| {
                this.graph.tally(root, Class { exit: PathExit::Continues, paged }).map(|tally| tally.weight)
            };
            let quiet = if paged { None } else { on(self, root, false) };
            let paging = on(self, root, true);
            // A pass after one in which somebody was paged.
            let any = [quiet, paging, if paging.is_some() { on(self, later, true) } else { None }];
            let any = any.into_iter().flatten().reduce(Weight::or);
            let many = |weight: Weight| weight.then(passes.each).times(passes.most, passes.least);
            if let Some(quiet) = quiet {
                ways.push(way(Some(Turn::Passes), many(quiet), of(behind, false)));
            }
            if let (Some(_), Some(any)) = (paging, any) {
                let turn = if paged { Turn::Passes } else { Turn::PassesPaging };
                ways.push(way(Some(turn), many(any), of(behind, true)));
            }
            let before = Bound(passes.most.0.map(|most| most - 1.0));
            let earlier = |weight: Option<Weight>| {
                weight.map_or(Weight::NONE, |weight| weight.then(passes.each).times(before, 0.0))
            };
            let first = if paged { any } else { quiet };
            let ends = self.ending(place, root, Turn::EndsIn, earlier(first));
            ways.extend(ends);
            if !paged && paging.is_some() && before.exceeds(0.0) {
                let ends = self.ending(place, later, Turn::EndsInLater, earlier(any));
                ways.extend(ends);
            }
            let bodies = Some([root, later]);
            ways.into_iter()
                .map(|way| NodeEdge { body: bodies.filter(|_| way.turn != Some(Turn::NoPass)), ..way })
                .collect()
        })
    }

    /// Returns the edges on which a pass ends the run.
    fn ending(&mut self, place: Place, root: NodeId, turn: Turn, before: Weight) -> Vec<NodeEdge> {
        let classes: Vec<Class> = self.graph.get(root).map_or_else(Vec::new, |node| {
            node.exits
                .iter()
                .map(|(class, _)| *class)
                .filter(|class| class.exit != PathExit::Continues)
                .collect()
        });
        let site = NodeSite { kind: SiteKind::End, place, shown: place };
        classes
            .into_iter()
            .map(|class| {
                let leaf = Leaf { class, how: EndCause::Pass, owner: None };
                let to = self.graph.leaf(site, Weight::NONE, leaf);
                let inner = Some(Inner { root, class, closed: false });
                NodeEdge { inner, ..way(Some(turn), before, to) }
            })
            .collect()
    }
}

/// Whether something in a block acts, waits or asks: then readings are taken again.
fn discards_readings(block: &Block) -> bool {
    let mut discards = false;
    walk::block(block, &mut |statement| {
        discards |= match &statement.kind {
            StatementKind::Action(_)
            | StatementKind::Wait(_)
            | StatementKind::Run(_)
            | StatementKind::Lock(_)
            | StatementKind::Repeat(_)
            | StatementKind::Broken { .. } => true,
            StatementKind::Escalate(escalate) => escalate.acknowledged.is_some(),
            StatementKind::Prose { .. }
            | StatementKind::Check(_)
            | StatementKind::If(_)
            | StatementKind::Match(_)
            | StatementKind::Let(_)
            | StatementKind::Record(_)
            | StatementKind::ForEach(_)
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. } => false,
        };
        walk::own_expressions(statement, &mut |it| {
            // A named expression may ask.
            discards |= asks(it) || matches!(it.kind, ExprKind::Call { .. });
        });
    });
    discards
}

fn of_state(ways: &[Vec<NodeEdge>; 2], paged: bool) -> Vec<NodeEdge> {
    let [before, after] = ways;
    if paged { after.clone() } else { before.clone() }
}

/// Returns the place of a loop's text before its body.
fn header(place: Place, body: &Block) -> Place {
    let end = body.span.start.max(place.span.start);
    Span::new(place.span.start, end).in_source(place.source)
}
