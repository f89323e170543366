//! One path: its number, and the edge taken at each of its nodes.

use super::graph::{Class, Graph, Leaf, NodeId, Turn};
use rbl_syntax::source::Place;

/// One path from a node to an end. Two paths are equal if they take the same edges.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    pub(super) steps: Vec<PathStep>,
    pub(super) end: NodeId,
}

/// One node of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PathStep {
    pub(super) node: NodeId,
    /// The index of the edge taken.
    pub(super) way: usize,
    /// The path inside that edge: through another runbook, or through the pass that ends the run.
    pub(super) inner: Option<Path>,
}

/// An arm: a place where a run can take several turns, and one of them. It is the same in every path and every run of a
/// program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArmId {
    /// The place, as in the events of a run.
    pub place: Place,
    /// The turn taken.
    pub turn: Turn,
}

impl Graph {
    /// Returns the path with a number, from 0, among those from a node (of a class), if it has no more nodes than
    /// `left`.
    pub(super) fn path(
        &self,
        from: NodeId,
        class: Option<Class>,
        mut number: u128,
        left: &mut usize,
    ) -> Option<Path> {
        let mut steps = Vec::new();
        let mut at = from;
        loop {
            let node = self.get(at)?;
            *left = left.checked_sub(1)?;
            if let Some(leaf) = node.leaf {
                let meant = class.is_none_or(|class| class == leaf.class);
                return (meant && number == 0).then_some(Path { steps, end: at });
            }
            let mut taken = None;
            for (index, way) in node.ways.iter().enumerate() {
                let count = self.count_way(way, class);
                if number < count {
                    taken = Some((index, way));
                    break;
                }
                number -= count;
            }
            let (index, way) = taken?;
            let behind = self.count(way.to, class).max(1);
            let inner = match way.inner {
                None => None,
                Some(inner) => Some(self.path(inner.root, Some(inner.class), number / behind, left)?),
            };
            number %= behind;
            steps.push(PathStep { node: at, way: index, inner });
            at = way.to;
        }
    }

    /// Returns the number of a path among those (of a class), from 0; `None` beyond what can be counted.
    pub(super) fn number(&self, path: &Path, class: Option<Class>) -> Option<u128> {
        self.before(&path.steps, class)
    }

    /// Returns the number of the first path (of a class) with this beginning, from 0.
    pub(super) fn before(&self, steps: &[PathStep], class: Option<Class>) -> Option<u128> {
        let mut number = 0u128;
        for step in steps {
            let node = self.get(step.node)?;
            for way in node.ways.iter().take(step.way) {
                number = number.checked_add(self.count_way(way, class))?;
            }
            let way = node.ways.get(step.way)?;
            if let (Some(inner), Some(path)) = (way.inner, &step.inner) {
                let within = self.number(path, Some(inner.class))?;
                let behind = self.count(way.to, class);
                number = number.checked_add(within.checked_mul(behind)?)?;
            }
        }
        Some(number)
    }

    /// How a path ends.
    pub(super) fn leaf_of(&self, path: &Path) -> Option<Leaf> {
        self.get(path.end)?.leaf
    }
}
