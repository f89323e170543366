//! Mutants of numbers: a threshold becomes a tenth lower or higher, a count one less or one more.

use super::collector::MutantCollector;
use super::deciding;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use super::number_literal::NumberLiteral;
use rbl_check::walk;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{
    BinaryOp, Declaration, Expr, ExprKind, ParamType, PatternKind, Statement, StatementKind,
};

/// The other side of a comparison, as a test would write it: "`p99`", "one `disk`".
type ComparedText = Option<String>;

/// Finds the mutants of a parameter's default and of the numbers in `let NAME(PARAMS) = …`.
pub(super) fn declaration(declaration: &Declaration, looked: &mut MutantCollector<'_>) {
    match declaration {
        Declaration::Param(param) if param.of != Some(ParamType::Text) => {
            let Some(default) = &param.default else { return };
            let subject = compared_with(&param.name.text, looked);
            for (edit, low, high) in changed(default, looked) {
                let by = match &subject {
                    Some(subject) => {
                        format!(
                            "a test with {subject} between {low} and {high} that does not give `{}`",
                            param.name.text
                        )
                    }
                    None => format!("a test that does not give `{}`, and sees its value", param.name.text),
                };
                looked.add(MutantKind::Threshold, vec![edit], by);
            }
        }
        Declaration::Let(it) => numbers(&it.value, None, looked),
        _ => {}
    }
}

/// Finds the mutants of a statement's numbers.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    for expr in deciding::of(statement) {
        // A bare value in a `match` is compared with the matched value.
        let subject = if let StatementKind::Match(it) = &statement.kind {
            Some(looked.condition(&it.subject))
        } else {
            None
        };
        numbers(expr, subject.as_deref(), looked);
    }
    match &statement.kind {
        StatementKind::Match(it) => {
            for arm in &it.arms {
                if let PatternKind::Compare { value, .. } = &arm.pattern.kind {
                    numbers(value, Some(&looked.condition(&it.subject)), looked);
                }
            }
        }
        StatementKind::ForEach(it) => {
            let what = looked.quoted(it.over.span);
            count(it.up_to.as_ref(), 1.0, looked, |number, _| {
                format!("a test in which exactly {number} of {what} have their turn")
            });
        }
        StatementKind::Repeat(it) => {
            let what = it.until.as_ref().map_or_else(|| "it".into(), |until| looked.condition(until));
            count(Some(&it.times), 1.0, looked, |number, _| {
                format!("a test in which {what} comes to hold only with pass {number}")
            });
        }
        // One try less takes less time, and a test cannot require a minimum duration.
        StatementKind::Action(it) => {
            let what = looked.quoted(it.target.span());
            count(it.retry.as_ref().map(|retry| &retry.times), f64::INFINITY, looked, |_, _| {
                format!("a test in which {what} fails each time, and that says `within` what time it ends")
            });
        }
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
        | StatementKind::Broken { .. } => {}
    }
}

/// Changes every number of an expression that decides.
fn numbers(expr: &Expr, subject: Option<&str>, looked: &mut MutantCollector<'_>) {
    match &expr.kind {
        ExprKind::Number { .. } => threshold(expr, subject, looked),
        ExprKind::Binary { op, left, right, .. } if op.is_comparison() => {
            let (of_left, of_right) = (looked.quoted(right.span), looked.quoted(left.span));
            numbers(left, Some(&of_left), looked);
            numbers(right, Some(&of_right), looked);
        }
        ExprKind::Quantified { over, value, .. } => {
            numbers(over, None, looked);
            numbers(value, Some(&format!("one {}", looked.quoted(over.span))), looked);
        }
        ExprKind::Parenthesized { .. } | ExprKind::Range { .. } | ExprKind::List { .. } => {
            for inner in deciding::parts(expr) {
                numbers(inner, subject, looked);
            }
        }
        // A number in a calculation is not itself compared.
        _ => {
            for inner in deciding::parts(expr) {
                numbers(inner, None, looked);
            }
        }
    }
}

fn threshold(expr: &Expr, subject: Option<&str>, looked: &mut MutantCollector<'_>) {
    for (edit, low, high) in changed(expr, looked) {
        let by = match subject {
            Some(subject) => format!("a test with {subject} between {low} and {high}"),
            None => format!("a test that expects what comes of {}", looked.quoted(expr.span)),
        };
        looked.add(MutantKind::Threshold, vec![edit], by);
    }
}

/// A number a tenth lower and higher, each with the lower and the upper bound of the values between.
fn changed(expr: &Expr, looked: &MutantCollector<'_>) -> Vec<(MutantEdit, String, String)> {
    let Some(number) = NumberLiteral::of(expr, looked.source) else { return Vec::new() };
    let written = number.text();
    let lower =
        number.lower().map(|text| (MutantEdit::replace(expr.span, text.clone()), text, written.clone()));
    let higher = number.higher();
    let higher = (MutantEdit::replace(expr.span, higher.clone()), written, higher);
    lower.into_iter().chain([higher]).collect()
}

/// One less, but not below `least`, and one more. `by` gets the number at which the two differ, and the new one.
pub(super) fn count(
    expr: Option<&Expr>,
    least: f64,
    looked: &mut MutantCollector<'_>,
    by: impl Fn(f64, f64) -> String,
) {
    let Some((expr, ExprKind::Number { value, .. })) = expr.map(|expr| (expr, &expr.kind)) else { return };
    let (less, more) = (value - 1.0, value + 1.0);
    if less >= least {
        looked.add(
            MutantKind::Count,
            vec![MutantEdit::replace(expr.span, less.to_string())],
            by(*value, less),
        );
    }
    looked.add(MutantKind::Count, vec![MutantEdit::replace(expr.span, more.to_string())], by(more, more));
}

/// Returns what the runbook compares a name with: the other side of the first comparison.
fn compared_with(name: &str, looked: &MutantCollector<'_>) -> ComparedText {
    let is_it = |expr: &Expr| matches!(&expr.bare().kind, ExprKind::Name(it) if it.text == name);
    let mut found: Option<(Span, bool)> = None;
    walk::statements(looked.file, &mut |statement| {
        for expr in deciding::of(statement) {
            deciding::each(expr, &mut |expr| {
                let other = match &expr.kind {
                    ExprKind::Binary { op, left, right, .. } if op.is_comparison() && *op != BinaryOp::In => {
                        if is_it(left) {
                            Some((right.span, false))
                        } else {
                            is_it(right).then_some((left.span, false))
                        }
                    }
                    ExprKind::Quantified { over, value, .. } => is_it(value).then_some((over.span, true)),
                    _ => None,
                };
                found = found.or(other);
            });
        }
    });
    found.map(|(span, one)| format!("{}{}", if one { "one " } else { "" }, looked.quoted(span)))
}
