//! The words of pages and records as services show them: bounded, and the same everywhere.

use rbl_runtime::{Page, RecordEffect};

/// What is cut off ends so.
const MORE: char = '…';

/// The first characters of a text; a cut is visible.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(longest.saturating_sub(1)).collect();
    short.push(MORE);
    short
}

/// One line that says why somebody is paged: `Checkout latency: p99 is still 812ms`.
pub(crate) fn title(page: &Page) -> String {
    let reason = page.reason.lines().next().unwrap_or_default();
    if reason.is_empty() { page.runbook.clone() } else { format!("{}: {reason}", page.runbook) }
}

/// The end of the story, as many lines as fit: the newest are what matters.
pub(crate) fn story(page: &Page, longest: usize) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut length = 0_usize;
    for line in page.story.iter().rev() {
        length = length.saturating_add(line.chars().count()).saturating_add(1);
        if length > longest {
            break;
        }
        lines.push(line);
    }
    let left = page.story.len().saturating_sub(lines.len());
    let skipped = format!("({left} earlier lines)");
    lines.extend((left > 0).then_some(skipped.as_str()));
    lines.reverse();
    lines.join("\n")
}

/// Everything that a page says, as text: the whole reason, the story, what the runbook says about its alert, its links.
pub(crate) fn page_text(page: &Page, longest: usize) -> String {
    let mut parts = Vec::new();
    let mut add = |text: String| {
        if !text.is_empty() {
            parts.push(text);
        }
    };
    add(page.reason.clone());
    add(story(page, longest / 2));
    add(page.about.clone().unwrap_or_default());
    add(page.links.iter().map(|(name, url)| format!("{name}: {url}")).collect::<Vec<_>>().join("\n"));
    add(format!("Run {}", crate::delivery::run_of(&page.key)));
    cut(&parts.join("\n\n"), longest)
}

/// What a record says, with its runbook.
pub(crate) fn record_text(record: &RecordEffect) -> String {
    format!("{}: {}", record.runbook, record.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(story: &[&str]) -> Page {
        Page {
            team: "db".into(),
            reason: "p99 is high\nand rising".into(),
            runbook: "Latency".into(),
            severity: None,
            story: story.iter().map(|line| (*line).to_owned()).collect(),
            links: vec![("Graphs".into(), "https://g".into())],
            about: None,
            key: "r1/0.1".into(),
        }
    }

    #[test]
    fn the_newest_lines_stay() {
        assert_eq!(cut("äbcdef", 4), "äbc…");
        assert_eq!(title(&page(&[])), "Latency: p99 is high");
        assert_eq!(story(&page(&["one", "two", "three"]), 10), "(1 earlier lines)\ntwo\nthree");
        let text = page_text(&page(&["one"]), 1000);
        assert_eq!(text, "p99 is high\nand rising\n\none\n\nGraphs: https://g\n\nRun r1");
    }
}
