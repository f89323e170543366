//! The graph of the paths, in a form for drawing.

use super::graph::SiteKind;
use super::{NodeId, Paths};
use rbl_syntax::tree::ExpectedOutcome;

/// A node to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnNode {
    /// Its id.
    pub id: NodeId,
    /// Its kind.
    pub kind: SiteKind,
    /// The line, from 1.
    pub line: u32,
    /// Its text, or how paths end there.
    pub text: String,
    /// The outcome of paths that end there; `None` if they continue.
    pub ends: Option<ExpectedOutcome>,
    /// The edges: the label and the target.
    pub edges: Vec<(Option<String>, NodeId)>,
    /// The first nodes of the runbook that is run there, or of a pass of the loop.
    pub within: Vec<NodeId>,
}

impl NodeId {
    /// As a number.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl Paths {
    /// Returns every node on any path, the first one first.
    pub fn drawing(&self) -> Vec<DrawnNode> {
        let nodes = self.graph.reach(self.root).into_iter();
        nodes
            .filter_map(|id| Some((id, self.graph.get(id)?)))
            .map(|(id, node)| {
                let mut edges = Vec::new();
                let mut within = Vec::new();
                for way in node.ways.iter().filter(|way| self.graph.through(way).is_some()) {
                    let edge = (self.turn(node.site.kind, way), way.to);
                    if !edges.contains(&edge) {
                        edges.push(edge);
                    }
                    let body = way.body.map(|[first, _]| first);
                    for inner in body.into_iter().chain(way.inner.map(|inner| inner.root)) {
                        if !within.contains(&inner) {
                            within.push(inner);
                        }
                    }
                }
                let ends = node.leaf.map(|leaf| match (leaf.class.resolved(), leaf.class.paged) {
                    (true, _) => ExpectedOutcome::Resolved,
                    (false, true) => ExpectedOutcome::Escalated,
                    (false, false) => ExpectedOutcome::Failed,
                });
                let text = match node.leaf {
                    Some(leaf) => self.end(node.site, leaf),
                    None => self.site(node.site),
                };
                let (_, line) = self.line(node.site.shown);
                DrawnNode { id, kind: node.site.kind, line, text, ends, edges, within }
            })
            .collect()
    }
}
