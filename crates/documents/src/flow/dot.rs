//! A picture in Graphviz's language.

use std::fmt::Write as _;

use super::{FlowNode, FlowPicture, FlowShape, wrapped};

pub(super) fn text(picture: &FlowPicture) -> String {
    let mut out = format!("digraph {} {{\n", quoted(std::slice::from_ref(&picture.title)));
    out.push_str(
        "  node [fontname=\"sans-serif\", fontsize=11];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    for (n, node) in picture.nodes.iter().enumerate().filter(|(_, node)| node.step.is_none()) {
        let _ = writeln!(out, "  {}", shape(n, node));
    }
    for (step, title) in picture.steps.iter().enumerate() {
        let inside: Vec<(usize, &FlowNode)> =
            picture.nodes.iter().enumerate().filter(|(_, node)| node.step == Some(step)).collect();
        if inside.is_empty() {
            continue;
        }
        let _ =
            writeln!(out, "  subgraph cluster_{step} {{\n    label={};", quoted(std::slice::from_ref(title)));
        out.push_str("    fontname=\"sans-serif\"; fontsize=12; color=\"#999999\"; labeljust=l;\n");
        for (n, node) in inside {
            let _ = writeln!(out, "    {}", shape(n, node));
        }
        out.push_str("  }\n");
    }
    for edge in &picture.edges {
        let label = if edge.label.is_empty() {
            String::new()
        } else {
            format!(" [label={}]", quoted(std::slice::from_ref(&edge.label)))
        };
        let _ = writeln!(out, "  n{} -> n{}{label};", edge.from, edge.to);
    }
    out + "}\n"
}

fn shape(n: usize, node: &FlowNode) -> String {
    let lines: Vec<String> = node.lines.iter().flat_map(|it| wrapped(it)).collect();
    let shape = match node.shape {
        FlowShape::Start | FlowShape::Resolved => "shape=box, style=rounded",
        FlowShape::Stopped => "shape=box, style=\"rounded,bold\"",
        FlowShape::Work => "shape=box",
        FlowShape::Decision => "shape=diamond, margin=0",
        FlowShape::Part => "shape=box3d",
        FlowShape::Page => "shape=parallelogram",
    };
    format!("n{n} [{shape}, label={}];", quoted(&lines))
}

/// Lines as one text of Graphviz.
fn quoted(lines: &[String]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            line.chars()
                .map(|c| match c {
                    '"' | '\\' => format!("\\{c}"),
                    // Graphviz reads the entities of HTML.
                    '&' => "&amp;".into(),
                    c if c.is_control() => " ".into(),
                    c => c.to_string(),
                })
                .collect()
        })
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}
