//! Reports `by`, `within` and `showing` after a text that asks nobody.
//!
//! *Why:* the grammar reads them after every text, because they make a question of it. In place of a value the run would
//! ask the text instead of paging, posting or keeping it.

use super::{GrammarPair, TreeBuilder};
use crate::diagnostic::{Code, Diagnostic};
use crate::grammar::Rule;
use crate::source::Span;
use crate::tree::{BinaryOp, Expr, ExprKind, Part, Question, UnaryOp};

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextPlace {
    /// `escalate to TEAM because TEXT`
    Because,
    /// `record TEXT`
    Record,
    /// `resolve TEXT`
    Resolve,
    /// `stop TEXT`
    Stop,
    /// `let NAME = TEXT`
    Let,
    /// Any other place of a value.
    Value,
}

impl TextPlace {
    /// The statement as messages name it.
    fn statement(self) -> Option<&'static str> {
        match self {
            Self::Because => Some("escalate"),
            Self::Record => Some("record"),
            Self::Resolve => Some("resolve"),
            Self::Stop => Some("stop"),
            Self::Let => Some("let"),
            Self::Value => None,
        }
    }
}

impl TreeBuilder<'_> {
    /// Builds an expression in which a text is a text: a modifier of a question after it is an error.
    pub(super) fn words(&mut self, pair: GrammarPair<'_>, words: TextPlace) -> Expr {
        let mut expr =
            if pair.as_rule() == Rule::conditional { self.conditional(pair) } else { self.expr(pair) };
        self.no_questions(&mut expr, words, false);
        expr
    }

    /// Turns the questions in an expression back into texts, and reports their modifiers. `condition`: the operand of
    /// `and`, `or` or `not`, where a question is one.
    fn no_questions(&mut self, expr: &mut Expr, words: TextPlace, condition: bool) {
        let inner = if words == TextPlace::Let { words } else { TextPlace::Value };
        match &mut expr.kind {
            ExprKind::Question(_) if condition => {}
            ExprKind::Question(question) => {
                let finding = self.stray_modifier(question, words);
                self.report(finding);
                let prompt = question.prompt.clone();
                expr.kind = ExprKind::Text(prompt);
            }
            ExprKind::Parenthesized { inner: operand } => self.no_questions(operand, words, condition),
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.no_questions(operand, inner, true),
            ExprKind::Unary { op: UnaryOp::Negate, operand } => self.no_questions(operand, inner, false),
            ExprKind::Binary { op, left, right, .. } => {
                let condition = matches!(op, BinaryOp::And | BinaryOp::Or);
                self.no_questions(left, inner, condition);
                self.no_questions(right, inner, condition);
            }
            ExprKind::Conditional { branches, otherwise } => {
                for branch in branches {
                    self.no_questions(&mut branch.condition, TextPlace::Value, true);
                    self.no_questions(&mut branch.value, inner, false);
                }
                self.no_questions(otherwise, inner, false);
            }
            ExprKind::Comprehension(it) => {
                self.no_questions(&mut it.over, TextPlace::Value, false);
                if let Some(filter) = &mut it.filter {
                    self.no_questions(filter, TextPlace::Value, true);
                }
                self.no_questions(&mut it.value, TextPlace::Value, false);
            }
            ExprKind::List { items } => {
                for item in items {
                    self.no_questions(item, TextPlace::Value, false);
                }
            }
            ExprKind::Record { fields } => {
                for field in fields {
                    self.no_questions(&mut field.value, TextPlace::Value, false);
                }
            }
            ExprKind::Call { args, .. } => {
                for arg in args {
                    self.no_questions(&mut arg.value, TextPlace::Value, false);
                }
            }
            ExprKind::Field { of, .. } => self.no_questions(of, inner, false),
            ExprKind::Index { of, index } => {
                self.no_questions(of, inner, false);
                self.no_questions(index, TextPlace::Value, false);
            }
            ExprKind::Over { of, duration } | ExprKind::Ago { of, duration } => {
                self.no_questions(of, inner, false);
                self.no_questions(duration, TextPlace::Value, false);
            }
            ExprKind::Range { low, high } => {
                self.no_questions(low, TextPlace::Value, false);
                self.no_questions(high, TextPlace::Value, false);
            }
            ExprKind::Quantified { over, value, .. } => {
                self.no_questions(over, TextPlace::Value, false);
                self.no_questions(value, TextPlace::Value, false);
            }
            ExprKind::Held { condition, duration } => {
                self.no_questions(condition, inner, true);
                self.no_questions(duration, TextPlace::Value, false);
            }
            ExprKind::Text(template) => self.no_questions_in(&mut template.parts),
            ExprKind::Command { command, host, within, no_on: _ } => {
                self.no_questions_in(&mut command.parts);
                for part in host.iter_mut().chain(within) {
                    self.no_questions(part, TextPlace::Value, false);
                }
            }
            // Its own modifiers belong to it.
            ExprKind::Ask { .. }
            | ExprKind::Number { .. }
            | ExprKind::LargeNumber { .. }
            | ExprKind::BadUnit
            | ExprKind::Bool { .. }
            | ExprKind::Now
            | ExprKind::Name(_)
            | ExprKind::Broken => {}
        }
    }

    fn no_questions_in(&mut self, parts: &mut [Part]) {
        for part in parts {
            if let Part::Value(value) = part {
                self.no_questions(value, TextPlace::Value, false);
            }
        }
    }

    fn stray_modifier(&self, question: &Question, words: TextPlace) -> Diagnostic {
        let (word, value) = match (&question.by, &question.within, question.showing.first()) {
            (Some(team), ..) => ("by", team.span()),
            (None, Some(limit), _) => ("within", limit.span),
            (None, None, Some(shown)) => ("showing", shown.span),
            (None, None, None) => ("by", question.span),
        };
        let from = question.prompt.span.end.min(value.start);
        // From the word on, which is the first one after the text where there are several.
        let between = self.laid_out_slice(Span::new(from, value.start));
        let start =
            between.find(word).and_then(|at| u32::try_from(at).ok()).map_or(value.start, |at| from + at);
        let place = self.place(Span::new(start, value.end.max(start)));
        let prompt = self.laid_out_slice(question.prompt.span);
        let modifiers = self.laid_out_slice(Span::new(question.prompt.span.end, question.span.end));
        let modifiers = modifiers.trim();
        let (message, help) = match words.statement() {
            Some("escalate") => (
                format!("`{word}` does not belong to `escalate`"),
                if word == "within" {
                    "take it out, or write `acknowledged within 15m` to wait until somebody has taken the page".to_owned()
                } else {
                    format!("take it out; to ask before paging, write `check {prompt} {modifiers}` before it")
                },
            ),
            Some("let") => (
                format!("`{word}` does not belong to a text"),
                format!("take it out; to ask a person, write `ask {prompt} {modifiers}`"),
            ),
            Some(statement) => (
                format!("`{word}` does not belong to `{statement}`"),
                format!("take `{modifiers}` out; put what the text is to show into it as `#{{…}}`"),
            ),
            None => (
                format!("`{word}` does not belong to a text"),
                format!("take `{modifiers}` out; only a question takes it"),
            ),
        };
        let label = match words.statement() {
            Some(_) => "this text is not asked",
            None => "a text here asks nobody",
        };
        Diagnostic::new(Code::SYNTAX_MODIFIER, message, place, label).help(help)
    }
}
