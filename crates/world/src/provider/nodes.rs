//! What a `JSONPath` selects of a document, as measurements, texts or lines.

use serde_json::Value;
use serde_json_path::LocatedNodeList;
use smol_str::SmolStr;

use super::measured::Measurements;
use super::reported::{self, ReportedTexts};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};

/// The numbers of the selected nodes. `instead` gives the value that is read in place of a node's own.
pub(super) fn numbers(
    nodes: &LocatedNodeList<'_>,
    instead: impl Fn(&Value) -> Option<Value>,
) -> Result<Measurements, Reason> {
    let several = nodes.len() > 1;
    let mut measured = Measurements::default();
    for (index, node) in nodes.iter().enumerate() {
        let instead = instead(node.node());
        let value = instead.as_ref().unwrap_or_else(|| node.node());
        let place = node.location().to_string();
        let found = Measurements::of(value).map_err(|reason| at_node(&place, &reason))?;
        if several {
            measured.add(found, &node_labels(&place, index));
        } else {
            measured.add(found, &[]);
        }
    }
    Ok(measured)
}

/// The labels of one node among several.
fn node_labels(place: &str, index: usize) -> [(SmolStr, SmolStr); 2] {
    [
        (SmolStr::new_static("path"), SmolStr::from(place)),
        (SmolStr::new_static("index"), SmolStr::from(index.to_string())),
    ]
}

/// The texts of the selected nodes.
pub(super) fn texts(nodes: &LocatedNodeList<'_>) -> Result<ReportedTexts, Reason> {
    let several = nodes.len() > 1;
    let mut all = ReportedTexts::default();
    for (index, node) in nodes.iter().enumerate() {
        let place = node.location().to_string();
        let found = ReportedTexts::of(node.node()).map_err(|reason| at_node(&place, &reason))?;
        if several {
            all.add(found, &node_labels(&place, index));
        } else {
            all.add(found, &[]);
        }
    }
    Ok(all)
}

/// The lines of the selected nodes, one after the other; `None` where nothing was selected.
pub(super) fn lines(nodes: &LocatedNodeList<'_>) -> Result<Option<Vec<String>>, Reason> {
    let mut all: Option<Vec<String>> = None;
    for node in nodes.iter() {
        let place = node.location().to_string();
        if let Some(found) = reported::lines(node.node()).map_err(|reason| at_node(&place, &reason))? {
            all.get_or_insert_default().extend(found);
        }
    }
    Ok(all)
}

fn at_node(place: &str, reason: &Reason) -> Reason {
    Reason::new(ReasonKind::Unreadable, format!("{} is {}", one_line(place), reason.text))
}
