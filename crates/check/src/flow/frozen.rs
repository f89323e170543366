//! Finds conditions that are waited for and cannot change: nothing in them is read, run or asked anew.

use super::forward::Forward;
use super::names::Meaning;
use super::settled::ConditionRole;
use crate::walk;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree::Expr;

/// Reports a condition of a `wait until` or an `until` whose verdict is the same at every poll.
pub(super) fn report(forward: &mut Forward<'_, '_>, condition: &Expr, role: ConditionRole) {
    if !forward.reported.insert((Code::FLOW_FROZEN, condition.span)) {
        return;
    }
    let shown = forward.report.shown(condition.span);
    let (never, what) = match role {
        ConditionRole::Until => ("no pass of the `repeat` changes it", "pass"),
        ConditionRole::Check
        | ConditionRole::If
        | ConditionRole::ElseIf { .. }
        | ConditionRole::Where
        | ConditionRole::Wait { .. } => ("no wait changes it", "poll"),
    };
    let mut finding = forward.report.finding(
        Code::FLOW_FROZEN,
        format!("{shown} cannot change: {never}"),
        condition.span,
        format!("the same at every {what}"),
    );
    let mut taken = None;
    walk::expressions(condition, &mut |inner| {
        if let Some(name) = walk::name_of(inner)
            && taken.is_none()
            && matches!(
                forward.reasoning.names.meaning(name),
                Meaning::Local(_) | Meaning::Constant(_) | Meaning::Fixed { .. }
            )
        {
            taken = Some(name.text.clone());
        }
    });
    finding = match taken {
        Some(name) => finding.help(format!(
            "`{name}` is a value that was taken once: wait for the metric or the probe itself"
        )),
        None => finding.help("wait for a metric, a probe or a question: they are asked anew each time"),
    };
    forward.report.add(finding);
}
