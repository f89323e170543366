//! Generates the alert that starts a run, and whether it still fires.

use std::collections::BTreeMap;

use super::GeneratedWorld;
use crate::fuzz::fitting::fitting;
use crate::fuzz::hints::Hints;
use crate::fuzz::rng::Rng;
use crate::scripted::{FiringState, GivenSubject};
use rbl_check::Program;
use rbl_runtime::{Alert, FIRING};
use rbl_syntax::tree::{AlertNames, LabelMatch, TriggerKind};
use smol_str::SmolStr;

/// One in this many worlds of a runbook that uses its alert is started without one.
const WITHOUT: usize = 6;
/// A label that is looked up is missing once in this many alerts.
const MISSING: usize = 8;
/// It stops firing, or fires again, once in this many times that it is asked.
const CHANGES: usize = 6;

/// Returns an alert that fits the trigger, for a program that uses it.
pub(super) fn random(program: &Program, hints: &Hints, rng: &mut Rng) -> Option<Alert> {
    let wanted = hints.alert_labels()?;
    let trigger = program.runbook(program.main())?.trigger.as_ref()?;
    let TriggerKind::Alert { name, labels, by } = trigger else { return None };
    if rng.once_in(WITHOUT) {
        return None;
    }
    let name = match name {
        AlertNames::Listed(names) => SmolStr::from(rng.pick(names)?.literal()?),
        AlertNames::Matching(regex) => {
            // The whole name has to match.
            let fitting = fitting(&format!("^(?:{})$", regex.literal()?));
            SmolStr::from(rng.pick(&fitting)?.as_str())
        }
    };
    let mut all: BTreeMap<SmolStr, SmolStr> = BTreeMap::from([("alertname".into(), name.clone())]);
    let grouped = by.iter().map(|label| &label.text);
    for label in wanted.iter().chain(grouped) {
        if !rng.once_in(MISSING) {
            all.entry(label.clone()).or_insert_with(|| hints.text(rng).into());
        }
    }
    for label in labels {
        if let (LabelMatch::Equal, Some(value)) = (label.op, label.value.literal()) {
            all.insert(label.name.text.clone(), value.into());
        }
    }
    Some(Alert::named(name, all))
}

impl GeneratedWorld<'_> {
    /// Whether the alert fires when it is asked; now and then that changes.
    pub(super) fn firing(&mut self) {
        if self.first(FIRING.to_owned()) {
            let state = self.firing_state();
            self.give(None, GivenSubject::Firing(state));
        } else if self.clock.seconds() > 0.0 && self.rng.once_in(CHANGES) {
            let state = self.firing_state();
            self.give(Some(self.clock.seconds()), GivenSubject::Firing(state));
        }
    }

    /// Another state of the alert, as the effect of an action; `None` if the run does not ask for it.
    pub(super) fn fires_otherwise(&mut self) -> Option<GivenSubject> {
        let asked = self.known.contains(FIRING);
        asked.then(|| GivenSubject::Firing(self.firing_state()))
    }

    fn firing_state(&mut self) -> FiringState {
        if self.trouble() {
            return FiringState::Unknown;
        }
        *self.rng.pick(&[FiringState::Yes, FiringState::No]).unwrap_or(&FiringState::Yes)
    }
}
