//! Tests both sides of the thresholds that runs reached: just under, at, and just over, if that makes a difference.

use std::collections::BTreeSet;

use super::super::Oracle;
use super::super::near::near;
use super::Edge;
use super::corpus::CorpusEntry;
use crate::Premise;
use crate::scripted::{GivenChange, GivenSubject, MetricState};
use rbl_check::paths::Path;
use rbl_runtime::{Decision, Operand, is_literal};

/// Returns the worlds at the thresholds that these worlds reached; each threshold of a decision once.
pub(super) fn boundaries(oracle: &Oracle<'_>, entries: &[CorpusEntry]) -> Vec<Edge> {
    let mut done: BTreeSet<(String, String)> = BTreeSet::new();
    let mut edges = Vec::new();
    for entry in entries {
        for event in &entry.trace.events {
            if oracle.has_spent(80) {
                return edges;
            }
            let Some(decision) = event.kind.decision() else { continue };
            let place =
                event.place.as_ref().map(|it| format!("{}:{}", it.file, it.span.start)).unwrap_or_default();
            for operand in &decision.operands {
                let key = (place.clone(), operand.text.clone());
                if done.contains(&key) {
                    continue;
                }
                let found = around(oracle, entry, decision, operand);
                if !found.is_empty() {
                    done.insert(key);
                    edges.extend(found);
                }
            }
        }
    }
    edges
}

/// Just under, at and just over what an operand is compared with. A side that goes the same way as the threshold itself
/// is left out.
fn around(oracle: &Oracle<'_>, entry: &CorpusEntry, decision: &Decision, operand: &Operand) -> Vec<Edge> {
    let Some(compared) = &operand.compared else { return Vec::new() };
    let (Some(value), Some(with)) = (operand.value.value.quantity(), compared.value.value.quantity()) else {
        return Vec::new();
    };
    let with_name = if is_literal(&compared.text) {
        compared.text.clone()
    } else {
        format!("{} ({})", compared.text, compared.value.text)
    };
    let words = ["just under", "exactly", "just over"];
    let mut found: Vec<Edge> = Vec::new();
    let mut paths: Vec<(Option<Path>, usize)> = Vec::new();
    let mut sides: Vec<Option<CorpusEntry>> = Vec::new();
    for threshold in near(&with) {
        let premise = with_value(&entry.premise, value.base, threshold);
        sides.push(premise.map(|premise| CorpusEntry::of(oracle, premise)));
    }
    let [Some(under), Some(at), Some(over)] = sides.as_slice() else { return found };
    let way = |entry: &CorpusEntry| (entry.path.clone(), entry.arms.len());
    for (number, (world, word)) in [under, at, over].into_iter().zip(words).enumerate() {
        let differs = number == 1 || way(world) != way(at);
        let comes = world
            .trace
            .events
            .iter()
            .any(|event| event.kind.decision().is_some_and(|it| it.condition == decision.condition));
        if differs && comes && world.path.is_some() {
            paths.push(way(world));
            found
                .push(Edge { entry: world.clone(), what: format!("{} is {word} {with_name}", operand.text) });
        }
    }
    // If all go the same way, the threshold decides nothing here.
    if paths.iter().all(|path| Some(path) == paths.first()) { Vec::new() } else { found }
}

/// The premise with this value replaced, in the first line that gives it.
fn with_value(premise: &Premise, is: f64, becomes: f64) -> Option<Premise> {
    let mut premise = premise.clone();
    let lines = premise.script.changes.iter_mut();
    let after = premise.script.after.iter_mut().flat_map(|after| &mut after.changes);
    for GivenChange { what, .. } in lines.chain(after) {
        if let GivenSubject::Metric(metric) = what
            && let MetricState::Value(value) = &mut metric.state
            && (*value - is).abs() <= 1e-9 * is.abs().max(1.0)
        {
            *value = becomes;
            return Some(premise);
        }
    }
    None
}
