//! Which paths a run may still take that is not over: those that begin as it did.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::follow::{Follower, Seen};
use super::graph::{Class, Graph, Node, NodeId};
use super::path::Step;
use super::weight::Tally;
use super::{Paths, Weighed};
use crate::paths::description::ToldEnd;

/// Paths whose numbers follow one another, and that begin alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Their numbers, from 1; beyond what can be counted, none.
    pub numbers: Range<u128>,
    /// How many of the places that [`Paths::tell`] gives lie behind the run on each of them.
    pub behind: usize,
}

/// Where a run stands that is not over.
#[derive(Debug, Clone)]
pub struct GoingOn {
    prefix: Prefix,
    /// The paths that begin so, in order. They need not be one stretch: where another runbook or the pass of a loop is
    /// open, each way in which that can end is a way of its own.
    pub stretches: Vec<Stretch>,
}

/// The beginning of paths.
#[derive(Debug, Clone)]
pub(super) struct Prefix {
    pub(super) steps: Vec<Step>,
    pub(super) at: NodeId,
    /// Which ways are open there, and where within a way it stands; none where it stands at the end.
    pub(super) open: Vec<Open>,
}

/// A way that is open, and the beginning of what lies within it.
#[derive(Debug, Clone)]
pub(super) struct Open(pub(super) usize, pub(super) Option<Rc<Prefix>>);

impl Open {
    /// The whole of each way that this is true of.
    pub(super) fn each(node: &Node, takes: impl Fn(&super::graph::Way) -> bool) -> Vec<Self> {
        let ways = node.ways.iter().enumerate().filter(|(_, way)| takes(way));
        ways.map(|(index, _)| Self(index, None)).collect()
    }
}

impl GoingOn {
    /// How many paths there are; [`u128::MAX`] stands for that many and more.
    pub fn count(&self) -> u128 {
        self.stretches.iter().fold(0, |sum, it| sum.saturating_add(it.numbers.end - it.numbers.start))
    }
}

impl Paths {
    /// The paths that a run may take of which this was seen so far, in order: the one that it takes is among them.
    pub fn going_on(&self, seen: Vec<Seen>) -> GoingOn {
        let mut follower = Follower::until_now(self, seen);
        let prefix = match follower.follow(self.root) {
            Some(path) => Prefix { steps: path.steps, at: path.end, open: Vec::new() },
            None => follower.stands.take().unwrap_or(Prefix {
                steps: Vec::new(),
                at: self.root,
                open: self.graph.get(self.root).map_or_else(Vec::new, |node| Open::each(node, |_| true)),
            }),
        };
        let mut stretches = self.graph.stretches(&prefix, None);
        for stretch in &mut stretches {
            let Range { start, end } = stretch.numbers;
            stretch.numbers = start.saturating_add(1)..end.saturating_add(1);
        }
        GoingOn { prefix, stretches }
    }

    /// Where the paths end that a run may still take, with what those come to, from their beginning, that end there.
    pub fn ends_of(&self, going_on: &GoingOn) -> Vec<(ToldEnd, Weighed)> {
        let Prefix { steps, at, open } = &going_on.prefix;
        let mut here = Tally::ONE;
        for step in steps {
            let Some(node) = self.graph.get(step.node) else { continue };
            let Some(way) = node.ways.get(step.way) else { continue };
            let through = self.graph.through(way).map_or(Tally::ONE, |tally| Tally { count: 1, ..tally });
            here = here.then(Tally { weight: node.weight.then(way.weight), ..Tally::ONE }).then(through);
        }
        let Some(node) = self.graph.get(*at) else { return Vec::new() };
        if node.leaf.is_some() {
            return self.ends_from(BTreeMap::from([(*at, here)]));
        }
        let mut arriving: BTreeMap<NodeId, Tally> = BTreeMap::new();
        for Open(index, within) in open {
            let Some(way) = node.ways.get(*index) else { continue };
            let Some(mut through) = self.graph.through(way) else { continue };
            if let (Some(inner), Some(prefix)) = (way.inner, within) {
                let stretches = self.graph.stretches(prefix, Some(inner.class));
                through.count =
                    stretches.iter().fold(0, |sum, it| sum.saturating_add(it.numbers.end - it.numbers.start));
            }
            if through.count == 0 {
                continue;
            }
            let weight = node.weight.then(way.weight);
            let tally = here.then(Tally { weight, ..Tally::ONE }).then(through);
            arriving.entry(way.to).and_modify(|before| *before = before.and(tally)).or_insert(tally);
        }
        self.ends_from(arriving)
    }
}

impl Graph {
    /// The paths (of a class) that begin so, by their numbers from 0.
    fn stretches(&self, prefix: &Prefix, class: Option<Class>) -> Vec<Stretch> {
        let Some(node) = self.get(prefix.at) else { return Vec::new() };
        let Some(base) = self.before(&prefix.steps, class) else { return Vec::new() };
        let behind = told(&prefix.steps);
        if let Some(leaf) = node.leaf {
            let meant = class.is_none_or(|class| class == leaf.class);
            let numbers = base..base.saturating_add(1);
            return if meant { vec![Stretch { numbers, behind }] } else { Vec::new() };
        }
        let mut stretches = Vec::new();
        let mut start = base;
        for (index, way) in node.ways.iter().enumerate() {
            let count = self.count_way(way, class);
            if let Some(Open(_, within)) = prefix.open.iter().find(|open| open.0 == index) {
                match (way.inner, within) {
                    (Some(inner), Some(prefix)) => {
                        let rest = self.count(way.to, class);
                        let at = |number: u128| start.saturating_add(number.saturating_mul(rest));
                        let inner = self.stretches(prefix, Some(inner.class));
                        stretches.extend(inner.into_iter().map(|it| Stretch {
                            numbers: at(it.numbers.start)..at(it.numbers.end),
                            behind: behind + 1 + it.behind,
                        }));
                    }
                    _ => stretches.push(Stretch { numbers: start..start.saturating_add(count), behind }),
                }
            }
            start = start.saturating_add(count);
        }
        stretches.retain(|it| it.numbers.start < it.numbers.end);
        stretches
    }
}

/// How many places these steps are told in.
fn told(steps: &[Step]) -> usize {
    steps.iter().map(|step| 1 + step.inner.as_ref().map_or(0, |inner| told(&inner.steps))).sum()
}
