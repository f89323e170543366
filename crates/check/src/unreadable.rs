//! Collects the words of statements that did not parse: an undeclared name found there may be declared there.

use std::collections::HashSet;

use super::walk;
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::{Name, Statement, StatementKind};

/// The unreadable statements of a file.
#[derive(Debug, Default)]
pub(super) struct UnreadableStatements<'t> {
    /// Every word of them outside their blocks.
    words: HashSet<&'t str>,
    /// Blocks whose opening is unknown: it may declare names that are used in them.
    unopened: Vec<Span>,
}

impl<'t> UnreadableStatements<'t> {
    /// Collects the unreadable parts of a tree.
    pub(super) fn of(tree: &'t tree::File, text: &'t str) -> Self {
        let mut unread = Self::default();
        walk::statements(tree, &mut |statement| {
            if let StatementKind::Broken { blocks } = &statement.kind {
                unread.add(statement, blocks, text);
            }
        });
        unread
    }

    fn add(&mut self, statement: &Statement, blocks: &[tree::Block], text: &'t str) {
        let mut from = statement.span.start;
        let mut pieces = Vec::with_capacity(blocks.len() + 1);
        for block in blocks {
            pieces.push(Span::new(from, block.span.start.max(from)));
            from = block.span.end;
        }
        pieces.push(Span::new(from, statement.span.end.max(from)));
        let begins_with_block = pieces.first().is_some_and(|piece| piece.start == piece.end);
        if begins_with_block {
            self.unopened.extend(blocks.iter().map(|block| block.span));
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let written = pieces.iter().filter_map(|piece| text.get(piece.range()));
        self.words.extend(written.flat_map(|text| text.split(move |c| !is_word(c))));
    }

    /// Whether the name may be declared in an unreadable part.
    pub(super) fn may_declare(&self, name: &Name) -> bool {
        let within = |span: &Span| span.start <= name.span.start && name.span.end <= span.end;
        self.words.contains(name.text.as_str()) || self.unopened.iter().any(within)
    }
}
