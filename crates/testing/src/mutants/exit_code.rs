//! Mutants of `no on CODE, …`: a code is left out, so that it is unknown.

use super::collector::MutantCollector;
use super::deciding;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Declaration, ExitCode, Expr, ExprKind, Statement};

/// Finds the mutants of a declared probe, and of the commands in `let NAME(PARAMS) = …`.
pub(super) fn declaration(declaration: &Declaration, looked: &mut MutantCollector<'_>) {
    match declaration {
        Declaration::Probe(it) => codes(&it.look, looked),
        Declaration::Let(it) => deciding::each(&it.value, &mut |expr| codes(expr, looked)),
        Declaration::Runbook(_)
        | Declaration::About(_)
        | Declaration::Timezone(_)
        | Declaration::Tests(_)
        | Declaration::Trigger(_)
        | Declaration::Owner(_)
        | Declaration::Severity(_)
        | Declaration::Link(_)
        | Declaration::Param(_)
        | Declaration::Secret(_)
        | Declaration::Metric(_)
        | Declaration::Define(_)
        | Declaration::Limit(_)
        | Declaration::Use(_) => {}
    }
}

/// Finds the mutants of the probes that a statement decides by.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    for expr in deciding::of(statement) {
        deciding::each(expr, &mut |expr| codes(expr, looked));
    }
}

fn codes(expr: &Expr, looked: &mut MutantCollector<'_>) {
    let ExprKind::Command { command, no_on, .. } = &expr.kind else { return };
    let what = looked.quoted(command.span);
    for (index, code) in no_on.iter().enumerate() {
        let Some(span) = left_out(no_on, index, looked) else { continue };
        let by = format!("a test in which {what} `exits {}`", code.code);
        looked.add(MutantKind::ExitCode, vec![MutantEdit::drop(span)], by);
    }
}

/// What is dropped with a code: its comma; with the only one, the whole `no on`.
fn left_out(no_on: &[ExitCode], index: usize, looked: &MutantCollector<'_>) -> Option<Span> {
    let code = no_on.get(index)?.span;
    if let Some(next) = no_on.get(index + 1) {
        return Some(Span::new(code.start, next.span.start));
    }
    if let Some(before) = index.checked_sub(1).and_then(|before| no_on.get(before)) {
        return Some(Span::new(before.span.end, code.end));
    }
    let before = looked.text(Span::new(0, code.start)).trim_end().strip_suffix("on")?;
    let start = before.trim_end().strip_suffix("no")?.trim_end().len();
    Some(Span::between(start, code.range().end))
}
