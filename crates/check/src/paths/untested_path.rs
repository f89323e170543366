//! Finds the most serious path that no test takes: the next one to write a test for.
//!
//! *Why counting:* there may be more paths than can be listed. Equally serious paths are counted from each node on, so
//! the first of them that no test takes is found by looking at no more paths than tests take, plus one.

use std::collections::HashSet;

use super::Paths;
use super::bound::Bound;
use super::graph::{Class, Graph, Node, NodeEdge, NodeId, Turn};
use super::path::{ArmId, Path, PathStep};

/// How serious an untested path is. Fields are in order of importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::struct_excessive_bools)] // independent properties, each makes a path more serious
pub struct Seriousness {
    /// It does not end resolved.
    pub calls: bool,
    /// It begins an action.
    pub acts: bool,
    /// A page on it is not delivered.
    pub unheard: bool,
    /// Something on it is unknown.
    pub unknown: bool,
    /// It takes an arm that no test takes.
    pub untaken: bool,
}

/// The most serious path that no test takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untaken {
    /// Its seriousness.
    pub seriousness: Seriousness,
    /// The path; the first of the equally serious ones.
    pub path: Path,
}

/// The marks of a part of a path, as bits.
type Marks = usize;

const ACTS: Marks = 8;
const UNHEARD: Marks = 4;
const UNKNOWN: Marks = 2;
const UNTAKEN: Marks = 1;
const ALL: usize = 16;

/// The number of paths for each combination of marks.
type PathCounts = [u128; ALL];

/// The counts of a part without marks and with a single path.
const ONE: PathCounts = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

impl Paths {
    /// Returns the most serious path that is not in `taken`; `None` if all are. `is_taken` says whether a test takes an
    /// arm.
    pub fn most_serious(&self, taken: &HashSet<Path>, is_taken: &dyn Fn(ArmId) -> bool) -> Option<Untaken> {
        let ranks = Ranks::of(&self.graph, self.root, is_taken);
        let mut all: Vec<(Seriousness, Class, Marks)> = ranks
            .at(self.root)
            .iter()
            .flat_map(|(class, counts)| {
                let found = counts.iter().enumerate().filter(|(_, count)| **count > 0);
                found.map(|(marks, _)| (seriousness(*class, marks), *class, marks))
            })
            .collect();
        all.sort_by_key(|(seriousness, class, _)| (std::cmp::Reverse(*seriousness), *class));
        for (seriousness, class, marks) in all {
            let mut number = 0;
            while number < ranks.count(self.root, class, marks) {
                let mut left = Self::LONGEST;
                let path = ranks.path(self.root, class, marks, number, &mut left)?;
                if !taken.contains(&path) {
                    return Some(Untaken { seriousness, path });
                }
                number += 1;
            }
        }
        None
    }
}

fn seriousness(class: Class, marks: Marks) -> Seriousness {
    Seriousness {
        calls: !class.resolved(),
        acts: marks & ACTS != 0,
        unheard: marks & UNHEARD != 0,
        unknown: marks & UNKNOWN != 0,
        untaken: marks & UNTAKEN != 0,
    }
}

/// For each node, the number of paths from it by marks.
struct Ranks<'a> {
    graph: &'a Graph,
    is_taken: &'a dyn Fn(ArmId) -> bool,
    /// Indexed by the id of the node.
    nodes: Vec<Vec<(Class, PathCounts)>>,
}

impl<'a> Ranks<'a> {
    fn of(graph: &'a Graph, root: NodeId, is_taken: &'a dyn Fn(ArmId) -> bool) -> Self {
        let mut ranks = Self { graph, is_taken, nodes: Vec::new() };
        // A node has edges only to nodes before it.
        for node in (0..=root.0).map_while(|id| graph.get(NodeId(id))) {
            let counted = ranks.counted(node);
            ranks.nodes.push(counted);
        }
        ranks
    }

