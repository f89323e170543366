//! Every path of a program, as a graph without circles: what comes behind several arms is there once.
//!
//! *Why a graph:* thirty `if`s in a row are a thousand million paths and sixty nodes. Paths are counted, numbered and
//! looked up in it; they are never all written down.
//!
//! *Invariant:* a node leads only to nodes before it, so what is known of those is known when it is made.

use rbl_syntax::source::Place;

use super::Weighed;
use super::weight::{Tally, Weight};

/// Names one node of a [`Paths`](super::Paths).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// How a stretch of a runbook is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// At its end: of the body, or of a pass of a loop.
    GoesOn,
    /// By `resolve`.
    Resolved,
    /// By `stop`, or because something is not handled.
    Stopped,
}

/// Paths that lead on alike: how they leave, and whether somebody was paged on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// How they leave.
    pub exit: Exit,
    /// Whether somebody was paged in this runbook.
    pub paged: bool,
}

impl Class {
    /// Whether a runbook that is left so ends resolved.
    pub fn resolved(self) -> bool {
        match self.exit {
            Exit::GoesOn => !self.paged,
            Exit::Resolved => true,
            Exit::Stopped => false,
        }
    }
}

/// What stands at a node.
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
    /// `escalate`
    Escalate,
    /// `wait`
    Wait,
    /// `for each` and `repeat`
    Loop,
    /// `run`
    Run,
    /// Something that takes time or tells somebody, and has one way on: `let`, `record`, a wait for a time.
    Plain,
    /// Something that must be known before it goes on: a parameter, a duration.
    Guard,
    /// The declared secrets, which must be readable before anything is done.
    Secrets,
    /// The end of a path.
    End,
}

/// Where it stands, and what of it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Site {
    /// What it is.
    pub(super) kind: SiteKind,
    /// Its place, the one that the events of a run name. With the turn it is the identity of an arm.
    pub(super) place: Place,
    /// Its words in the author's text.
    pub(super) shown: Place,
}

/// Which way is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // as they read
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
    Resolved,
    NotResolved,
    /// A runbook that ended resolved, and its clean-up failed.
    CleanUpFails,
    /// The usual way of something that could also stop the run.
    GoesOn,
    /// It stops the run: a value that is not known, a secret that cannot be read, a window that has closed.
    Stops,
    /// More elements than `up to` allows.
    TooMany,
    /// A loop without a pass.
    NoPass,
    /// One pass or more, and on behind the loop; nobody was paged in them.
    Passes,
    /// One pass or more, and on behind the loop; somebody was paged in one.
    PassesPaging,
    /// A pass that ends the run; the passes before it paged nobody.
    EndsIn,
    /// A pass that ends the run, after one in which somebody was paged.
    EndsInLater,
}

/// Part of a path that is a path of its own: another runbook, or the last pass of a loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inner {
    pub(super) root: NodeId,
    pub(super) class: Class,
    /// Whether its clean-up is done when it is over: a runbook's is, a pass's is the runbook's around it.
    pub(super) closed: bool,
}

/// One way on from a node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    /// `None`: the only one.
    pub(super) turn: Option<Turn>,
    pub(super) weight: Weight,
    pub(super) inner: Option<Inner>,
    pub(super) to: NodeId,
    /// The pattern of a `match` that is taken, the team that is paged, the condition that is waited for.
    pub(super) about: Option<Place>,
    /// Of a loop: where a pass begins, and where one begins behind a pass in which somebody was paged.
    pub(super) body: Option<[NodeId; 2]>,
}

/// How a path ends at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) class: Class,
    pub(super) how: How,
    /// The owner, where the run pages it there.
    pub(super) owner: Option<Place>,
}

/// What ends a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The end of the body or of a pass.
    Body,
    /// `resolve`
    Resolve,
    /// `stop`
    Stop,
    /// Something has no arm for what happened.
    Unhandled,
    /// The pass of a loop ended it; how stands in the pass.
    Pass,
}

/// A place where a path goes on, and the ways from there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) site: Site,
    /// What it costs, whichever way is taken.
    pub(super) weight: Weight,
    pub(super) ways: Vec<Way>,
    pub(super) leaf: Option<Leaf>,
    /// What the paths from here come to, by class.
    pub(super) exits: Vec<(Class, Tally)>,
}

/// The nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    pub(super) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// A node with its ways.
    pub(super) fn node(&mut self, site: Site, weight: Weight, ways: Vec<Way>) -> NodeId {
        let mut exits: Vec<(Class, Tally)> = Vec::new();
        for way in &ways {
            let Some(through) = self.through(way) else { continue };
            let before = Tally { count: 1, nodes: 1, weight: weight.then(way.weight) }.then(through);
            let Some(to) = self.get(way.to) else { continue };
            for (class, tally) in &to.exits {
                add(&mut exits, *class, before.then(*tally));
            }
        }
        self.push(Node { site, weight, ways, leaf: None, exits })
    }

    /// The end of paths.
    pub(super) fn leaf(&mut self, site: Site, weight: Weight, leaf: Leaf) -> NodeId {
        let exits = vec![(leaf.class, Tally { count: 1, nodes: 1, weight })];
        self.push(Node { site, weight, ways: Vec::new(), leaf: Some(leaf), exits })
    }

    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    /// What lies within a way; `None`: no path goes through it.
    pub(super) fn through(&self, way: &Way) -> Option<Tally> {
        let Some(inner) = way.inner else { return Some(Tally::ONE) };
        let tally = self.tally(inner.root, inner.class)?;
        let weight = if inner.closed { tally.weight.closed(inner.class.resolved()) } else { tally.weight };
        Some(Tally { weight, ..tally })
    }

    /// What the paths of a class from a node come to.
    pub(super) fn tally(&self, id: NodeId, class: Class) -> Option<Tally> {
        let exits = &self.get(id)?.exits;
        exits.iter().find(|(other, _)| *other == class).map(|(_, tally)| *tally)
    }

    /// How many paths lead on from a node; of one class only, if it is given.
    pub(super) fn count(&self, id: NodeId, class: Option<Class>) -> u128 {
        match class {
            Some(class) => self.tally(id, class).map_or(0, |tally| tally.count),
            None => self.get(id).map_or(0, |node| {
                node.exits.iter().fold(0u128, |sum, (_, tally)| sum.saturating_add(tally.count))
            }),
        }
    }

    /// How many paths take a way.
    pub(super) fn count_way(&self, way: &Way, class: Option<Class>) -> u128 {
        let within = self.through(way).map_or(0, |tally| tally.count);
        within.saturating_mul(self.count(way.to, class))
    }

    /// Every node that a path from here may come by, those within other runbooks and passes too.
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
        // Later nodes lead to earlier ones.
        seen.into_iter().rev().collect()
    }

    /// What all paths from a node come to, as those of a run of its own.
    pub(super) fn total(&self, id: NodeId) -> Option<Weighed> {
        let exits = &self.get(id)?.exits;
        let mut all: Option<Tally> = None;
        for (class, tally) in exits {
            let tally = Tally { weight: tally.weight.closed(class.resolved()), ..*tally };
            all = Some(all.map_or(tally, |all| all.and(tally)));
        }
        all.map(Weighed::of)
    }
}

fn add(exits: &mut Vec<(Class, Tally)>, class: Class, tally: Tally) {
    match exits.iter_mut().find(|(other, _)| *other == class) {
        Some((_, before)) => *before = before.and(tally),
        None => exits.push((class, tally)),
    }
}
