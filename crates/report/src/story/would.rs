//! What of a run is told otherwise of a plan: nothing of it has happened.

use rbl_runtime::words::{Mark, Words};
use rbl_runtime::{EventKind, Outcome};

/// How an event is told of a walk that does nothing.
pub(super) enum Planned {
    /// As it is told of a run: it was read or decided.
    AsOfARun,
    /// In these words.
    Would(Words),
    /// Not at all: what the walk ended at is told by the plan.
    Not,
}

/// How an event is told of a walk that does nothing.
pub(super) fn would(kind: &EventKind) -> Planned {
    Planned::Would(match kind {
        EventKind::Escalated { team, reason, .. } => {
            let team = team.as_deref().unwrap_or("nobody: the runbook names no owner");
            Words::new(Mark::Attention, "would page", team)
                .maybe((!reason.is_empty()).then(|| reason.clone()))
        }
        EventKind::Recorded { text, channel, .. } => Words::new(Mark::Told, "would record", text)
            .maybe(channel.as_ref().map(|channel| format!("to \"{channel}\""))),
        EventKind::Prose { text } => Words::new(Mark::Told, "would tell", text),
        // The walk ended within it; the runbook did not.
        EventKind::RunEnded { outcome: Outcome::Waiting, .. }
        | EventKind::Ended { .. }
        | EventKind::Parked { .. }
        | EventKind::Asked { .. }
        | EventKind::Waiting { .. }
        | EventKind::ActionStarted { .. } => return Planned::Not,
        _ => return Planned::AsOfARun,
    })
}
