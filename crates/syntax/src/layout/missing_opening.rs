//! Finds a block whose opening is missing: its lines are indented further than anything before them allows, and its `}`
//! matches no open block.

use super::brackets::BracketKind;
use super::scanner::LayoutScanner;
use crate::diagnostic::{Code, Diagnostic, Safety};

/// The indentation of the lines of one block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lines {
    /// The indent of its statements.
    content: Option<usize>,
    /// The first recent line that is indented further.
    outlier: Option<Outlier>,
}

/// A line that is indented further than its block allows.
#[derive(Debug, Clone, Copy)]
struct Outlier {
    /// Its first byte.
    at: usize,
    indent: usize,
    /// The end of the code on the line before it.
    before: usize,
    /// Whether the line before it normally opens a block: then only its brace is missing.
    lacks_brace: bool,
}

impl LayoutScanner<'_> {
    /// Records that a statement begins on the next non-blank line; `at` is the line end before it.
    pub(super) fn line_begins(&mut self, at: usize, next: usize) {
        if matches!(self.bytes.get(next), None | Some(b'}')) {
            return;
        }
        let between = self.bytes.get(at..next).unwrap_or_default();
        let indent = memchr::memrchr(b'\n', between).map_or(0, |line| between.len() - line - 1);
        let step = self.indent_step();
        let (lines, furthest) = match self.open.last() {
            Some(bracket) => (bracket.lines, bracket.indent + step),
            None => (self.top, 0),
        };
        let content = lines.content.unwrap_or(furthest.min(indent));
        let outlier = if indent > content {
            lines.outlier.or_else(|| Some(self.outlier(at, next, indent)))
        } else {
            None
        };
        let seen = Lines { content: Some(content), outlier };
        match self.open.last_mut() {
            Some(bracket) => bracket.lines = seen,
            None => self.top = seen,
        }
    }

    fn outlier(&self, at: usize, next: usize, indent: usize) -> Outlier {
        let before = self.code_end(at);
        let start =
            self.bytes.get(..before).and_then(|text| memchr::memrchr(b'\n', text)).map_or(0, |line| line + 1);
        let line = self.text.get(start..before).unwrap_or_default().trim_start_matches(['}', ' ', '\t']);
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let first = words.next().unwrap_or_default();
        let last = words.next_back().unwrap_or(first);
        let takes_block = matches!(
            first,
            "if" | "match" | "for" | "repeat" | "step" | "test" | "each" | "contains" | "matches"
        );
        let lacks_brace = !line.ends_with(['{', '}']) && (takes_block || matches!(last, "else" | "unknown"));
        Outlier { at: next, indent, before, lacks_brace }
    }

    /// Handles a `}` on its own that is indented further than the innermost block, after lines that are indented
    /// further still, where closing braces outnumber opening ones: the block it closes was never opened. Opens that
    /// block and reports it.
    pub(super) fn opens_what_is_closed(&mut self) -> bool {
        let (lines, own) = match self.open.last() {
            Some(bracket) if bracket.kind == BracketKind::Block => (bracket.lines, Some(bracket.indent)),
            Some(_) => return false,
            None => (self.top, None),
        };
        let Some(outlier) = lines.outlier else { return false };
        let indent = self.indent();
        let fits = self.is_first_on_line() && indent < outlier.indent && own.is_none_or(|own| indent > own);
        if !fits || self.closers_ahead() <= self.blocks_open() {
            return false;
        }
        let closing = self.here(self.at, self.at + 1);
        let diagnostic = if outlier.lacks_brace {
            self.insertions.push((outlier.before, "{"));
            let place = self.here(outlier.before, outlier.before);
            Diagnostic::new(
                Code::SYNTAX_UNOPENED,
                "a block begins without its `{`",
                place,
                "`{` belongs here",
            )
            .also(closing, "the block ends here")
            .help("write `{` at the end of this line")
            .fix("write `{`", Safety::Safe, place, " {")
        } else {
            self.insertions.push((outlier.at, "{"));
            let place = self.here(outlier.at, self.line_end(outlier.at));
            Diagnostic::new(Code::SYNTAX_UNOPENED, "nothing opens this block", place, "the block begins here")
                .also(closing, "the block ends here")
                .help("write the line that opens it above, or take its `}` away")
        };
        self.diagnostics.push(diagnostic);
        let lines = Lines { outlier: None, ..lines };
        match self.open.last_mut() {
            Some(bracket) => bracket.lines = lines,
            None => self.top = lines,
        }
        self.closed();
        true
    }

    /// Returns the indent of one level in this text: the smallest indent that occurs.
    fn indent_step(&mut self) -> usize {
        if let Some(step) = self.indent_step {
            return step;
        }
        let indents = self.text.lines().filter_map(|line| {
            let indent = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            (indent > 0 && indent < line.len()).then_some(indent)
        });
        *self.indent_step.insert(indents.min().unwrap_or(2))
    }
}
