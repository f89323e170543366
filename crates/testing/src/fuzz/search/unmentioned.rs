//! Counts what a run asks for and its world does not say. That is unknown or empty, and a reader of the test does not
//! see it.

use std::collections::BTreeSet;

use crate::Premise;
use crate::scripted::{GivenChange, GivenSubject, Service};
use rbl_runtime::{Effect, FIRING};

use super::super::RunTrace;

/// The number of metrics and probes that a run read and the world does not mention.
pub(super) fn unmentioned(premise: &Premise, trace: &RunTrace) -> usize {
    let mut unsaid = BTreeSet::new();
    for (_, _, effect) in &trace.effects {
        match effect {
            Effect::Read(read) => {
                let is_said = |what: &GivenSubject| match what {
                    GivenSubject::Metric(it) => it.name == read.metric,
                    GivenSubject::Outage(it) => it.of == Service::Provider(read.provider.clone()),
                    GivenSubject::Action(_)
                    | GivenSubject::Probe(_)
                    | GivenSubject::Lock(_)
                    | GivenSubject::Firing(_)
                    | GivenSubject::Limit(_)
                    | GivenSubject::Answer(_)
                    | GivenSubject::Approval(_)
                    | GivenSubject::Acknowledgement(_) => false,
                };
                if !is_mentioned(premise, is_said) {
                    unsaid.insert(read.metric.to_string());
                }
            }
            Effect::Probe(probe) => {
                let is_said =
                    |what: &GivenSubject| matches!(what, GivenSubject::Probe(it) if it.name.names(probe));
                if !is_mentioned(premise, is_said) {
                    unsaid.insert(probe.command.shown());
                }
            }
            Effect::Firing(_) => {
                let is_said = |what: &GivenSubject| matches!(what, GivenSubject::Firing(_));
                if premise.script.alert.is_none() && !is_mentioned(premise, is_said) {
                    unsaid.insert(FIRING.to_owned());
                }
            }
            Effect::Now
            | Effect::Mode(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Sleep(_)
            | Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => {}
        }
    }
    unsaid.len()
}

/// Whether a line that holds from the start says it.
fn is_mentioned(premise: &Premise, is_meant: impl Fn(&GivenSubject) -> bool) -> bool {
    premise.script.changes.iter().any(|GivenChange { from, what }| from.is_none() && is_meant(what))
}
