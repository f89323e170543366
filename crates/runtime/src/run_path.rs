//! Maps the events of a run to the program's paths.

use super::{ActionRole, ArmName, Event, EventKind, Then};
use rbl_check::paths::{ArmId, Followed, FollowedEvent, Paths, Turn, UnfinishedRun};
use rbl_syntax::value::Verdict;

/// The arms that a run took, and its path among those of its program. A run that was aborted or parked has arms but no
/// path.
pub fn followed(paths: &Paths, events: &[Event]) -> Followed {
    paths.follow(events.iter().filter_map(seen).collect())
}

/// The paths a run can still take, given its events so far.
pub fn unfinished(paths: &Paths, events: &[Event]) -> UnfinishedRun {
    let mut trail: Vec<FollowedEvent> = Vec::new();
    let mut reached = None;
    for event in events {
        // Parking propagates through every runbook that runs another: none of them has ended.
        if matches!(event.kind, EventKind::RunEnded { outcome: super::Outcome::Waiting, .. }) {
            continue;
        }
        if let Some(seen) = seen(event) {
            trail.push(seen);
            reached = None;
        }
        let cleans_up = event.kind.role().is_some_and(|role| role != ActionRole::Action);
        let begins = matches!(event.kind, EventKind::StepStarted { .. }) || event.kind.may_park();
        if begins && !cleans_up {
            reached = event.place.as_ref().map(|place| place.span.in_source(place.source));
        }
    }
    trail.extend(reached.map(FollowedEvent::Reached));
    paths.unfinished(trail)
}

/// The step on a path that an event stands for.
fn seen(event: &Event) -> Option<FollowedEvent> {
    let place = event.place.as_ref().map(|place| place.span.in_source(place.source))?;
    let turned = |turn: Turn| Some(FollowedEvent::Turned(ArmId { place, turn }));
    match &event.kind {
        EventKind::Decided(decision) => match (&decision.verdict, &decision.then) {
            (Verdict::Yes, Then::Arm { arm: ArmName::Pattern(arm), line }) => {
                let pattern = arm.split_whitespace().collect::<Vec<_>>().join(" ");
                Some(FollowedEvent::Matched { place, pattern, line: *line })
            }
            (verdict, _) => turned(turn(verdict)),
        },
        EventKind::WaitEnded { condition: Some(_), verdict, .. } => turned(turn(verdict)),
        EventKind::ActionEnded { role: ActionRole::Action, failure, then: Some(_), .. } => {
            turned(if failure.is_none() { Turn::Done } else { Turn::Fails })
        }
        EventKind::Escalated { asked_for: true, delivered, .. } => {
            turned(if delivered.is_ok() { Turn::Delivered } else { Turn::Undelivered })
        }
        EventKind::Locked { failure, .. } => turned(if failure.is_none() { Turn::Done } else { Turn::Fails }),
        EventKind::RunLimited { .. } => turned(Turn::Limited),
        EventKind::Acknowledged { answer, .. } => {
            turned(if answer.is_ok() { Turn::Acknowledged } else { Turn::Unacknowledged })
        }
        // Those of a block that is left have a place.
        EventKind::CleanupEnded { failed } => Some(FollowedEvent::PutBack(place, failed.is_empty())),
        EventKind::LoopStarted { .. } => Some(FollowedEvent::LoopStarted(place)),
        EventKind::Pass { number, of, .. } => Some(FollowedEvent::Pass { place, last: number >= of }),
        EventKind::LoopEnded { .. } => Some(FollowedEvent::LoopEnded(place)),
        EventKind::RunEnded { outcome, .. } => {
            Some(FollowedEvent::RunEnded(place, *outcome == super::Outcome::Resolved))
        }
        EventKind::Unhandled { .. } => Some(FollowedEvent::Unhandled(place)),
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
        | EventKind::RunStarted { .. }
        | EventKind::Resolved { .. }
        | EventKind::Stopped { .. }
        | EventKind::CleanupStarted { .. }
        | EventKind::Parked { .. }
        | EventKind::Aborted { .. }
        | EventKind::Ended { .. } => None,
    }
}

fn turn(verdict: &Verdict) -> Turn {
    match verdict {
        Verdict::Yes => Turn::Yes,
        Verdict::No => Turn::No,
        Verdict::Unknown(_) => Turn::Unknown,
    }
}
