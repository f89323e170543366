//! Scans a source text once and lays it out for the grammar: statement ends, brackets, comments.

use super::LaidOut;
use super::brackets::{Bracket, BracketKind};
use super::missing_opening::Lines;
use super::words;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{SourceId, Span};

/// The maximum nesting of brackets and texts.
pub(super) const MAX_DEPTH: usize = 64;

/// Lays a text out for the grammar.
///
/// *Why up to two passes:* if every block has both its braces, indentation means nothing, however odd it is. Only if a
/// brace is missing or surplus does a second pass use the indentation to find out which.
pub(crate) fn lay_out(source: SourceId, text: &str) -> LaidOut {
    let mut scanner = LayoutScanner::new(source, text, Blocks::Whole);
    scanner.scan();
    if scanner.blocks == Blocks::Broken {
        scanner = LayoutScanner::new(source, text, Blocks::ByIndentation);
        scanner.scan();
    }
    scanner.finish()
}

/// Whether every block has both its braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// As far as the text has been read.
    Whole,
    /// A brace is missing or surplus: the text is read again.
    Broken,
    /// A brace is known to be missing or surplus, and the indentation decides which.
    ByIndentation,
}

/// The previous token, as far as it matters for where a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// Nothing on this line yet.
    LineStart,
    /// An operator or a comma: the line continues.
    Operator,
    /// A word, from here to the position.
    Word(usize),
    /// Anything else.
    Other,
}

#[allow(clippy::struct_excessive_bools)] // independent facts of the pass
pub(super) struct LayoutScanner<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    out: Vec<u8>,
    pub(super) at: usize,
    pub(super) open: Vec<Bracket>,
    pub(super) last: Last,
    comments: Vec<Span>,
    pub(super) texts: Vec<Span>,
    pub(super) values: Vec<Span>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) insertions: Vec<(usize, &'static str)>,
    pub(super) too_deep: bool,
    /// Whether something was open at the end, or the last line needs a continuation.
    unfinished: bool,
    /// A range that begins at a line end and holds only comments and blanks.
    nothing: std::ops::Range<usize>,
    /// The start of the current line.
    pub(super) line_start: usize,
    /// The position up to which a preceding statement was searched for; `statement_before` is the result.
    looked_at: usize,
    statement_before: bool,
    /// See [`closers_ahead`](Self::closers_ahead); empty until it is first needed.
    pub(super) closers: Vec<(usize, usize)>,
    /// A block that was closed by a brace further left: if a brace is missing, it is probably this block's.
    pub(super) doubt: Option<Bracket>,
    /// The indentation of the lines outside all blocks.
    pub(super) top: Lines,
    /// The first tab that indents a line; `blank_indents`: whether a blank indents one.
    indenting_tab: Option<usize>,
    blank_indents: bool,
    /// The indent of one level, once it was needed.
    pub(super) indent_step: Option<usize>,
    pub(super) blocks: Blocks,
}

impl<'a> LayoutScanner<'a> {
    fn new(source: SourceId, text: &'a str, blocks: Blocks) -> Self {
        Self {
            source,
            text,
            bytes: text.as_bytes(),
            out: text.as_bytes().to_vec(),
            at: 0,
            open: Vec::new(),
            last: Last::LineStart,
            comments: Vec::new(),
            diagnostics: Vec::new(),
            insertions: Vec::new(),
            nothing: 0..0,
            too_deep: false,
            unfinished: false,
            line_start: 0,
            looked_at: 0,
            statement_before: false,
            doubt: None,
            closers: Vec::new(),
            texts: Vec::new(),
            values: Vec::new(),
            top: Lines::default(),
            indent_step: None,
            indenting_tab: None,
            blank_indents: false,
            blocks,
        }
    }

    /// Returns the first word of the next non-blank line, the word after it, and the line's first byte.
    fn next_line(&mut self) -> (&'a str, &'a str, Option<u8>) {
        let text = self.text;
        let from = self.at;
        // A run of comment lines is skipped once, not once per line.
        let mut at = if self.nothing.contains(&from) { self.nothing.end } else { from };
        loop {
            match self.bytes.get(at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
                Some(b'#') => at = self.line_end(at),
                Some(first) => {
                    self.nothing = from..at;
                    let end = self.word_end(at);
                    let word = text.get(at..end).unwrap_or_default();
                    let rest = self.bytes.get(end..).unwrap_or_default();
                    let gap = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                    let next = text.get(end + gap..self.word_end(end + gap)).unwrap_or_default();
                    return (word, next, Some(*first));
                }
                None => {
                    self.nothing = from..at;
                    return ("", "", None);
                }
            }
        }
    }

