//! Every run takes at most the listed maximum of its path, and at least the listed minimum.

use super::{Case, Invariant};
use rbl_syntax::value::Quantity;

pub(super) const INVARIANT: Invariant = Invariant { name: "keeps to its times", broken };

/// Sums of times differ in their last bits if the order differs.
const SLACK: f64 = 1e-6;

fn broken(case: &Case<'_>) -> Option<String> {
    // The listed times are for the default parameters.
    let told = case.told.filter(|_| super::has_defaults(case))?;
    let took = case.witness.seconds;
    let shown = Quantity::seconds;
    if let Some(longest) = told.longest.0.filter(|longest| took > longest + SLACK) {
        return Some(format!("it took {}, and {} at most is listed", shown(took), shown(longest)));
    }
    (took < told.shortest - SLACK)
        .then(|| format!("it took {}, and {} at least is listed", shown(took), shown(told.shortest)))
}
