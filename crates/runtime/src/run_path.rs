//! Which of the listed paths a run took: its events, as the list of paths reads them.

use super::{ActionRole, Event, EventKind, Then};
use rbl_check::paths::{ArmId, Followed, GoingOn, Paths, Seen, Turn};
use rbl_syntax::value::Verdict;

/// The arms that a run took, and its path among those of its program. A run that was broken off or set aside has arms and
/// no path.
pub fn followed(paths: &Paths, events: &[Event]) -> Followed {
    paths.follow(events.iter().filter_map(seen).collect())
}

/// The paths that a run may still take, from its events so far: those that begin as it did.
pub fn going_on(paths: &Paths, events: &[Event]) -> GoingOn {
    let mut trail: Vec<Seen> = Vec::new();
    let mut reached = None;
    for event in events {
        // That it was set aside goes through every runbook that runs another: none of them has ended.
        if matches!(event.kind, EventKind::RunEnded { outcome: super::Outcome::Waiting, .. }) {
            continue;
        }
        if let Some(seen) = seen(event) {
            trail.push(seen);
            reached = None;
        }
        let begins = matches!(
            event.kind,
            EventKind::StepStarted { .. }
                | EventKind::ActionStarted { role: ActionRole::Action, .. }
                | EventKind::Asked { .. }
                | EventKind::Waiting { .. }
        );
        if begins {
            reached = event.place.as_ref().map(|place| place.span.in_source(place.source));
        }
    }
    trail.extend(reached.map(Seen::Reached));
    paths.going_on(trail)
}

/// What an event says about the path.
fn seen(event: &Event) -> Option<Seen> {
    let place = event.place.as_ref().map(|place| place.span.in_source(place.source))?;
    let turned = |turn: Turn| Some(Seen::Turned(ArmId { place, turn }));
    match &event.kind {
        EventKind::Decided(decision) => match (&decision.verdict, &decision.then) {
            (Verdict::Yes, Then::Arm { arm, line }) if arm != "then" => {
                let pattern = arm.split_whitespace().collect::<Vec<_>>().join(" ");
                Some(Seen::Matched { place, pattern, line: *line })
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
        EventKind::LoopStarted { .. } => Some(Seen::LoopStarted(place)),
        EventKind::Pass { number, of, .. } => Some(Seen::Pass { place, last: number >= of }),
        EventKind::LoopEnded { .. } => Some(Seen::LoopEnded(place)),
        EventKind::RunEnded { outcome, .. } => {
            Some(Seen::RunEnded(place, *outcome == super::Outcome::Resolved))
        }
        EventKind::Unhandled { .. } => Some(Seen::Unhandled(place)),
        _ => None,
    }
}

fn turn(verdict: &Verdict) -> Turn {
    match verdict {
        Verdict::Yes => Turn::Yes,
        Verdict::No => Turn::No,
        Verdict::Unknown(_) => Turn::Unknown,
    }
}
