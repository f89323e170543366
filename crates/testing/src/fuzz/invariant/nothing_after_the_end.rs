//! Nothing is done after `resolve`, `stop` or an unhandled condition, except the clean-up; and nothing at all once the
//! run has ended.

use super::{Case, Invariant};
use rbl_runtime::{ActionRole, EventKind};

pub(super) const INVARIANT: Invariant = Invariant { name: "does nothing after its end", broken };

fn broken(case: &Case<'_>) -> Option<String> {
    let events = &case.witness.events;
    // The depth of the runbook that has ended; the runbooks that it runs have ended, too.
    let mut over: Option<u32> = None;
    for event in events {
        if over.is_some_and(|depth| event.depth < depth) || is_return(over, event) {
            over = None;
        }
        let line = event.place.as_ref().map(|place| format!(" at line {}", place.line)).unwrap_or_default();
        let what = match &event.kind {
            EventKind::ActionStarted { role: ActionRole::Action, title, .. } => {
                format!("`{title}` was begun")
            }
            EventKind::Asked { prompt, .. } => format!("\"{prompt}\" was asked"),
            EventKind::Recorded { text, .. } => format!("\"{text}\" was recorded"),
            EventKind::Escalated { asked_for: true, .. } => "a team was paged".to_owned(),
            EventKind::StepStarted { number, .. } => format!("step {number} was begun"),
            EventKind::Resolved { .. } | EventKind::Stopped { .. } | EventKind::Unhandled { .. } => {
                over = over.or(Some(event.depth));
                continue;
            }
            EventKind::Started { .. }
            | EventKind::Noted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Decided(_)
            | EventKind::Answered { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::ActionEnded { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Polled { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::Escalated { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. }
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => continue,
        };
        if over.is_some() {
            return Some(format!("{what}{line}, though the runbook had come to its end"));
        }
    }
    let told = events.len();
    let late = case.witness.effects.iter().find(|(before, _, _)| *before >= told && told > 0)?;
    Some(format!("after the end of its story it still did this: {:?}", late.2))
}

/// Whether the event shows that the runbook at this depth has been left.
fn is_return(over: Option<u32>, event: &rbl_runtime::Event) -> bool {
    matches!(event.kind, EventKind::RunEnded { .. }) && over.is_some_and(|depth| event.depth < depth)
}
