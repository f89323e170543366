//! Whether a runbook computes or compares with a parameter: then it cannot be given a number that is too large for that.

use super::{Runbook, walk};
use rbl_syntax::tree::{Expr, ExprKind, PatternKind, Statement, StatementKind};

impl Runbook {
    /// Whether it computes or compares with a name directly, instead of only passing it on.
    pub fn computes_with(&self, name: &str) -> bool {
        let mut computes = false;
        let constants = self.constants.iter().map(|it| &it.declaration.value);
        for expr in constants.chain(self.expressions.values().map(|it| &it.declaration.value)) {
            walk::expressions(expr, &mut |it| computes |= is_operand(it, name));
        }
        for outer in self.steps.iter().flat_map(|step| &step.statements) {
            walk::statement(outer, &mut |statement| {
                computes |= decides(statement, name);
                walk::own_expressions(statement, &mut |it| computes |= is_operand(it, name));
            });
        }
        computes
    }
}

fn is(expr: &Expr, name: &str) -> bool {
    matches!(&expr.bare().kind, ExprKind::Name(it) if it.text == name)
}

/// Whether the name is what an expression computes or compares with.
fn is_operand(it: &Expr, name: &str) -> bool {
    match &it.kind {
        ExprKind::Binary { left, right, .. } => is(left, name) || is(right, name),
        ExprKind::Range { low, high } => is(low, name) || is(high, name),
        ExprKind::Quantified { over, value, .. } => is(over, name) || is(value, name),
        ExprKind::Index { index, .. } => is(index, name),
        ExprKind::Call { name: function, args } => {
            super::functions::find(&function.text).is_some() && args.iter().any(|arg| is(&arg.value, name))
        }
        _ => false,
    }
}

/// Whether a statement itself decides or counts by the name.
fn decides(statement: &Statement, name: &str) -> bool {
    match &statement.kind {
        StatementKind::Match(it) => {
            is(&it.subject, name)
                || it.arms.iter().any(|arm| match &arm.pattern.kind {
                    PatternKind::Value { value } | PatternKind::Compare { value, .. } => is(value, name),
                    PatternKind::Contains { .. } | PatternKind::Matches { .. } => false,
                })
        }
        StatementKind::ForEach(it) => it.up_to.as_ref().is_some_and(|up_to| is(up_to, name)),
        StatementKind::Repeat(it) => is(&it.times, name),
        StatementKind::Action(it) => it.retry.as_ref().is_some_and(|retry| is(&retry.times, name)),
        StatementKind::Prose { .. }
        | StatementKind::Check(_)
        | StatementKind::If(_)
        | StatementKind::Escalate(_)
        | StatementKind::Wait(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Run(_)
        | StatementKind::Lock(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => false,
    }
}
