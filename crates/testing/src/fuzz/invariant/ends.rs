//! Every run ends: no loop without a bound, no wait without a limit.

use super::{Case, Invariant};
use rbl_runtime::{EventKind, Outcome};
use rbl_syntax::value::Took;

pub(super) const INVARIANT: Invariant = Invariant { name: "ends", broken };

fn broken(case: &Case<'_>) -> Option<String> {
    let witness = case.witness;
    if witness.ran_away {
        let effects = witness.effects.len();
        return Some(format!("it did not end within {} and {effects} effects", Took(witness.seconds)));
    }
    match witness.ended.outcome {
        Outcome::Resolved | Outcome::Escalated | Outcome::Failed => {}
        outcome @ (Outcome::Aborted | Outcome::Waiting) => {
            return Some(format!("it ended {outcome}, though nobody interrupted it"));
        }
    }
    let last = witness.events.last().map(|event| &event.kind);
    let says = matches!(last, Some(EventKind::Ended { .. }));
    (!says).then(|| "its story does not say how it ended".to_owned())
}
