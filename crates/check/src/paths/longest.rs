//! Finds the path that takes longest: the one to compare with a budget.

use super::graph::{Class, NodeId};
use super::path::{Path, PathStep};
use super::{Bound, Paths};

impl Paths {
    /// Returns a path of maximum length; `None` if it has more than [`Self::LONGEST`] nodes.
    pub fn longest(&self) -> Option<Path> {
        let exits = &self.graph.get(self.root)?.exits;
        let (class, _) =
            exits.iter().map(|(class, tally)| (*class, tally)).fold(None, |best, (class, tally)| {
                let bound = tally.weight.closed(class.resolved()).longest[0];
                match best {
                    Some((_, before)) if !longer(bound, before) => best,
                    _ => Some((class, bound)),
                }
            })?;
        let mut left = Self::LONGEST;
        self.longest_of(self.root, class, class.resolved(), &mut left)
    }

    /// Returns the longest path of a class from a node; `resolved` selects the clean-up that is included.
    fn longest_of(&self, from: NodeId, class: Class, resolved: bool, left: &mut usize) -> Option<Path> {
        let mut steps = Vec::new();
        let mut at = from;
        loop {
            let node = self.graph.get(at)?;
            *left = left.checked_sub(1)?;
            if node.leaf.is_some() {
                return Some(Path { steps, end: at });
            }
            let mut best: Option<(usize, Bound)> = None;
            for (index, way) in node.ways.iter().enumerate() {
                let (Some(through), Some(rest)) = (self.graph.through(way), self.graph.tally(way.to, class))
                else {
                    continue;
                };
                let bound = way.weight.then(through.weight).then(rest.weight).closed(resolved).longest[0];
                if best.is_none_or(|(_, before)| longer(bound, before)) {
                    best = Some((index, bound));
                }
            }
            let (index, _) = best?;
            let way = node.ways.get(index)?;
            let inner = match way.inner {
                None => None,
                Some(inner) => {
                    let resolved = if inner.closed { inner.class.resolved() } else { resolved };
                    Some(self.longest_of(inner.root, inner.class, resolved, left)?)
                }
            };
            steps.push(PathStep { node: at, way: index, inner });
            at = way.to;
        }
    }
}

/// Whether a bound is higher; an unknown one is the highest.
fn longer(bound: Bound, than: Bound) -> bool {
    match (bound.0, than.0) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(a), Some(b)) => a > b,
    }
}
