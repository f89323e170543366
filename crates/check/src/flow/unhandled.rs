//! Conditions whose unknown stops the run in the middle of a change.
//!
//! *In the middle* is between an action of the machine that begins a change and a later one that goes on with it: one that has
//! `finally`, up to any later action; or one that takes something out of service (`drain`, `stop`, `pause`), up to the action
//! that puts it back. What has `undo` is undone when the run stops there, which is what somebody wants.

use super::change::Change;
use super::forward::Forward;
use super::judge::Judged;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::Expr;

/// Keeps a condition without `unknown` in mind: whether it stands in the middle is known only behind it.
pub(super) fn note(forward: &mut Forward<'_, '_>, condition: &Expr, judged: &Judged) {
    if judged.unknown.is_some() {
        note_subject(forward, condition);
    }
}

/// The same for what a `match` looks at. Where only a person decides there is somebody who sees how far the run came.
pub(super) fn note_subject(forward: &mut Forward<'_, '_>, subject: &Expr) {
    if let Some(change) = &mut forward.done.change
        && forward.reasoning.looks_at_the_world(subject)
        && !change.unhandled.contains(&subject.span)
    {
        change.unhandled.push(subject.span);
    }
}

/// An action goes on with a change: what could have stopped it half-way is told. `words` are those of the action.
pub(super) fn go_on(forward: &mut Forward<'_, '_>, action: Span, words: &[String]) {
    let Some(change) = &mut forward.done.change else { return };
    let ends = change.ended_by.iter().any(|end| words.iter().any(|word| word == end));
    if !ends && !change.ended_by.is_empty() {
        return;
    }
    let (begun, conditions) = (change.begun, std::mem::take(&mut change.unhandled));
    let put_back = ends.then_some("or put it back however the run ends: `finally` on the first action");
    if ends {
        forward.done.change = None;
    }
    for condition in conditions {
        if !forward.told.insert((Code::UNKNOWN_HALF_WAY, condition)) {
            continue;
        }
        let shown = forward.report.shown(condition);
        let mut finding = forward
            .report
            .finding(
                Code::UNKNOWN_HALF_WAY,
                format!("the run stops half-way where {shown} is unknown"),
                condition,
                "no `unknown` behind it",
            )
            .also(forward.report.at(begun), "the change begins here")
            .also(forward.report.at(action), "and goes on here")
            .help("say what is done then: `unknown { escalate to owner because \"half-way\" }`");
        if let Some(help) = put_back {
            finding = finding.help(help);
        }
        forward.report.tell(finding);
    }
}

/// An action begins a change, unless one is begun already.
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
    let ended_by: Option<&'static [&'static str]> =
        if finally { Some(&[]) } else { super::change::ended_by(words) };
    if let Some(ended_by) = ended_by {
        forward.done.change = Some(Change { begun: action, ended_by, unhandled: Vec::new() });
    }
}
