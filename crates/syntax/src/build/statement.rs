//! Builds statements.

use super::precedence::operator;
use super::stray::TextPlace;
use super::{GrammarPair, TreeBuilder, first, misplaced, parts};
use crate::diagnostic::{Code, Diagnostic};
use crate::grammar::Rule;
use crate::recovery::is_modifier;
use crate::source::Span;
use crate::tree::{
    Action, Block, Check, Declaration, Escalate, Expr, ExprKind, ForEach, If, IfBranch, Item, Let,
    LetDeclaration, Lock, Match, MatchArm, Name, Pattern, PatternKind, Record, Repeat, Retry, Run, Statement,
    StatementKind, Target,
};

impl TreeBuilder<'_> {
    /// Builds a statement, or a `let` with parameters, which is a declaration.
    pub(super) fn statement(&mut self, pair: GrammarPair<'_>) -> Item {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::prose => StatementKind::Prose { text: self.text(first(&mut pair.into_inner())) },
            Rule::check_stmt => self.check(pair),
            Rule::if_stmt => self.if_statement(pair),
            Rule::match_stmt => self.match_statement(pair),
            Rule::action_stmt => StatementKind::Action(Box::new(self.action(pair))),
            Rule::escalate_stmt => self.escalate(pair),
            Rule::wait_stmt => self.wait(pair, span),
            Rule::let_stmt => return self.let_statement(pair, span),
            Rule::record_stmt => {
                let mut inner = parts(pair);
                let text = self.words(first(&mut inner), TextPlace::Record);
                StatementKind::Record(Record {
                    text,
                    channel: inner.next().map(|to| self.modifier_value(to)),
                })
            }
            Rule::for_each_stmt => self.for_each(pair),
            Rule::repeat_stmt => self.repeat(pair),
            Rule::run_stmt => self.run(pair),
            Rule::lock_stmt => self.lock(pair),
            Rule::resolve_stmt => {
                let text = parts(pair).next().map(|text| self.words(text, TextPlace::Resolve));
                StatementKind::Resolve { text }
            }
            Rule::stop_stmt => {
                StatementKind::Stop { text: parts(pair).next().map(|text| self.words(text, TextPlace::Stop)) }
            }
            _ => misplaced(&pair),
        };
        Item::Statement(Statement { span, kind })
    }

    fn check(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let mut inner = parts(pair);
        let condition = self.condition(first(&mut inner));
        let (mut otherwise, mut unknown) = (None, None);
        for arm in inner {
            self.arms(arm, &mut otherwise, &mut unknown);
        }
        StatementKind::Check(Check { condition, otherwise, unknown })
    }

    /// Builds the condition before a block, or reports that it cannot be read.
    fn header(&mut self, pair: GrammarPair<'_>) -> Expr {
        if pair.as_rule() == Rule::bad_condition {
            let span = self.span(&pair);
            self.unreadable(&pair, Rule::lone_condition);
            return Expr { span, kind: ExprKind::Broken };
        }
        self.condition(pair)
    }

    fn if_statement(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let mut inner = parts(pair);
        let condition = self.header(first(&mut inner));
        let block = self.block(first(&mut inner));
        let mut branches = vec![IfBranch { condition, block }];
        let (mut otherwise, mut unknown) = (None, None);
        for pair in inner {
            if pair.as_rule() == Rule::else_if {
                let mut inner = parts(pair);
                let condition = self.header(first(&mut inner));
                branches.push(IfBranch { condition, block: self.block(first(&mut inner)) });
            } else {
                self.arms(pair, &mut otherwise, &mut unknown);
            }
        }
        StatementKind::If(If { branches, otherwise, unknown })
    }

    fn match_statement(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let mut inner = parts(pair);
        let subject = self.header(first(&mut inner));
        let mut arms = Vec::new();
        let (mut otherwise, mut unknown) = (None, None);
        for pair in inner {
            match pair.as_rule() {
                Rule::match_arm => {
                    let mut inner = pair.into_inner();
                    let pattern = self.pattern(first(&mut inner));
                    arms.push(MatchArm { pattern, block: self.block(first(&mut inner)) });
                }
                Rule::bad_statement => {
                    self.unreadable(&pair, Rule::lone_match_arm);
                    let broken = self.broken(pair);
                    let StatementKind::Broken { blocks } = broken.kind else { continue };
                    let value = Expr { span: broken.span, kind: ExprKind::Broken };
                    let pattern = Pattern { span: broken.span, kind: PatternKind::Value { value } };
                    arms.extend(blocks.into_iter().map(|block| MatchArm { pattern: pattern.clone(), block }));
                }
                _ => self.arms(pair, &mut otherwise, &mut unknown),
            }
        }
        StatementKind::Match(Match { subject, arms, otherwise, unknown })
    }

    fn pattern(&mut self, pair: GrammarPair<'_>) -> Pattern {
        let span = self.span(&pair);
        let pair = first(&mut pair.into_inner());
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        let part = first(&mut inner);
        let kind = match rule {
            Rule::contains_pattern => PatternKind::Contains { text: self.value(part) },
            Rule::matches_pattern => PatternKind::Matches { regex: self.value(part) },
            Rule::compare_pattern => {
                PatternKind::Compare { op: operator(part.as_str()), value: self.value(first(&mut inner)) }
            }
            _ => {
                let value = self.value(part);
                let mut rest: Vec<Expr> = inner.map(|value| self.value(value)).collect();
                if rest.is_empty() {
                    PatternKind::Value { value }
                } else {
                    rest.insert(0, value);
                    PatternKind::Value { value: Expr { span, kind: ExprKind::List { items: rest } } }
                }
            }
        };
        Pattern { span, kind }
    }

    /// A target: a text is an instruction, a back-quoted text a command, a name a defined action.
    pub(super) fn target(&mut self, pair: GrammarPair<'_>) -> Target {
        let target = self.given_target(pair);
        // `up("db-1")` cannot be a modifier.
        if let Target::Call { span, name, .. } = &target
            && span.end == name.span.end
        {
            self.is_no_modifier(name);
        }
        target
    }

    /// A target where no modifier can stand: whatever name is there is meant.
    pub(super) fn given_target(&mut self, pair: GrammarPair<'_>) -> Target {
        match pair.as_rule() {
            Rule::text => Target::Prose(self.text(pair)),
            Rule::command => Target::Command(self.command(pair)),
            Rule::target_call => {
                let span = self.span(&pair);
                let mut inner = pair.into_inner();
                let name = self.name(&first(&mut inner));
                Target::Call {
                    span,
                    name,
                    args: inner.next().map(|args| self.args(args)).unwrap_or_default(),
                }
            }
            _ => misplaced(&pair),
        }
    }

    /// Handles `action within 5m`, in which the target was left out.
    fn is_no_modifier(&mut self, name: &Name) {
        if !is_modifier(&name.text) {
            return;
        }
        let message = format!("what is done is missing before `{}`", name.text);
        self.report(
            Diagnostic::new(Code::SYNTAX_STATEMENT, message, self.place(name.span), "only comes after it")
                .help("write a command in back quotes, an instruction in quotes, or the name of a `define`"),
        );
    }

    fn action(&mut self, pair: GrammarPair<'_>) -> Action {
        let mut inner = parts(pair);
        let mut action = Action {
            target: self.target(first(&mut inner)),
            host: None,
            by: None,
            within: None,
            retry: None,
            name: None,
            block: None,
            finally: Vec::new(),
            undo: Vec::new(),
            showing: Vec::new(),
            otherwise: None,
        };
        let (mut finally, mut undo) = (None, None);
        for pair in inner {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::block => {
                    let braces = Span::new(span.start, span.start + 1);
                    let block = self.block(pair);
                    self.once(&mut action.block, braces, "{ … }", block);
                }
                Rule::on_host => {
                    let host = self.modifier_value(pair);
                    self.once(&mut action.host, span, "on", host);
                }
                Rule::by_team => {
                    let team = self.by_team(pair);
                    self.once(&mut action.by, span, "by", team);
                }
                Rule::within => {
                    let limit = self.modifier_value(pair);
                    self.once(&mut action.within, span, "within", limit);
                }
                Rule::retry => {
                    let retry = self.retry(pair, span);
                    self.once(&mut action.retry, span, "retry", retry);
                }
                Rule::as_name => {
                    let name = self.new_name(&first(&mut parts(pair)));
                    self.once(&mut action.name, span, "as", name);
                }
                Rule::finally => {
                    let targets = parts(pair).map(|target| self.target(target)).collect();
                    self.once(&mut finally, span, "finally", targets);
                }
                Rule::undo => {
                    let targets = parts(pair).map(|target| self.target(target)).collect();
                    self.once(&mut undo, span, "undo", targets);
                }
                Rule::showing => action.showing.extend(parts(pair).map(|expr| self.shown(expr))),
                Rule::else_arm | Rule::both_arm => {
                    let arm = self.failure_arm(pair, "action");
                    self.once(&mut action.otherwise, arm.keyword, "else", arm);
                }
                _ => misplaced(&pair),
            }
        }
        action.finally = finally.unwrap_or_default();
        action.undo = undo.unwrap_or_default();
        action
    }

    fn retry(&mut self, pair: GrammarPair<'_>, span: Span) -> Retry {
        let mut inner = parts(pair);
        let times = self.value(first(&mut inner));
        Retry { span, times, every: inner.next().map(|every| self.modifier_value(every)) }
    }

    fn escalate(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let mut inner = parts(pair);
        let team = self.team(first(&mut inner));
        let mut escalate = Escalate { team, because: None, acknowledged: None, otherwise: None };
        for pair in inner {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::because => {
                    let text = self.words(first(&mut parts(pair)), TextPlace::Because);
                    self.once(&mut escalate.because, span, "because", text);
                }
                Rule::acknowledged => {
                    let limit = self.modifier_value(first(&mut parts(pair)));
                    self.once(&mut escalate.acknowledged, span, "acknowledged", limit);
                }
                _ => escalate.otherwise = Some(self.failure_arm(pair, "escalate")),
            }
        }
        StatementKind::Escalate(escalate)
    }

    fn let_statement(&mut self, pair: GrammarPair<'_>, span: Span) -> Item {
        let mut name: Option<Name> = None;
        let mut params = None;
        let mut value = None;
        for pair in parts(pair) {
            match pair.as_rule() {
                Rule::name => name = Some(self.new_name(&pair)),
                Rule::params => params = Some(self.params(pair)),
                Rule::conditional => value = Some(self.value(pair)),
                _ => value = Some(self.words(pair, TextPlace::Let)),
            }
        }
        let (Some(name), Some(value)) = (name, value) else {
            return Item::Statement(Statement { span, kind: StatementKind::Broken { blocks: Vec::new() } });
        };
        match params {
            Some(params) => Item::Declaration(Declaration::Let(LetDeclaration { span, name, params, value })),
            None => Item::Statement(Statement { span, kind: StatementKind::Let(Let { name, value }) }),
        }
    }

    /// `(a, b)`
    pub(super) fn params(&mut self, pair: GrammarPair<'_>) -> Vec<Name> {
        parts(pair).map(|name| self.new_name(&name)).collect()
    }

    fn for_each(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let span = self.span(&pair);
        let broken = || Expr { span, kind: ExprKind::Broken };
        let mut name = Name { text: "_".into(), span };
        let (mut over, mut filter, mut up_to, mut body) = (broken(), None, None, Block::default());
        let (mut none, mut unknown) = (None, None);
        for pair in parts(pair) {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::name => name = self.new_name(&pair),
                Rule::where_clause => {
                    let condition = self.condition(first(&mut parts(pair)));
                    self.once(&mut filter, span, "where", condition);
                }
                Rule::up_to => {
                    let limit = self.modifier_value(pair);
                    self.once(&mut up_to, span, "up to", limit);
                }
                Rule::bad_condition => {
                    self.unreadable(&pair, Rule::for_each_stmt);
                    // What it would have said is unknown; nothing else is reported about it.
                    up_to = Some(broken());
                }
                Rule::block => body = self.block(pair),
                Rule::none_arm => {
                    let arm = self.arm(pair);
                    self.once(&mut none, arm.keyword, "none", arm);
                }
                Rule::unknown_arm => {
                    let arm = self.arm(pair);
                    self.once(&mut unknown, arm.keyword, "unknown", arm);
                }
                _ => over = self.value(pair),
            }
        }
        StatementKind::ForEach(Box::new(ForEach { name, over, filter, up_to, body, none, unknown }))
    }

    fn repeat(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let span = self.span(&pair);
        let mut repeat = Repeat {
            times: Expr { span, kind: ExprKind::Broken },
            every: None,
            until: None,
            body: Block::default(),
            otherwise: None,
            unknown: None,
        };
        for pair in parts(pair) {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::every => {
                    let value = self.modifier_value(pair);
                    self.once(&mut repeat.every, span, "every", value);
                }
                Rule::until => {
                    let condition = self.condition(first(&mut parts(pair)));
                    self.once(&mut repeat.until, span, "until", condition);
                }
                Rule::bad_condition => self.unreadable(&pair, Rule::repeat_stmt),
                Rule::block => repeat.body = self.block(pair),
                Rule::else_arm | Rule::both_arm | Rule::unknown_arm => {
                    self.arms(pair, &mut repeat.otherwise, &mut repeat.unknown);
                }
                _ => repeat.times = self.value(pair),
            }
        }
        StatementKind::Repeat(Box::new(repeat))
    }

    fn lock(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let mut inner = parts(pair);
        let mut lock = Lock { name: self.value(first(&mut inner)), within: None, otherwise: None };
        for pair in inner {
            match pair.as_rule() {
                Rule::within => lock.within = Some(self.modifier_value(pair)),
                _ => lock.otherwise = Some(self.arm(pair)),
            }
        }
        StatementKind::Lock(lock)
    }

    fn run(&mut self, pair: GrammarPair<'_>) -> StatementKind {
        let mut inner = parts(pair);
        let mut run = Run { file: self.text(first(&mut inner)), with: Vec::new(), otherwise: None };
        for pair in inner {
            match pair.as_rule() {
                Rule::with => run.with = self.args(first(&mut parts(pair))),
                _ => run.otherwise = Some(self.failure_arm(pair, "run")),
            }
        }
        StatementKind::Run(run)
    }
}
