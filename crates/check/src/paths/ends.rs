//! Groups paths by their end: a summary for programs with more paths than anybody reads.

use std::collections::BTreeMap;

use super::graph::NodeId;
use super::path_cost::PathTally;
use super::{Paths, Weighed};
use crate::paths::description::EndDescription;
use rbl_syntax::tree::ExpectedOutcome;

impl Paths {
    /// Returns every place where paths end, with the totals of the paths that end there, ordered by place.
    pub fn ends(&self) -> Vec<(EndDescription, Weighed)> {
        self.ends_from(BTreeMap::from([(self.root, PathTally::ONE)]))
    }

    /// The same for paths from these nodes; each node comes with the totals of the paths leading to it.
    pub(super) fn ends_from(
        &self,
        mut arriving: BTreeMap<NodeId, PathTally>,
    ) -> Vec<(EndDescription, Weighed)> {
        let mut ends = Vec::new();
        // A node has edges only to nodes built before it, so the highest id has received all of its incoming paths.
        while let Some((id, arrived)) = arriving.pop_last() {
            let Some(node) = self.graph.get(id) else { continue };
            let here = PathTally { weight: arrived.weight.then(node.weight), ..arrived };
            if let Some(leaf) = node.leaf {
                let resolved = leaf.class.resolved();
                let (file, line) = self.line(node.site.place);
                let outcome = match (resolved, leaf.class.paged) {
                    (true, _) => ExpectedOutcome::Resolved,
                    (false, true) => ExpectedOutcome::Escalated,
                    (false, false) => ExpectedOutcome::Failed,
                };
                let paged = leaf.owner.map(|owner| self.team(owner)).into_iter().collect();
                let by_the_run = leaf.owner.is_some();
                let end = EndDescription {
                    outcome,
                    text: self.end(node.site, leaf),
                    file,
                    line,
                    paged,
                    by_the_run,
                    pages_here: by_the_run,
                };
                ends.push((end, Weighed::of(PathTally { weight: here.weight.closed(resolved), ..here })));
                continue;
            }
            for way in &node.ways {
                let Some(through) = self.graph.through(way) else { continue };
                let tally = PathTally { weight: here.weight.then(way.weight), ..here }.then(through);
                arriving.entry(way.to).and_modify(|before| *before = before.and(tally)).or_insert(tally);
            }
        }
        ends.sort_by_key(|(end, _)| (end.file.clone(), end.line));
        ends
    }
}
