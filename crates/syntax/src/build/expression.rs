//! Builds expressions and conditions.

use super::precedence::{Folding, Infix};
use super::{GrammarPair, MAX_EXPRESSION_DEPTH, TreeBuilder, first, misplaced, parts};
use crate::diagnostic::{Code, Diagnostic};
use crate::grammar::Rule;
use crate::layout::is_reserved;
use crate::recovery::list_in_words;
use crate::source::Span;
use crate::tree::{
    Arg, BinaryOp, Comprehension, ConditionalBranch, ExitCode, Expr, ExprKind, Field, Name, Quantifier,
    Question, UnaryOp,
};

impl TreeBuilder<'_> {
    /// Builds an expression in the position of a value.
    pub(super) fn value(&mut self, pair: GrammarPair<'_>) -> Expr {
        self.words(pair, super::stray::TextPlace::Value)
    }

    /// Builds one piece of evidence of `showing`; a text alone is a text, whatever follows it.
    pub(super) fn shown(&mut self, pair: GrammarPair<'_>) -> Expr {
        if pair.as_rule() == Rule::text { self.primary(pair) } else { self.value(pair) }
    }

    /// Builds an expression in the position of a condition: a bare text in it is a question.
    pub(super) fn condition(&mut self, pair: GrammarPair<'_>) -> Expr {
        let expr = self.expr(pair);
        as_condition(expr)
    }

    /// Returns the laid out text of a span; `x` if anything was inserted into the text.
    pub(super) fn laid_out_slice(&self, span: Span) -> String {
        if self.laid_out.has_insertions() {
            return "x".into();
        }
        self.laid_out.text.get(span.range()).unwrap_or("x").to_owned()
    }

    /// Builds `expr` or `simple`, which the grammar gives as a flat list.
    pub(super) fn expr(&mut self, pair: GrammarPair<'_>) -> Expr {
        let span = self.span(&pair);
        let inner = pair.into_inner();
        let chain = inner.len();
        self.depth += 1;
        let expr = if self.depth + chain > MAX_EXPRESSION_DEPTH {
            self.too_deep(span)
        } else {
            self.depth += chain;
            let expr = self.fold(inner);
            self.depth -= chain;
            expr
        };
        self.depth -= 1;
        expr
    }

    fn too_deep(&mut self, span: Span) -> Expr {
        let place = self.place(Span::new(span.start, span.start + 1));
        self.report(
            Diagnostic::new(Code::SYNTAX_DEPTH, "this expression is too long to be read", place, "begins here")
                .help(format!("at most {MAX_EXPRESSION_DEPTH} operators and brackets within one another; take parts of it out with `let`")),
        );
        Expr { span, kind: ExprKind::Broken }
    }

    fn fold<'i>(&mut self, mut inner: impl ExactSizeIterator<Item = GrammarPair<'i>>) -> Expr {
        if inner.len() == 1 {
            return self.primary(first(&mut inner));
        }
        let mut inner = inner.peekable();
        let mut folding = Folding::default();
        while let Some(pair) = inner.next() {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::not => folding.prefix(UnaryOp::Not, span),
                Rule::negate => folding.prefix(UnaryOp::Negate, span),
                Rule::quantifier => {
                    let quantifier = if pair.as_str() == "any" { Quantifier::Any } else { Quantifier::Every };
                    folding.quantifier(quantifier, span);
                }
                Rule::infix | Rule::logic => folding.infix(self, Infix::read(pair.as_str()), span),
                Rule::held => {
                    let duration = first(&mut parts(pair));
                    let duration = self.value(duration);
                    folding.held(self, duration);
                }
                Rule::name if inner.peek().is_some_and(|behind| behind.as_rule() == Rule::args) => {
                    let name = self.name(&pair);
                    let args = first(&mut inner);
                    let span = span.to(self.span(&args));
                    folding.operand(Expr { span, kind: ExprKind::Call { name, args: self.args(args) } });
                }
                Rule::field | Rule::index | Rule::over | Rule::ago => {
                    let operand = folding.last();
                    let of = std::mem::replace(operand, Expr { span, kind: ExprKind::Broken });
                    *folding.last() = self.postfix(of, pair, span);
                }
                _ => {
                    let operand = self.primary(pair);
                    folding.operand(operand);
                }
            }
        }
        folding.finish(self)
    }

    fn postfix(&mut self, of: Expr, pair: GrammarPair<'_>, span: Span) -> Expr {
        let span = of.span.to(span);
        let rule = pair.as_rule();
        let part = first(&mut parts(pair));
        let of = Box::new(of);
        let kind = match rule {
            Rule::field => ExprKind::Field { of, name: self.name(&part) },
            Rule::index => ExprKind::Index { of, index: Box::new(self.value(part)) },
            Rule::over => ExprKind::Over { of, duration: Box::new(self.value(part)) },
            _ => ExprKind::Ago { of, duration: Box::new(self.primary(part)) },
        };
        Expr { span, kind }
    }

    pub(super) fn primary(&mut self, pair: GrammarPair<'_>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::number => self.number(&pair),
            Rule::name => self.word(&pair, span),
            Rule::question => self.question_or_text(pair, span),
            Rule::probe => self.probe(pair),
            Rule::text => ExprKind::Text(self.text(pair)),
            Rule::command => {
                ExprKind::Command { command: self.command(pair), host: None, within: None, no_on: Vec::new() }
            }
            Rule::ask => self.ask(pair, span),
            Rule::comprehension => self.comprehension(pair, span),
            Rule::list => self.list(pair, span),
            Rule::record => {
                ExprKind::Record { fields: parts(pair).map(|field| self.record_field(field)).collect() }
            }
            Rule::parenthesized => {
                ExprKind::Parenthesized { inner: Box::new(self.value(first(&mut parts(pair)))) }
            }
            _ => misplaced(&pair),
        };
        Expr { span, kind }
    }

    /// `["a", "b"]`; `[x for x in xs]` of other languages can be read, but means something else.
    fn list(&mut self, pair: GrammarPair<'_>, span: Span) -> ExprKind {
        let written = pair.as_str();
        let items: Vec<Expr> = parts(pair).map(|item| self.value(item)).collect();
        let of_another = |item: &Expr| match &item.kind {
            ExprKind::Binary { op: BinaryOp::In, left, .. } => {
                matches!(&left.kind, ExprKind::Held { duration, .. } if matches!(duration.kind, ExprKind::Name(_)))
            }
            _ => false,
        };
        if items.len() == 1 && items.iter().all(of_another) {
            let inner = written.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(written);
            let split =
                inner.split_once(" for ").and_then(|(value, rest)| Some((value, rest.split_once(" in ")?)));
            if let Some((value, (name, over))) = split {
                let right = list_in_words(value.trim(), name.trim(), over.trim());
                self.report(
                    Diagnostic::new(
                        Code::SYNTAX_HABIT,
                        "a list is made of another by `for each`",
                        self.place(span),
                        "written differently here",
                    )
                    .help(format!("write `{right}`")),
                );
                return ExprKind::Broken;
            }
        }
        ExprKind::List { items }
    }

    /// `if COND { X } else { Y }`
    pub(super) fn conditional(&mut self, pair: GrammarPair<'_>) -> Expr {
        let span = self.span(&pair);
        let mut branches = Vec::new();
        let mut condition = None;
        let mut otherwise = None;
        self.depth += 1;
        for part in parts(pair) {
            if part.as_rule() == Rule::conditional_value {
                let value = self.expr(first(&mut parts(part)));
                match condition.take() {
                    Some(condition) => branches.push(ConditionalBranch { condition, value }),
                    None => otherwise = Some(Box::new(value)),
                }
            } else {
                condition = Some(self.condition(part));
            }
        }
        self.depth -= 1;
        let Some(otherwise) = otherwise else {
            self.report(
                Diagnostic::new(
                    Code::SYNTAX_STATEMENT,
                    "an `if` that gives a value needs an `else`",
                    self.place(span),
                    "no value where it does not hold",
                )
                .help("say what it is otherwise: `if COND { A } else { B }`"),
            );
            return Expr { span, kind: ExprKind::Broken };
        };
        Expr { span, kind: ExprKind::Conditional { branches, otherwise } }
    }

    /// `[for each NAME in LIST where COND: VALUE]`
    fn comprehension(&mut self, pair: GrammarPair<'_>, span: Span) -> ExprKind {
        let broken = || Expr { span, kind: ExprKind::Broken };
        let mut name = Name { text: "_".into(), span };
        let (mut over, mut filter, mut value) = (None, None, None);
        for part in parts(pair) {
            match part.as_rule() {
                Rule::name => name = self.new_name(&part),
                Rule::where_clause => filter = Some(self.condition(first(&mut parts(part)))),
                _ if over.is_none() => over = Some(self.value(part)),
                _ => value = Some(self.value(part)),
            }
        }
        let (over, value) = (over.unwrap_or_else(broken), value.unwrap_or_else(broken));
        ExprKind::Comprehension(Box::new(Comprehension { name, over, filter, value }))
    }

    fn word(&mut self, pair: &GrammarPair<'_>, span: Span) -> ExprKind {
        match pair.as_str() {
            "true" => ExprKind::Bool { value: true },
            "false" => ExprKind::Bool { value: false },
            "now" => ExprKind::Now,
            word if is_reserved(word) && !(self.in_test && word == "unknown") => {
                self.report(
                    Diagnostic::new(
                        Code::SYNTAX_STATEMENT,
                        format!("a value is missing before `{word}`"),
                        self.place(span),
                        "a value should be here",
                    )
                    .help(if word == "if" {
                        "put an `if` that gives a value into brackets: `(if COND { A } else { B })`"
                            .to_owned()
                    } else {
                        format!("`{word}` is a word of the language; put what it belongs to before it")
                    }),
                );
                ExprKind::Broken
            }
            word => ExprKind::Name(Name { text: word.into(), span }),
        }
    }

    fn question_or_text(&mut self, pair: GrammarPair<'_>, span: Span) -> ExprKind {
        let mut inner = pair.into_inner();
        let prompt = self.text(first(&mut inner));
        if inner.is_empty() {
            return ExprKind::Text(prompt);
        }
        let mut question = Question { span, prompt, by: None, within: None, showing: Vec::new() };
        for modifier in inner {
            self.question_modifier(&mut question, modifier);
        }
        ExprKind::Question(Box::new(question))
    }

    fn question_modifier(&mut self, question: &mut Question, pair: GrammarPair<'_>) {
        match pair.as_rule() {
            Rule::by_team => {
                let team = self.by_team(pair);
                self.once(&mut question.by, team.span(), "by", team.clone());
            }
            Rule::within_simple => {
                let span = self.span(&pair);
                let limit = self.value(first(&mut parts(pair)));
                self.once(&mut question.within, span, "within", limit);
            }
            Rule::showing => question.showing.extend(parts(pair).map(|expr| self.shown(expr))),
            _ => misplaced(&pair),
        }
    }

    fn probe(&mut self, pair: GrammarPair<'_>) -> ExprKind {
        let mut inner = pair.into_inner();
        let command = self.command(first(&mut inner));
        let (mut host, mut within, mut no_on) = (None, None, None);
        for modifier in inner {
            let span = self.span(&modifier);
            match modifier.as_rule() {
                Rule::no_on => {
                    let codes = modifier.into_inner().filter(|pair| pair.as_rule() == Rule::exit_code);
                    let codes = codes.map(|code| self.exit_code(&code)).collect();
                    self.once(&mut no_on, span, "no on", codes);
                }
                Rule::on_host => {
                    let value = Box::new(self.value(first(&mut parts(modifier))));
                    self.once(&mut host, span, "on", value);
                }
                _ => {
                    let value = Box::new(self.value(first(&mut parts(modifier))));
                    self.once(&mut within, span, "within", value);
                }
            }
        }
        ExprKind::Command { command, host, within, no_on: no_on.unwrap_or_default() }
    }

    /// An exit code. One that is too long to be one is kept as the largest number, which the check refuses.
    pub(super) fn exit_code(&self, pair: &GrammarPair<'_>) -> ExitCode {
        ExitCode { span: self.span(pair), code: pair.as_str().parse().unwrap_or(i32::MAX) }
    }

    fn ask(&mut self, pair: GrammarPair<'_>, span: Span) -> ExprKind {
        let mut secret = false;
        let mut among = None;
        let mut question: Option<Question> = None;
        for pair in pair.into_inner() {
            match (pair.as_rule(), &mut question) {
                (Rule::kw_ask, _) => {}
                (Rule::kw_secret, _) => secret = true,
                (Rule::text, _) => {
                    let prompt = self.text(pair);
                    question = Some(Question { span, prompt, by: None, within: None, showing: Vec::new() });
                }
                (Rule::among, _) => {
                    let span = self.span(&pair);
                    let list = Box::new(self.value(first(&mut parts(pair))));
                    self.once(&mut among, span, "among", list);
                }
                (_, Some(question)) => self.question_modifier(question, pair),
                _ => misplaced(&pair),
            }
        }
        match question {
            Some(question) => ExprKind::Ask { secret, question: Box::new(question), among },
            None => ExprKind::Broken,
        }
    }

    /// `{name: EXPR}` alone.
    pub(super) fn record_literal(&mut self, pair: GrammarPair<'_>) -> Expr {
        self.primary(pair)
    }

    fn record_field(&mut self, pair: GrammarPair<'_>) -> Field {
        let mut inner = parts(pair);
        let key = first(&mut inner);
        let span = self.span(&key);
        let name = match key.as_rule() {
            Rule::text => {
                let text = self.text(key);
                Name { text: text.literal().unwrap_or_default().into(), span }
            }
            _ => self.name(&key),
        };
        Field { name, value: self.value(first(&mut inner)) }
    }

    /// `(a, name: b)`
    pub(super) fn args(&mut self, pair: GrammarPair<'_>) -> Vec<Arg> {
        parts(pair).map(|arg| self.arg(arg)).collect()
    }

    fn arg(&mut self, pair: GrammarPair<'_>) -> Arg {
        let mut inner = pair.into_inner();
        let part = first(&mut inner);
        if part.as_rule() == Rule::arg_name {
            let name = self.name(&first(&mut part.into_inner()));
            return Arg { name: Some(name), value: self.value(first(&mut inner)) };
        }
        Arg { name: None, value: self.value(part) }
    }
}

/// Turns bare texts in the position of a condition into questions.
pub(super) fn as_condition(expr: Expr) -> Expr {
    let Expr { span, kind } = expr;
    let kind = match kind {
        ExprKind::Text(prompt) => {
            let question = Question { span, prompt, by: None, within: None, showing: Vec::new() };
            ExprKind::Question(Box::new(question))
        }
        ExprKind::Unary { op: UnaryOp::Not, operand } => {
            ExprKind::Unary { op: UnaryOp::Not, operand: Box::new(as_condition(*operand)) }
        }
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), op_span, left, right } => {
            ExprKind::Binary {
                op,
                op_span,
                left: Box::new(as_condition(*left)),
                right: Box::new(as_condition(*right)),
            }
        }
        ExprKind::Parenthesized { inner } => {
            ExprKind::Parenthesized { inner: Box::new(as_condition(*inner)) }
        }
        other => other,
    };
    Expr { span, kind }
}
