//! Tests both sides of the time limits that runs reached: a result just in time, and one just too late.

use std::collections::BTreeSet;

use super::super::Oracle;
use super::Edge;
use super::corpus::CorpusEntry;
use super::premise_edit::{MetricSelector, Set};
use crate::Premise;
use crate::fuzz::generator::name_of;
use crate::scripted::{ActionBehaviour, FiringState, GivenSubject, MetricState, ReportedValue};
use rbl_check::Limits;
use rbl_runtime::{Act, ActTarget, Effect, Event, EventKind, FIRING, Operand};
use rbl_syntax::source::Place;
use rbl_syntax::value::{Quantity, Value, Verdict};

/// Returns the worlds at the limits that these worlds reached; each limit once. Default limits are left out.
pub(super) fn limits(oracle: &Oracle<'_>, entries: &[CorpusEntry]) -> Vec<Edge> {
    let mut done: BTreeSet<Place> = BTreeSet::new();
    let mut edges = Vec::new();
    for entry in entries {
        for (events_before, _, effect) in &entry.trace.effects {
            if oracle.has_spent(80) {
                return edges;
            }
            let Some(place) = place(entry, *events_before).filter(|place| !done.contains(place)) else {
                continue;
            };
            let found = match effect {
                Effect::Act(act) if !is_usual(act) => {
                    let takes = |seconds: f64| {
                        let set = Set::of(&entry.premise)
                            .action(&name_of(act), Some(ActionBehaviour::Takes(seconds)));
                        // A person who takes this long does not answer earlier.
                        match &act.target {
                            ActTarget::Instruction(text) => set.answers(text, &[]),
                            ActTarget::Command(_) | ActTarget::Executor { .. } => set,
                        }
                    };
                    sides(oracle, act.within, &shown(act), "takes", &|seconds| takes(seconds).0)
                }
                Effect::Ask(ask) if ask.within != Limits::DEFAULT.person => {
                    let said = Set::of(&entry.premise).answers_so_far(&ask.prompt);
                    let Some((with, _)) = said.first().cloned() else { continue };
                    let answered =
                        |seconds: f64| Set::of(&entry.premise).answers(&ask.prompt, &[(&with, seconds)]).0;
                    let what = format!("\"{}\"", ask.prompt);
                    sides(oracle, ask.within, &what, "is answered after", &answered)
                }
                Effect::Lock(lock) if lock.within != Limits::DEFAULT.lock => {
                    let held = |seconds: f64| Set::of(&entry.premise).lock(&lock.name, Some(seconds)).0;
                    sides(oracle, lock.within, &format!("the lock \"{}\"", lock.name), "is held for", &held)
                }
                Effect::Lock(_)
                | Effect::Enter(_)
                | Effect::Leave(_)
                | Effect::Conclude(_)
                | Effect::Now
                | Effect::Sleep(_)
                | Effect::Read(_)
                | Effect::Firing(_)
                | Effect::Mode(_)
                | Effect::Probe(_)
                | Effect::Act(_)
                | Effect::Ask(_)
                | Effect::Page(_)
                | Effect::Acknowledge(_)
                | Effect::Record(_)
                | Effect::Secret { .. } => continue,
            };
            if !found.is_empty() {
                done.insert(place);
                edges.extend(found);
            }
        }
    }
    edges.extend(waits(oracle, entries));
    edges
}

/// The place of an effect that was requested after this many events.
fn place(entry: &CorpusEntry, events_before: usize) -> Option<Place> {
    let event = entry.trace.events.get(events_before.checked_sub(1)?)?;
    event.place.as_ref().map(|place| place.span.in_source(place.source))
}

/// An action as its test names it: by its name, its command or its instruction.
fn shown(act: &Act) -> String {
    match &act.target {
        _ if act.call.is_some() => act.title.clone(),
        ActTarget::Command(_) => format!("`{}`", act.title),
        ActTarget::Instruction(_) => format!("\"{}\"", act.title),
        ActTarget::Executor { .. } => act.title.clone(),
    }
}

/// Whether its limit is the default.
fn is_usual(act: &Act) -> bool {
    match act.target {
        ActTarget::Instruction(_) => act.within == Limits::DEFAULT.person,
        ActTarget::Command(_) | ActTarget::Executor { .. } => act.within == Limits::DEFAULT.action,
    }
}

/// In time and too late, if that makes a difference.
fn sides(
    oracle: &Oracle<'_>,
    limit: f64,
    what: &str,
    verb: &str,
    world: &dyn Fn(f64) -> Premise,
) -> Vec<Edge> {
    let at = CorpusEntry::of(oracle, world(limit));
    let late = CorpusEntry::of(oracle, world(limit + 1.0));
    if at.path == late.path || at.path.is_none() || late.path.is_none() {
        return Vec::new();
    }
    let edge = |entry: CorpusEntry, words: &str| {
        let limit = Quantity::seconds(limit);
        Edge { entry, what: format!("{what} {verb} {words} {limit}") }
    };
    vec![edge(at, "exactly"), edge(late, "just over")]
}

