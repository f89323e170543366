//! Finds branches and arms that earlier ones cover.

use super::forward::Forward;
use super::judge::Judged;
use super::settled::{self, ConditionRole};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arm, Expr, Match, PatternKind};

/// The number of earlier branches that are searched for the covering one.
const MOST: usize = 100;

/// Reports an `else if` that no run can take, or after which nothing is left. `judged` is its verdict after the earlier
/// branches; the walk is at the start of the `if`.
pub(super) fn of_branch<'e>(
    forward: &mut Forward<'_, '_>,
    condition: &Expr,
    judged: &Judged,
    role: ConditionRole,
    earlier: impl Iterator<Item = &'e Expr>,
    for_unknown: Option<&Arm>,
) {
    let decided = judged.yes.is_some() != judged.no.is_some();
    if !decided {
        return;
    }
    let alone = forward.reasoning.judge(condition);
    if alone.yes.is_none() || alone.no.is_none() {
        settled::report(forward, condition, &alone, role, for_unknown);
        return;
    }
    if judged.yes.is_some() {
        // Spelling out the last case is good style, as long as nothing follows it.
        if role != (ConditionRole::ElseIf { last: true }) {
            settled::report_settled(forward, condition, Code::FLOW_ALWAYS, role, judged.unknown.is_some());
        }
        return;
    }
    let mut covering = None;
    for other in earlier.take(MOST) {
        let first = forward.reasoning.judge(other);
        let Some(no) = first.no else { continue };
        let fork = forward.reasoning.knowledge.fork();
        forward.reasoning.knowledge.go(no);
        let behind = forward.reasoning.judge(condition);
        forward.reasoning.knowledge.back(&fork);
        covering = covering.or(behind.yes.is_none().then_some(other.span));
    }
    report_covered(forward, condition.span, covering, "branch", "block");
}

/// Reports an arm of a `match` that no run can take, or an arm that leaves nothing for a following arm or `else`.
pub(super) fn of_arm<'t>(forward: &mut Forward<'_, 't>, it: &'t Match, index: usize, judged: &Judged) {
    let Some(arm) = it.arms.get(index) else { return };
    let span = arm.pattern.span;
    let duplicate = judged.yes.is_some() && same_as_before(it, index);
    let rest = index + 1 < it.arms.len() || it.otherwise.is_some();
    if judged.yes.is_some() && !duplicate {
        if judged.no.is_none() && rest && forward.reported.insert((Code::FLOW_ALWAYS, span)) {
            let shown = forward.report.shown(span);
            let mut finding = forward.report.finding(
                Code::FLOW_ALWAYS,
                format!("{shown} takes all that is left"),
                span,
                "always fits here",
            );
            let behind = it.arms.get(index + 1).map(|arm| arm.pattern.span);
            if let Some(behind) = behind.or(it.otherwise.as_ref().map(|arm| arm.keyword)) {
                finding = finding.also(forward.report.at(behind), "never reached");
            }
            forward.report.add(finding.help("change it, or take out what follows it"));
        }
        return;
    }
    if judged.no.is_none() && !duplicate {
        return;
    }
    if !duplicate && forward.pattern(it, index).yes.is_none() {
        if forward.reported.insert((Code::FLOW_NEVER, span)) {
            let shown = forward.report.shown(span);
            let finding = forward.report.finding(
                Code::FLOW_NEVER,
                format!("{shown} never fits here"),
                span,
                "never fits",
            );
            let subject = forward.report.at(it.subject.span);
            forward.report.add(
                finding
                    .also(subject, "cannot be that here")
                    .help("change it, or take the arm out: no run gets there"),
            );
        }
        return;
    }
    let covering = (0..index.min(MOST)).find(|other| {
        let first = forward.pattern(it, *other);
        let Some(no) = first.no else { return false };
        let fork = forward.reasoning.knowledge.fork();
        forward.reasoning.knowledge.go(no);
        let behind = forward.pattern(it, index);
        forward.reasoning.knowledge.back(&fork);
        behind.yes.is_none() || (duplicate && same(it, *other, index))
    });
    let covering = covering.and_then(|other| it.arms.get(other)).map(|arm| arm.pattern.span);
    report_covered(forward, span, covering, "arm", "arm");
}

/// Whether an earlier arm of `contains` or `matches` looks for the same text.
fn same_as_before(it: &Match, index: usize) -> bool {
    (0..index.min(MOST)).any(|other| same(it, other, index))
}

fn same(it: &Match, one: usize, other: usize) -> bool {
    let literal = |expr: &Expr| match &expr.bare().kind {
        rbl_syntax::tree::ExprKind::Text(text) => text.literal().map(str::to_owned),
        _ => None,
    };
    match (it.arms.get(one).map(|arm| &arm.pattern.kind), it.arms.get(other).map(|arm| &arm.pattern.kind)) {
        (Some(PatternKind::Contains { text: a }), Some(PatternKind::Contains { text: b })) => {
            // A text that contains the longer string contains the shorter one too.
            literal(a).zip(literal(b)).is_some_and(|(a, b)| b.contains(&a))
        }
        (Some(PatternKind::Matches { regex: a }), Some(PatternKind::Matches { regex: b })) => {
            literal(a).zip(literal(b)).is_some_and(|(a, b)| a == b)
        }
        _ => false,
    }
}

fn report_covered(
    forward: &mut Forward<'_, '_>,
    span: Span,
    covering: Option<Span>,
    what: &str,
    block: &str,
) {
    if !forward.reported.insert((Code::FLOW_COVERED, span)) {
        return;
    }
    let shown = forward.report.shown(span);
    let by = if covering.is_some() {
        format!("an earlier {what} covers")
    } else {
        format!("earlier {what}s cover")
    };
    let mut finding =
        forward.report.finding(Code::FLOW_COVERED, format!("{by} {shown}"), span, "no run gets here");
    if let Some(covering) = covering {
        finding = finding.also(forward.report.at(covering), "takes all of it");
    }
    forward.report.add(finding.help(format!("put the narrower one first, or take this {block} out")));
}
