//! Builds the script of a test from what a run saw.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use super::act_index::{ActIndex, SeenAct};
use super::observed_effect::{ObservedEffect, ObservedKind};
use super::series::{MetricObservation, NumberConversion, SeriesStates, difference};
use super::{Fidelity, WindowUse, rounding};
use crate::scripted;
use crate::scripted::{
    ActionBehaviour, ActionConsequences, ActionName, FiringState, GivenAction, GivenChange, GivenLimit,
    GivenLock, GivenMetric, GivenSubject, Outage, ProbeName, ProbeOutcome, Script, Service, ServiceFault,
};
use rbl_check::Program;
use rbl_runtime::{Act, ActTarget, Acted, Answer, AnswerAuthor, Ask, Read};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Time, Verdict};

/// How much earlier the first known state of a metric may begin, in seconds.
const LONG: f64 = 60.0;

/// An action that was done once: later changes are written as its effects.
struct Anchor {
    name: ActionName,
    /// When it was done, in simulated seconds.
    at: f64,
    order: usize,
    changes: Vec<GivenChange>,
}

/// Where in the test a change is written.
struct ChangePosition {
    anchor: Option<usize>,
    from: Option<f64>,
}

/// Returns the script of the world that the run saw.
pub(super) fn script(
    program: &Program,
    seen: &[ObservedEffect],
    begins: Time,
    (faith, windows): (Fidelity, WindowUse),
) -> Script {
    let acts = ActIndex::of(seen);
    let mut scene = Scene { seen, begins, anchors: anchors(&acts), acts, script: Script::default() };
    let outages = scene.providers();
    scene.metrics(program, faith, windows, &outages);
    scene.firing();
    scene.probes();
    scene.actions();
    scene.answers();
    scene.deliveries();
    scene.held();
    scene.approvals();
    scene.acknowledgements();
    let Scene { anchors, mut script, .. } = scene;
    let done = anchors.into_iter().filter(|anchor| !anchor.changes.is_empty());
    script.after = done.map(|it| ActionConsequences { action: it.name, changes: it.changes }).collect();
    script
}

struct Scene<'s> {
    seen: &'s [ObservedEffect],
    begins: Time,
    acts: ActIndex<'s>,
    anchors: Vec<Anchor>,
    script: Script,
}

fn anchors(acts: &ActIndex<'_>) -> Vec<Anchor> {
    let done = |name: &ActionName| acts.meant(name).filter(|it| it.acted.result.is_ok()).take(2).count();
    acts.named()
        .filter(|(it, _)| it.acted.result.is_ok())
        .filter(|(_, name)| done(name) == 1)
        .map(|(it, name)| Anchor {
            name: name.clone(),
            at: it.at + it.took,
            order: it.order,
            changes: Vec::new(),
        })
        .collect()
}

