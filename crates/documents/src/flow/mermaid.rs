//! A picture in Mermaid's language.

use std::fmt::Write as _;

use super::{FlowNode, FlowPicture, FlowShape, wrapped};

pub(super) fn text(picture: &FlowPicture) -> String {
    let mut out = String::from("flowchart TD\n");
    for (n, node) in picture.nodes.iter().enumerate().filter(|(_, node)| node.step.is_none()) {
        let _ = writeln!(out, "  {}", shape(n, node));
    }
    for (step, title) in picture.steps.iter().enumerate() {
        let inside: Vec<(usize, &FlowNode)> =
            picture.nodes.iter().enumerate().filter(|(_, node)| node.step == Some(step)).collect();
        if inside.is_empty() {
            continue;
        }
        let _ = writeln!(out, "  subgraph s{step}[\"{}\"]", escaped(title));
        for (n, node) in inside {
            let _ = writeln!(out, "    {}", shape(n, node));
        }
        out.push_str("  end\n");
    }
    for edge in &picture.edges {
        let label =
            if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", escaped(&edge.label)) };
        let _ = writeln!(out, "  n{} -->{label} n{}", edge.from, edge.to);
    }
    out
}

fn shape(n: usize, node: &FlowNode) -> String {
    let lines: Vec<String> = node.lines.iter().flat_map(|it| wrapped(it)).map(|it| escaped(&it)).collect();
    let words = lines.join("<br/>");
    let (open, close) = match node.shape {
        FlowShape::Start | FlowShape::Resolved | FlowShape::Stopped => ("([", "])"),
        FlowShape::Work => ("[", "]"),
        FlowShape::Decision => ("{", "}"),
        FlowShape::Part => ("[[", "]]"),
        FlowShape::Page => ("[/", "/]"),
    };
    format!("n{n}{open}\"{words}\"{close}")
}

/// Characters with a meaning in Mermaid are written as their character codes.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '#' | ';' | '<' | '>' | '&' | '`' | '\\' | '|' | '{' | '}' | '[' | ']' | '*' | '_'
            | '~' | '$' => {
                format!("#{};", u32::from(c))
            }
            c if c.is_control() => " ".into(),
            c => c.to_string(),
        })
        .collect()
}
