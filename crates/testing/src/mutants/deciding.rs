//! The expressions of a statement that decide what is done. Expressions in texts are skipped, because they change only
//! what is shown; those in commands are the command's concern.

use rbl_syntax::tree::{Expr, ExprKind, PatternKind, Statement, StatementKind, Target, Wait};

/// Returns the outermost deciding expressions, in order, without times.
pub(super) fn of(statement: &Statement) -> Vec<&Expr> {
    match &statement.kind {
        StatementKind::Check(it) => vec![&it.condition],
        StatementKind::If(it) => it.branches.iter().map(|branch| &branch.condition).collect(),
        StatementKind::Match(it) => {
            let patterns = it.arms.iter().filter_map(|arm| match &arm.pattern.kind {
                PatternKind::Value { value } => Some(value),
                // A comparison pattern has no left side; its operator is handled in `operator`.
                PatternKind::Compare { .. } | PatternKind::Contains { .. } | PatternKind::Matches { .. } => {
                    None
                }
            });
            std::iter::once(&it.subject).chain(patterns).collect()
        }
        StatementKind::Action(it) => {
            let targets = std::iter::once(&it.target).chain(&it.finally).chain(&it.undo);
            let arguments = targets.flat_map(|target| match target {
                Target::Call { args, .. } => args.as_slice(),
                Target::Prose(_) | Target::Command(_) => &[],
            });
            arguments.map(|arg| &arg.value).chain(&it.host).collect()
        }
        StatementKind::Wait(Wait::Until { condition, .. }) => vec![condition.as_ref()],
        StatementKind::Let(it) => vec![&it.value],
        StatementKind::ForEach(it) => std::iter::once(&it.over).chain(&it.filter).collect(),
        StatementKind::Repeat(it) => it.until.iter().collect(),
        StatementKind::Lock(it) => vec![&it.name],
        StatementKind::Run(it) => it.with.iter().map(|arg| &arg.value).collect(),
        StatementKind::Wait(Wait::Duration { .. })
        | StatementKind::Prose { .. }
        | StatementKind::Escalate(_)
        | StatementKind::Record(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => Vec::new(),
    }
}

/// Visits an expression and every deciding expression within it, outer ones first.
pub(super) fn each<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t Expr)) {
    visit(expr);
    for inner in parts(expr) {
        each(inner, visit);
    }
}

/// Returns the deciding expressions directly within one, without times and indices.
pub(super) fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::List { items } => items.iter().collect(),
        ExprKind::Record { fields } => fields.iter().map(|field| &field.value).collect(),
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Range { low, high } => vec![low, high],
        ExprKind::Call { args, .. } => args.iter().map(|arg| &arg.value).collect(),
        ExprKind::Field { of, .. }
        | ExprKind::Index { of, .. }
        | ExprKind::Ago { of, .. }
        | ExprKind::Over { of, .. } => {
            vec![of]
        }
        ExprKind::Quantified { over, value, .. } => vec![over, value],
        ExprKind::Held { condition, .. } => vec![condition],
        ExprKind::Conditional { branches, otherwise } => {
            let parts = branches.iter().flat_map(|branch| [&branch.condition, &branch.value]);
            parts.chain([&**otherwise]).collect()
        }
        ExprKind::Comprehension(made) => {
            std::iter::once(&made.over).chain(&made.filter).chain([&made.value]).collect()
        }
        ExprKind::Parenthesized { inner } => vec![inner],
        ExprKind::Number { .. }
        | ExprKind::LargeNumber { .. }
        | ExprKind::BadUnit
        | ExprKind::Text(_)
        | ExprKind::Command { .. }
        | ExprKind::Bool { .. }
        | ExprKind::Now
        | ExprKind::Name(_)
        | ExprKind::Question(_)
        | ExprKind::Ask { .. }
        | ExprKind::Broken => Vec::new(),
    }
}