/// Lets a wait end just in time, and just too late: takes a world in which the wait fails, and the readings of one in
/// which it succeeds.
fn waits(oracle: &Oracle<'_>, entries: &[CorpusEntry]) -> Vec<Edge> {
    let mut done: BTreeSet<(u32, u32)> = BTreeSet::new();
    let mut edges = Vec::new();
    let ended = |wanted: bool| {
        entries.iter().flat_map(move |entry| {
            let events = entry.trace.events.iter().enumerate();
            events.filter_map(move |(at, event)| {
                let EventKind::WaitEnded { condition: Some(_), verdict, .. } = &event.kind else {
                    return None;
                };
                ((*verdict == Verdict::Yes) == wanted).then_some((entry, at, event))
            })
        })
    };
    for (late, at, event) in ended(false) {
        if oracle.has_spent(82) {
            return edges;
        }
        let Some(place) = event.place.as_ref() else { continue };
        let key = (place.source.0, place.span.start);
        if done.contains(&key) {
            continue;
        }
        let Some((begun, within, held)) = waiting(late, at, event) else { continue };
        let Some((good, then, _)) = ended(true).find(|(_, _, it)| it.place == event.place) else { continue };
        let operands = last_operands(good, then);
        let limit = begun + within - held;
        let world = |moment: f64| {
            operands.iter().fold(Set::of(&late.premise), |set, operand| match operand {
                PolledOperand::Metric(which, state) => set.metric(which, None, state.clone(), Some(moment)),
                PolledOperand::Firing(state) => set.firing(*state, Some(moment)),
            })
        };
        if operands.is_empty() || limit <= 0.0 {
            continue;
        }
        let EventKind::WaitEnded { condition: Some(condition), .. } = &event.kind else { continue };
        let in_time = CorpusEntry::of(oracle, world(limit).0);
        let too_late = CorpusEntry::of(oracle, world(limit + 1.0).0);
        if in_time.path == too_late.path || in_time.path.is_none() || too_late.path.is_none() {
            continue;
        }
        done.insert(key);
        let within = Quantity::seconds(within);
        edges.push(Edge { entry: in_time, what: format!("{condition} comes just within {within}") });
        edges.push(Edge { entry: too_late, what: format!("{condition} comes just after {within}") });
    }
    edges
}

/// When the wait that ends there began, how long it may take, and how long its condition must hold.
fn waiting(entry: &CorpusEntry, ended: usize, event: &Event) -> Option<(f64, f64, f64)> {
    let trace = &entry.trace;
    (0..ended).rev().find_map(|at| {
        let before = trace.events.get(at).filter(|it| it.place == event.place)?;
        let EventKind::Waiting { within, held, .. } = &before.kind else { return None };
        Some((trace.at.get(at).copied()?, *within, held.unwrap_or(0.0)))
    })
}

/// Something that a poll read.
enum PolledOperand {
    /// A metric, and its state.
    Metric(MetricSelector, MetricState),
    /// Whether the alert fires.
    Firing(FiringState),
}

/// What the last poll of a wait read.
fn last_operands(entry: &CorpusEntry, ended: usize) -> Vec<PolledOperand> {
    let polled = entry.trace.events.iter().take(ended).rev().find_map(|event| {
        let EventKind::Polled { decision, .. } = &event.kind else { return None };
        Some(decision)
    });
    let operands = polled.map(|decision| decision.operands.as_slice()).unwrap_or_default();
    let metric = |operand: &Operand| {
        let state = match &operand.value.value {
            Value::Bool(firing) if operand.text == FIRING => {
                let state = if *firing { FiringState::Yes } else { FiringState::No };
                return Some(PolledOperand::Firing(state));
            }
            Value::Text(text) => MetricState::Reported(ReportedValue::Text(text.to_string())),
            value => MetricState::Value(value.quantity()?.base),
        };
        entry
            .premise
            .script
            .changes
            .iter()
            .chain(entry.premise.script.after.iter().flat_map(|it| &it.changes))
            .find_map(|change| match &change.what {
                GivenSubject::Metric(it) if it.labels.is_none() && operand.text == it.name.as_str() => {
                    let which = MetricSelector { name: it.name.clone(), arguments: it.arguments.clone() };
                    Some(PolledOperand::Metric(which, state.clone()))
                }
                _ => None,
            })
    };
    operands.iter().filter_map(metric).collect()
}