    fn counted(&self, node: &Node) -> Vec<(Class, PathCounts)> {
        if let Some(leaf) = node.leaf {
            return vec![(leaf.class, ONE)];
        }
        let mut all: Vec<(Class, PathCounts)> = Vec::new();
        for way in &node.ways {
            for (class, _) in self.at(way.to) {
                for (marks, _, _, count) in self.through(node, way, *class) {
                    let at = all.iter().position(|(other, _)| other == class).unwrap_or_else(|| {
                        all.push((*class, [0; ALL]));
                        all.len() - 1
                    });
                    if let Some(sum) = all.get_mut(at).and_then(|(_, counts)| counts.get_mut(marks)) {
                        *sum = sum.saturating_add(count);
                    }
                }
            }
        }
        all
    }

    /// Counts the paths of a class through an edge: by the marks of the whole, of the inner part and of the rest.
    fn through<'s>(
        &'s self,
        node: &Node,
        way: &NodeEdge,
        class: Class,
    ) -> impl Iterator<Item = (Marks, Marks, Marks, u128)> + 's {
        let own = self.marks(node, way);
        let inner = way.inner.map_or(ONE, |inner| self.counts(inner.root, inner.class));
        let behind = self.counts(way.to, class);
        (0..ALL).flat_map(move |within| {
            (0..ALL).filter_map(move |after| {
                let count = inner.get(within)?.saturating_mul(*behind.get(after)?);
                (count > 0).then_some((own | within | after, within, after, count))
            })
        })
    }

    fn marks(&self, node: &Node, way: &NodeEdge) -> Marks {
        let acts = if way.weight.actions == Bound::ZERO { 0 } else { ACTS };
        let unknown = if matches!(way.turn, Some(Turn::Unknown | Turn::Stops)) { UNKNOWN } else { 0 };
        let untaken = way.turn.is_some_and(|turn| !(self.is_taken)(ArmId { place: node.site.place, turn }));
        let unheard =
            if matches!(way.turn, Some(Turn::Undelivered | Turn::Unacknowledged)) { UNHEARD } else { 0 };
        acts | unheard | unknown | if untaken { UNTAKEN } else { 0 }
    }

    fn at(&self, id: NodeId) -> &[(Class, PathCounts)] {
        self.nodes.get(id.0 as usize).map_or(&[], Vec::as_slice)
    }

    fn counts(&self, id: NodeId, class: Class) -> PathCounts {
        self.at(id).iter().find(|(other, _)| *other == class).map_or([0; ALL], |(_, counts)| *counts)
    }

    fn count(&self, id: NodeId, class: Class, marks: Marks) -> u128 {
        self.counts(id, class).get(marks).copied().unwrap_or(0)
    }

    /// Returns the path with a number, from 0, among those of a class from a node that have these marks.
    fn path(
        &self,
        from: NodeId,
        class: Class,
        mut marks: Marks,
        mut number: u128,
        left: &mut usize,
    ) -> Option<Path> {
        let mut steps = Vec::new();
        let mut at = from;
        loop {
            let node = self.graph.get(at)?;
            *left = left.checked_sub(1)?;
            if node.leaf.is_some() {
                return Some(Path { steps, end: at });
            }
            let mut chosen = None;
            'ways: for (index, way) in node.ways.iter().enumerate() {
                for (whole, within, after, count) in self.through(node, way, class) {
                    if whole != marks {
                        continue;
                    }
                    if number < count {
                        chosen = Some((index, way, within, after));
                        break 'ways;
                    }
                    number -= count;
                }
            }
            let (index, way, within, after) = chosen?;
            let behind = self.count(way.to, class, after).max(1);
            let inner = match way.inner {
                None => None,
                Some(inner) => Some(self.path(inner.root, inner.class, within, number / behind, left)?),
            };
            number %= behind;
            steps.push(PathStep { node: at, way: index, inner });
            marks = after;
            at = way.to;
        }
    }
}