impl Scene<'_> {
    /// Where to write a change that was seen at one time, and not at the time before.
    fn place(&self, before: Option<(f64, usize)>, at: f64, order: usize) -> ChangePosition {
        let Some((before, seen_before)) = before else { return ChangePosition { anchor: None, from: None } };
        let is_past = |anchor: &Anchor| is_before((anchor.at, anchor.order), (at, order));
        // The clock never goes back, so they are in order of time.
        let past = self.anchors.partition_point(is_past);
        let last = past.checked_sub(1).and_then(|index| Some((index, self.anchors.get(index)?)));
        let Some((index, anchor)) = last else {
            let from = rounding::between(before, at);
            // A change from time 0 would mean that the state was the same before the run.
            let from = if from == 0.0 { f64::midpoint(before, at) } else { from };
            return ChangePosition { anchor: None, from: Some(if from == 0.0 { 1e-3 } else { from }) };
        };
        let since = is_before((anchor.at, anchor.order), (before, seen_before));
        let delay = if since { rounding::between(before - anchor.at, at - anchor.at) } else { 0.0 };
        ChangePosition { anchor: Some(index), from: (delay > 0.0).then_some(delay) }
    }

    fn give(&mut self, placed: &ChangePosition, what: GivenSubject) {
        let change = GivenChange { from: placed.from, what };
        match placed.anchor.and_then(|index| self.anchors.get_mut(index)) {
            Some(anchor) => anchor.changes.push(change),
            None => self.script.changes.push(change),
        }
    }

    fn always(&mut self, what: GivenSubject) {
        self.script.changes.push(GivenChange { from: None, what });
    }

    /// Finds the providers that never answered.
    fn providers(&mut self) -> Vec<SmolStr> {
        let mut down: Vec<(SmolStr, Option<Reason>)> = Vec::new();
        for seen in self.seen {
            let ObservedKind::Read(read, reading) = &seen.what else { continue };
            let fault = reading.as_ref().err().filter(|why| is_outage(why)).cloned();
            match down.iter_mut().find(|(name, _)| *name == read.provider) {
                Some((_, known)) if fault.is_none() => *known = None,
                Some(_) => {}
                None => down.push((read.provider.clone(), fault)),
            }
        }
        let down: Vec<_> = down.into_iter().filter_map(|(name, fault)| Some((name, fault?))).collect();
        for (name, why) in &down {
            self.always(GivenSubject::Outage(Outage {
                of: Service::Provider(name.clone()),
                fault: fault_of(why),
            }));
        }
        down.into_iter().map(|(name, _)| name).collect()
    }

    fn metrics(&mut self, program: &Program, faith: Fidelity, windows: WindowUse, outages: &[SmolStr]) {
        let mut all: Vec<(&Read, Vec<MetricObservation>)> = Vec::new();
        let mut by_name: HashMap<(&str, String), Vec<usize>> = HashMap::new();
        for (order, seen) in self.seen.iter().enumerate() {
            let ObservedKind::Read(read, reading) = &seen.what else { continue };
            if outages.contains(&read.provider) {
                continue;
            }
            let Some(scale) = NumberConversion::of(program, &read.metric, faith, self.begins) else {
                continue;
            };
            let sightings = scale.sightings(read, reading, seen.at, order);
            let arguments: Vec<String> =
                read.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let named = by_name.entry((&read.metric, arguments.join(", "))).or_default();
            let known = named
                .iter()
                .copied()
                .find(|index| all.get(*index).is_some_and(|(known, _)| known.arguments == read.arguments));
            if let Some((_, known)) = known.and_then(|index| all.get_mut(index)) {
                known.extend(sightings);
            } else {
                named.push(all.len());
                all.push((read, sightings));
            }
        }
        for (read, mut sightings) in all {
            if windows == WindowUse::OnlyHistory {
                let first =
                    sightings.iter().filter(|it| it.at_once).map(|it| it.at).fold(f64::INFINITY, f64::min);
                sightings.retain(|it| it.at_once || it.at < first);
            }
            sightings.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.order.cmp(&b.order)));
            self.metric(read, sightings);
        }
    }

    /// The states of one metric. States before the run become history; a state first seen during the run holds from its
    /// start.
    fn metric(&mut self, read: &Read, sightings: Vec<MetricObservation>) {
        let mut was: Option<SeriesStates> = None;
        let mut before: Option<(f64, usize)> = None;
        for sighting in sightings {
            let at = sighting.at;
            let begins = at >= 0.0 && before.is_none_or(|(before, _)| before < 0.0);
            let placed = match before {
                _ if begins => ChangePosition { anchor: None, from: None },
                None => ChangePosition { anchor: None, from: Some(rounding::between(at - LONG, at)) },
                before => self.place(before, at, sighting.order),
            };
            // A state from the start of the run is written in full, because no history applies to it.
            let known = was.as_ref().filter(|was| !begins || **was == sighting.shape);
            for (labels, state) in difference(known, &sighting.shape) {
                let (name, arguments) = (read.metric.clone(), read.arguments.clone());
                self.give(&placed, GivenSubject::Metric(GivenMetric { name, arguments, labels, state }));
            }
            before = Some((at, sighting.order));
            was = Some(sighting.shape);
        }
    }

    /// Whether the alert fired, each time that it was asked.
    fn firing(&mut self) {
        let mut before: Option<(f64, usize, FiringState)> = None;
        for (order, seen) in self.seen.iter().enumerate() {
            let ObservedKind::Firing(answer) = &seen.what else { continue };
            let state = match answer {
                Ok(answer) if answer.firing => FiringState::Yes,
                Ok(_) => FiringState::No,
                Err(_) => FiringState::Unknown,
            };
            if before.is_none_or(|(_, _, known)| known != state) {
                let placed = self.place(before.map(|(at, order, _)| (at, order)), seen.at, order);
                self.give(&placed, GivenSubject::Firing(state));
            }
            before = Some((seen.at, order, state));
        }
    }

    fn probes(&mut self) {
        let mut all: Vec<(ProbeName, Vec<ProbeObservation>)> = Vec::new();
        let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
        for (order, seen) in self.seen.iter().enumerate() {
            let ObservedKind::Probe(probe, output) = &seen.what else { continue };
            let name = ProbeName::of(probe);
            let output = CommandOutput { no_on: probe.no_on.clone(), ..output.clone() };
            let sighting = (seen.at, order, output);
            let alike = by_text.entry(probe.shown()).or_default();
            let known =
                alike.iter().copied().find(|index| all.get(*index).is_some_and(|(known, _)| *known == name));
            if let Some((_, known)) = known.and_then(|index| all.get_mut(index)) {
                known.push(sighting);
            } else {
                alike.push(all.len());
                all.push((name, vec![sighting]));
            }
        }
        for (name, sightings) in all {
            let mut was: Option<(ProbeOutcome, String)> = None;
            let mut before = None;
            for (at, order, output) in sightings {
                let now = (ends(&output), output.stdout.trim_end().to_owned());
                let is_data = !matches!(output.verdict(), Verdict::Unknown(_));
                // A test can change a probe only after an action, and then at once.
                let placed = ChangePosition { from: None, ..self.place(before, at, order) };
                let say = |ends: ProbeOutcome| {
                    GivenSubject::Probe(scripted::GivenProbe { name: name.clone(), ends })
                };
                if was.as_ref().is_none_or(|(known, _)| *known != now.0) {
                    self.give(&placed, say(now.0.clone()));
                }
                // A probe that prints has also ended; for one that did not end, the output is unknown.
                let printed = was.as_ref().map_or("", |(_, known)| known);
                if is_data && printed != now.1 {
                    self.give(&placed, say(ProbeOutcome::Prints(now.1.clone())));
                }
                before = Some((at, order));
                was = Some(now);
            }
        }
    }

    /// Actions that did not just succeed. An action that failed and succeeded later gets its final result.
    fn actions(&mut self) {
        let firsts: Vec<(SeenAct<'_>, ActionName)> = self
            .acts
            .named()
            .filter(|(it, name)| {
                !matches!(it.act.target, ActTarget::Instruction(_)) && self.acts.is_first(*it, name)
            })
            .map(|(it, name)| (it, name.clone()))
            .collect();
        for (_, name) in firsts {
            let late = |acted: &Acted| matches!(&acted.result, Err(why) if matches!(why.kind, ReasonKind::TimedOut | ReasonKind::StillRuns));
            let mut last = None;
            let mut took: f64 = 0.0;
            for it in self.acts.meant(&name) {
                last = Some(it);
                if !late(it.acted) && !is_refused(it.act, it.acted) {
                    took = took.max(it.took);
                }
            }
            let Some(SeenAct { act, acted, .. }) = last else { continue };
            let mut say = |how: ActionBehaviour| {
                self.always(GivenSubject::Action(GivenAction { name: name.clone(), how }));
            };
            match &acted.result {
                Err(why) if why.kind == ReasonKind::LimitReached => {
                    if let Some(call) = &act.call {
                        let limit = GivenLimit::Action(call.name.clone());
                        self.always(GivenSubject::Limit(limit));
                    }
                    continue;
                }
                Err(_) if late(acted) => say(ActionBehaviour::Hangs),
                Err(_) if is_refused(act, acted) => {}
                Err(why) => say(ActionBehaviour::Fails(failure(&why.text, acted.output.status))),
                Ok(()) => {}
            }
            if took > 0.0 {
                say(ActionBehaviour::Takes(took));
            }
            let printed = acted.output.stdout.trim_end();
            if !printed.is_empty() {
                say(ActionBehaviour::Prints(printed.to_owned()));
            }
        }
    }

    /// The answers of people, in order. A person who answered one time but not another is written as answering too late.
    fn answers(&mut self) {
        let mut all: Vec<(String, Option<String>, f64, f64)> = Vec::new();
        for seen in self.seen {
            match &seen.what {
                ObservedKind::Ask(ask, answer, took) => {
                    all.push((ask.prompt.clone(), words(ask, answer), *took, ask.within));
                }
                ObservedKind::Act(act, acted, took) => {
                    if let ActTarget::Instruction(text) = &act.target {
                        all.push((text.clone(), did(acted), *took, act.within));
                    }
                }
                _ => {}
            }
        }
        let answers = all.iter().filter(|(_, with, ..)| with.is_some());
        let answered: HashSet<&str> = answers.map(|(question, ..)| question.as_str()).collect();
        for (question, with, took, within) in &all {
            let answered = answered.contains(question.as_str());
            let (with, after) = match with {
                Some(with) => (with.clone(), *took),
                None if answered => ("unknown".to_owned(), within + 60.0),
                None => continue,
            };
            self.always(GivenSubject::Answer(scripted::GivenAnswer {
                question: question.clone(),
                with,
                after,
            }));
        }
    }

    /// Locks that others held, and runbooks whose limit was reached.
    fn held(&mut self) {
        let mut known: Vec<&str> = Vec::new();
        for seen in self.seen {
            match &seen.what {
                ObservedKind::Lock(lock, taken, took) if !known.contains(&lock.name.as_str()) => {
                    known.push(&lock.name);
                    let held = match taken {
                        Ok(()) if *took > 0.0 => Some(seen.at + took),
                        Ok(()) => continue,
                        Err(_) => None,
                    };
                    self.always(GivenSubject::Lock(GivenLock { name: lock.name.clone(), held }));
                }
                ObservedKind::Limited(file) if !known.contains(&file.as_str()) => {
                    known.push(file);
                    self.always(GivenSubject::Limit(GivenLimit::Run(file.clone())));
                }
                _ => {}
            }
        }
    }

    /// The answers of teams that were asked before an action was done, in order.
    fn approvals(&mut self) {
        let waits = |act: &Act| !matches!(act.target, ActTarget::Instruction(_));
        let mut known: HashMap<String, Vec<scripted::GivenApproval>> = HashMap::new();
        let all: Vec<(SeenAct<'_>, ActionName)> =
            self.acts.named().filter(|(it, _)| waits(it.act)).map(|(it, name)| (it, name.clone())).collect();
        for (SeenAct { act, acted, took, .. }, action) in all {
            let Some(team) = act.by.clone() else { continue };
            let (with, after) = match &acted.result {
                Err(why) if is_refused(act, acted) => match why.kind {
                    // Nobody answered, as where nothing is given.
                    ReasonKind::NoAnswer => continue,
                    ReasonKind::NotApproved => ("no", took),
                    _ => ("unknown", took),
                },
                _ => ("yes", 0.0),
            };
            let of_action = known.entry(action.to_string()).or_default();
            let approval = scripted::GivenApproval { action, team, with: with.to_owned(), after };
            if !of_action.contains(&approval) {
                of_action.push(approval.clone());
                self.always(GivenSubject::Approval(approval));
            }
        }
    }

    /// The teams that acknowledged their pages.
    fn acknowledgements(&mut self) {
        for seen in self.seen {
            let ObservedKind::Acknowledge(team, Ok(_), took) = &seen.what else { continue };
            let (team, after) = (team.clone(), Some(*took));
            self.always(GivenSubject::Acknowledgement(scripted::GivenAcknowledgement { team, after }));
        }
    }

    /// The teams and channels that could not be reached.
    fn deliveries(&mut self) {
        let mut known: Vec<Service> = Vec::new();
        for seen in self.seen {
            let (party, delivered) = match &seen.what {
                ObservedKind::Page(team, delivered) => (Service::Team(team.clone()), delivered),
                ObservedKind::Record(channel, delivered) => (Service::Channel(channel.clone()), delivered),
                _ => continue,
            };
            let Err(why) = delivered else { continue };
            if !known.contains(&party) {
                self.always(GivenSubject::Outage(Outage { of: party.clone(), fault: fault_of(why) }));
                known.push(party);
            }
        }
    }
}

/// Whether an action was not done because nobody approved it.
fn is_refused(act: &Act, acted: &Acted) -> bool {
    act.by.is_some()
        && !matches!(act.target, ActTarget::Instruction(_))
        && matches!(&acted.result, Err(why) if why.text.starts_with("not approved"))
}

/// When a probe ran, its position in the sequence, and how it ended.
type ProbeObservation = (f64, usize, CommandOutput);

/// Whether one came before the other; at the same time their positions decide.
fn is_before(one: (f64, usize), other: (f64, usize)) -> bool {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).is_lt()
}

