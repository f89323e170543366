//! Finds the end of texts and commands, with the values, texts and brackets inside them.

use super::scanner::{Last, LayoutScanner, MAX_DEPTH};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

impl LayoutScanner<'_> {
    pub(super) fn quoted(&mut self) {
        let start = self.at;
        let triple = self.rest().starts_with(b"\"\"\"");
        let end = if triple { self.end_of_triple(start, 0) } else { self.end_of_text(start, 0) };
        if self.too_deep {
            return;
        }
        match end {
            Some(end) => self.at = end,
            None if triple => self.unclosed_triple(start),
            None => self.unclosed_on_line(start, "\"", "text"),
        }
        self.last = Last::Other;
    }

    pub(super) fn command(&mut self) {
        let start = self.at;
        let end = self.end_of_command(start, 0);
        if self.too_deep {
            return;
        }
        match end {
            Some(end) => self.at = end,
            None => self.unclosed_on_line(start, "`", "command"),
        }
        self.last = Last::Other;
    }

    /// Handles a value outside of all texts that is followed by a quote on its line: the opening quote is missing.
    /// Reports that, and treats what was opened on this line as part of the text.
    pub(super) fn closes_unopened_text(&mut self) -> bool {
        let end = self.line_end(self.at);
        let rest = self.bytes.get(self.at..end).unwrap_or_default();
        if self.is_first_on_line() || rest.get(1) != Some(&b'{') {
            return false;
        }
        let Some(quote) = memchr::memrchr2(b'"', b'`', rest).map(|found| self.at + found) else {
            return false;
        };
        let (shown, what) =
            if self.bytes.get(quote) == Some(&b'`') { ("a back quote", "command") } else { ("`\"`", "text") };
        let place = self.here(quote, quote + 1);
        let label = format!("no {what} was opened before it");
        self.diagnostics.push(
            Diagnostic::new(Code::SYNTAX_UNOPENED, format!("{shown} closes nothing"), place, label)
                .help(format!("write {shown} where the {what} begins")),
        );
        let mut from = self.at;
        while let Some(bracket) = self.open.pop_if(|bracket| bracket.at >= self.line_start) {
            from = bracket.at;
        }
        self.blank(from, end);
        self.at = end;
        self.last = Last::Other;
        true
    }

    /// Returns the position after the closing quote of a single-line text.
    fn end_of_text(&mut self, start: usize, depth: usize) -> Option<usize> {
        let mut at = start + 1;
        loop {
            match self.bytes.get(at)? {
                b'"' => return Some(self.text_ends(start, at + 1)),
                b'\n' => return None,
                b'\\' => at += 1 + self.character(at + 1),
                b'#' if self.bytes.get(at + 1) == Some(&b'{') => {
                    at = self.end_of_value(at + 2, depth, false)?;
                }
                _ => at += 1,
            }
        }
    }

    fn text_ends(&mut self, start: usize, end: usize) -> usize {
        self.texts.push(Span::between(start, end));
        end
    }

    fn end_of_triple(&mut self, start: usize, depth: usize) -> Option<usize> {
        let mut at = start + 3;
        loop {
            match self.bytes.get(at)? {
                b'"' if self.bytes.get(at..at + 3) == Some(b"\"\"\"") => {
                    return Some(self.text_ends(start, at + 3));
                }
                b'\\' => at += 1 + self.character(at + 1),
                b'#' if self.bytes.get(at + 1) == Some(&b'{') => {
                    at = self.end_of_value(at + 2, depth, true)?;
                }
                _ => at += 1,
            }
        }
    }

    /// A command may span lines; one that reaches a line that plainly begins a statement was never closed.
    fn end_of_command(&mut self, start: usize, depth: usize) -> Option<usize> {
        let mut at = start + 1;
        loop {
            match self.bytes.get(at)? {
                b'`' => return Some(self.text_ends(start, at + 1)),
                b'\n' if self.statement_begins(at + 1) => return None,
                b'\\' => at += 1 + self.character(at + 1),
                b'#' if self.bytes.get(at + 1) == Some(&b'{') => {
                    at = self.end_of_value(at + 2, depth, true)?;
                }
                _ => at += 1,
            }
        }
    }

    /// Returns the length in bytes of the character at a position; 0 past the end.
    fn character(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }

    /// Whether a line begins with a word that no shell line begins with: then it is a statement of the language.
    fn statement_begins(&self, line: usize) -> bool {
        let rest = self.bytes.get(line..).unwrap_or_default();
        let start = line + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let word = self.text.get(start..self.word_end(start)).unwrap_or_default();
        matches!(
            word,
            "check"
                | "action"
                | "escalate"
                | "record"
                | "resolve"
                | "step"
                | "metric"
                | "define"
                | "param"
                | "secret"
        ) && self.bytes.get(start + word.len()) == Some(&b' ')
    }

    /// Returns the position after the brace that closes `#{`, given the position after that opening.
    fn end_of_value(&mut self, start: usize, depth: usize, over_lines: bool) -> Option<usize> {
        if depth >= MAX_DEPTH {
            self.at = start;
            self.report_depth();
            return None;
        }
        let mut at = start;
        let mut open = 0usize;
        loop {
            match self.bytes.get(at)? {
                b'}' if open == 0 => {
                    self.values.push(Span::between(start, at));
                    return Some(at + 1);
                }
                b'}' | b')' | b']' => {
                    open = open.saturating_sub(1);
                    at += 1;
                }
                b'{' | b'(' | b'[' => {
                    open += 1;
                    at += 1;
                    if open > MAX_DEPTH {
                        self.at = at;
                        self.report_depth();
                        return None;
                    }
                }
                b'\n' if !over_lines => return None,
                b'\n' | b'\t' => {
                    self.blank(at, at + 1);
                    at += 1;
                }
                b'"' if self.bytes.get(at..at + 3) == Some(b"\"\"\"") => {
                    at = self.end_of_triple(at, depth + 1)?;
                }
                b'"' => at = self.end_of_text(at, depth + 1)?,
                b'`' => at = self.end_of_command(at, depth + 1)?,
                _ => at += 1,
            }
        }
    }
}
