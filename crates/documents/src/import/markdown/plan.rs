//! What a document is before it is taken apart: its title, and how many runbooks it holds.

use super::block::{BlockKind, InlineText, MarkdownBlock, MarkdownDocument};
use super::section::{MarkdownSection, alternatives, sections};
use super::words::{is_context, is_numbered};

/// A runbook of a document, not yet translated.
#[derive(Debug)]
pub(crate) struct PlannedRunbook {
    pub(crate) title: String,
    /// Blocks before the first section.
    pub(crate) before: Vec<MarkdownBlock>,
    pub(crate) sections: Vec<MarkdownSection>,
    /// Lines with headings that are in the title.
    pub(crate) heading_lines: Vec<usize>,
    /// Headings that the title does not hold.
    pub(crate) headings: Vec<String>,
}

/// Plans the runbooks of a document. `stem`: the name of its file, for a document without a title.
pub(crate) fn plan(document: &mut MarkdownDocument, stem: &str) -> Vec<PlannedRunbook> {
    let (mut before, mut all) = sections(std::mem::take(&mut document.blocks));
    let front = document.front.iter().find(|(key, _)| key == "title").map(|(_, value)| value.clone());
    let mut heading_lines = Vec::new();
    let mut headings = Vec::new();
    let mut title = None;
    if all.len() == 1
        || all.iter().filter(|it| it.level == 1).count() == 1 && all.first().is_some_and(|it| it.level == 1)
    {
        let first = all.remove(0);
        heading_lines.push(first.lines.first);
        // `<%= current_page.data.title %>`
        let is_template = first.title().contains("<%") || first.title().contains("{{");
        if is_context(first.title()) {
            // A document that begins with its purpose is named by its file.
            let mut lines = first.lines;
            lines.last = first.blocks.last().map_or(lines.first, |it| it.lines.last);
            all.splice(0..0, first.children);
            let heading = first.heading;
            all.insert(
                0,
                MarkdownSection { heading, level: 1, lines, blocks: first.blocks, children: Vec::new() },
            );
            heading_lines.clear();
        } else {
            if is_template {
                headings.push(first.title().to_owned());
            } else if let Some(front) = front.as_deref().filter(|it| first.level > 1 && *it != first.title())
            {
                title = Some(format!("{front}: {}", first.title()));
            } else {
                title = Some(first.title().to_owned());
            }
            before.extend(first.blocks);
            all.splice(0..0, first.children);
        }
    }
    // A document without `#`, whose first heading says what it is about.
    if title.is_none()
        && front.is_none()
        && headings.is_empty()
        && before.is_empty()
        && all.len() > 1
        && all.first().is_some_and(|it| {
            it.level > 1 && it.children.is_empty() && !it.is_context() && !is_sequential(it.title())
        })
        && all.iter().all(|it| it.level > 1)
    {
        let first = all.remove(0);
        heading_lines.push(first.lines.first);
        title = Some(first.title().to_owned());
        before = first.blocks;
    }
    let mut title = title.or(front).unwrap_or_else(|| spoken(stem));
    // `# Patroni` above a single `## Scale Down` are one title.
    while all.len() == 1
        && before.is_empty()
        && all.iter().all(|it| it.children.len() > 1 && !it.is_context() && !is_sequential(it.title()))
    {
        let only = all.remove(0);
        title = format!("{title}: {}", only.title());
        heading_lines.push(only.lines.first);
        before = only.blocks;
        all = only.children;
    }
    let title = title.replace('`', "");
    match independent(&all) {
        Some(level) => several(&title, before, all, level),
        None => vec![PlannedRunbook { title, before, sections: all, heading_lines, headings }],
    }
}

/// Whether sections are independent procedures, and at which level their headings stand.
fn independent(all: &[MarkdownSection]) -> Option<u8> {
    for level in [all, &all.iter().flat_map(|it| it.children.clone()).collect::<Vec<_>>()] {
        let alerts = level.iter().filter(|it| is_alert_name(it.title()) && !it.is_empty()).count();
        if alerts > 1 {
            return level.iter().find(|it| is_alert_name(it.title())).map(|it| it.level);
        }
    }
    let acting: Vec<&MarkdownSection> = all.iter().filter(|it| !it.is_context() && !it.is_empty()).collect();
    let apart = acting.len() > 1
        && alternatives(None, all).is_none()
        && acting.iter().all(|it| !is_sequential(it.title()) && !is_numbered(it.title()) && has_steps(it));
    if apart { acting.first().map(|it| it.level) } else { None }
}

