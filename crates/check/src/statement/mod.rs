//! Checks the contents of statements, split by construct.

mod action;
mod limiting;
mod looping;
mod matching;
mod running;

use super::checker::Checker;
use super::declaration;
use super::expression::Slot;
use super::limits::Limits;
use super::symbol::SymbolKind;
use super::types::Type;
use rbl_syntax::diagnostic::{Code, Safety};
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
            self.symbols.scope.next_step(matches!(item, Item::Step(_)));
            match item {
                Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
                Item::Step(step) => {
                    self.findings.next_statement();
                    self.template(&step.title, Slot::Text("a title"));
                    // A step is a heading: its names are known in the steps after it.
                    for statement in &step.body.statements {
                        self.statement(statement);
                    }
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
                if let Some(block) = &it.block {
                    self.block(block);
                }
                self.arms(it.otherwise.as_ref(), None);
            }
            StatementKind::Escalate(Escalate { team, because, acknowledged, otherwise }) => {
                self.team(team, "`escalate to`");
                if let Some(because) = because {
                    self.words(because, "a page", "`because`");
                }
                if let Some(limit) = acknowledged {
                    self.duration(limit, "acknowledged within");
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
            StatementKind::Lock(it) => {
                self.lock(it);
                self.arms(it.otherwise.as_ref(), None);
            }
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
                if let (Some(held), Some(within)) = (held, within) {
                    self.held_within(held, within);
                }
                if let Some(every) = every {
                    self.poll_distance(every);
                }
                self.arms(otherwise.as_ref(), unknown.as_ref());
            }
        }
    }

    /// Reports a condition that has to hold for longer than anybody waits for it.
    fn held_within(&mut self, held: &'t tree::Expr, within: &'t tree::Expr) {
        let (Some(needs), Some(limit)) = (self.fixed_number(held), self.fixed_number(within)) else { return };
        if needs <= limit {
            return;
        }
        let (needs, limit) = (self.slice(held.span), self.slice(within.span));
        let finding = self
            .finding(
                Code::TIME_NEVER,
                format!("it cannot hold for {needs} within {limit}"),
                held.span,
                "longer than the wait",
            )
            .also(self.at(within.span), "the wait ends here")
            .help(format!("wait longer than {needs}: `for {needs} within …`"));
        self.report(finding);
    }

    /// Reports polls that are written closer together than they are made.
    fn poll_distance(&mut self, every: &'t tree::Expr) {
        if self.fixed_number(every).is_none_or(|seconds| seconds >= Limits::SHORTEST_POLL) {
            return;
        }
        let written = self.slice(every.span);
        let message = format!("it is polled every 100ms, not every {written}");
        let finding = self.finding(Code::TIME_POLL, message, every.span, "shorter than a poll can be").help(
            "write `every 100ms`, the shortest distance between two polls: what is asked has to keep up, and an incident \
             is no time to load it",
        );
        let place = self.at(every.span);
        self.report(finding.fix("write `100ms`", Safety::Safe, place, "100ms"));
    }

    /// Returns the type of one element of a list or a `by` metric.
    pub(super) fn element(&mut self, over: &'t tree::Expr) -> Type {
        let ty = self.value(over);
        match ty {
            Type::List(item) => *item,
            Type::Samples(dimension, labels) => Type::Sample(dimension, labels),
            Type::Texts(labels) => Type::LabelledText(labels),
            Type::Any => Type::Any,
            Type::Record(fields) => {
                let value = fields.iter().map(|(_, ty)| ty.clone()).reduce(|all, ty| all.joined(&ty));
                entry(value.unwrap_or(Type::Any))
            }
            Type::Labels => entry(Type::Text),
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

/// The type of one entry of a record: its key and its value.
fn entry(value: Type) -> Type {
    Type::Record([("key".into(), Type::Text), ("value".into(), value)].into())
}
