//! All paths of a program, as an acyclic graph: what follows several arms exists once.
//!
//! *Why a graph:* thirty `if`s in a row are a thousand million paths and sixty nodes. Paths are counted, numbered and
//! looked up in the graph; they are never all listed.
//!
//! *Invariant:* a node has edges only to nodes before it, so their totals are known when it is built.

use rbl_syntax::source::Place;

use super::Weighed;
use super::path_cost::{PathTally, Weight};

/// Identifies one node of a [`Paths`](super::Paths).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// How a runbook, or a pass of a loop, is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathExit {
    /// At its end: of the body, or of a pass of a loop.
    Continues,
    /// By `resolve`.
    Resolved,
    /// By `stop`, or because something is not handled.
    Stopped,
}

/// The class of a path: how it leaves, and whether somebody was paged on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// How it leaves.
    pub exit: PathExit,
    /// Whether somebody was paged in this runbook.
    pub paged: bool,
}

impl Class {
    /// Whether a runbook that is left so ends resolved.
    pub fn resolved(self) -> bool {
        match self.exit {
            PathExit::Continues => !self.paged,
            PathExit::Resolved => true,
            PathExit::Stopped => false,
        }
    }
}

/// The kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SiteKind {
    /// The beginning of a step.
    Step,
    /// The condition of a `check`, an `if` or the end of a `repeat`.
    Condition,
    /// The subject of a `match`.
    Match,
    /// `action`
    Action,
    /// The `finally` of an action with a block.
    Finally,
    /// `escalate`
    Escalate,
    /// `lock`
    Lock,
    /// `acknowledged within` of an `escalate`
    Acknowledgement,
    /// `wait`
    Wait,
    /// `for each` and `repeat`
    Loop,
    /// `run`
    Run,
    /// Something that takes time or reports something, and has a single edge: `let`, `record`, a wait for a time.
    Plain,
    /// Something that must be known before the run continues: a parameter, a duration.
    Guard,
    /// The declared secrets, which must be readable before anything is done.
    Secrets,
    /// The end of a path.
    End,
}

/// The place of a node, and the text to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NodeSite {
    /// Its kind.
    pub(super) kind: SiteKind,
    /// Its place, as in the events of a run. With the turn it identifies an arm.
    pub(super) place: Place,
    /// The place of its text.
    pub(super) shown: Place,
}

/// The outcome of a node, which selects an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // self-explanatory
pub enum Turn {
    Yes,
    No,
    Unknown,
    /// An arm of a `match`, from 0.
    Case(u32),
    /// No arm fits.
    Nothing,
    Done,
    Fails,
    Delivered,
    Undelivered,
    Acknowledged,
    Unacknowledged,
    Resolved,
    NotResolved,
    /// A runbook that was not started, because its `limit` is reached.
    Limited,
    /// A runbook that ended resolved, but whose clean-up failed.
    CleanUpFails,
    /// The usual outcome of something that could also stop the run.
    Continues,
    /// It stops the run: an unknown value, an unreadable secret, a maintenance window that has closed.
    Stops,
    /// More elements than `up to` allows.
    TooMany,
    /// A loop without a pass.
    NoPass,
    /// One or more passes, then the loop is left; nobody was paged in them.
    Passes,
    /// One or more passes, then the loop is left; somebody was paged in one.
    PassesPaging,
    /// A pass that ends the run; the passes before it paged nobody.
    EndsIn,
    /// A pass that ends the run, after one in which somebody was paged.
    EndsInLater,
}

/// The part of a path inside an edge: another runbook, or the last pass of a loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inner {
    pub(super) root: NodeId,
    pub(super) class: Class,
    /// Whether the clean-up is done at its end: a runbook does its own, a pass leaves it to the runbook around it.
    pub(super) closed: bool,
}

/// An edge of a node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NodeEdge {
    /// The outcome that selects it; `None`: the only edge.
    pub(super) turn: Option<Turn>,
    pub(super) weight: Weight,
    pub(super) inner: Option<Inner>,
    pub(super) to: NodeId,
    /// The pattern of a `match`, the team that is paged, or the condition that is waited for.
    pub(super) about: Option<Place>,
    /// For a loop: the first node of a pass, and of a pass after one in which somebody was paged.
    pub(super) body: Option<[NodeId; 2]>,
}

/// How a path ends at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) class: Class,
    pub(super) how: EndCause,
    /// The owner, if the run pages it there.
    pub(super) owner: Option<Place>,
}