/// A part of one procedure, by its name.
pub(super) fn is_sequential(title: &str) -> bool {
    let lower = title.to_lowercase();
    [
        "diagnos",
        "mitigat",
        "resol",
        "remediat",
        "solution",
        "steps",
        "step ",
        "execution",
        "procedure",
        "preparation",
        "detect",
        "further",
        "verif",
        "post-",
        "post ",
        "after",
        "check",
        "rollback",
        "escalat",
        "troubleshoot",
        "investigat",
        "what to do",
        "symptom",
        "fix",
        "actions",
        "follow",
        "response",
        "recovery",
        "clean",
    ]
    .iter()
    .any(|it| lower.contains(it))
}

/// Whether a section has steps of its own: numbered items, or several sections below it.
fn has_steps(section: &MarkdownSection) -> bool {
    let numbered = |blocks: &[MarkdownBlock]| {
        blocks
            .iter()
            .any(|it| matches!(&it.kind, BlockKind::List { ordered: true, items } if items.len() > 1))
    };
    let tasks = |blocks: &[MarkdownBlock]| {
        blocks.iter().any(|it| matches!(&it.kind, BlockKind::List { items, .. } if items.iter().filter(|it| it.is_task).count() > 1))
    };
    let acting = section.children.iter().filter(|it| !it.is_context() && !it.is_empty()).count();
    numbered(&section.blocks) || tasks(&section.blocks) || acting > 1
}

/// One runbook for each section of a level; what is above them goes to the first explanation of each.
fn several(
    title: &str,
    before: Vec<MarkdownBlock>,
    all: Vec<MarkdownSection>,
    level: u8,
) -> Vec<PlannedRunbook> {
    let mut found = Vec::new();
    let mut shared: Vec<MarkdownSection> = Vec::new();
    let by_alert = all.iter().any(|it| it.level < level) || all.iter().any(|it| is_alert_name(it.title()));
    let mut rest = Vec::new();
    for section in all {
        if section.level < level {
            let mut above = section.clone();
            above.children.retain(|it| !is_part(it, level, by_alert));
            rest.extend(section.children.into_iter().filter(|it| is_part(it, level, by_alert)));
            if !above.is_empty() {
                shared.push(above);
            }
        } else if is_part(&section, level, by_alert) {
            rest.push(section);
        } else {
            shared.push(section);
        }
    }
    // What belongs to all of them is a runbook of its own if it says what to do, and otherwise dropped into the first.
    let mut before = before;
    for section in rest {
        let name = section.title().replace('`', "");
        let named = if is_alert_name(&name) { name } else { format!("{title}: {name}") };
        found.push(PlannedRunbook {
            title: named,
            before: std::mem::take(&mut before).into_iter().chain(section.blocks).collect(),
            sections: section.children,
            heading_lines: vec![section.lines.first],
            headings: Vec::new(),
        });
    }
    if let Some(first) = found.first_mut() {
        for section in shared.into_iter().rev() {
            first.sections.insert(0, about_section(section));
        }
    }
    found
}

fn is_part(section: &MarkdownSection, level: u8, by_alert: bool) -> bool {
    section.level == level
        && if by_alert {
            is_alert_name(section.title())
        } else {
            !section.is_context() && !section.is_empty()
        }
}

/// A section that is marked as explanation, whatever it is called.
fn about_section(mut section: MarkdownSection) -> MarkdownSection {
    if !section.is_context() {
        section.heading = InlineText { text: format!("About: {}", section.heading.text), ..section.heading };
    }
    section
}

/// Whether a title is the name of an alert: one word, with a capital letter inside.
pub(crate) fn is_alert_name(title: &str) -> bool {
    let capitals = title.chars().filter(char::is_ascii_uppercase).count();
    let small = title.chars().filter(char::is_ascii_lowercase).count();
    title.len() >= 8
        && title.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && title.starts_with(|c: char| c.is_ascii_alphabetic())
        && capitals >= 2
        && small >= 3
}

/// A file name as words.
fn spoken(stem: &str) -> String {
    let words = stem.replace(['_', '-'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = words.trim().chars();
    chars.next().map_or_else(|| "Runbook".into(), |first| first.to_uppercase().chain(chars).collect())
}
