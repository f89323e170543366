//! No silent end: every run ends resolved, or somebody was paged, or it reports clearly that it could page nobody.

use super::{Case, Invariant};
use rbl_runtime::{EventKind, Outcome};

pub(super) const INVARIANT: Invariant = Invariant { name: "makes its end known", broken };

fn broken(case: &Case<'_>) -> Option<String> {
    let (ended, events) = (&case.witness.ended, &case.witness.events);
    let delivered = events
        .iter()
        .filter(|event| matches!(&event.kind, EventKind::Escalated { delivered: Ok(_), .. }))
        .count();
    let tried = events
        .iter()
        .any(|event| matches!(&event.kind, EventKind::Escalated { asked_for: false, delivered: Err(_), .. }));
    if delivered != ended.paged.len() {
        return Some(format!("{delivered} pages were delivered, and its end says {}", ended.paged.len()));
    }
    match ended.outcome {
        Outcome::Escalated if delivered == 0 => Some("it ended escalated, and nobody was paged".to_owned()),
        Outcome::Failed if !tried => Some("it failed, and did not try to page anybody".to_owned()),
        Outcome::Failed if ended.message.is_empty() => Some("it failed, and does not say why".to_owned()),
        Outcome::Resolved | Outcome::Escalated | Outcome::Failed | Outcome::Aborted | Outcome::Waiting => {
            None
        }
    }
}
