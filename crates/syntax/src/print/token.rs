//! The author's own tokens, in order, each with the comments and blank lines around it.
//!
//! *Why:* the printer prints the tokens themselves, never a paraphrase of the tree: numbers keep their spelling, texts
//! their escapes, modifiers their order. The tree only decides how they are grouped.

use pest::Parser;

use crate::grammar::{Grammar, Rule};
use crate::layout::LaidOut;
use crate::source::Span;

/// A comment on a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Remark<'a> {
    /// From its `#` on.
    pub(super) text: &'a str,
    /// Whether a blank line precedes it.
    pub(super) blank: bool,
}

/// The kind of a token, as far as it matters for the blanks around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PrintTokenKind {
    /// A name, a keyword or a number.
    Word,
    /// The beginning of a text or command, or all of one without values.
    Text,
    /// `} … #{` or `} … "`: the text after a value.
    More,
    /// `(` `[` `{`
    Open,
    /// `)` `]` `}`
    Close,
    /// `,` and `:`
    Separator,
    /// `.` and `..`
    Dots,
    /// Any other punctuation.
    Sign,
    /// The end of the text.
    End,
}

/// A word, a punctuation mark, or a piece of a text between two values.
#[derive(Debug, Clone)]
pub(super) struct PrintToken<'a> {
    pub(super) kind: PrintTokenKind,
    pub(super) text: &'a str,
    /// Its first byte.
    pub(super) start: u32,
    /// Comments on lines of their own before it.
    pub(super) remarks: Vec<Remark<'a>>,
    /// Whether a blank line directly precedes it.
    pub(super) blank: bool,
    /// The comment after it on its line.
    pub(super) aside: Option<&'a str>,
}

/// Tokenizes a text without mistakes. The last token is [`PrintTokenKind::End`].
pub(super) fn tokens<'a>(text: &'a str, laid_out: &'a LaidOut) -> Vec<PrintToken<'a>> {
    let (mut texts, mut values) = (laid_out.texts.clone(), laid_out.values.clone());
    // Texts with the same start are attempts at the same text; the longest is kept.
    texts.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    texts.dedup_by_key(|span| span.start);
    values.sort_unstable();
    values.dedup();
    let mut lexer = Lexer {
        text,
        read: &laid_out.text,
        texts,
        values,
        comments: &laid_out.comments,
        tokens: Vec::with_capacity(text.len() / 4),
        behind: 0,
    };
    let first = if text.starts_with("#!") { text.find('\n').unwrap_or(text.len()) } else { 0 };
    lexer.behind = first;
    lexer.range(first, text.len());
    lexer.push(PrintTokenKind::End, text.len(), text.len());
    lexer.asides_go_behind_braces();
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    /// The same text with comments and continued line ends blanked.
    read: &'a str,
    texts: Vec<Span>,
    values: Vec<Span>,
    comments: &'a [Span],
    tokens: Vec<PrintToken<'a>>,
    /// The end of the last token.
    behind: usize,
}

impl<'a> Lexer<'a> {
    fn range(&mut self, start: usize, end: usize) {
        let bytes = self.read.as_bytes();
        let mut at = start;
        while at < end {
            let Some(byte) = bytes.get(at) else { return };
            let next = bytes.get(at + 1);
            let (kind, length) = match byte {
                b' ' | b'\n' | b';' | b'\t' | b'\r' => {
                    at += 1;
                    continue;
                }
                b'"' | b'`' => {
                    at = self.quoted(at);
                    continue;
                }
                b'(' | b'[' | b'{' => (PrintTokenKind::Open, 1),
                b')' | b']' | b'}' => (PrintTokenKind::Close, 1),
                b',' | b':' => (PrintTokenKind::Separator, 1),
                b'.' => (PrintTokenKind::Dots, if next == Some(&b'.') { 2 } else { 1 }),
                b'0'..=b'9' => (PrintTokenKind::Word, self.number(at)),
                _ if is_word(*byte) => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    (PrintTokenKind::Word, rest.iter().take_while(|byte| is_word(**byte)).count())
                }
                b'=' | b'!' | b'<' | b'>' if matches!(next, Some(b'=')) => (PrintTokenKind::Sign, 2),
                b'=' | b'!' if matches!(next, Some(b'~')) => (PrintTokenKind::Sign, 2),
                _ => (PrintTokenKind::Sign, 1),
            };
            self.push(kind, at, at + length);
            at += length;
        }
    }

    /// A number with its unit, as the grammar reads it.
    fn number(&self, at: usize) -> usize {
        let rest = self.read.get(at..).unwrap_or_default();
        Grammar::parse(Rule::number, rest).map_or(1, |pairs| pairs.as_str().len().max(1))
    }

    /// Scans a text or a command: its pieces, and the tokens of the values between them.
    fn quoted(&mut self, start: usize) -> usize {
        let at = self.texts.partition_point(|span| span.range().start < start);
        let Some(span) = self.texts.get(at).copied().filter(|span| span.range().start == start) else {
            self.push(PrintTokenKind::Sign, start, start + 1);
            return start + 1;
        };
        let (mut from, mut kind) = (start, PrintTokenKind::Text);
        loop {
            // A text that fills a value has the same span as the value; that value is not inside the text.
            let inside = from.max(start + 1);
            let next = self.values.partition_point(|value| value.range().start < inside);
            let Some(value) = self.values.get(next).copied().filter(|value| span.contains(*value)) else {
                break;
            };
            self.push(kind, from, value.range().start);
            self.range(value.range().start, value.range().end);
            (from, kind) = (value.range().end, PrintTokenKind::More);
        }
        self.push(kind, from, span.range().end);
        span.range().end
    }

    fn push(&mut self, kind: PrintTokenKind, start: usize, end: usize) {
        let (remarks, blank) = self.between(start);
        let text = self.read.get(start..end).unwrap_or_default();
        let start = Span::between(start, end).start;
        self.tokens.push(PrintToken { kind, text, start, remarks, blank, aside: None });
        self.behind = end;
    }

    /// Returns the comments and blank lines between the last token and this one.
    fn between(&mut self, start: usize) -> (Vec<Remark<'a>>, bool) {
        let mut remarks = Vec::new();
        let mut from = self.behind;
        let lines = |from: usize, to: usize| {
            self.text.get(from..to).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count()
        };
        while let Some((comment, rest)) =
            self.comments.split_first().filter(|(it, _)| it.range().start < start)
        {
            let text = self.text.get(comment.range()).unwrap_or_default().trim_end();
            let ends = lines(from, comment.range().start);
            match self.tokens.last_mut().filter(|_| ends == 0 && remarks.is_empty()) {
                Some(before) if before.aside.is_none() => before.aside = Some(text),
                _ => remarks.push(Remark { text, blank: ends > 1 }),
            }
            from = comment.range().end;
            self.comments = rest;
        }
        (remarks, lines(from, start) > 1)
    }

    /// Rewrites `if a # why` with the brace on the next line: the brace moves up, and the comment goes after it.
    fn asides_go_behind_braces(&mut self) {
        for at in 1..self.tokens.len() {
            let is_record = self.tokens.get(at + 2).is_some_and(|token| token.text == ":");
            let Some([before, brace]) = self.tokens.get_mut(at - 1..=at) else { return };
            if !is_record
                && brace.text == "{"
                && brace.kind == PrintTokenKind::Open
                && brace.remarks.is_empty()
                && brace.aside.is_none()
            {
                brace.aside = before.aside.take();
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}
