//! Finds conditions that, if unknown, stop the run in the middle of a change.
//!
//! *In the middle* is between an automatic action that begins a change and a later one that continues it. An action
//! with `finally` is continued by any later action; one that takes something out of service (`drain`, `stop`, `pause`)
//! is continued until the action that puts it back. An action with `undo` is undone when the run stops there, which is
//! intended.

use super::change::UnfinishedChange;
use super::forward::Forward;
use super::judge::Judged;
use super::opposite::Opposite;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::Expr;

/// Remembers a condition without `unknown`: only a later action shows whether it is in the middle of a change.
pub(super) fn note(forward: &mut Forward<'_, '_>, condition: &Expr, judged: &Judged) {
    if judged.unknown.is_some() {
        note_subject(forward, condition);
    }
}

/// The same for the subject of a `match`. A decision by a person is exempt: that person sees how far the run came.
pub(super) fn note_subject(forward: &mut Forward<'_, '_>, subject: &Expr) {
    if let Some(change) = &mut forward.done.change
        && forward.reasoning.reads_the_world(subject)
        && !change.unhandled.contains(&subject.span)
    {
        change.unhandled.push(subject.span);
    }
}

/// Handles an action that continues a change: reports the conditions that could have stopped it half-way. `words` are
/// those of the action.
pub(super) fn go_on(forward: &mut Forward<'_, '_>, action: Span, words: &[String]) {
    let Some(change) = &mut forward.done.change else { return };
    let ends = change.opposite.is_some_and(|opposite| opposite.is_ended_by(words));
    if !ends && change.opposite.is_some() {
        return;
    }
    let (begun, conditions) = (change.begun, std::mem::take(&mut change.unhandled));
    let put_back = ends.then_some("or put it back however the run ends: `finally` on the first action");
    if ends {
        forward.done.change = None;
    }
    for condition in conditions {
        if !forward.reported.insert((Code::UNKNOWN_HALF_WAY, condition)) {
            continue;
        }
        let shown = forward.report.shown(condition);
        let mut finding = forward
            .report
            .finding(
                Code::UNKNOWN_HALF_WAY,
                format!("the run stops half-way where {shown} is unknown"),
                condition,
                "no `unknown` after it",
            )
            .also(forward.report.at(begun), "the change begins here")
            .also(forward.report.at(action), "and continues here")
            .help("say what is done then: `unknown { escalate to owner because \"half-way\" }`");
        if let Some(help) = put_back {
            finding = finding.help(help);
        }
        forward.report.add(finding);
    }
}

/// Handles an action that begins a change, unless one is already in progress.
pub(super) fn begin(
    forward: &mut Forward<'_, '_>,
    action: Span,
    words: &[String],
    finally: bool,
    undone: bool,
) {
    if forward.done.change.is_some() || undone {
        return;
    }
    let opposite = if finally { None } else { Opposite::begun_by(words) };
    if finally || opposite.is_some() {
        forward.done.change = Some(UnfinishedChange { begun: action, opposite, unhandled: Vec::new() });
    }
}
