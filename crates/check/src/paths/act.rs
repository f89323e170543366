//! Adds actions and waits to the graph: `action`, `escalate`, `wait`.

use super::Bound;
use super::build::{GraphBuilder, GraphFrame, NodePair, STATES, of, way};
use super::expression_time::{Cost, FreshReadings};
use super::graph::{EndCause, NodeEdge, NodeSite, SiteKind, Turn};
use super::path_cost::Weight;
use super::scope::PathScope;
use crate::Limits;
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree::{Action, DefineTarget, Escalate, Expr, Lock, Target, Team, Wait, unknown_arm};

impl<'p> GraphBuilder<'p, '_> {
    /// `action TARGET …`
    pub(super) fn action(
        &mut self,
        frame: &mut GraphFrame<'p>,
        it: &'p Action,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let instruction = is_instruction(frame, &it.target);
        let mut ready = self.target(frame, scope, &it.target).plus(self.team(frame, scope, it.by.as_ref()));
        let retry = it.retry.iter().flat_map(|it| [Some(&it.times), it.every.as_ref()]).flatten();
        for expr in it.host.iter().chain(&it.within).chain(retry).chain(&it.showing) {
            ready = ready.plus(self.cost(frame, scope.names, expr, &scope.fresh));
        }
        for target in it.finally.iter().chain(&it.undo) {
            ready = ready.plus(self.target(frame, scope, target));
        }
        let within = match &it.within {
            None => Bound::of(own_limit(instruction)),
            Some(within) => Bound(self.bindings.amount(within, scope.names)),
        };
        // An approval has the same time limit as the action itself, at every try.
        let one = if it.by.is_some() && !instruction { within.plus(within) } else { within };
        let mut longest = one;
        if let Some(retry) = &it.retry {
            let more = Bound(self.bindings.amount(&retry.times, scope.names).map(f64::floor));
            let every = match &retry.every {
                None => Bound::of(Limits::DEFAULT.retry),
                Some(every) => Bound(self.bindings.amount(every, scope.names)),
            };
            longest = longest.plus(one.plus(every).times(more));
        }
        let owed = |targets: &[Target]| {
            let each = targets.iter().map(|target| Bound::of(own_limit(is_instruction(frame, target))));
            each.fold(Bound::ZERO, Bound::plus)
        };
        let finally = owed(&it.finally);
        // With a block, `finally` is done where the block is left, not at the end of the run.
        let well = if it.block.is_some() { longest } else { longest.plus(finally) };
        let weight =
            Weight { longest: [well, well.plus(owed(&it.undo))], actions: Bound::of(1.0), ..Weight::NONE };
        let place = Self::place(frame, it.target.span());
        let fails = self.arm(frame, place, it.otherwise.as_ref(), &forgotten(scope), next);
        let site = NodeSite { kind: SiteKind::Action, place, shown: place };
        let (fails, done) = match &it.block {
            None => (fails, next),
            Some(block) => {
                let fails = self.put_back(frame, it, finally, fails);
                let behind = self.put_back(frame, it, finally, next);
                let mut inside = forgotten(scope);
                if let Some(name) = &it.name {
                    inside.names = self.bindings.with(scope.names, name.text.clone(), true);
                }
                let around = frame.leaving;
                frame.leaving = around.plus(finally);
                let block = self.block(frame, block, inside, behind);
                frame.leaving = around;
                (fails, block)
            }
        };
        STATES.map(|paged| {
            let ways = vec![
                way(Some(Turn::Done), weight, of(done, paged)),
                way(Some(Turn::Fails), weight, of(fails, paged)),
            ];
            self.graph.node(site, Weight::upto(ready.longest()), ways)
        })
    }

    /// The `finally` of an action with a block, where the block is left at its end or was skipped.
    fn put_back(
        &mut self,
        frame: &GraphFrame<'p>,
        it: &'p Action,
        longest: Bound,
        next: NodePair,
    ) -> NodePair {
        let Some(first) = it.finally.first() else { return next };
        let place = Self::place(frame, first.span());
        let site = NodeSite { kind: SiteKind::Finally, place, shown: place };
        STATES.map(|paged| {
            let stop = self.stop(frame, place, EndCause::Unhandled, paged);
            let ways = vec![
                way(Some(Turn::Done), Weight::NONE, of(next, paged)),
                way(Some(Turn::Fails), Weight::NONE, stop),
            ];
            self.graph.node(site, Weight::upto(longest), ways)
        })
    }

    fn target(&self, frame: &mut GraphFrame<'p>, scope: &PathScope, target: &'p Target) -> Cost {
        match target {
            Target::Prose(text) => self.parts(frame, scope, &text.parts),
            Target::Command(command) => self.parts(frame, scope, &command.parts),
            Target::Call { name, args, .. } => {
                let args = args.iter().map(|arg| self.cost(frame, scope.names, &arg.value, &scope.fresh));
                let args = args.fold(Cost::NONE, Cost::plus);
                let runbook = frame.runbook;
                let Some(defined) = runbook.defines.get(&name.text) else { return args };
                let parts = match &defined.declaration.target {
                    DefineTarget::Prose(text) => &text.parts,
                    DefineTarget::Command(command) => &command.parts,
                    DefineTarget::Executor { reference, .. } => &reference.parts,
                };
                let globals = PathScope { names: frame.globals, ..scope.clone() };
                args.plus(self.parts(frame, &globals, parts))
            }
        }
    }

    /// `escalate to TEAM [because TEXT] [acknowledged within D] [else {…}]`
    pub(super) fn escalate(
        &mut self,
        frame: &mut GraphFrame<'p>,
        place: Place,
        it: &'p Escalate,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let cost = self.optional(frame, scope, it.because.as_ref());
        let cost = cost.plus(self.team(frame, scope, Some(&it.team)));
        let cost = cost.plus(self.optional(frame, scope, it.acknowledged.as_ref()));
        let delivered = self.acknowledged(frame, it, scope, next);
        let undelivered = self.arm(frame, place, it.otherwise.as_ref(), scope, next);
        let shown = Self::place(frame, it.team.span());
        let site = NodeSite { kind: SiteKind::Escalate, place, shown };
        // A runbook without an owner cannot page one.
        let team = match &it.team {
            Team::Owner { .. } => frame.key.owner,
            Team::Named(_) => Some(shown),
        };
        let pages = STATES.map(|paged| {
            let mut ways = Vec::with_capacity(2);
            if team.is_some() {
                let page = Weight { pages: Bound::of(1.0), ..Weight::NONE };
                ways.push(NodeEdge { about: team, ..way(Some(Turn::Delivered), page, of(delivered, true)) });
            }
            ways.push(way(Some(Turn::Undelivered), Weight::NONE, of(undelivered, paged)));
            self.graph.node(site, Weight::upto(cost.longest()), ways)
        });
        self.known(frame, place, scope, &it.acknowledged, pages)
    }

    /// `acknowledged within D`, after the page was delivered.
    fn acknowledged(
        &mut self,
        frame: &mut GraphFrame<'p>,
        it: &'p Escalate,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let Some(within) = &it.acknowledged else { return next };
        let place = Self::place(frame, within.span);
        let late = self.arm(frame, place, it.otherwise.as_ref(), &forgotten(scope), next);
        let site = NodeSite { kind: SiteKind::Acknowledgement, place, shown: place };
        let limit = self.bindings.amount(within, scope.names);
        let waits = Weight::time(limit.unwrap_or(0.0), Bound(limit));
        STATES.map(|paged| {
            let ways = vec![
                way(Some(Turn::Acknowledged), Weight::upto(Bound(limit)), of(next, paged)),
                way(Some(Turn::Unacknowledged), waits, of(late, paged)),
            ];
            self.graph.node(site, Weight::NONE, ways)
        })
    }

    /// `lock TEXT [within D] [else {…}]`
    pub(super) fn lock(
        &mut self,
        frame: &mut GraphFrame<'p>,
        place: Place,
        it: &'p Lock,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        let cost = self.cost(frame, scope.names, &it.name, &scope.fresh);
        let cost = cost.plus(self.optional(frame, scope, it.within.as_ref()));
        let within = match &it.within {
            None => Bound::of(Limits::DEFAULT.lock),
            Some(within) => Bound(self.bindings.amount(within, scope.names)),
        };
        let missed = self.arm(frame, place, it.otherwise.as_ref(), &forgotten(scope), next);
        let site = NodeSite { kind: SiteKind::Lock, place, shown: Self::place(frame, it.name.span) };
        let waits = STATES.map(|paged| {
            let ways = vec![
                way(Some(Turn::Done), Weight::upto(within), of(next, paged)),
                way(Some(Turn::Fails), Weight::upto(within), of(missed, paged)),
            ];
            self.graph.node(site, Weight::upto(cost.longest()), ways)
        });
        self.known(frame, place, scope, it.within.as_ref(), waits)
    }

    /// `wait D`, `wait until COND …`
    pub(super) fn wait(
        &mut self,
        frame: &mut GraphFrame<'p>,
        place: Place,
        it: &'p Wait,
        scope: &PathScope,
        next: NodePair,
    ) -> NodePair {
        match it {
            Wait::Duration { duration } => {
                let cost = self.cost(frame, scope.names, duration, &scope.fresh);
                let weight = match self.bindings.amounts(duration, scope.names) {
                    Some((least, seconds)) => Weight::time(least, Bound::of(seconds)),
                    None => Weight::upto(Bound::UNKNOWN),
                };
                let weight = weight.then(Weight::upto(cost.longest()));
                let waits = self.plain(place, place, weight, next, true);
                self.known(frame, place, scope, Some(duration), waits)
            }
            Wait::Until { condition, held, within, every, otherwise, unknown } => {
                let polled = self.cost(frame, scope.names, condition, &FreshReadings::default());
                let clauses = [held.as_deref(), within.as_deref(), every.as_deref()];
                let mut clause_cost = Cost::NONE;
                for clause in clauses.into_iter().flatten() {
                    clause_cost = clause_cost.plus(self.cost(frame, scope.names, clause, &scope.fresh));
                }
                let amount = |expr: Option<&Expr>, otherwise: f64| match expr {
                    None => Some(otherwise),
                    Some(expr) => self.bindings.amount(expr, scope.names),
                };
                // At least so long.
                let held_for = held.as_deref().and_then(|held| self.bindings.amounts(held, scope.names));
                let held_for = held_for.map_or(0.0, |(least, _)| least);
                let limit = amount(within.as_deref(), 0.0);
                // Two polls are never closer than that.
                let distance =
                    amount(every.as_deref(), Limits::DEFAULT.poll).map(|it| it.max(Limits::SHORTEST_POLL));
                let longest = polled.polled(Bound(limit), Bound(distance));
                let behind = self.behind(frame, condition, &forgotten(scope));
                let no = self.arm(frame, place, otherwise.as_ref(), &behind, next);
                let unknown = self.arm(frame, place, unknown_arm(otherwise, unknown), &behind, next);
                let last = clauses.into_iter().flatten().map(|it| it.span.end).max();
                let end = last.unwrap_or(condition.span.end).max(condition.span.end);
                let shown = Self::place(frame, Span::new(place.span.start, end));
                let site = NodeSite { kind: SiteKind::Wait, place, shown };
                let waited_for = Self::place(frame, condition.span);
                let early = Weight::time(held_for, longest);
                let late = Weight::time(limit.unwrap_or(0.0), longest);
                let sure = !self.can_be_unknown(frame, scope.names, condition);
                let waits = STATES.map(|paged| {
                    let ways = [
                        Some(way(Some(Turn::Yes), early, of(next, paged))),
                        Some(way(Some(Turn::No), late, of(no, paged))),
                        (!sure).then(|| way(Some(Turn::Unknown), late, of(unknown, paged))),
                    ];
                    let ways = ways
                        .into_iter()
                        .flatten()
                        .map(|way| NodeEdge { about: Some(waited_for), ..way })
                        .collect();
                    self.graph.node(site, Weight::upto(clause_cost.longest()), ways)
                });
                self.known(frame, place, scope, clauses.into_iter().flatten(), waits)
            }
        }
    }

    /// Adds a guard if a value is unknown before the run: the run may stop there.
    pub(super) fn known(
        &mut self,
        frame: &GraphFrame<'p>,
        place: Place,
        scope: &PathScope,
        values: impl IntoIterator<Item = &'p Expr>,
        next: NodePair,
    ) -> NodePair {
        let unsure = values.into_iter().find(|expr| match self.bindings.amounts(expr, scope.names) {
            // What chooses between two amounts can be unknown.
            Some((least, greatest)) => least < greatest && self.can_be_unknown(frame, scope.names, expr),
            None => true,
        });
        let Some(unsure) = unsure else { return next };
        let shown = Self::place(frame, unsure.span);
        let site = NodeSite { kind: SiteKind::Guard, place, shown };
        STATES.map(|paged| self.guard(frame, site, of(next, paged), paged))
    }
}

/// Returns the scope after something that takes time: earlier readings no longer count.
pub(super) fn forgotten(scope: &PathScope) -> PathScope {
    PathScope { names: scope.names, fresh: FreshReadings::default(), found: None }
}

/// Returns the default limit of a target, in seconds.
fn own_limit(instruction: bool) -> f64 {
    if instruction { Limits::DEFAULT.person } else { Limits::DEFAULT.action }
}

/// Whether a person carries it out.
fn is_instruction(frame: &GraphFrame<'_>, target: &Target) -> bool {
    match target {
        Target::Prose(_) => true,
        Target::Command(_) => false,
        Target::Call { name, .. } => frame
            .runbook
            .defines
            .get(&name.text)
            .is_some_and(|it| matches!(it.declaration.target, DefineTarget::Prose(_))),
    }
}