/// What ends a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndCause {
    /// The end of the body or of a pass.
    Body,
    /// `resolve`
    Resolve,
    /// `stop`
    Stop,
    /// Something happened that no arm handles.
    Unhandled,
    /// The pass of a loop ended it; the pass says how.
    Pass,
}

/// A place where a path continues, and its edges.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) site: NodeSite,
    /// Its cost, independent of the edge.
    pub(super) weight: Weight,
    pub(super) ways: Vec<NodeEdge>,
    pub(super) leaf: Option<Leaf>,
    /// The totals of the paths from here, by class.
    pub(super) exits: Vec<(Class, PathTally)>,
}

/// The nodes of the graph.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    pub(super) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// Adds a node with its edges.
    pub(super) fn node(&mut self, site: NodeSite, weight: Weight, ways: Vec<NodeEdge>) -> NodeId {
        let mut exits: Vec<(Class, PathTally)> = Vec::new();
        for way in &ways {
            let Some(through) = self.through(way) else { continue };
            let before = PathTally { count: 1, nodes: 1, weight: weight.then(way.weight) }.then(through);
            let Some(to) = self.get(way.to) else { continue };
            for (class, tally) in &to.exits {
                add(&mut exits, *class, before.then(*tally));
            }
        }
        self.push(Node { site, weight, ways, leaf: None, exits })
    }

    /// Adds an end of paths.
    pub(super) fn leaf(&mut self, site: NodeSite, weight: Weight, leaf: Leaf) -> NodeId {
        let exits = vec![(leaf.class, PathTally { count: 1, nodes: 1, weight })];
        self.push(Node { site, weight, ways: Vec::new(), leaf: Some(leaf), exits })
    }

    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    /// Returns the totals inside an edge; `None`: no path goes through it.
    pub(super) fn through(&self, way: &NodeEdge) -> Option<PathTally> {
        let Some(inner) = way.inner else { return Some(PathTally::ONE) };
        let tally = self.tally(inner.root, inner.class)?;
        let weight = if inner.closed { tally.weight.closed(inner.class.resolved()) } else { tally.weight };
        Some(PathTally { weight, ..tally })
    }

    /// Returns the totals of the paths of a class from a node.
    pub(super) fn tally(&self, id: NodeId, class: Class) -> Option<PathTally> {
        let exits = &self.get(id)?.exits;
        exits.iter().find(|(other, _)| *other == class).map(|(_, tally)| *tally)
    }

    /// Returns the number of paths from a node; of one class only, if it is given.
    pub(super) fn count(&self, id: NodeId, class: Option<Class>) -> u128 {
        match class {
            Some(class) => self.tally(id, class).map_or(0, |tally| tally.count),
            None => self.get(id).map_or(0, |node| {
                node.exits.iter().fold(0u128, |sum, (_, tally)| sum.saturating_add(tally.count))
            }),
        }
    }

    /// Returns the number of paths through an edge.
    pub(super) fn count_way(&self, way: &NodeEdge, class: Option<Class>) -> u128 {
        let within = self.through(way).map_or(0, |tally| tally.count);
        within.saturating_mul(self.count(way.to, class))
    }

    /// Returns every node reachable from a node, including those inside other runbooks and passes.
    pub(super) fn reach(&self, from: NodeId) -> Vec<NodeId> {
        let mut seen = std::collections::BTreeSet::from([from]);
        let mut waiting = vec![from];
        while let Some(node) = waiting.pop().and_then(|id| self.get(id)) {
            for way in node.ways.iter().filter(|way| self.through(way).is_some()) {
                let inner = way.inner.map(|inner| inner.root);
                let others = std::iter::once(way.to).chain(inner).chain(way.body.into_iter().flatten());
                waiting.extend(others.filter(|id| seen.insert(*id)));
            }
        }
        // Edges lead from later nodes to earlier ones.
        seen.into_iter().rev().collect()
    }

    /// Returns the totals of all paths from a node, as those of a complete run.
    pub(super) fn total(&self, id: NodeId) -> Option<Weighed> {
        let exits = &self.get(id)?.exits;
        let mut all: Option<PathTally> = None;
        for (class, tally) in exits {
            let tally = PathTally { weight: tally.weight.closed(class.resolved()), ..*tally };
            all = Some(all.map_or(tally, |all| all.and(tally)));
        }
        all.map(Weighed::of)
    }
}

fn add(exits: &mut Vec<(Class, PathTally)>, class: Class, tally: PathTally) {
    match exits.iter_mut().find(|(other, _)| *other == class) {
        Some((_, before)) => *before = before.and(tally),
        None => exits.push((class, tally)),
    }
}
