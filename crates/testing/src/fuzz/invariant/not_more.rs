//! No run does more actions or sends more pages than its path lists.

use super::{Case, Invariant};
use rbl_runtime::{ActionRole, EventKind};

pub(super) const INVARIANT: Invariant = Invariant { name: "does no more than is listed", broken };

fn broken(case: &Case<'_>) -> Option<String> {
    let told = case.told.filter(|_| super::has_defaults(case))?;
    let is_action = |kind: &EventKind| {
        matches!(kind, EventKind::ActionStarted { role: ActionRole::Action, attempt: 1, .. })
    };
    let actions = case.witness.events.iter().filter(|event| is_action(&event.kind)).count();
    let more = |count: usize, most: Option<f64>| most.filter(|most| count as f64 > *most);
    if let Some(most) = more(actions, told.actions.0) {
        return Some(format!("it did {actions} actions, and {most} at most are listed"));
    }
    let own = |kind: &EventKind| matches!(kind, EventKind::CleanupEnded { failed } if !failed.is_empty());
    // A clean-up that fails pages the owner as well.
    let besides = case.witness.events.iter().filter(|event| own(&event.kind)).count();
    let pages = case.witness.ended.paged.len().saturating_sub(besides);
    let most = more(pages, told.pages.0)?;
    Some(format!("it sent {pages} pages, and {most} at most are listed"))
}
