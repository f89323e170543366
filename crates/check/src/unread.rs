//! What could not be read in a file: a name that nothing declares may be declared there.

use std::collections::HashSet;

use super::walk;
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::{Name, Statement, StatementKind};

/// The statements of a file that could not be read.
#[derive(Debug, Default)]
pub(super) struct Unread<'t> {
    /// Every word of them that is not in one of their blocks.
    words: HashSet<&'t str>,
    /// The blocks of which nothing is known but that they are blocks: what opens them may declare what is used in them.
    unopened: Vec<Span>,
}

impl<'t> Unread<'t> {
    /// Those of a tree.
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

    /// Whether the name may be declared in what could not be read.
    pub(super) fn may_declare(&self, name: &Name) -> bool {
        let within = |span: &Span| span.start <= name.span.start && name.span.end <= span.end;
        self.words.contains(name.text.as_str()) || self.unopened.iter().any(within)
    }
}