    fn scan(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.blank(0, 3);
            self.at = 3;
        }
        if self.rest().starts_with(b"#!") {
            self.at = self.line_end(self.at);
        }
        while let Some(byte) = self.byte(0) {
            match byte {
                b' ' => {
                    self.blank_indents = self.blank_indents || self.indents();
                    self.at += 1;
                }
                b'\t' | b'\r' => {
                    if byte == b'\t' && self.indenting_tab.is_none() && self.indents() {
                        self.indenting_tab = Some(self.at);
                    }
                    self.blank(self.at, self.at + 1);
                    self.at += 1;
                }
                b'\n' => self.line_end_here(),
                b'#' if self.closes_unopened_text() => {}
                b'#' => self.comment(),
                b'"' => self.quoted(),
                b'`' => self.command(),
                b'(' | b'[' | b'{' => self.opens(byte),
                b')' | b']' | b'}' => self.closes(byte),
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => self.word(),
                b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b',' | b':' | b'!' | b'~' => {
                    self.at += 1;
                    self.last = Last::Operator;
                }
                _ => {
                    self.at += 1;
                    self.last = Last::Other;
                }
            }
            if self.too_deep || self.blocks == Blocks::Broken {
                return;
            }
        }
        self.unfinished = !self.open.is_empty() || self.needs_continuation();
        self.close_what_is_open();
    }

    fn finish(mut self) -> LaidOut {
        if let Some(tab) = self.indenting_tab.filter(|_| self.blank_indents) {
            self.advise_blanks(tab);
        }
        // INVARIANT: only whole ASCII characters, or all bytes of one, were replaced by blanks.
        let text = String::from_utf8(self.out).unwrap_or_default();
        let mut laid_out = LaidOut {
            text,
            comments: self.comments,
            texts: self.texts,
            values: self.values,
            diagnostics: self.diagnostics,
            unfinished: self.unfinished,
            too_deep: self.too_deep,
            insertions: Vec::new(),
        };
        laid_out.insert(self.insertions);
        laid_out
    }

    /// Whether only blanks precede the position on its line.
    pub(super) fn is_first_on_line(&self) -> bool {
        self.bytes.get(self.line_start..self.at).unwrap_or_default().iter().all(u8::is_ascii_whitespace)
    }

    /// Whether a line begins here with blanks before something.
    fn indents(&self) -> bool {
        if self.at != self.line_start {
            return false;
        }
        let behind = self.rest().iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        !matches!(behind, None | Some(b'\n'))
    }

    /// A tab counts as one blank but is displayed wider; reported once, if blanks are used for indentation too.
    fn advise_blanks(&mut self, tab: usize) {
        let place = self.here(tab, tab + 1);
        let mut diagnostic =
            Diagnostic::new(Code::SYNTAX_HABIT, "tabs and blanks indent this file", place, "a tab")
                .help("write two blanks for each tab: it looks wider in one place than in another");
        diagnostic.severity = Severity::Advice;
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Returns the end of the last code character before a position; comments are skipped.
    pub(super) fn code_end(&self, before: usize) -> usize {
        let code = self.out.get(..before).unwrap_or_default();
        code.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |last| last + 1)
    }

    pub(super) fn blank(&mut self, start: usize, end: usize) {
        if let Some(bytes) = self.out.get_mut(start..end) {
            bytes.fill(b' ');
        }
    }

    /// Returns the end of the line of a position, without its line end.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |found| from + found);
        if end > from && self.bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end }
    }

    pub(super) fn here(&self, start: usize, end: usize) -> crate::source::Place {
        Span::between(start, end).in_source(self.source)
    }

    fn comment(&mut self) {
        let end = self.line_end(self.at);
        self.comments.push(self.here(self.at, end).span);
        self.blank(self.at, end);
        self.at = end;
    }

    fn word(&mut self) {
        let start = self.at;
        while let Some(byte) = self.byte(0) {
            if byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80 {
                self.at += 1;
            } else {
                break;
            }
        }
        self.last = Last::Word(start);
    }

    /// Handles a line end: a statement ends here, unless it plainly continues.
    fn line_end_here(&mut self) {
        let at = self.at;
        let (word, next_word, first) = self.next_line();
        if self.in_bracket() {
            let closes =
                first == Some(b'}') && self.open.last().is_none_or(|it| it.kind != BracketKind::Record);
            if closes || (words::begins_statement(word) && !self.is_used_as_name(word)) {
                self.close_before_statement(at);
            } else {
                self.join(at);
                return;
            }
        }
        if self.blocks == Blocks::ByIndentation
            && matches!(word, "step" | "test")
            && !self.open.is_empty()
            && self.titled_at_line_start(word)
        {
            self.close_before_step(at);
        }
        let goes_on = self.needs_continuation();
        let begins = words::begins_statement(word) && !self.is_used_as_name(word);
        let goes_on = goes_on && !begins && first.is_some() && first != Some(b'}');
        let continued = first == Some(b'{') && self.last != Last::LineStart;
        let only_continues =
            words::continues(word, next_word) && !(word == "for" && self.loops_over_something());
        let continued = continued || (only_continues && self.has_statement_before());
        if goes_on || continued {
            self.join(at);
        } else {
            if self.blocks == Blocks::ByIndentation {
                self.line_begins(at, self.nothing.end);
            }
            self.last = Last::LineStart;
            self.at += 1;
            self.line_start = self.at;
        }
    }

    /// Whether the previous token requires a continuation.
    fn needs_continuation(&self) -> bool {
        match self.last {
            Last::Operator => true,
            Last::Word(start) => self.text.get(start..self.word_end(start)).is_some_and(words::wants_more),
            Last::LineStart | Last::Other => false,
        }
    }

    fn join(&mut self, at: usize) {
        self.blank(at, at + 1);
        self.at += 1;
        self.line_start = self.at;
    }

    pub(super) fn word_end(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        start
            + rest
                .iter()
                .take_while(|byte| **byte == b'_' || byte.is_ascii_alphanumeric() || **byte >= 0x80)
                .count()
    }

    /// Whether a statement precedes this line end in the same block, on any line: only then can a line continue it.
    fn has_statement_before(&mut self) -> bool {
        // Since the previous query, only this line was added.
        let before = self.out.get(self.looked_at..self.at).unwrap_or_default();
        if let Some(at) = before.iter().rposition(|byte| !byte.is_ascii_whitespace()) {
            self.statement_before = !matches!(before.get(at), Some(b'{' | b';'));
        }
        self.looked_at = self.at;
        self.statement_before
    }

    /// Whether the next line is a loop of another language, `for x in …`: it continues nothing.
    fn loops_over_something(&self) -> bool {
        let rest = self.text.get(self.nothing.end..).unwrap_or_default();
        let mut words = rest.split_whitespace().skip(1);
        let named = words.next().is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        named && words.next() == Some("in")
    }

    /// Whether the next line has a text after its word, `step "…"`, and is indented no further than the outermost open
    /// bracket.
    fn titled_at_line_start(&self, word: &str) -> bool {
        let start = self.nothing.end;
        let before = self.text.get(self.at..start).unwrap_or_default();
        let indent = before.len() - before.rfind('\n').map_or(0, |line| line + 1);
        let titled =
            self.text.get(start + word.len()..).is_some_and(|rest| rest.trim_start().starts_with('"'));
        titled && self.open.first().is_some_and(|outermost| indent <= outermost.indent)
    }

    /// `severity: "x"` or `run,` in a list: a name that is spelled like a statement.
    fn is_used_as_name(&self, word: &str) -> bool {
        let rest = self.bytes.get(self.nothing.end + word.len()..).unwrap_or_default();
        let after = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        matches!(after, Some(b':' | b',' | b')' | b']' | b'.' | b'(' | b'\n' | b'=' | b'!'))
    }

    pub(super) fn report_depth(&mut self) {
        let place = self.here(self.at, self.at + 1);
        self.diagnostics.push(
            Diagnostic::new(Code::SYNTAX_DEPTH, "nested more than 64 deep", place, "the 65th level")
                .help("take the inner part out: into a `run` of another runbook, or a `let` with parameters"),
        );
        self.too_deep = true;
    }

    /// Returns the indent of the current line.
    pub(super) fn indent(&self) -> usize {
        let line = self.bytes.get(self.line_start..self.at).unwrap_or_default();
        line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    pub(super) fn closed(&mut self) {
        self.at += 1;
        self.last = Last::Other;
    }
}
