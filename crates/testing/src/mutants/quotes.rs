//! Restores what a run quotes from the runbook to the text before the change.
//!
//! *Why:* a page for an unhandled condition says "`p99 < 500ms` is unknown". A test that matches these words would
//! notice every change of the condition, even if it never tests its boundary.

use super::kind::MutantKind;
use super::mutant::{Mutant, MutantEdit};
use crate::Performed;

/// Each changed part with the word before or after it, and the original text there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Quotes(Vec<(String, String)>);

impl Quotes {
    /// Collects the changed parts of a mutant of this text.
    pub fn of(mutant: &Mutant, text: &str) -> Self {
        let in_condition = matches!(
            mutant.kind,
            MutantKind::Threshold
                | MutantKind::Boundary
                | MutantKind::Equality
                | MutantKind::Connective
                | MutantKind::Quantifier
                | MutantKind::Time
        );
        if !in_condition {
            return Self::default();
        }
        Self(mutant.edits.iter().flat_map(|edit| pieces(edit, text)).collect())
    }

    /// Restores the original text in the quotations of pages and records.
    pub fn put_back(&self, run: &mut Performed) {
        for timed in &mut run.events {
            if let Some(text) = timed.event.kind.sent_text_mut() {
                self.reread(text);
            }
        }
    }

    /// Quotations are between backquotes.
    fn reread(&self, text: &mut String) {
        let parts: Vec<String> = text
            .split('`')
            .enumerate()
            .map(|(index, part)| {
                let found = self.0.iter().find(|(changed, _)| part.contains(changed.as_str()));
                match found {
                    Some((changed, written)) if index % 2 == 1 => part.replace(changed.as_str(), written),
                    _ => part.to_owned(),
                }
            })
            .collect();
        *text = parts.join("`");
    }
}

/// A part within a line, with the word before it, and with the word after it.
fn pieces(edit: &MutantEdit, text: &str) -> Vec<(String, String)> {
    let range = edit.span.range();
    let (Some(before), Some(written), Some(behind)) =
        (text.get(..range.start), text.get(range.clone()), text.get(range.end..))
    else {
        return Vec::new();
    };
    if written.contains('\n') || edit.text.contains('\n') {
        return Vec::new();
    }
    let line = before.lines().next_back().unwrap_or("");
    // "no answer within 1h" is not a quotation: it states the time there was to answer.
    if line.trim_end().ends_with("within") {
        return Vec::new();
    }
    let word = |text: &str| text.split_inclusive(' ').next_back().map_or(0, str::len);
    let last = line.len() - word(line.trim_end()) - (line.len() - line.trim_end().len());
    let last = line.get(last..).unwrap_or("");
    let rest = behind.lines().next().unwrap_or("");
    let blanks = rest.len() - rest.trim_start().len();
    let next = rest.trim_start().split(' ').next().unwrap_or("");
    let next = rest.get(..blanks + next.len()).unwrap_or("");
    let mut pieces = Vec::new();
    if !last.trim().is_empty() {
        pieces.push((format!("{last}{}", edit.text), format!("{last}{written}")));
    }
    if !next.trim().is_empty() {
        pieces.push((format!("{}{next}", edit.text), format!("{written}{next}")));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::source::Span;

    /// Restores the quotations in a text of a run with this change of the runbook.
    fn put_back(runbook: &str, written: &str, changed: &str, reported: &str) -> String {
        let start = runbook.find(written).unwrap();
        let edit = MutantEdit::replace(Span::between(start, start + written.len()), changed);
        let mut reported = reported.to_owned();
        Quotes(pieces(&edit, runbook)).reread(&mut reported);
        reported
    }

    #[test]
    fn a_condition_that_is_quoted_reads_as_it_was_written() {
        let runbook = "  check p99 < 500ms else {\n  if every disk < 90% {\n";
        let back = |written, changed, reported| put_back(runbook, written, changed, reported);
        assert_eq!(back("500ms", "550ms", "`p99 < 550ms` is no"), "`p99 < 500ms` is no");
        assert_eq!(back("<", "<=", "`p99 <= 500ms` is no"), "`p99 < 500ms` is no");
        assert_eq!(back("every", "any", "`any disk < 90%` is no"), "`every disk < 90%` is no");
        let value = "p99 < 550ms, or `550ms` else, and more";
        assert_eq!(back("500ms", "550ms", value), value, "a value is no quotation");
    }
}
