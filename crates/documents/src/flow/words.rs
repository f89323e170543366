//! What stands in a picture, and in a document: expressions and targets in words.

use rbl_syntax::source::Span;
use rbl_syntax::tree::{
    BinaryOp, Command, Expr, ExprKind, Part, Quantifier, Target, Team, Template, UnaryOp,
};

use crate::export::inline::code;

/// Says parts of a tree in words. `text` is what the tree was read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpokenWords<'a> {
    pub(crate) text: &'a str,
}

impl SpokenWords<'_> {
    /// What stands in the text, on one line.
    pub(crate) fn source(self, span: Span) -> String {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A text; a value in it as `<name>`.
    pub(crate) fn template(self, template: &Template) -> String {
        self.parts(&template.parts)
    }

    /// A command; a value in it as `<name>`.
    pub(crate) fn command(self, command: &Command) -> String {
        self.parts(&command.parts)
    }

    fn parts(self, parts: &[Part]) -> String {
        parts
            .iter()
            .map(|part| match part {
                Part::Literal { text, .. } => text.to_string(),
                Part::Value(value) => format!("<{}>", self.source(value.span)),
            })
            .collect()
    }

    /// What an action does.
    pub(crate) fn target(self, target: &Target) -> String {
        match target {
            Target::Prose(text) => self.template(text),
            Target::Command(command) => code(&self.command(command)),
            Target::Call { span, .. } => self.source(*span),
        }
    }

    /// Who is called. `owner`: the runbook's.
    pub(crate) fn team(self, team: &Team, owner: Option<&str>) -> String {
        match team {
            Team::Owner { .. } => owner.unwrap_or("the owner").to_owned(),
            Team::Named(expr) => self.value(expr),
        }
    }

    /// A value: a text without its quotes, anything else as it is written.
    pub(crate) fn value(self, expr: &Expr) -> String {
        match &expr.bare().kind {
            ExprKind::Text(text) => self.template(text),
            ExprKind::Command { command, .. } => code(&self.command(command)),
            _ => self.source(expr.span),
        }
    }

    /// A condition in words: `p99 is below 500ms`.
    pub(crate) fn condition(self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Text(text) => self.template(text),
            ExprKind::Question(question) => self.template(&question.prompt),
            ExprKind::Command { command, .. } => format!("{} succeeds", code(&self.command(command))),
            ExprKind::Parenthesized { inner } => format!("({})", self.condition(inner)),
            ExprKind::Unary { op: UnaryOp::Not, operand } => format!("not: {}", self.condition(operand)),
            ExprKind::Binary { op, left, right, .. } => match op {
                BinaryOp::Or | BinaryOp::And => {
                    format!("{} {} {}", self.condition(left), op.spelling(), self.condition(right))
                }
                _ => format!("{} {} {}", self.source(left.span), compared(*op), self.value(right)),
            },
            ExprKind::Quantified { quantifier, over, op, value, .. } => {
                let which = match quantifier {
                    Quantifier::Any => "any",
                    Quantifier::Every => "every",
                };
                format!("{which} {} {} {}", self.source(over.span), compared(*op), self.value(value))
            }
            ExprKind::Held { condition, duration } => {
                format!("{} for {}", self.condition(condition), self.source(duration.span))
            }
            _ => self.source(expr.span),
        }
    }
}

fn compared(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Equal => "is",
        BinaryOp::NotEqual => "is not",
        BinaryOp::Less => "is below",
        BinaryOp::LessOrEqual => "is at most",
        BinaryOp::Greater => "is above",
        BinaryOp::GreaterOrEqual => "is at least",
        BinaryOp::In => "is in",
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
    }
}
