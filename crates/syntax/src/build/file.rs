//! Builds the top level of a file.

use super::{GrammarPair, TreeBuilder, first, parts};
use crate::diagnostic::{Code, Diagnostic};
use crate::grammar::Rule;
use crate::source::Span;
use crate::tree::{
    Block, Comment, Declaration, File, Item, Part, RunbookHeader, Statement, StatementKind, Step, Template,
};

impl TreeBuilder<'_> {
    pub(super) fn file<'i>(&mut self, pairs: impl Iterator<Item = GrammarPair<'i>>) -> File {
        let comments = self.laid_out.comments.iter().map(|span| Comment { span: *span }).collect();
        let mut items = Vec::new();
        let mut in_body = false;
        let mut before: Option<GrammarPair<'i>> = None;
        for pair in pairs {
            match pair.as_rule() {
                Rule::EOI => {}
                Rule::bad_tail => {
                    if let Some(before) = &before {
                        self.unreadable_tail(&pair, before);
                    }
                }
                Rule::bad_statement => {
                    self.unreadable(&pair, Rule::lone_item);
                    let header = pair.as_str().starts_with("runbook");
                    let broken = self.broken(pair);
                    items.push(if header { header_of(broken.span) } else { Item::Statement(broken) });
                }
                Rule::step => {
                    before = Some(pair.clone());
                    items.push(Item::Step(self.step(pair)));
                }
                Rule::test => {
                    before = Some(pair.clone());
                    items.push(Item::Test(self.test(pair)));
                }
                Rule::background => {
                    before = Some(pair.clone());
                    items.push(Item::Background(self.background(pair)));
                }
                _ => {
                    before = Some(pair.clone());
                    let item = self.item(pair);
                    self.in_order(items.is_empty(), in_body, &item);
                    items.push(item);
                }
            }
            in_body = in_body || items.last().is_some_and(begins_body);
        }
        File { items, comments }
    }

    /// Reports a header that is not first, and declarations after the body has begun.
    fn in_order(&mut self, first: bool, in_body: bool, item: &Item) {
        let Item::Declaration(declaration) = item else { return };
        let header = matches!(declaration, Declaration::Runbook(_));
        let (message, label, help) = if header && !first {
            (
                "the `runbook` line comes first",
                "something else comes before it",
                "move it to the top of the file",
            )
        } else if in_body {
            (
                "declarations come before the first step",
                "after the body here",
                "move it up, below the `runbook` line",
            )
        } else {
            return;
        };
        let place = self.place(declaration.span());
        self.report(Diagnostic::new(Code::SYNTAX_PLACE, message, place, label).help(help));
    }

    fn step(&mut self, pair: GrammarPair<'_>) -> Step {
        let span = self.span(&pair);
        let mut inner = parts(pair);
        let title = self.title(first(&mut inner));
        Step { span, title, body: self.block(first(&mut inner)) }
    }

    /// Builds the title of a step or a test; one that is not a text is reported and left empty.
    pub(super) fn title(&mut self, pair: GrammarPair<'_>) -> Template {
        if pair.as_rule() == Rule::text {
            return self.text(pair);
        }
        let span = self.span(&pair);
        self.unreadable(&pair, Rule::text);
        Template { span, parts: Vec::<Part>::new(), triple: false }
    }

    /// Builds a statement that could not be read; the readable blocks in it are kept.
    pub(super) fn broken(&mut self, pair: GrammarPair<'_>) -> Statement {
        let span = self.span(&pair);
        let (put_in, said) = (self.is_put_in(&pair), self.diagnostics.len());
        let blocks = pair.into_inner().filter(|pair| pair.as_rule() == Rule::block);
        let blocks = blocks.map(|block| self.block(block)).collect();
        // It is unknown what the block belongs to: its lines may be those of a test, or, without an opening line, arms
        // of a `match`.
        let mut inside = self.diagnostics.split_off(said);
        inside.retain(|it| it.code != Code::SYNTAX_PLACE && !(put_in && it.code == Code::SYNTAX_STATEMENT));
        self.diagnostics.append(&mut inside);
        Statement { span, kind: StatementKind::Broken { blocks } }
    }

    /// `{ … }`
    pub(super) fn block(&mut self, pair: GrammarPair<'_>) -> Block {
        let span = self.span(&pair);
        let mut statements: Vec<Statement> = Vec::new();
        let mut before: Option<GrammarPair<'_>> = None;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::brace_open | Rule::brace_close => {}
                Rule::bad_tail => {
                    if let Some(before) = &before {
                        self.unreadable_tail(&pair, before);
                    }
                }
                Rule::bad_statement => {
                    self.unreadable(&pair, Rule::lone_statement);
                    statements.push(self.broken(pair));
                }
                _ => {
                    before = Some(pair.clone());
                    let start = self.span(&pair).start;
                    match self.statement(pair) {
                        Item::Statement(statement) => statements.push(statement),
                        other => self.not_in_a_block(&other, start),
                    }
                }
            }
        }
        Block { span, statements }
    }

    fn not_in_a_block(&mut self, item: &Item, start: u32) {
        if let Item::Declaration(declaration) = item {
            let span = Span::new(start, declaration.span().end);
            self.report(
                Diagnostic::new(
                    Code::SYNTAX_PLACE,
                    "a `let` with parameters comes before the first step",
                    self.place(span),
                    "inside a block here",
                )
                .help("move it up, below the `runbook` line"),
            );
        }
    }
}

/// A header whose title cannot be read; the file still counts as a runbook.
fn header_of(span: Span) -> Item {
    let title = Template { span, parts: Vec::new(), triple: false };
    Item::Declaration(Declaration::Runbook(RunbookHeader { span, title }))
}

/// Whether declarations are too late after this item.
fn begins_body(item: &Item) -> bool {
    match item {
        Item::Declaration(_) => false,
        Item::Statement(Statement { kind, .. }) => kind.begins_body(),
        Item::Step(_) | Item::Test(_) | Item::Background(_) => true,
    }
}
