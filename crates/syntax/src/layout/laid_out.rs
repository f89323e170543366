//! The text that the grammar reads, and the mapping from its positions back to the source.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A text in which every line end ends a statement and every bracket has its partner.
#[derive(Debug)]
pub(crate) struct LaidOut {
    /// The text for the grammar.
    pub(crate) text: String,
    /// The comments, in order.
    pub(crate) comments: Vec<Span>,
    /// Texts and commands with their quotes, also those inside values; unordered.
    pub(crate) texts: Vec<Span>,
    /// The spans between `#{` and `}`; unordered.
    pub(crate) values: Vec<Span>,
    /// Findings about missing and surplus brackets and quotes.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether it ends inside something: an open bracket, or after an operator or a comma.
    pub(crate) unfinished: bool,
    /// Whether it is nested too deeply to be read.
    pub(crate) too_deep: bool,
    /// Inserted text that the source does not have, in order.
    pub(super) insertions: Vec<Insertion>,
}

/// An insertion that the source does not have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Insertion {
    /// Its position in the laid out text.
    at: usize,
    /// Its length in bytes.
    length: usize,
    /// How many bytes were inserted before it.
    before: usize,
}

impl LaidOut {
    /// Maps a range of `text` to a range of the source. Inserted text has length zero there.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        if self.insertions.is_empty() {
            return Span::between(start, end);
        }
        Span::between(self.back(start), self.back(end))
    }

    fn back(&self, position: usize) -> usize {
        let behind = self.insertions.partition_point(|insertion| insertion.at < position);
        let Some(last) = behind.checked_sub(1).and_then(|index| self.insertions.get(index)) else {
            return position;
        };
        position - last.before - last.length.min(position - last.at)
    }

    /// Whether the character at a position of `text` was inserted.
    pub(crate) fn is_put_in(&self, position: usize) -> bool {
        let behind = self.insertions.partition_point(|insertion| insertion.at <= position);
        let last = behind.checked_sub(1).and_then(|index| self.insertions.get(index));
        last.is_some_and(|last| position < last.at + last.length)
    }

    /// Whether the text has any insertions.
    pub(crate) fn has_insertions(&self) -> bool {
        !self.insertions.is_empty()
    }

    /// Inserts texts at positions of the current `text`, in order.
    pub(super) fn insert(&mut self, mut insertions: Vec<(usize, &'static str)>) {
        if insertions.is_empty() {
            return;
        }
        insertions.sort_by_key(|(at, _)| *at);
        let mut text = String::with_capacity(self.text.len() + insertions.len() * 3);
        let (mut from, mut before) = (0, 0);
        for (at, what) in insertions {
            text.push_str(self.text.get(from..at).unwrap_or_default());
            self.insertions.push(Insertion { at: text.len(), length: what.len(), before });
            before += what.len();
            text.push_str(what);
            from = at;
        }
        text.push_str(self.text.get(from..).unwrap_or_default());
        self.text = text;
    }
}
