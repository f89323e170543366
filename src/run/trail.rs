//! Which of the listed paths a run took: its events, as the list of paths reads them.

use super::{ActionRole, Event, EventKind, Then};
use crate::check::paths::{ArmId, Followed, Paths, Seen, Turn};
use crate::value::Verdict;

/// The arms that a run took, and its path among those of its program. A run that was broken off or set aside has arms and
/// no path.
pub fn followed(paths: &Paths, events: &[Event]) -> Followed {
    paths.follow(events.iter().filter_map(seen).collect())
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
        EventKind::Pass { .. } => Some(Seen::Pass(place)),
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
