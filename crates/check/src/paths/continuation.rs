//! Finds the paths that an unfinished run may still take: those with the same beginning.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::follow::{FollowedEvent, PathFollower};
use super::graph::{Class, Graph, Node, NodeId};
use super::path::PathStep;
use super::path_cost::PathTally;
use super::{Paths, Weighed};
use crate::paths::description::EndDescription;

/// Paths with consecutive numbers and the same beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRange {
    /// Their numbers, from 1; empty beyond what can be counted.
    pub numbers: Range<u128>,
    /// How many of the steps that [`Paths::describe`] returns are already done on each of them.
    pub behind: usize,
}

/// The position of an unfinished run.
#[derive(Debug, Clone)]
pub struct UnfinishedRun {
    prefix: PathPrefix,
    /// The possible paths, in order. They need not be one range: inside another runbook or the pass of a loop, each way
    /// in which that can end has its own range.
    pub stretches: Vec<PathRange>,
}

/// The common beginning of paths.
#[derive(Debug, Clone)]
pub(super) struct PathPrefix {
    pub(super) steps: Vec<PathStep>,
    pub(super) at: NodeId,
    /// The edges still possible there, each with the position inside it; empty at the end of a path.
    pub(super) open: Vec<OpenEdge>,
}

/// A possible edge, and the beginning of the path inside it.
#[derive(Debug, Clone)]
pub(super) struct OpenEdge(pub(super) usize, pub(super) Option<Rc<PathPrefix>>);

impl OpenEdge {
    /// Every edge that satisfies a predicate, without a position inside.
    pub(super) fn each(node: &Node, takes: impl Fn(&super::graph::NodeEdge) -> bool) -> Vec<Self> {
        let ways = node.ways.iter().enumerate().filter(|(_, way)| takes(way));
        ways.map(|(index, _)| Self(index, None)).collect()
    }
}

impl UnfinishedRun {
    /// The number of paths; [`u128::MAX`] means that many or more.
    pub fn count(&self) -> u128 {
        self.stretches.iter().fold(0, |sum, it| sum.saturating_add(it.numbers.end - it.numbers.start))
    }
}

impl Paths {
    /// Returns the paths that are consistent with the events so far, in order; the path of the run is among them.
    pub fn unfinished(&self, seen: Vec<FollowedEvent>) -> UnfinishedRun {
        let mut follower = PathFollower::until_now(self, seen);
        let prefix = match follower.follow(self.root) {
            Some(path) => PathPrefix { steps: path.steps, at: path.end, open: Vec::new() },
            None => follower.stands.take().unwrap_or(PathPrefix {
                steps: Vec::new(),
                at: self.root,
                open: self.graph.get(self.root).map_or_else(Vec::new, |node| OpenEdge::each(node, |_| true)),
            }),
        };
        let mut stretches = self.graph.stretches(&prefix, None);
        for stretch in &mut stretches {
            let Range { start, end } = stretch.numbers;
            stretch.numbers = start.saturating_add(1)..end.saturating_add(1);
        }
        UnfinishedRun { prefix, stretches }
    }

    /// Returns the possible ends of the run, with the totals of the paths to each, from their beginning.
    pub fn ends_of(&self, going_on: &UnfinishedRun) -> Vec<(EndDescription, Weighed)> {
        let PathPrefix { steps, at, open } = &going_on.prefix;
        let mut here = PathTally::ONE;
        for step in steps {
            let Some(node) = self.graph.get(step.node) else { continue };
            let Some(way) = node.ways.get(step.way) else { continue };
            let through =
                self.graph.through(way).map_or(PathTally::ONE, |tally| PathTally { count: 1, ..tally });
            here =
                here.then(PathTally { weight: node.weight.then(way.weight), ..PathTally::ONE }).then(through);
        }
        let Some(node) = self.graph.get(*at) else { return Vec::new() };
        if node.leaf.is_some() {
            return self.ends_from(BTreeMap::from([(*at, here)]));
        }
        let mut arriving: BTreeMap<NodeId, PathTally> = BTreeMap::new();
        for OpenEdge(index, within) in open {
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
            let tally = here.then(PathTally { weight, ..PathTally::ONE }).then(through);
            arriving.entry(way.to).and_modify(|before| *before = before.and(tally)).or_insert(tally);
        }
        self.ends_from(arriving)
    }
}

impl Graph {
    /// Returns the paths (of a class) with this beginning, by their numbers from 0.
    fn stretches(&self, prefix: &PathPrefix, class: Option<Class>) -> Vec<PathRange> {
        let Some(node) = self.get(prefix.at) else { return Vec::new() };
        let Some(base) = self.before(&prefix.steps, class) else { return Vec::new() };
        let behind = listed_steps(&prefix.steps);
        if let Some(leaf) = node.leaf {
            let meant = class.is_none_or(|class| class == leaf.class);
            let numbers = base..base.saturating_add(1);
            return if meant { vec![PathRange { numbers, behind }] } else { Vec::new() };
        }
        let mut stretches = Vec::new();
        let mut start = base;
        for (index, way) in node.ways.iter().enumerate() {
            let count = self.count_way(way, class);
            if let Some(OpenEdge(_, within)) = prefix.open.iter().find(|open| open.0 == index) {
                match (way.inner, within) {
                    (Some(inner), Some(prefix)) => {
                        let rest = self.count(way.to, class);
                        let at = |number: u128| start.saturating_add(number.saturating_mul(rest));
                        let inner = self.stretches(prefix, Some(inner.class));
                        stretches.extend(inner.into_iter().map(|it| PathRange {
                            numbers: at(it.numbers.start)..at(it.numbers.end),
                            behind: behind + 1 + it.behind,
                        }));
                    }
                    _ => stretches.push(PathRange { numbers: start..start.saturating_add(count), behind }),
                }
            }
            start = start.saturating_add(count);
        }
        stretches.retain(|it| it.numbers.start < it.numbers.end);
        stretches
    }
}

/// The number of steps in which these nodes are listed.
fn listed_steps(steps: &[PathStep]) -> usize {
    steps.iter().map(|step| 1 + step.inner.as_ref().map_or(0, |inner| listed_steps(&inner.steps))).sum()
}