fn is_outage(why: &Reason) -> bool {
    use ReasonKind::{BadAnswer, ProviderError, TimedOut, Unreachable};
    matches!(why.kind, BadAnswer | ProviderError | TimedOut | Unreachable)
}

fn fault_of(why: &Reason) -> ServiceFault {
    if why.kind == ReasonKind::Unreachable {
        ServiceFault::Down
    } else {
        ServiceFault::Error(why.text.clone())
    }
}

fn ends(output: &CommandOutput) -> ProbeOutcome {
    let simplest = output.no_on.first().copied().unwrap_or(1);
    match (output.verdict(), output.status) {
        (Verdict::Yes, _) => ProbeOutcome::Yes,
        (Verdict::No, Some(code)) if code != simplest => ProbeOutcome::Exits { code, prints: None },
        (Verdict::No, _) => ProbeOutcome::No,
        // In a test a command that exits with 1 prints no error message, and so says no.
        (Verdict::Unknown(_), Some(code)) if output.trouble.is_none() && code != 1 => {
            ProbeOutcome::Exits { code, prints: None }
        }
        (Verdict::Unknown(_), _) => ProbeOutcome::Unknown,
    }
}

/// The message of a failed command without its exit code, because a test has its own.
fn failure(text: &str, status: Option<i32>) -> Option<String> {
    let code = status.map(|code| format!("exit code {code}"));
    let Some(behind) = code.as_ref().and_then(|code| text.strip_prefix(code.as_str())) else {
        return Some(text.to_owned());
    };
    behind.strip_prefix(": ").map(str::to_owned)
}

