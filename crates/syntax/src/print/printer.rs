//! The [`Printer`] takes one token after another in written order; the tree decides how they are grouped.
//!
//! *Invariant:* every token is printed exactly once: a token that no construct asks for is printed with the next one.

use std::borrow::Cow;

use super::Queries;
use super::document::{Doc, PrintedBlock, PrintedLine, Sentence};
use super::token::{PrintToken, PrintTokenKind, Remark};
use crate::layout::begins_statement;
use crate::source::Span;

pub(super) type Docs<'a> = Vec<Doc<'a>>;

pub(super) struct Printer<'a> {
    tokens: Vec<PrintToken<'a>>,
    next: usize,
    /// Whether nothing is printed between the last token and the next.
    tight: bool,
    /// The nesting depth of texts; inside a text nothing breaks.
    pub(super) in_text: usize,
    pub(super) queries: &'a dyn Queries,
}

impl<'a> Printer<'a> {
    pub(super) fn new(tokens: Vec<PrintToken<'a>>, queries: &'a dyn Queries) -> Self {
        Self { tokens, next: 0, tight: true, in_text: 0, queries }
    }

    fn token(&self, ahead: usize) -> Option<&PrintToken<'a>> {
        self.tokens.get(self.next + ahead)
    }

    /// The text of the next token.
    pub(super) fn peek(&self) -> &'a str {
        self.token(0).map_or("", |token| token.text)
    }

    pub(super) fn peek_kind(&self) -> PrintTokenKind {
        self.token(0).map_or(PrintTokenKind::End, |token| token.kind)
    }

    /// The start of the next token.
    pub(super) fn at(&self) -> u32 {
        self.token(0).map_or(u32::MAX, |token| token.start)
    }

    /// The start of the token after the next.
    pub(super) fn behind_next(&self) -> u32 {
        self.token(1).map_or(u32::MAX, |token| token.start)
    }

    /// Whether the token at a position has a comment or a blank line before it.
    pub(super) fn stands_apart_at(&self, position: u32) -> bool {
        let at = self.tokens.partition_point(|token| token.start < position);
        self.tokens.get(at).is_some_and(|token| token.blank || !token.remarks.is_empty())
    }

    /// Prints the next token without a gap before it.
    pub(super) fn tight(&mut self) {
        self.tight = true;
    }

    /// Adds a place where the line may break; else `flat` is printed. Comments on their own lines go before it.
    pub(super) fn break_here(&mut self, flat: &'static str, into: &mut Docs<'a>) {
        into.extend(self.remarks_of_next().into_iter().map(Doc::Remark));
        // `for` at the start of a line would begin a loop if `each` follows.
        let loops = self.peek() == "for" && self.token(1).is_some_and(|token| token.text == "each");
        into.push(if self.in_text > 0 || loops { Doc::Text(flat.into()) } else { Doc::Break(flat) });
        self.tight = true;
    }

    /// Prints the next token, with the gap before it.
    pub(super) fn take(&mut self, into: &mut Docs<'a>) {
        let gap = self.gap();
        let Some(token) = self.tokens.get_mut(self.next) else { return };
        if token.kind == PrintTokenKind::End {
            return;
        }
        self.next += 1;
        let remarks = std::mem::take(&mut token.remarks);
        if !remarks.is_empty() {
            into.extend(remarks.into_iter().map(Doc::Remark));
        } else if gap {
            into.push(Doc::Text(" ".into()));
        }
        let text = Cow::Borrowed(token.text);
        into.push(if text.contains('\n') { Doc::Raw(text) } else { Doc::Text(text) });
        into.extend(token.aside.map(Doc::Aside));
    }

    /// Takes the text of the next token alone; callers use it only where the token has no comments.
    pub(super) fn take_text(&mut self) -> &'a str {
        self.tight = false;
        let Some(token) = self.tokens.get(self.next) else { return "" };
        self.next += 1;
        token.text
    }

    /// Takes the comments before the next token, which [`take_text`](Self::take_text) would leave behind.
    pub(super) fn remarks_of_next(&mut self) -> Vec<Remark<'a>> {
        self.tokens.get_mut(self.next).map(|token| std::mem::take(&mut token.remarks)).unwrap_or_default()
    }

    pub(super) fn trailing_comment(&mut self) -> Option<&'a str> {
        let at = self.next.checked_sub(1)?;
        self.tokens.get_mut(at)?.aside.take()
    }

    pub(super) fn gap(&mut self) -> bool {
        let tight = std::mem::take(&mut self.tight);
        let before = self.next.checked_sub(1).and_then(|at| self.tokens.get(at));
        let (Some(before), Some(next)) = (before, self.tokens.get(self.next)) else { return false };
        let piece = |kind, text: &str| {
            matches!(kind, PrintTokenKind::Text | PrintTokenKind::More) && text.ends_with("#{")
        };
        !(tight
            || matches!(before.kind, PrintTokenKind::Open | PrintTokenKind::Dots)
            || piece(before.kind, before.text)
            || matches!(
                next.kind,
                PrintTokenKind::Close
                    | PrintTokenKind::Separator
                    | PrintTokenKind::Dots
                    | PrintTokenKind::More
            ))
    }

    /// Prints all tokens before a position.
    pub(super) fn up_to(&mut self, position: u32, into: &mut Docs<'a>) {
        while self.at() < position && self.peek_kind() != PrintTokenKind::End {
            self.take(into);
        }
    }

    /// Prints the tokens of a span as one word.
    pub(super) fn word(&mut self, span: Span, into: &mut Docs<'a>) {
        if self.at() < span.end {
            self.take(into);
        }
        while self.at() < span.end && self.peek_kind() != PrintTokenKind::End {
            self.tight();
            self.take(into);
        }
    }

    /// Prints a bracketed list, including its brackets. Some lists allow a comma after the last element.
    pub(super) fn bracketed<T>(
        &mut self,
        items: &[T],
        last_comma: bool,
        into: &mut Docs<'a>,
        mut item: impl FnMut(&mut Self, &T, &mut Docs<'a>),
    ) {
        let mut whole = Vec::new();
        self.take(&mut whole);
        let mut inner = Vec::new();
        let mut breaks = !items.is_empty();
        for (number, one) in items.iter().enumerate() {
            breaks &= !self.looks_like_a_statement();
            self.break_here(if number == 0 { "" } else { " " }, &mut inner);
            let mut docs = Vec::new();
            item(self, one, &mut docs);
            let is_last = number + 1 == items.len();
            if self.peek() == "," {
                let mut comments: Docs<'a> = self.remarks_of_next().into_iter().map(Doc::Remark).collect();
                self.take_text();
                comments.extend(self.trailing_comment().map(Doc::Aside));
                if !is_last {
                    behind_item(&mut docs, Doc::Text(",".into()));
                } else if last_comma {
                    behind_item(&mut docs, Doc::LastComma);
                }
                inner.push(Doc::Nested(docs));
                inner.extend(comments);
            } else {
                if is_last && last_comma {
                    behind_item(&mut docs, Doc::LastComma);
                }
                inner.push(Doc::Nested(docs));
            }
        }
        self.break_here("", &mut inner);
        if !breaks {
            for doc in &mut inner {
                match doc {
                    Doc::Break(flat) => *doc = Doc::Text((*flat).into()),
                    Doc::Nested(docs) => docs.retain(|doc| !matches!(doc, Doc::LastComma)),
                    _ => {}
                }
            }
        }
        whole.push(Doc::Inside(inner));
        self.take(&mut whole);
        into.push(Doc::Group(whole));
    }

    /// Whether the next token is a name that is spelled like a statement, followed by an operator: at the start of a
    /// line it would be one.
    fn looks_like_a_statement(&self) -> bool {
        let behind = self.token(1).map_or("", |token| token.text);
        let is_name = matches!(behind, ":" | "," | ")" | "]" | "." | "(" | "=" | "==" | "!=");
        begins_statement(self.peek()) && !is_name
    }

    /// Prints statements between braces, including the braces.
    pub(super) fn block<T>(
        &mut self,
        items: &[T],
        mut sentence: impl FnMut(&mut Self, &T) -> Sentence<'a>,
    ) -> PrintedBlock<'a> {
        let before = self.remarks_of_next();
        self.take_text();
        let aside = self.trailing_comment();
        let mut lines = Vec::with_capacity(items.len());
        for item in items {
            lines.push(self.line(|printer| sentence(printer, item)));
        }
        let remarks = self.remarks_of_next();
        self.take_text();
        PrintedBlock { above: Vec::new(), before, aside, lines, remarks, behind: self.trailing_comment() }
    }

    /// Prints a sentence on its own line, with the comments before it.
    pub(super) fn line(&mut self, sentence: impl FnOnce(&mut Self) -> Sentence<'a>) -> PrintedLine<'a> {
        let remarks = self.remarks_of_next();
        let blank = self.token(0).is_some_and(|token| token.blank);
        self.tight();
        PrintedLine { remarks, blank, sentence: sentence(self) }
    }
}

/// Puts a punctuation mark after an element, before the comment that ends it.
fn behind_item<'a>(docs: &mut Docs<'a>, sign: Doc<'a>) {
    let comments = docs.iter().rev().take_while(|doc| doc.is_comment()).count();
    docs.insert(docs.len() - comments, sign);
}
