//! Finds `unknown` arms of conditions that are known before the run. A parameter may not be: the runbook that runs this one may fill
//! it with an unknown value.

use super::super::certainty::holds_large;
use super::forward::Forward;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree::{Arm, Expr, Match, PatternKind};

/// Reports an `unknown` arm where none of the conditions can be unknown.
pub(super) fn report<'t>(
    forward: &mut Forward<'_, 't>,
    conditions: impl IntoIterator<Item = &'t Expr>,
    arm: Option<&'t Arm>,
) {
    let Some(arm) = arm else { return };
    let mut first = None;
    for condition in conditions {
        if forward.reasoning.can_be_unknown_from_outside(condition) || holds_large(condition) {
            return;
        }
        first = first.or(Some(condition));
    }
    let Some(condition) = first else { return };
    let shown = forward.report.shown(condition.span);
    let finding = forward.report.finding(
        Code::UNKNOWN_NEVER,
        format!("{shown} can never be unknown"),
        arm.keyword,
        if arm.both { "`or unknown` adds nothing" } else { "never runs" },
    );
    forward.report.add(
        finding.also(forward.report.at(condition.span), "known without asking anything").help(if arm.both {
            "write `else`: only metrics, probes and people can be unknown"
        } else {
            "take the `unknown` arm out: only metrics, probes and people can be unknown"
        }),
    );
}

/// Reports it for a `match`, whose patterns matter too.
pub(super) fn of_match<'t>(forward: &mut Forward<'_, 't>, it: &'t Match) {
    let patterns = it.arms.iter().map(|arm| match &arm.pattern.kind {
        PatternKind::Value { value } | PatternKind::Compare { value, .. } => value,
        PatternKind::Contains { text } => text,
        PatternKind::Matches { regex } => regex,
    });
    // A text is parsed as a quantity when it is compared with one, and may not be one.
    let typed = forward.reasoning.operand(&it.subject).dimension.is_some();
    let quantities = it.arms.iter().any(|arm| match &arm.pattern.kind {
        PatternKind::Value { value } | PatternKind::Compare { value, .. } => {
            forward.reasoning.operand(value).dimension.is_some() || forward.members(value).is_none()
        }
        PatternKind::Contains { .. } | PatternKind::Matches { .. } => false,
    });
    if typed || !quantities {
        report(forward, std::iter::once(&it.subject).chain(patterns), it.on_unknown());
    }
}
