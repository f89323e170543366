//! Checks the contents of statements, split by construct.

mod action;
mod looping;
mod matching;
mod running;

use super::checker::Checker;
use super::declaration;
use super::expression::Slot;
use super::symbol::SymbolKind;
use super::types::Type;
use rbl_syntax::tree;
use rbl_syntax::tree::{
    Arm, Block, Check, Escalate, ExprKind, If, Item, Record, Statement, StatementKind, Wait,
};

impl<'t> Checker<'t> {
    /// Checks the body: steps and bare statements.
    pub(super) fn body(&mut self, tree: &'t tree::File) {
        let constants = declaration::constants(tree).count();
        let mut passed = 0;
        for item in &tree.items {
            match item {
                Item::Declaration(_) | Item::Test(_) => {}
                Item::Step(step) => {
                    self.findings.next_statement();
                    self.template(&step.title, Slot::Text("a title"));
                    self.block(&step.body);
                }
                Item::Statement(it) if passed < constants && matches!(it.kind, StatementKind::Let(_)) => {
                    passed += 1;
                }
                Item::Statement(statement) => self.statement(statement),
            }
        }
    }

    /// Checks a block, which has a scope of its own.
    pub(super) fn block(&mut self, block: &'t Block) {
        self.in_block(|checker| {
            for statement in &block.statements {
                checker.statement(statement);
            }
        });
    }

    fn arms(&mut self, otherwise: Option<&'t Arm>, unknown: Option<&'t Arm>) {
        for arm in otherwise.into_iter().chain(unknown) {
            self.block(&arm.block);
        }
    }

    fn statement(&mut self, it: &'t Statement) {
        self.findings.next_statement();
        match &it.kind {
            StatementKind::Prose { text } => self.template(text, Slot::Text("an instruction")),
            StatementKind::Check(Check { condition, otherwise, unknown }) => {
                self.condition(condition);
                self.arms(otherwise.as_ref(), unknown.as_ref());
            }
            StatementKind::If(If { branches, otherwise, unknown }) => {
                for branch in branches {
                    self.findings.next_statement();
                    self.condition(&branch.condition);
                    self.block(&branch.block);
                }
                self.arms(otherwise.as_ref(), unknown.as_ref());
            }
            StatementKind::Match(it) => {
                self.matching(it);
                for arm in &it.arms {
                    self.block(&arm.block);
                }
                self.arms(it.otherwise.as_ref(), it.unknown.as_ref());
            }
            StatementKind::Action(it) => {
                self.action(it);
                self.arms(it.otherwise.as_ref(), None);
            }
            StatementKind::Escalate(Escalate { team, because, otherwise }) => {
                self.team(team, "`escalate to`");
                if let Some(because) = because {
                    self.words(because, "a page", "`because`");
                }
                self.arms(otherwise.as_ref(), None);
            }
            StatementKind::Wait(it) => self.wait(it),
            StatementKind::Let(it) => {
                let ty = self.value(&it.value);
                self.not_secret_text(&ty, it.value.span, &it.name);
                self.findings.report_all(self.symbols.declare_local(&it.name, SymbolKind::Local, ty));
            }
            StatementKind::Record(it) => self.record_statement(it),
            StatementKind::ForEach(it) => self.for_each(it),
            StatementKind::Repeat(it) => self.repeat(it),
            StatementKind::Run(run) => self.run(run, it.span),
            StatementKind::Resolve { text } => {
                if let Some(text) = text {
                    self.words(text, "the end", "`resolve`");
                }
            }
            StatementKind::Stop { text } => {
                if let Some(text) = text {
                    self.words(text, "the end", "`stop`");
                }
            }
            StatementKind::Broken { blocks } => {
                for block in blocks {
                    self.block(block);
                }
            }
        }
    }

    /// Checks text that is shown, paged or posted.
    fn words(&mut self, it: &'t tree::Expr, what: &'static str, place: &str) {
        if let ExprKind::Text(text) = &it.bare().kind {
            self.template(text, Slot::Text(what));
        } else {
            self.text(it, place);
        }
    }

    fn record_statement(&mut self, it: &'t Record) {
        self.words(&it.text, "a record", "`record`");
        let Some(channel) = &it.channel else { return };
        self.name_text(channel, "`to`");
        if let ExprKind::Text(text) = &channel.bare().kind {
            self.configured_channel(text);
        }
    }

    fn wait(&mut self, it: &'t Wait) {
        match it {
            Wait::Duration { duration } => self.duration(duration, "wait"),
            Wait::Until { condition, held, within, every, otherwise, unknown } => {
                self.condition(condition);
                for (duration, keyword) in [(held, "for"), (within, "within"), (every, "every")] {
                    if let Some(duration) = duration {
                        self.duration(duration, keyword);
                    }
                }
                self.arms(otherwise.as_ref(), unknown.as_ref());
            }
        }
    }

    /// Returns the type of one element of a list or a `by` metric.
    fn element(&mut self, over: &'t tree::Expr) -> Type {
        let ty = self.value(over);
        match ty {
            Type::List(item) => *item,
            Type::Samples(dimension, labels) => Type::Sample(dimension, labels),
            Type::Any => Type::Any,
            Type::Secret => {
                self.one_value(over, &ty, "`for each` needs a list or a `by` metric");
                Type::Secret
            }
            other => {
                self.one_value(over, &other, "`for each` needs a list or a `by` metric");
                Type::Any
            }
        }
    }
}
