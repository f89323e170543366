//! A picture as SVG: each shape in a row of its own, in the order of the text, decisions indented; lines that skip rows run beside.

use std::fmt::Write as _;

use super::{FlowNode, FlowPicture, FlowShape, wrapped};

/// Measures in pixels.
const LINE: usize = 17;
const PAD: usize = 10;
const GAP: usize = 26;
const INDENT: usize = 34;
const WIDTH: usize = 320;
const LANE: usize = 14;
const TITLE: usize = 24;

/// A node with its place.
struct Placed {
    x: usize,
    y: usize,
    height: usize,
    lines: Vec<String>,
}

pub(super) fn text(picture: &FlowPicture) -> String {
    let (placed, titles, height) = place(picture);
    let deepest = picture.nodes.iter().map(|it| it.depth).max().unwrap_or(0);
    let right = 30 + deepest * INDENT + WIDTH;
    let mut lanes: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut edges = String::new();
    for edge in &picture.edges {
        let (Some(from), Some(to)) = (placed.get(edge.from), placed.get(edge.to)) else { continue };
        draw_edge(&mut edges, from, to, edge, right, &mut lanes);
    }
    let width = right + 24 + lanes.len() * LANE + 90;
    let name = escaped(&picture.title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"The flow of {name}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>\n"
    );
    for (y, title) in titles {
        let _ = writeln!(
            out,
            "<text x=\"10\" y=\"{y}\" font-weight=\"bold\" fill=\"#333\">{}</text>",
            escaped(&title)
        );
    }
    out.push_str(&edges);
    for (node, at) in picture.nodes.iter().zip(&placed) {
        draw_node(&mut out, node, at);
    }
    out + "</svg>\n"
}

/// Where each node stands, where each title of a step stands, and the height of all.
fn place(picture: &FlowPicture) -> (Vec<Placed>, Vec<(usize, String)>, usize) {
    let mut y = 12;
    let mut step = None;
    let mut titles = Vec::new();
    let mut placed = Vec::new();
    for node in &picture.nodes {
        if node.step != step {
            step = node.step;
            if let Some(title) = step.and_then(|it| picture.steps.get(it)) {
                titles.push((y + 14, title.clone()));
                y += TITLE;
            }
        }
        let lines: Vec<String> = node.lines.iter().flat_map(|it| wrapped(it)).collect();
        let height = lines.len().max(1) * LINE + 2 * PAD;
        placed.push(Placed { x: 30 + node.depth * INDENT, y, height, lines });
        y += height + GAP;
    }
    (placed, titles, y + 4)
}

fn draw_node(out: &mut String, node: &FlowNode, at: &Placed) {
    let Placed { x, y, height, .. } = *at;
    let (fill, stroke, radius) = match node.shape {
        FlowShape::Start => ("#eef2f7", "#4a5568", 14),
        FlowShape::Work => ("#ffffff", "#4a5568", 2),
        FlowShape::Decision => ("#fff7e0", "#8a6d00", 2),
        FlowShape::Part => ("#f0eafc", "#5b3ea6", 2),
        FlowShape::Page => ("#ffe9e0", "#a6400a", 2),
        FlowShape::Resolved => ("#e3f5e6", "#1f7a33", 14),
        FlowShape::Stopped => ("#fde3e3", "#a31616", 14),
    };
    let right = x + WIDTH;
    let bottom = y + height;
    if node.shape == FlowShape::Decision {
        let middle = y + height / 2;
        let _ = writeln!(
            out,
            "<path d=\"M{x} {middle}L{} {y}H{}L{right} {middle}L{} {bottom}H{}z\" fill=\"{fill}\" stroke=\"{stroke}\"/>",
            x + 12,
            right - 12,
            right - 12,
            x + 12
        );
    } else {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"{stroke}\"/>"
        );
    }
    for (n, line) in at.lines.iter().enumerate() {
        let baseline = y + PAD + LINE * (n + 1) - 5;
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{baseline}\" fill=\"#1a202c\">{}</text>",
            x + 18,
            escaped(line)
        );
    }
}

fn draw_edge(
    out: &mut String,
    from: &Placed,
    to: &Placed,
    edge: &super::FlowEdge,
    right: usize,
    lanes: &mut Vec<Vec<(usize, usize)>>,
) {
    let label = escaped(&edge.label);
    let next = to.y > from.y && to.y - (from.y + from.height) <= GAP + TITLE;
    if next {
        let x = to.x.max(from.x) + 24;
        let (start, end) = (from.y + from.height, to.y);
        let _ = writeln!(out, "<path d=\"M{x} {start}V{end}\" stroke=\"#444\" marker-end=\"url(#arrow)\"/>");
        if !label.is_empty() {
            let _ = writeln!(out, "<text x=\"{}\" y=\"{}\" fill=\"#333\">{label}</text>", x + 6, start + 16);
        }
        return;
    }
    let (top, bottom) = (from.y.min(to.y), from.y.max(to.y));
    let free = lanes.iter().position(|lane| lane.iter().all(|(a, b)| bottom < *a || *b < top));
    let lane = free.unwrap_or(lanes.len());
    if lane == lanes.len() {
        lanes.push(Vec::new());
    }
    if let Some(lane) = lanes.get_mut(lane) {
        lane.push((top, bottom));
    }
    let x = right + 20 + lane * LANE;
    let (start, end) = (from.y + from.height - 10, to.y + 10);
    let (left, target) = (from.x + WIDTH, to.x + WIDTH);
    let _ = writeln!(
        out,
        "<path d=\"M{left} {start}H{x}V{end}H{target}\" fill=\"none\" stroke=\"#777\" marker-end=\"url(#arrow)\"/>"
    );
    if !label.is_empty() {
        let _ = writeln!(out, "<text x=\"{}\" y=\"{}\" fill=\"#333\">{label}</text>", left + 4, start - 3);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
