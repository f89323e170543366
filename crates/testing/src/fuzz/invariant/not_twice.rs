//! No two effects share an idempotency key, because otherwise one would count as done already. Only the tries of one
//! action share a key.

use std::collections::HashMap;

use super::{Case, Invariant};
use rbl_runtime::Effect;

pub(super) const INVARIANT: Invariant = Invariant { name: "gives each effect a key of its own", broken };

fn broken(case: &Case<'_>) -> Option<String> {
    let mut keys: HashMap<&str, &Effect> = HashMap::new();
    for (_, _, effect) in &case.witness.effects {
        let key = match effect {
            Effect::Act(act) if act.attempt > 1 => continue,
            Effect::Act(act) => &act.key,
            Effect::Page(page) => &page.key,
            Effect::Record(record) => &record.key,
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Probe(_)
            | Effect::Ask(_)
            | Effect::Secret { .. } => continue,
        };
        if let Some(before) = keys.insert(key, effect) {
            return Some(format!("two effects have the key {key}: {before:?} and {effect:?}"));
        }
    }
    None
}
