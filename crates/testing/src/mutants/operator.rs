//! Mutants of operators: `<` for `<=`, `==` for `!=`, `and` for `or`, `any` for `every`; `not` is dropped.

use super::collector::MutantCollector;
use super::deciding;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{
    BinaryOp, Expr, ExprKind, PatternKind, Quantifier, Statement, StatementKind, UnaryOp,
};

/// Finds the mutants of a statement.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    for expr in deciding::of(statement) {
        deciding::each(expr, &mut |expr| operator(expr, looked));
    }
    if let StatementKind::Match(it) = &statement.kind {
        for arm in &it.arms {
            let PatternKind::Compare { op, value } = &arm.pattern.kind else { continue };
            let Some((kind, other)) = other(*op) else { continue };
            let start = arm.pattern.span.start;
            let length = u32::try_from(op.spelling().len()).unwrap_or(0);
            let at = Span::new(start, start + length);
            if looked.text(at) == op.spelling() {
                let by = exactly(looked, it.subject.span, value.span);
                looked.add(kind, vec![MutantEdit::replace(at, other.spelling())], by);
            }
        }
    }
}

fn operator(expr: &Expr, looked: &mut MutantCollector<'_>) {
    match &expr.kind {
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), op_span, left, right } => {
            let other = if *op == BinaryOp::And { "or" } else { "and" };
            let by = format!(
                "a test in which only one of {} and {} holds",
                looked.quoted(left.span),
                looked.quoted(right.span)
            );
            looked.add(MutantKind::Connective, vec![MutantEdit::replace(*op_span, other)], by);
        }
        ExprKind::Binary { op, op_span, left, right } => {
            let Some((kind, other)) = other(*op) else { return };
            let (subject, value) = if is_fixed(left) { (right, left) } else { (left, right) };
            let by = exactly(looked, subject.span, value.span);
            looked.add(kind, vec![MutantEdit::replace(*op_span, other.spelling())], by);
        }
        ExprKind::Quantified { quantifier, over, op, op_span, value } => {
            if let Some((kind, other)) = other(*op) {
                let by = format!(
                    "a test with one {} at exactly {}",
                    looked.quoted(over.span),
                    looked.bare(value.span)
                );
                looked.add(kind, vec![MutantEdit::replace(*op_span, other.spelling())], by);
            }
            let (word, other) = match quantifier {
                Quantifier::Any => ("any", "every"),
                Quantifier::Every => ("every", "any"),
            };
            let start = expr.span.start;
            let at = Span::new(start, start + u32::try_from(word.len()).unwrap_or(0));
            if looked.text(at) == word {
                let compared = looked.bare(op_span.to(value.span));
                let by = format!(
                    "a test with one {} that is {compared} and one that is not",
                    looked.quoted(over.span)
                );
                looked.add(MutantKind::Quantifier, vec![MutantEdit::replace(at, other)], by);
            }
        }
        ExprKind::Unary { op: UnaryOp::Not, operand } => {
            let by = format!("a test that expects what comes of {}", looked.quoted(expr.span));
            let not = Span::new(expr.span.start, operand.span.start);
            looked.add(MutantKind::Negation, vec![MutantEdit::drop(not)], by);
        }
        _ => {}
    }
}

/// The operator that is easily mistaken for this one.
const fn other(op: BinaryOp) -> Option<(MutantKind, BinaryOp)> {
    Some(match op {
        BinaryOp::Less => (MutantKind::Boundary, BinaryOp::LessOrEqual),
        BinaryOp::LessOrEqual => (MutantKind::Boundary, BinaryOp::Less),
        BinaryOp::Greater => (MutantKind::Boundary, BinaryOp::GreaterOrEqual),
        BinaryOp::GreaterOrEqual => (MutantKind::Boundary, BinaryOp::Greater),
        BinaryOp::Equal => (MutantKind::Equality, BinaryOp::NotEqual),
        BinaryOp::NotEqual => (MutantKind::Equality, BinaryOp::Equal),
        BinaryOp::Or
        | BinaryOp::And
        | BinaryOp::In
        | BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide => return None,
    })
}

fn exactly(looked: &MutantCollector<'_>, subject: Span, value: Span) -> String {
    format!("a test with {} at exactly {}", looked.quoted(subject), looked.bare(value))
}

/// Whether it is a literal; the other side is then what a test sets.
fn is_fixed(expr: &Expr) -> bool {
    matches!(expr.bare().kind, ExprKind::Number { .. } | ExprKind::Text(_) | ExprKind::Bool { .. })
}
