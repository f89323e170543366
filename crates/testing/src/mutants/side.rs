//! Mutants of conditional expressions: two neighbouring sides of `if COND { X } else { Y }` are swapped.

use super::collector::MutantCollector;
use super::deciding;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use rbl_syntax::tree::{Declaration, Expr, ExprKind, Statement};

/// Finds the mutants of the expression of `let NAME(PARAMS) = …`.
pub(super) fn declaration(declaration: &Declaration, looked: &mut MutantCollector<'_>) {
    if let Declaration::Let(it) = declaration {
        deciding::each(&it.value, &mut |expr| sides(expr, looked));
    }
}

/// Finds the mutants of a statement's expressions.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    for expr in deciding::of(statement) {
        deciding::each(expr, &mut |expr| sides(expr, looked));
    }
}

fn sides(expr: &Expr, looked: &mut MutantCollector<'_>) {
    let ExprKind::Conditional { branches, otherwise } = &expr.kind else { return };
    let sides: Vec<&Expr> = branches.iter().map(|it| &it.value).chain([&**otherwise]).collect();
    for (branch, pair) in branches.iter().zip(sides.windows(2)) {
        let [one, other] = pair else { continue };
        let (a, b) = (looked.text(one.span), looked.text(other.span));
        if a == b {
            continue;
        }
        let by = format!(
            "a test that expects what comes of {} where {} holds",
            looked.quoted(one.span),
            looked.condition(&branch.condition)
        );
        let edits = vec![MutantEdit::replace(one.span, b), MutantEdit::replace(other.span, a)];
        looked.add(MutantKind::Arms, edits, by);
    }
}
