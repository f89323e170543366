//! The differences between a plan and a run in words: in a plan, nothing has happened.

use rbl_runtime::words::{Mark, Words};
use rbl_runtime::{EventKind, Outcome};
use rbl_syntax::counted;

/// How a plan shows an event.
pub(super) enum PlannedEvent {
    /// As a run shows it: it was read or decided.
    AsOfARun,
    /// In these words.
    Would(Words),
    /// Not at all: the plan itself shows what the walk ended at.
    Not,
}

/// Returns how a plan shows an event.
pub(super) fn would(kind: &EventKind) -> PlannedEvent {
    PlannedEvent::Would(match kind {
        EventKind::Escalated { team, reason, delivered, .. } => {
            let nobody = || format!("nobody: {}", delivered.as_ref().err().map_or("", |why| &why.text));
            let team = team.clone().unwrap_or_else(nobody);
            Words::new(Mark::Attention, "would page", team)
                .maybe((!reason.is_empty()).then(|| reason.clone()))
        }
        EventKind::Recorded { text, channel, .. } => Words::new(Mark::Message, "would record", text)
            .maybe(channel.as_ref().map(|channel| format!("to \"{channel}\""))),
        EventKind::Locked { name, failure: None, .. } => {
            Words::new(Mark::Message, "would lock", format!("\"{name}\""))
        }
        EventKind::LoopEnded { passes, alike: alike @ 1.. } => {
            let times = counted(u64::from(*passes) + u64::from(*alike), "time", "times");
            Words::new(Mark::None, "loop", format!("and so on, up to {times}"))
        }
        EventKind::Prose { text } => Words::new(Mark::Message, "would show", text),
        // The walk ended within it; the runbook did not.
        EventKind::RunEnded { outcome: Outcome::Waiting, .. }
        | EventKind::Ended { .. }
        | EventKind::Parked { .. }
        | EventKind::Asked { .. }
        | EventKind::Waiting { .. }
        | EventKind::ActionStarted { .. } => return PlannedEvent::Not,
        EventKind::Started { .. }
        | EventKind::Noted { .. }
        | EventKind::StepStarted { .. }
        | EventKind::StepEnded { .. }
        | EventKind::Read { .. }
        | EventKind::Probed { .. }
        | EventKind::Decided(_)
        | EventKind::Answered { .. }
        | EventKind::ActionEnded { .. }
        | EventKind::ActionRetried { .. }
        | EventKind::Polled { .. }
        | EventKind::WaitEnded { .. }
        | EventKind::Acknowledged { .. }
        | EventKind::Let { .. }
        | EventKind::LoopStarted { .. }
        | EventKind::Pass { .. }
        | EventKind::LoopEnded { .. }
        | EventKind::RunStarted { .. }
        | EventKind::RunEnded { .. }
        | EventKind::Locked { .. }
        | EventKind::RunLimited { .. }
        | EventKind::Resolved { .. }
        | EventKind::Stopped { .. }
        | EventKind::Unhandled { .. }
        | EventKind::CleanupStarted { .. }
        | EventKind::CleanupEnded { .. }
        | EventKind::Aborted { .. } => return PlannedEvent::AsOfARun,
    })
}
