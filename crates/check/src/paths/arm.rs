//! The arms of a program: what tests can come by, each with its place and in the author's words.

use std::collections::HashSet;

use super::Paths;
use super::graph::SiteKind;
use super::path::ArmId;
use rbl_syntax::source::Place;

/// An arm in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// Where, and which way.
    pub id: ArmId,
    /// What stands there.
    pub kind: SiteKind,
    /// Where its words stand.
    pub shown: Place,
    /// What is written there.
    pub text: String,
    /// Which way.
    pub turn: String,
}

impl Paths {
    /// Every arm that any path takes, each once: what tests may come by. In the order of the text, and at each place in
    /// the order in which its ways are written.
    pub fn arms(&self) -> Vec<Arm> {
        let nodes = self.graph.reach(self.root).into_iter().filter_map(|id| self.graph.get(id));
        let mut arms: Vec<Arm> = nodes
            .flat_map(|node| {
                node.ways.iter().filter_map(|way| {
                    Some(Arm {
                        id: ArmId { place: node.site.place, turn: way.turn? },
                        kind: node.site.kind,
                        shown: node.site.shown,
                        text: self.site(node.site),
                        turn: self.turn(node.site.kind, way)?,
                    })
                })
            })
            .collect();
        arms.sort_by_key(|arm| arm.id.place);
        let mut known = HashSet::new();
        arms.retain(|arm| known.insert(arm.id));
        arms
    }
}
