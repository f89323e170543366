//! The sections of a document: its headings as a tree.

use super::block::{BlockKind, InlineText, MarkdownBlock};
use super::list::is_procedure;
use super::plan::is_sequential;
use super::sentence::{SentenceKind, classify, sentences};
use super::words::{
    first_word, holds_alternatives, is_alternative, is_context, is_instruction, is_numbered, is_place,
    names_causes, without_number,
};
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

    /// Whether it explains, and so is part of `about`.
    pub(crate) fn is_context(&self) -> bool {
        if names_causes(self.title()) {
            return !self.acts();
        }
        let is_of_symptoms = self.title().to_lowercase().starts_with("symptom");
        is_context(self.title()) && !(is_of_symptoms && self.begins_with_instruction())
    }

    /// Whether a list in it, or in a section below it, says what to do, or code stands there.
    fn acts(&self) -> bool {
        self.blocks.iter().any(|it| match &it.kind {
            BlockKind::List { items, .. } => is_procedure(items),
            BlockKind::Code { .. } => true,
            BlockKind::Paragraph(text) => is_instruction(&text.text),
            BlockKind::Heading { .. }
            | BlockKind::Quote(_)
            | BlockKind::Table { .. }
            | BlockKind::Html(_)
            | BlockKind::Rule => false,
        }) || self.children.iter().any(Self::acts)
    }

    fn begins_with_instruction(&self) -> bool {
        matches!(
            self.blocks.first().map(|it| &it.kind),
            Some(BlockKind::Paragraph(text)) if is_instruction(&text.text)
        )
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

/// The part of the sections below another that are alternatives: by its title, or by what it says about them.
pub(crate) fn alternatives_below(section: &MarkdownSection) -> Option<(usize, usize)> {
    if let Some(found) = alternatives(Some(section.title()), &section.children) {
        return Some(found);
    }
    let acting: Vec<&MarkdownSection> = section.children.iter().filter(|it| !it.is_context()).collect();
    if are_cases(section.title(), &acting) && acting.len() == section.children.len() {
        return Some((0, acting.len()));
    }
    let said = section.blocks.iter().rev().find_map(|it| match &it.kind {
        BlockKind::Paragraph(text) => Some(text.text.to_lowercase()),
        _ => None,
    })?;
    let several = ["couple of", "several", "two", "three", "different", "various", "multiple", "one of"];
    let ways = [" ways", " methods", " options", " approaches", " alternatives"];
    let announces = several.iter().any(|it| said.contains(it)) && ways.iter().any(|it| said.contains(it));
    let acts = |it: &MarkdownSection| {
        !it.is_context() && !closes(it.title()) && !is_numbered(it.title()) && !is_empty_title(it)
    };
    let count = section.children.iter().take_while(|it| acts(it)).count();
    (announces && count > 1).then_some((0, count))
}

/// Whether each section is for one case: it begins with its condition, or its title says what is so.
fn are_cases(above: &str, sections: &[&MarkdownSection]) -> bool {
    let is_of_errors = |it: &str| {
        let lower = it.to_lowercase();
        ["troubleshooting", "errors", "error messages", "known errors", "common errors", "failure modes"]
            .contains(&lower.as_str())
    };
    let conditional = |it: &&MarkdownSection| match it.blocks.first().map(|it| &it.kind) {
        Some(BlockKind::Paragraph(text)) => sentences(&text.text)
            .first()
            .is_some_and(|it| matches!(classify(it, false), SentenceKind::If { .. })),
        _ => false,
    };
    let says = |it: &&MarkdownSection| {
        let title = it.title();
        ["the", "a", "an", "no", "nothing", "none", "not", "some", "all"]
            .contains(&first_word(title).0.as_str())
            && !is_instruction(title)
            && title.split_whitespace().count() > 2
    };
    // `Slow disk issue`, `Network problem`, `Other`
    let names_trouble = |it: &&MarkdownSection| {
        let title = it.title().to_lowercase();
        let last = title.rsplit(' ').next().unwrap_or_default();
        ["issue", "issues", "problem", "problems", "failure", "failures", "outage"].contains(&last)
            && title.contains(' ')
            && !is_instruction(&title)
    };
    let is_other = |it: &&MarkdownSection| ["other", "others"].contains(&it.title().to_lowercase().as_str());
    sections.len() > 1
        && sections.iter().all(|it| !is_numbered(it.title()) && !it.blocks.is_empty())
        && (sections.iter().all(conditional)
            || sections.iter().all(says)
            || is_of_errors(above)
                && sections.iter().all(|it| !is_instruction(it.title()) && !is_sequential(it.title()))
            || sections.iter().filter(|it| names_trouble(it)).count() > 1
                && sections.iter().all(|it| names_trouble(it) || is_other(it)))
}

/// The part of some sections that are alternatives: the first of them, and how many.
pub(crate) fn alternatives(above: Option<&str>, sections: &[MarkdownSection]) -> Option<(usize, usize)> {
    let acts = |it: &MarkdownSection| !it.is_context() && !closes(it.title());
    let shared = sections.iter().filter(|it| acts(it)).filter_map(|it| kind_of_case(it.title()));
    let shared: Vec<String> = shared.collect();
    let is_case = |it: &MarkdownSection| {
        kind_of_case(it.title()).is_some_and(|kind| shared.iter().filter(|it| **it == kind).count() > 1)
    };
    let named = |it: &MarkdownSection| {
        acts(it) && (is_alternative(it.title()) || it.title().contains(" due to ") || is_case(it))
    };
    let marked = sections.iter().filter(|it| named(it)).count();
    let is_resolution =
        above.is_some_and(|it| ["resolution", "resolutions"].contains(&it.to_lowercase().as_str()));
    let names_other = sections.last().is_some_and(|it| is_alternative(it.title()) && !is_place(it.title()));
    let all: Vec<usize> = sections.iter().enumerate().filter(|(_, it)| acts(it)).map(|(n, _)| n).collect();
    let (first, last) = if above.is_some_and(holds_alternatives) || is_resolution && names_other {
        if sections.iter().any(|it| is_numbered(it.title()) && acts(it) && !named(it)) {
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
    let lower = without_number(title).to_lowercase();
    [
        "verify",
        "verification",
        "validation",
        "post",
        "after",
        "follow",
        "escalation",
        "clean",
        "further",
        "finish",
        "wrap",
    ]
    .iter()
    .any(|it| lower.starts_with(it))
}

/// What a heading is a case of: `Diagnosis for` of `2. Diagnosis for data corruption`.
fn kind_of_case(title: &str) -> Option<String> {
    let lower = without_number(title).to_lowercase();
    let mut words = lower.split_whitespace();
    let kind = words.next()?;
    let (at, mark) =
        words.enumerate().find(|(_, it)| ["for", "due", "caused", "when", "because"].contains(it))?;
    // `Check for errors` is what to do.
    (at < 2 && !is_instruction(&lower)).then(|| format!("{kind} {mark}"))
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
