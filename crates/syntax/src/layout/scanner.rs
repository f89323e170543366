//! The one pass over the bytes.

use super::LaidOut;
use super::brackets::{Bracket, Kind};
use super::missing_opening::Lines;
use super::words;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{SourceId, Span};

/// How deep brackets and texts may be nested.
pub(super) const MAX_DEPTH: usize = 64;

/// Lays a text out for the grammar.
///
/// *Why up to twice:* where every block has both its braces, indentation says nothing, however odd it is. Only where one
/// is missing or too much is it looked at, to tell which.
pub(crate) fn lay_out(source: SourceId, text: &str) -> LaidOut {
    let mut scanner = Scanner::new(source, text, Blocks::Whole);
    scanner.scan();
    if scanner.blocks == Blocks::Broken {
        scanner = Scanner::new(source, text, Blocks::ByIndentation);
        scanner.scan();
    }
    scanner.finish()
}

/// Whether every block has both its braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// As far as it was read.
    Whole,
    /// One lacks a brace or has one too many: the text is read anew.
    Broken,
    /// It is known that one is broken, and the indentation tells which.
    ByIndentation,
}

/// What stood before, as far as it matters to where a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// Nothing on this line yet.
    LineStart,
    /// An operator or a comma: the line goes on.
    Operator,
    /// A word, from here to the position.
    Word(usize),
    /// Anything else.
    Other,
}

#[allow(clippy::struct_excessive_bools)] // facts of the pass, each on its own
pub(super) struct Scanner<'a> {
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
    /// At the end something was open, or the last line wanted more.
    unfinished: bool,
    /// From a line end on, nothing but comments and blanks.
    nothing: std::ops::Range<usize>,
    /// Where the present line begins.
    pub(super) line_start: usize,
    /// Up to where it was looked for a statement that a line can go on with, and whether there was one.
    looked_at: usize,
    statement_before: bool,
    /// See [`closers_ahead`](Self::closers_ahead); empty until somebody asks.
    pub(super) closers: Vec<(usize, usize)>,
    /// A block that a brace further left closed: if one is missing, it is probably this one's.
    pub(super) doubt: Option<Bracket>,
    /// How the lines outside all blocks are.
    pub(super) top: Lines,
    /// The first tab that indents a line, and whether a blank indents one.
    indenting_tab: Option<usize>,
    blank_indents: bool,
    /// By how much blocks are indented, once somebody asked.
    pub(super) indent_step: Option<usize>,
    pub(super) blocks: Blocks,
}

impl<'a> Scanner<'a> {
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

    /// The first word of the next line that has anything, the word behind it, and its first byte.
    fn next_line(&mut self) -> (&'a str, &'a str, Option<u8>) {
        let text = self.text;
        let from = self.at;
        // Many lines of comments are stepped over once, not once for each of them.
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
        self.unfinished = !self.open.is_empty() || self.goes_on();
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

    /// Whether nothing but blanks stands before the position on its line.
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

    /// A tab is read as one blank, and looks like many: said once, where blanks indent too.
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

    /// Behind the last sign before a position that is no comment.
    pub(super) fn code_end(&self, before: usize) -> usize {
        let code = self.out.get(..before).unwrap_or_default();
        code.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |last| last + 1)
    }

    pub(super) fn blank(&mut self, start: usize, end: usize) {
        if let Some(bytes) = self.out.get_mut(start..end) {
            bytes.fill(b' ');
        }
    }

    /// The end of the line that a position lies in, without its line end.
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

    /// A line end: a statement ends here, unless it plainly goes on.
    fn line_end_here(&mut self) {
        let at = self.at;
        let (word, next_word, first) = self.next_line();
        if self.in_bracket() {
            let closes = first == Some(b'}') && self.open.last().is_none_or(|it| it.kind != Kind::Record);
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
        let goes_on = self.goes_on();
        let begins = words::begins_statement(word) && !self.is_used_as_name(word);
        let goes_on = goes_on && !begins && first.is_some() && first != Some(b'}');
        let continued = first == Some(b'{') && self.last != Last::LineStart;
        let continued = continued || (words::continues(word, next_word) && self.has_statement_before());
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

    /// Whether what stands here last wants something behind it.
    fn goes_on(&self) -> bool {
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

    /// Whether a statement stands before this line end in the same block, on whatever line: only then can a line go on with it.
    fn has_statement_before(&mut self) -> bool {
        // Since the last line end that was asked about, nothing but this line was added.
        let before = self.out.get(self.looked_at..self.at).unwrap_or_default();
        if let Some(at) = before.iter().rposition(|byte| !byte.is_ascii_whitespace()) {
            self.statement_before = !matches!(before.get(at), Some(b'{' | b';'));
        }
        self.looked_at = self.at;
        self.statement_before
    }

    /// Whether the next line has a text behind its word, `step "…"`, and stands as far left as what is open outermost.
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

    /// How far the present line is indented.
    pub(super) fn indent(&self) -> usize {
        let line = self.bytes.get(self.line_start..self.at).unwrap_or_default();
        line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    pub(super) fn closed(&mut self) {
        self.at += 1;
        self.last = Last::Other;
    }
}
