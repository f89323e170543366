//! Lists the arms of a program, which tests can cover, each with its place and in the author's words.

use std::collections::HashSet;

use super::Paths;
use super::graph::SiteKind;
use super::path::ArmId;
use rbl_syntax::source::Place;

/// An arm in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmDescription {
    /// The place, and the turn taken.
    pub id: ArmId,
    /// The kind of site.
    pub kind: SiteKind,
    /// The place of its text.
    pub shown: Place,
    /// The text at that place.
    pub text: String,
    /// The turn taken.
    pub turn: String,
}

impl Paths {
    /// Returns every arm on any path, each once: what tests can cover. In the order of the text, and at each place in
    /// the order in which its arms are written.
    pub fn arms(&self) -> Vec<ArmDescription> {
        let nodes = self.graph.reach(self.root).into_iter().filter_map(|id| self.graph.get(id));
        let mut arms: Vec<ArmDescription> = nodes
            .flat_map(|node| {
                node.ways.iter().filter_map(|way| {
                    Some(ArmDescription {
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
