//! The sections of a document: its headings as a tree.

use super::block::{BlockKind, InlineText, MarkdownBlock};
use super::words::{holds_alternatives, is_alternative, is_context, is_numbered};
use crate::draft::SourceLines;

/// A heading with what stands below it.
#[derive(Debug, Clone)]
pub(crate) struct MarkdownSection {
    pub(crate) heading: InlineText,
    pub(crate) level: u8,
    /// From its heading to the end of what is below it.
    pub(crate) lines: SourceLines,
    pub(crate) blocks: Vec<MarkdownBlock>,
    pub(crate) children: Vec<MarkdownSection>,
}

impl MarkdownSection {
    /// The title without its colon.
    pub(crate) fn title(&self) -> &str {
        self.heading.text.trim().trim_end_matches(':').trim_end()
    }

    /// Whether it explains, and so belongs into `about`.
    pub(crate) fn is_context(&self) -> bool {
        is_context(self.title())
    }

    /// Its blocks and those of the sections below it, with their headings.
    pub(crate) fn flattened(&self) -> Vec<MarkdownBlock> {
        let mut blocks = self.blocks.clone();
        for child in &self.children {
            let heading = SourceLines { first: child.lines.first, last: child.lines.first };
            blocks.push(MarkdownBlock {
                lines: heading,
                kind: BlockKind::Heading { level: child.level, text: child.heading.clone() },
            });
            blocks.extend(child.flattened());
        }
        blocks
    }

    /// Whether anything is written below it.
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.children.iter().all(Self::is_empty)
    }
}

/// The part of some sections that are alternatives: the first of them, and how many.
pub(crate) fn alternatives(above: Option<&str>, sections: &[MarkdownSection]) -> Option<(usize, usize)> {
    let acts = |it: &MarkdownSection| !it.is_context() && !closes(it.title());
    let named =
        |it: &MarkdownSection| acts(it) && (is_alternative(it.title()) || it.title().contains(" due to "));
    let marked = sections.iter().filter(|it| named(it)).count();
    let all: Vec<usize> = sections.iter().enumerate().filter(|(_, it)| acts(it)).map(|(n, _)| n).collect();
    let (first, last) = if above.is_some_and(holds_alternatives) {
        if sections.iter().any(|it| is_numbered(it.title()) && !named(it)) {
            return None;
        }
        (*all.first()?, *all.last()?)
    } else if marked >= 2 {
        (sections.iter().position(named)?, *all.last()?)
    } else {
        return None;
    };
    let count = last + 1 - first;
    let whole = sections.get(first..=last)?.iter().all(|it| acts(it) && !is_empty_title(it));
    (count > 1 && whole).then_some((first, count))
}

/// Whether a section comes after the others, whichever of them was taken.
fn closes(title: &str) -> bool {
    let lower = title.to_lowercase();
    ["verify", "verification", "validation", "post", "after", "follow", "escalation", "clean", "further"]
        .iter()
        .any(|it| lower.starts_with(it))
}

fn is_empty_title(section: &MarkdownSection) -> bool {
    section.title().is_empty()
}

/// The blocks before the first heading, and the sections.
pub(crate) fn sections(blocks: Vec<MarkdownBlock>) -> (Vec<MarkdownBlock>, Vec<MarkdownSection>) {
    let mut before = Vec::new();
    let mut open: Vec<MarkdownSection> = Vec::new();
    let mut done: Vec<MarkdownSection> = Vec::new();
    for block in blocks {
        match block.kind {
            BlockKind::Heading { level, text } => {
                close_down_to(level, &mut open, &mut done);
                open.push(MarkdownSection {
                    heading: text,
                    level,
                    lines: block.lines,
                    blocks: Vec::new(),
                    children: Vec::new(),
                });
            }
            _ => match open.last_mut() {
                Some(section) => section.blocks.push(block),
                None => before.push(block),
            },
        }
    }
    close_down_to(0, &mut open, &mut done);
    (before, done)
}

/// Moves the sections that a heading of this level ends to where they belong.
fn close_down_to(level: u8, open: &mut Vec<MarkdownSection>, done: &mut Vec<MarkdownSection>) {
    while open.last().is_some_and(|it| it.level >= level) {
        let Some(mut section) = open.pop() else { return };
        let last = section.blocks.last().map(|it| it.lines.last);
        let below = section.children.last().map(|it| it.lines.last);
        section.lines.last = section.lines.last.max(last.unwrap_or(0)).max(below.unwrap_or(0));
        match open.last_mut() {
            Some(parent) => parent.children.push(section),
            None => done.push(section),
        }
    }
}
