//! A picture as SVG: each shape in a row of its own, in the order of the text, decisions indented; lines that skip rows run beside.
//!
//! *Why parts:* a printer cuts a tall image wherever the page ends. So the picture is as many images as it needs pages, one
//! below the other without a gap, and each ends between two shapes.

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
/// How many characters of a label stand beside a shape.
const LABEL: usize = 24;
/// How wide a character of a label is at most.
const CHARACTER: usize = 8;
/// How tall a part may be: it fits on a page of A4 or Letter below a heading.
const PAGE: usize = 860;
/// The most lines of all parts together, as each part has those that pass it. Where there are more, the picture is wider than any
/// paper: it stays one image.
const MOST_LINES: usize = 10_000;
/// A text stays readable where a line runs behind it.
const HALO: &str = "stroke=\"#fff\" stroke-width=\"4\" paint-order=\"stroke\"";

/// A node with its place.
struct Placed {
    x: usize,
    y: usize,
    height: usize,
    row: usize,
    lines: Vec<String>,
}

/// Something that is drawn, with where it begins and ends.
struct Drawn {
    top: usize,
    bottom: usize,
    text: String,
}

pub(super) fn text(picture: &FlowPicture) -> String {
    let (placed, titles, height) = place(picture);
    let deepest = picture.nodes.iter().map(|it| it.depth).max().unwrap_or(0);
    let right = 30 + deepest * INDENT + WIDTH;
    let widest = titles.iter().map(|(x, _, title)| x + title.chars().count() * CHARACTER).max().unwrap_or(0);
    let beside = lanes_begin(picture, &placed, right).max(widest);
    let mut lanes: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut drawn: Vec<Drawn> = Vec::new();
    let mut leaving = vec![0_usize; picture.nodes.len()];
    for (n, edge) in picture.edges.iter().enumerate() {
        let (Some(from), Some(to)) = (placed.get(edge.from), placed.get(edge.to)) else { continue };
        if is_next(from, to) {
            draw_next(&mut drawn, from, to);
        } else {
            let place = leaving.get_mut(edge.from).map_or(0, |it| std::mem::replace(it, *it + 1));
            let label = if above(picture, n) { "" } else { &edge.label };
            draw_beside(&mut drawn, (from, place), to, label, beside, &mut lanes);
        }
    }
    for (n, edge) in picture.edges.iter().enumerate() {
        if let Some(to) = placed.get(edge.to).filter(|_| above(picture, n)) {
            draw_above(&mut drawn, to, &edge.label);
        }
    }
    for (x, y, title) in titles {
        let text = format!(
            "<text x=\"{x}\" y=\"{y}\" font-weight=\"bold\" fill=\"#333\" {HALO}>{}</text>\n",
            escaped(&title)
        );
        drawn.push(Drawn { top: y - 14, bottom: y + 4, text });
    }
    for (node, at) in picture.nodes.iter().zip(&placed) {
        let mut text = String::new();
        draw_node(&mut text, node, at);
        drawn.push(Drawn { top: at.y, bottom: at.y + at.height, text });
    }
    let width = beside + lanes.len() * LANE + 10;
    let name = escaped(&picture.title);
    let mut parts = parts(&placed, height);
    if parts.len() * lanes.len() > MOST_LINES {
        parts = vec![(0, height)];
    }
    let mut out = String::new();
    for (n, (top, bottom)) in parts.iter().copied().enumerate() {
        let tall = bottom - top;
        let part =
            if parts.len() > 1 { format!(", part {} of {}", n + 1, parts.len()) } else { String::new() };
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 {top} {width} {tall}\" width=\"{width}\" height=\"{tall}\" \
             role=\"img\" aria-label=\"The flow of {name}{part}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <defs><marker id=\"arrow{n}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
             <path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>"
        );
        for it in drawn.iter().filter(|it| it.top <= bottom && top <= it.bottom) {
            out.push_str(&it.text.replace("url(#arrow)", &format!("url(#arrow{n})")));
        }
        out.push_str("</svg>\n");
    }
    out
}

/// Where the lines run that skip rows: to the right of every shape and of what stands beside one.
fn lanes_begin(picture: &FlowPicture, placed: &[Placed], right: usize) -> usize {
    let labels =
        picture.edges.iter().enumerate().filter(|(n, _)| !above(picture, *n)).filter_map(|(_, edge)| {
            let (from, to) = (placed.get(edge.from)?, placed.get(edge.to)?);
            let wide = edge.label.chars().count().min(LABEL + 1) * CHARACTER;
            (!is_next(from, to)).then_some(from.x + WIDTH + 4 + wide)
        });
    labels.max().unwrap_or(0).max(right + 20)
}

/// Where each part begins and ends: below a shape, so that none is cut.
fn parts(placed: &[Placed], height: usize) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut top = 0;
    let mut last = 0;
    for node in placed {
        let bottom = node.y + node.height + 2;
        if bottom - top > PAGE && last > top {
            parts.push((top, last));
            top = last;
        }
        last = bottom;
    }
    parts.push((top, height));
    parts
}

