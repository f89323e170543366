//! The flow of a runbook as a person would draw it: steps, decisions and ends.
//!
//! *Not here:* the paths. A picture shows what comes after what; `rbl paths` lists every way through.

mod build;
mod dot;
mod mermaid;
mod svg;
pub(crate) mod words;

use rbl_syntax::tree::File;

/// A picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowPicture {
    /// The title of the runbook.
    pub title: String,
    /// The titles of its steps.
    pub steps: Vec<String>,
    /// What is drawn, in the order of the text.
    pub nodes: Vec<FlowNode>,
    /// What leads where.
    pub edges: Vec<FlowEdge>,
}

/// A shape with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowNode {
    /// The step it stands in, by its place in the list; `None` outside of steps.
    pub step: Option<usize>,
    /// What it is.
    pub shape: FlowShape,
    /// How many decisions it stands behind, inside its step.
    pub depth: usize,
    /// Its text, a line for each statement.
    pub lines: Vec<String>,
}

/// What a shape means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowShape {
    /// Where the run begins.
    Start,
    /// Something that is done or said.
    Work,
    /// A decision of the machine or a person.
    Decision,
    /// A loop, or another runbook.
    Part,
    /// Somebody is called.
    Page,
    /// The run is over, and well.
    Resolved,
    /// The run is over, and not well.
    Stopped,
}

/// A line from one node to another, by their places in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowEdge {
    /// From where.
    pub from: usize,
    /// To where.
    pub to: usize,
    /// When it is taken; empty if always.
    pub label: String,
}

impl FlowPicture {
    /// The picture of a runbook. `text` is what the tree was read from.
    pub fn of(file: &File, text: &str) -> Self {
        build::build(file, text)
    }

    /// The picture in Mermaid's language.
    pub fn mermaid(&self) -> String {
        mermaid::text(self)
    }

    /// The picture as images, one below the other, for a page that needs no other program. No shape is cut where one ends.
    pub fn svg(&self) -> String {
        svg::text(self)
    }

    /// The picture in Graphviz's language.
    pub fn dot(&self) -> String {
        dot::text(self)
    }
}

/// Breaks a text into lines of about this many characters, and cuts what is too long for a picture.
fn wrapped(text: &str) -> Vec<String> {
    const WIDTH: usize = 42;
    const LINES: usize = 4;
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in text.split_whitespace() {
        if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        let short: String = word.chars().take(WIDTH).collect();
        current.push_str(&short);
        if short.len() < word.len() {
            current.push('…');
        }
    }
    if !current.is_empty() {
        lines.push(current);
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines
}
