//! Drawings of the paths for Mermaid and Graphviz. What follows several arms is drawn once.

use std::fmt::Write as _;

use super::text::outcome;
use rbl_check::paths::{DrawnNode, Paths, SiteKind};
use rbl_syntax::tree::ExpectedOutcome;

/// Formats the drawing for `rbl paths --format mermaid`.
pub fn mermaid(paths: &Paths) -> String {
    let mut text = String::from("flowchart TD\n");
    for node in paths.drawing() {
        let id = node.id.number();
        // Characters with a meaning in Mermaid are written as their character codes.
        let words: String = label(&node)
            .chars()
            .map(|c| match c {
                '"' | '#' | ';' | '<' | '>' | '&' | '`' | '\\' => format!("#{};", u32::from(c)),
                c if c.is_control() => " ".into(),
                c => c.to_string(),
            })
            .collect();
        let (open, close) = match (node.ends, node.kind) {
            (Some(_), _) => ("([", "])"),
            (None, SiteKind::Condition | SiteKind::Match | SiteKind::Wait | SiteKind::Acknowledgement) => {
                ("{", "}")
            }
            (None, SiteKind::Run | SiteKind::Loop) => ("[[", "]]"),
            (None, _) => ("[", "]"),
        };
        let _ = writeln!(text, "  n{id}{open}\"{words}\"{close}");
        for (turn, to) in &node.edges {
            let to = to.number();
            let _ = match turn {
                Some(turn) => {
                    let turn =
                        turn.replace(['"', '#', ';', '\\', '`'], "'").replace(['<', '>', '&', '|'], " ");
                    writeln!(text, "  n{id} -->|\"{turn}\"| n{to}")
                }
                None => writeln!(text, "  n{id} --> n{to}"),
            };
        }
        for to in &node.within {
            let _ = writeln!(text, "  n{id} -. within .-> n{}", to.number());
        }
    }
    text
}

/// Formats the drawing for `rbl paths --format dot`.
pub fn dot(title: &str, paths: &Paths) -> String {
    let mut text = format!("digraph {} {{\n  node [shape=box];\n", quoted(title));
    for node in paths.drawing() {
        let id = node.id.number();
        let shape = match (node.ends, node.kind) {
            (Some(_), _) => "oval",
            (None, SiteKind::Condition | SiteKind::Match | SiteKind::Wait | SiteKind::Acknowledgement) => {
                "diamond"
            }
            (None, SiteKind::Run | SiteKind::Loop) => "box3d",
            (None, _) => "box",
        };
        let _ = writeln!(text, "  n{id} [shape={shape}, label={}];", quoted(&label(&node)));
        for (turn, to) in &node.edges {
            let turn = turn.as_ref().map_or_else(String::new, |turn| format!(" [label={}]", quoted(turn)));
            let _ = writeln!(text, "  n{id} -> n{}{turn};", to.number());
        }
        for to in &node.within {
            let _ = writeln!(text, "  n{id} -> n{} [style=dashed, label=\"within\"];", to.number());
        }
    }
    text + "}\n"
}

fn label(node: &DrawnNode) -> String {
    let line = node.line;
    match node.ends.map(|it: ExpectedOutcome| outcome(it)) {
        Some(outcome) => format!("{outcome} ({line}: {})", node.text),
        None => format!("{line}: {}", node.text),
    }
}

fn quoted(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => " ".into(),
            c => c.to_string(),
        })
        .collect();
    format!("\"{text}\"")
}