/// Where each node stands, where each title of a step stands, and the height of all.
fn place(picture: &FlowPicture) -> (Vec<Placed>, Vec<(usize, usize, String)>, usize) {
    let mut y = 12;
    let mut step = None;
    let mut titles = Vec::new();
    let mut placed = Vec::new();
    for (n, node) in picture.nodes.iter().enumerate() {
        if node.step != step {
            step = node.step;
            if let Some(title) = step.and_then(|it| picture.steps.get(it)) {
                let lines = wrapped(title);
                y += TITLE - LINE;
                // Beside the arrow that comes down to the first shape.
                let comes = n > 0 && picture.edges.iter().any(|it| (it.from, it.to) == (n - 1, n));
                let before = n.checked_sub(1).and_then(|it| picture.nodes.get(it)).filter(|_| comes);
                let depth = before.map_or(0, |it| it.depth).max(node.depth);
                for line in lines {
                    titles.push((60 + depth * INDENT, y + 7, line));
                    y += LINE;
                }
            }
        }
        let lines: Vec<String> = node.lines.iter().flat_map(|it| wrapped(it)).collect();
        let leaving = picture.edges.iter().filter(|it| it.from == n).count().saturating_sub(1);
        let height = lines.len().max(leaving).max(1) * LINE + 2 * PAD;
        let entering = picture.edges.iter().enumerate().filter(|(_, it)| it.to == n);
        let labels = entering.filter(|(at, _)| above(picture, *at)).map(|(_, it)| wrapped(&it.label).len());
        y += labels.max().unwrap_or(0).saturating_sub(1) * LINE;
        placed.push(Placed { x: 30 + node.depth * INDENT, y, height, row: n, lines });
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

/// Whether a line only goes down to the next shape.
fn is_next(from: &Placed, to: &Placed) -> bool {
    // Nothing else fits between them.
    to.row == from.row + 1
}

/// Whether the label of an edge stands above the shape that it leads to: the first edge into what stands behind a decision.
fn above(picture: &FlowPicture, edge: usize) -> bool {
    let Some(it) = picture.edges.get(edge).filter(|it| !it.label.is_empty()) else { return false };
    let (Some(from), Some(to)) = (picture.nodes.get(it.from), picture.nodes.get(it.to)) else { return false };
    let first = picture.edges.iter().position(|other| other.to == it.to && !other.label.is_empty());
    it.to == it.from + 1 || it.to > it.from && to.depth > from.depth && first == Some(edge)
}

fn draw_next(out: &mut Vec<Drawn>, from: &Placed, to: &Placed) {
    let x = to.x.max(from.x) + 24;
    let (start, end) = (from.y + from.height, to.y);
    let text = format!("<path d=\"M{x} {start}V{end}\" stroke=\"#444\" marker-end=\"url(#arrow)\"/>\n");
    out.push(Drawn { top: start, bottom: end, text });
}

/// Writes the label of an edge above the shape that it leads to.
fn draw_above(out: &mut Vec<Drawn>, to: &Placed, label: &str) {
    let lines = wrapped(label);
    for (n, line) in lines.iter().enumerate() {
        let y = to.y - 9 - (lines.len() - 1 - n) * LINE;
        let text =
            format!("<text x=\"{}\" y=\"{y}\" fill=\"#333\" {HALO}>{}</text>\n", to.x + 30, escaped(line));
        out.push(Drawn { top: y.saturating_sub(LINE), bottom: y, text });
    }
}

/// Draws a line that skips rows. `from`: the shape, and how many such lines leave it above this one.
fn draw_beside(
    out: &mut Vec<Drawn>,
    (from, place): (&Placed, usize),
    to: &Placed,
    label: &str,
    beside: usize,
    lanes: &mut Vec<Vec<(usize, usize)>>,
) {
    let (top, bottom) = (from.y.min(to.y), from.y.max(to.y));
    let free = lanes.iter().position(|lane| lane.iter().all(|(a, b)| bottom < *a || *b < top));
    let lane = free.unwrap_or(lanes.len());
    if lane == lanes.len() {
        lanes.push(Vec::new());
    }
    if let Some(lane) = lanes.get_mut(lane) {
        lane.push((top, bottom));
    }
    let x = beside + lane * LANE;
    let (start, end) = (from.y + LINE + 5 + place * LINE, to.y + 4);
    let (left, target) = (from.x + WIDTH, to.x + WIDTH);
    let path = format!(
        "<path d=\"M{left} {start}H{x}V{end}H{target}\" fill=\"none\" stroke=\"#777\" marker-end=\"url(#arrow)\"/>\n"
    );
    out.push(Drawn { top: start.min(end), bottom: start.max(end), text: path });
    let short: String = label.chars().take(LABEL).collect();
    let more = if short.len() < label.len() { "…" } else { "" };
    if !label.is_empty() {
        let y = start - 3;
        let text = format!(
            "<text x=\"{}\" y=\"{y}\" fill=\"#333\" {HALO}>{}{more}</text>\n",
            left + 4,
            escaped(&short)
        );
        out.push(Drawn { top: y.saturating_sub(LINE), bottom: y, text });
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
