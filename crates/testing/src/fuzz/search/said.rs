//! Counts what a run asks for and its world does not say. That is unknown or empty, and a reader of the test does not
//! see it.

use std::collections::BTreeSet;

use crate::Premise;
use crate::scripted::{Change, Party, What};
use rbl_runtime::Effect;

use super::super::Witness;

/// The number of metrics and probes that a run read and the world does not mention.
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
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Page(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => {}
        }
    }
    unsaid.len()
}

/// Whether a line that holds from the start says it.
fn said(premise: &Premise, is_meant: impl Fn(&What) -> bool) -> bool {
    premise.script.changes.iter().any(|Change { from, what }| from.is_none() && is_meant(what))
}
