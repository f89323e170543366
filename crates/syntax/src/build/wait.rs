//! Builds `wait` and `wait until`.

use super::{GrammarPair, TreeBuilder, first, parts};
use crate::diagnostic::{Code, Diagnostic, Safety};
use crate::grammar::Rule;
use crate::source::Span;
use crate::tree::{BinaryOp, Expr, ExprKind, StatementKind, Wait};

impl TreeBuilder<'_> {
    pub(super) fn wait(&mut self, pair: GrammarPair<'_>, span: Span) -> StatementKind {
        let pair = first(&mut parts(pair));
        if pair.as_rule() != Rule::wait_until {
            return StatementKind::Wait(Wait::Duration { duration: self.value(pair) });
        }
        let mut inner = parts(pair);
        let (condition, mut held, mut within) = self.wait_condition(first(&mut inner));
        let (mut every, mut otherwise, mut unknown) = (None, None, None);
        for pair in inner {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::within => {
                    let value = Box::new(self.modifier_value(pair));
                    self.once(&mut within, span, "within", value);
                }
                Rule::every => {
                    let value = Box::new(self.modifier_value(pair));
                    self.once(&mut every, span, "every", value);
                }
                Rule::wait_for => {
                    let value = Box::new(self.modifier_value(pair));
                    self.once(&mut held, span, "for", value);
                }
                _ => self.arms(pair, &mut otherwise, &mut unknown),
            }
        }
        if within.is_none() {
            let end = condition.span.end;
            let place = self.place(Span::new(span.start, end));
            self.report(
                Diagnostic::new(Code::TIME_NO_LIMIT, "this could wait for ever", place, "has no `within`")
                    .help("say how long at most, for example `within 10m`")
                    .fix("add `within 10m`", Safety::Choice, self.place(Span::new(end, end)), " within 10m"),
            );
        }
        StatementKind::Wait(Wait::Until {
            condition: Box::new(condition),
            held,
            within,
            every,
            otherwise,
            unknown,
        })
    }

    /// Builds the condition of `wait until`: a `for D` or `within D` after its last operand belongs to the wait.
    #[allow(clippy::type_complexity)]
    fn wait_condition(&mut self, pair: GrammarPair<'_>) -> (Expr, Option<Box<Expr>>, Option<Box<Expr>>) {
        let mut condition = self.condition(pair);
        let held = take_held(&mut condition);
        let within = take_limit(&mut condition);
        (condition, held, within)
    }
}

/// Removes the `for D` from the end of a condition.
fn take_held(expr: &mut Expr) -> Option<Box<Expr>> {
    match &mut expr.kind {
        ExprKind::Held { .. } => {
            let held = std::mem::replace(&mut expr.kind, ExprKind::Broken);
            let ExprKind::Held { condition, duration } = held else { return None };
            *expr = *condition;
            Some(duration)
        }
        ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, right, .. } => {
            let held = take_held(right)?;
            expr.span.end = right.span.end;
            Some(held)
        }
        ExprKind::Unary { operand, .. } => {
            let held = take_held(operand)?;
            expr.span.end = operand.span.end;
            Some(held)
        }
        _ => None,
    }
}

/// Removes the `within D` from the question or probe at the end of a condition; its span then ends before it.
fn take_limit(expr: &mut Expr) -> Option<Box<Expr>> {
    let (limit, end) = match &mut expr.kind {
        ExprKind::Question(question) => {
            let limit = question.within.take().map(Box::new)?;
            let team = question.by.as_ref().map(|team| team.span().end);
            let shown = question.showing.last().map(|shown| shown.span.end);
            (limit, [team, shown].into_iter().flatten().fold(question.prompt.span.end, u32::max))
        }
        ExprKind::Command { command, host, within, no_on } => {
            let limit = within.take()?;
            let host = host.as_ref().map_or(0, |host| host.span.end);
            let codes = no_on.last().map_or(0, |code| code.span.end);
            (limit, host.max(codes).max(command.span.end))
        }
        ExprKind::Binary { right, .. } => {
            let limit = take_limit(right)?;
            (limit, right.span.end)
        }
        ExprKind::Unary { operand, .. } => {
            let limit = take_limit(operand)?;
            (limit, operand.span.end)
        }
        _ => return None,
    };
    expr.span.end = end;
    Some(limit)
}
