//! Whether a world says what a run asks for. What it leaves unsaid is unknown or empty, and nobody sees that in a test.

use std::collections::BTreeSet;

use crate::Premise;
use crate::scripted::{Change, Party, What};
use rbl_runtime::Effect;

use super::super::Witness;

/// How many metrics and commands a run looked at of which the world says nothing.
pub(super) fn unsaid(premise: &Premise, witness: &Witness) -> usize {
    let mut unsaid = BTreeSet::new();
    for (_, _, effect) in &witness.effects {
        match effect {
            Effect::Read(read) => {
                let is_said = |what: &What| match what {
                    What::Metric(it) => it.name == read.metric,
                    What::Outage(it) => it.of == Party::Provider(read.provider.clone()),
                    What::Action(_) | What::Probe(_) | What::Answer(_) => false,
                };
                if !said(premise, is_said) {
                    unsaid.insert(read.metric.to_string());
                }
            }
            Effect::Probe(probe) => {
                let command = probe.command.shown();
                if !said(premise, |what| matches!(what, What::Probe(it) if it.command == command)) {
                    unsaid.insert(command);
                }
            }
            _ => {}
        }
    }
    unsaid.len()
}

/// Whether a line from the start says something.
fn said(premise: &Premise, is_meant: impl Fn(&What) -> bool) -> bool {
    premise.script.changes.iter().any(|Change { from, what }| from.is_none() && is_meant(what))
}
