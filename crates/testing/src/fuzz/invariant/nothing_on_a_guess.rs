//! An unknown result is never treated as success: after an unknown that no arm handles nothing is done except the
//! clean-up.

use super::{Case, Invariant};
use rbl_runtime::{ActionRole, ArmName, EventKind, Then};
use rbl_syntax::value::Verdict;

pub(super) const INVARIANT: Invariant = Invariant { name: "acts on nothing that is unknown", broken };

fn broken(case: &Case<'_>) -> Option<String> {
    let mut unknown: Option<(u32, &str)> = None;
    for event in &case.witness.events {
        if unknown.is_some_and(|(depth, _)| event.depth < depth) {
            unknown = None;
        }
        let (verdict, then, condition) = match &event.kind {
            EventKind::Decided(it) => (&it.verdict, &it.then, it.condition.as_str()),
            EventKind::WaitEnded { verdict, then, condition: Some(condition), .. } => {
                (verdict, then, condition.as_str())
            }
            EventKind::ActionStarted { role: ActionRole::Action, title, .. } => {
                if let Some((_, condition)) = unknown {
                    return Some(format!(
                        "`{title}` was begun, though `{condition}` was unknown and no arm handles that"
                    ));
                }
                continue;
            }
            EventKind::Started { .. }
            | EventKind::Noted { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Asked { .. }
            | EventKind::Answered { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::ActionEnded { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Polled { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::Escalated { .. }
            | EventKind::Recorded { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::Resolved { .. }
            | EventKind::Stopped { .. }
            | EventKind::Unhandled { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. }
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => continue,
        };
        match (verdict, then) {
            (Verdict::Unknown(_), Then::GoesOn) => {
                return Some(format!("it continued after `{condition}`, which was unknown"));
            }
            (Verdict::Unknown(_), Then::Arm { arm, .. }) if *arm != ArmName::Unknown => {
                return Some(format!("it took the arm `{arm}` of `{condition}`, which was unknown"));
            }
            (Verdict::Unknown(_), Then::Stops) => unknown = Some((event.depth, condition)),
            _ => {}
        }
    }
    None
}
