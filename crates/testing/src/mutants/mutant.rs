//! A [`Mutant`]: one small change of a runbook's text, and the lines that show it.

use super::kind::MutantKind;
use rbl_syntax::source::{Source, Span};

/// A replacement of a part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutantEdit {
    /// The part that is removed; empty for an insertion.
    pub span: Span,
    /// The text that is inserted.
    pub text: String,
}

impl MutantEdit {
    /// Replaces a part of the text.
    pub(super) fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Removes a part of the text.
    pub(super) fn drop(span: Span) -> Self {
        Self::replace(span, "")
    }
}

/// One small change of a runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The kind of change.
    pub kind: MutantKind,
    /// The edits, in order of place; no two overlap.
    pub edits: Vec<MutantEdit>,
    /// The statement that is changed, not the statements in its blocks; `None` for a declaration, which affects every
    /// run.
    pub statement: Option<Span>,
    /// The line, from 1.
    pub line: u32,
    /// The original line; for an `if` or a `match` its arms in one line.
    pub before: String,
    /// The changed line; empty if nothing is left of it.
    pub after: String,
    /// The test that would notice it: "a test with `p99` at exactly 500ms".
    pub noticed_by: String,
}

impl Mutant {
    /// Returns the text with the change applied.
    pub fn applied(&self, text: &str) -> String {
        applied(&self.edits, text)
    }
}

/// Returns a text with these edits applied.
pub(super) fn applied(edits: &[MutantEdit], text: &str) -> String {
    let mut changed = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        changed.push_str(text.get(at..range.start).unwrap_or(""));
        changed.push_str(&edit.text);
        at = range.end;
    }
    changed.push_str(text.get(at..).unwrap_or(""));
    changed
}

/// Returns a part of a text with these edits applied, all of which are inside that part.
pub(super) fn applied_within(edits: &[MutantEdit], text: &str, part: Span) -> String {
    let mut changed = String::new();
    let mut at = part.range().start;
    for edit in edits {
        let range = edit.span.range();
        changed.push_str(text.get(at..range.start).unwrap_or(""));
        changed.push_str(&edit.text);
        at = range.end;
    }
    changed.push_str(text.get(at..part.range().end).unwrap_or(""));
    changed
}

/// The longest line that is shown whole, in bytes.
const LONGEST: usize = 400;
/// How much of a longer one is shown before the change.
const AHEAD: usize = 100;

/// The lines of a change around what differs, if they are very long: a runbook in one line has as many mutants as it has
/// conditions.
pub(super) fn around(before: String, after: String) -> (String, String) {
    if before.len().max(after.len()) <= LONGEST {
        return (before, after);
    }
    let same = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
    let part = |text: &str| {
        let start = text.floor_char_boundary(same.saturating_sub(AHEAD));
        let end = text.ceil_char_boundary((start + LONGEST).min(text.len()));
        let (ahead, behind) = (if start > 0 { "… " } else { "" }, if end < text.len() { " …" } else { "" });
        format!("{ahead}{}{behind}", text.get(start..end).unwrap_or_default())
    };
    (part(&before), part(&after))
}

/// Returns the line in which a change begins, before and after it.
pub(super) fn lines(source: &Source, edits: &[MutantEdit]) -> (String, String) {
    let Some(first) = edits.first() else { return (String::new(), String::new()) };
    let text = source.text();
    let start = first.span.range().start;
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let first_line = |text: &str| text.lines().next().unwrap_or("").trim().to_owned();
    let rest = text.get(line..).unwrap_or("");
    let mut before = first_line(rest);
    if source.slice(first.span).contains('\n') {
        before.push_str(" …");
    }
    // The changed line ends where the line of the last edit does, or before.
    let last = edits.iter().map(|edit| edit.span.range().end).max().unwrap_or(line);
    let end = text.get(last..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| last + length);
    (before, first_line(&applied_within(edits, text, Span::between(line, end))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_line_the_change_is_shown() {
        let short = ("a < 1".to_owned(), "a <= 1".to_owned());
        assert_eq!(around(short.0.clone(), short.1.clone()), short);
        let line = |operator: &str| format!("{}é < 1 {operator} {}", "é".repeat(5_000), "é".repeat(5_000));
        let (before, after) = around(line("and"), line("or"));
        assert!(before.starts_with("… é") && before.ends_with("é …"), "{before}");
        assert!(before.contains("é < 1 and é") && after.contains("é < 1 or é"), "{before}\n{after}");
        assert!(before.len() < LONGEST + 20 && after.len() < LONGEST + 20);
        let cut = around(line("and"), String::new());
        assert_eq!(cut.1, "");
    }

    #[test]
    fn a_change_is_shown_by_its_line() {
        let text = "check p99 < 5 else {\n  record \"x\"\n}\nwait 5s\n";
        let source = Source::new("a.rb", text);
        let at = |part: &str| {
            let start = text.find(part).unwrap();
            Span::between(start, start + part.len())
        };
        let less = [MutantEdit::replace(at("<"), "<=")];
        assert_eq!(
            lines(&source, &less),
            ("check p99 < 5 else {".to_owned(), "check p99 <= 5 else {".to_owned())
        );
        let arm = [MutantEdit::drop(at(" else {\n  record \"x\"\n}"))];
        assert_eq!(lines(&source, &arm), ("check p99 < 5 else { …".to_owned(), "check p99 < 5".to_owned()));
        let both = [MutantEdit::replace(at("p99"), "p50"), MutantEdit::drop(at("wait 5s"))];
        assert_eq!(applied(&both, text), "check p50 < 5 else {\n  record \"x\"\n}\n\n");
    }
}
