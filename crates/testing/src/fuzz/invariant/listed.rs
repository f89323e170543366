//! Every run takes one of the paths that `rbl paths` lists, and ends as that path says.

use super::{Case, Invariant};
use rbl_runtime::{EventKind, Outcome};
use rbl_syntax::tree;

pub(super) const INVARIANT: Invariant = Invariant { name: "takes a path that is listed", broken };

fn broken(case: &Case<'_>) -> Option<String> {
    let (arms, events) = (&case.followed.arms, &case.witness.events);
    let Some(told) = case.told else {
        let last = events.iter().rev().find_map(|event| event.place.as_ref());
        let at =
            last.map_or_else(String::new, |place| format!(", up to line {} of {}", place.line, place.file));
        return Some(format!("no listed path has its {} decisions{at}", arms.len()));
    };
    let listed = case.oracle.paths.arms();
    if arms.iter().any(|arm| listed.iter().all(|it| it.id != *arm)) {
        return Some("it took an arm that no listed path has".to_owned());
    }
    // The list assumes that the run's own pages arrive and that its clean-up succeeds.
    let granted = !events.iter().any(|event| {
        matches!(&event.kind, EventKind::Escalated { asked_for: false, delivered: Err(_), .. })
            || matches!(&event.kind, EventKind::CleanupEnded { failed } if !failed.is_empty())
    });
    let wanted = match told.end.outcome {
        tree::Outcome::Resolved => Outcome::Resolved,
        tree::Outcome::Escalated => Outcome::Escalated,
        tree::Outcome::Failed => Outcome::Failed,
    };
    let ended = case.witness.ended.outcome;
    (granted && ended != wanted).then(|| format!("it ended {ended}, and its path is said to end {wanted}"))
}