fn with_remark(word: &str, said: &AnswerAuthor) -> String {
    match said.remark.as_deref().map(str::trim).filter(|remark| !remark.is_empty()) {
        Some(remark) => format!("{word}: {remark}"),
        None => word.to_owned(),
    }
}

/// The answer to a question; `None` if nobody answered.
fn words(ask: &Ask, answer: &Answer) -> Option<String> {
    Some(match answer {
        Answer::Yes(said) => with_remark("yes", said),
        Answer::No(said) => with_remark("no", said),
        Answer::Unknown(why, _) if why.kind == ReasonKind::NoAnswer => return None,
        Answer::Unknown(_, said) => match &ask.kind {
            rbl_runtime::AskKind::YesNo => with_remark("unknown", said),
            _ => "unknown".to_owned(),
        },
        Answer::Text(text, _) => text.clone(),
        Answer::SecretKept(_) => "a secret".to_owned(),
    })
}

/// The answer to an instruction.
fn did(acted: &Acted) -> Option<String> {
    let said = AnswerAuthor { remark: acted.remark.clone(), ..AnswerAuthor::default() };
    Some(match &acted.result {
        Ok(()) => with_remark("done", &said),
        Err(why) => match why.kind {
            ReasonKind::NoAnswer | ReasonKind::TimedOut => return None,
            ReasonKind::NotRun => with_remark("skipped", &said),
            _ => with_remark("failed", &said),
        },
    })
}
