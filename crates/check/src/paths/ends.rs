//! Where paths end, those that end alike counted together: what is shown of more paths than anybody reads.

use std::collections::BTreeMap;

use super::graph::NodeId;
use super::weight::Tally;
use super::{Paths, Weighed};
use crate::paths::description::ToldEnd;
use rbl_syntax::tree::Outcome;

impl Paths {
    /// Every place where paths end, in the order of the paths, with what those come to that end there.
    pub fn ends(&self) -> Vec<(ToldEnd, Weighed)> {
        self.ends_from(BTreeMap::from([(self.root, Tally::ONE)]))
    }

    /// The same of those that come by these nodes, with what they come to before each.
    pub(super) fn ends_from(&self, mut arriving: BTreeMap<NodeId, Tally>) -> Vec<(ToldEnd, Weighed)> {
        let mut ends = Vec::new();
        // A node leads only to nodes that were made before it, so whoever is last in line has all its arrivals.
        while let Some((id, arrived)) = arriving.pop_last() {
            let Some(node) = self.graph.get(id) else { continue };
            let here = Tally { weight: arrived.weight.then(node.weight), ..arrived };
            if let Some(leaf) = node.leaf {
                let resolved = leaf.class.resolved();
                let (file, line) = self.line(node.site.place);
                let outcome = match (resolved, leaf.class.paged) {
                    (true, _) => Outcome::Resolved,
                    (false, true) => Outcome::Escalated,
                    (false, false) => Outcome::Failed,
                };
                let paged = leaf.owner.map(|owner| self.team(owner)).into_iter().collect();
                let by_the_run = leaf.owner.is_some();
                let end = ToldEnd {
                    outcome,
                    text: self.end(node.site, leaf),
                    file,
                    line,
                    paged,
                    by_the_run,
                    pages_here: by_the_run,
                };
                ends.push((end, Weighed::of(Tally { weight: here.weight.closed(resolved), ..here })));
                continue;
            }
            for way in &node.ways {
                let Some(through) = self.graph.through(way) else { continue };
                let tally = Tally { weight: here.weight.then(way.weight), ..here }.then(through);
                arriving.entry(way.to).and_modify(|before| *before = before.and(tally)).or_insert(tally);
            }
        }
        ends.sort_by_key(|(end, _)| (end.file.clone(), end.line));
        ends
    }
}
