//! `:help TOPIC`: pages of the reference, from the text of the documentation.

use crate::cli::markdown_page;
use rbl_report::diagnostic_docs;
use rbl_syntax::diagnostic::Code;
use rbl_terminal::Style;

/// The reference of the language.
const REFERENCE: &str = include_str!("../../docs/language.md");

/// The page of a topic: a code, a heading of the reference, or a row of one of its tables.
pub(super) fn page(topic: &str, style: Style) -> Option<String> {
    let topic = topic.trim().trim_matches('`');
    if Code::find(topic).is_some() {
        return diagnostic_docs::page(topic).map(|page| markdown_page(page, style));
    }
    let text = row(topic).or_else(|| section(topic)).or_else(|| forms(topic))?;
    Some(markdown_page(&text, style))
}

/// The section whose heading contains the word.
fn section(topic: &str) -> Option<String> {
    let wanted = topic.to_lowercase();
    let depth = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    let mut code = false;
    let is_heading = |line: &str, code: &mut bool| {
        *code ^= line.starts_with("```");
        !*code && line.starts_with('#')
    };
    let mut lines = REFERENCE.lines();
    let heading =
        lines.by_ref().find(|line| is_heading(line, &mut code) && line.to_lowercase().contains(&wanted))?;
    let mut section = vec![heading];
    let mut code = false;
    section.extend(lines.take_while(|line| !is_heading(line, &mut code) || depth(line) > depth(heading)));
    Some(section.join("\n"))
}

/// The table rows whose first cell is a form of the language that begins with the word.
fn forms(topic: &str) -> Option<String> {
    let begins = |line: &&str| {
        let first = line.trim_start_matches(['|', ' ', '`']);
        let rest = line.starts_with('|').then(|| first.strip_prefix(topic)).flatten();
        rest.is_some_and(|rest| rest.starts_with(' '))
    };
    let rows: Vec<&str> = REFERENCE.lines().filter(begins).collect();
    if rows.is_empty() { None } else { Some(format!("| line | |\n|---|---|\n{}", rows.join("\n"))) }
}

/// The table row whose first cell is the word.
fn row(topic: &str) -> Option<String> {
    let is_row = |line: &&str| {
        let first = line.strip_prefix('|').and_then(|rest| rest.split('|').next()).unwrap_or_default();
        first.split([',', '(']).any(|cell| cell.trim().trim_matches('`') == topic)
    };
    let line = REFERENCE.lines().find(is_row)?;
    // In code, `|` is written `\|`.
    let cells = line.replace("\\|", "\u{0}");
    let cells: Vec<String> = cells
        .split('|')
        .map(|cell| cell.trim().replace('\u{0}', "|"))
        .filter(|cell| !cell.is_empty())
        .collect();
    Some(cells.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_functions_headings_and_codes_have_a_page() {
        let text = |topic: &str| page(topic, Style::PLAIN).unwrap_or_default();
        for topic in ["check", "action", "escalate", "quantile", "unit/missing", "units"] {
            assert!(text(topic).len() > 20, "{topic}: {}", text(topic));
        }
        let given = text("given");
        assert!(given.contains("given METRIC is none") && given.contains("given probe"), "{given}");
        assert_eq!(page("nothing such", Style::PLAIN), None);
    }
}
