//! Worlds near one that reached a place: each changes one thing that the run asked for before it decided there.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::super::Hints;
use super::corpus::CorpusEntry;
use super::premise_edit::{MetricSelector, Set};
use crate::Premise;
use crate::fuzz::generator::{dimension, name_of};
use crate::scripted::{
    ActionBehaviour, ActionName, FiringState, GivenAnswer, GivenLimit, GivenMetric, GivenProbe, GivenSubject,
    MetricState, ProbeName, ProbeOutcome, Service, ServiceFault,
};
use rbl_check::Program;
use rbl_check::paths::ArmId;
use rbl_runtime::{
    Acknowledge, Act, ActLimit, ActTarget, Ask, AskKind, Effect, Event, FIRING, LimitedRun, Probe, Read,
};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::Labels;

/// How many different requests before the decision are considered; earlier ones rarely matter.
const LAST: usize = 10;

/// Returns premises to try for an arm; those that change the latest request come first.
pub(super) fn turned(program: &Program, hints: &Hints, entry: &CorpusEntry, arm: ArmId) -> Vec<Premise> {
    let here =
        |event: &Event| event.place.as_ref().is_some_and(|it| it.span.in_source(it.source) == arm.place);
    let trace = &entry.trace;
    let Some(at) = trace.events.iter().rposition(here) else { return Vec::new() };
    let when = trace.at.get(at).copied().unwrap_or(0.0);
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    let before = trace.effects.iter().filter(|(events_before, _, _)| *events_before <= at);
    let mut acts: Vec<&Act> = Vec::new();
    for (_, _, effect) in before.clone() {
        if let Effect::Act(act) = effect {
            acts.push(act);
        }
    }
    let mut turner = DecisionTurner { program, hints, premise: &entry.premise, when, acts, all: &mut all };
    for (_, _, effect) in before.rev() {
        if known.len() >= LAST {
            break;
        }
        match effect {
            Effect::Read(read) if known.insert(format!("{} {:?}", read.metric, read.arguments)) => {
                turner.metric(read);
            }
            Effect::Probe(probe) if known.insert(probe.command.shown()) => {
                turner.probe(probe);
            }
            Effect::Act(act) if known.insert(act.title.clone()) => turner.action(act),
            Effect::Ask(ask) if known.insert(ask.prompt.clone()) => turner.question(ask),
            Effect::Acknowledge(it) if known.insert(format!("acknowledge {}", it.team)) => {
                turner.acknowledgement(it);
            }
            Effect::Page(page) if known.insert(format!("page {}", page.team)) => {
                turner.party(&Service::Team(page.team.clone()));
            }
            Effect::Lock(lock) if known.insert(format!("lock {}", lock.name)) => {
                for held in [None, Some(lock.within), Some(f64::INFINITY)] {
                    turner.put(turner.set().lock(&lock.name, held));
                }
            }
            Effect::Enter(LimitedRun { named: Some(file), .. })
                if known.insert(format!("limit of the runbook {file}")) =>
            {
                turner.limit(&GivenLimit::Run(file.clone()));
            }
            Effect::Firing(_) if known.insert(FIRING.to_owned()) => turner.firing(),
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
            | Effect::Secret { .. } => {}
        }
    }
    all
}

struct DecisionTurner<'a> {
    program: &'a Program,
    hints: &'a Hints,
    premise: &'a Premise,
    /// When the decision was made.
    when: f64,
    /// The actions before it.
    acts: Vec<&'a Act>,
    all: &'a mut Vec<Premise>,
}

impl DecisionTurner<'_> {
    fn set(&self) -> Set {
        Set::of(self.premise)
    }

    fn put(&mut self, set: Set) {
        if !set.is_long() && set.0 != *self.premise {
            self.all.push(set.0);
        }
    }

    /// Whether the alert fires: from the start, from now on, after the last actions.
    fn firing(&mut self) {
        let from = self.when.ceil();
        for state in [FiringState::Yes, FiringState::No, FiringState::Unknown] {
            self.put(self.set().firing(state, None));
            if from > 0.0 {
                self.put(self.set().firing(state, Some(from)));
            }
            self.after(&GivenSubject::Firing(state));
        }
    }

    fn metric(&mut self, read: &Read) {
        let which = MetricSelector { name: read.metric.clone(), arguments: read.arguments.clone() };
        let values = match read.of {
            MetricType::Number | MetricType::Unknown => {
                let of = dimension(self.program, &read.metric);
                self.hints.values(&read.metric, of).into_iter().map(MetricState::Value).collect()
            }
            MetricType::Text => self.hints.reported_texts(),
            MetricType::Lines => self.hints.reported_lines(),
        };
        let clean = self.set().without_metric(&which);
        if !read.by.is_empty() {
            return self.series(read, &which, &values);
        }
        for value in &values {
            self.put(clean.clone().metric(&which, None, value.clone(), None));
        }
        self.put(clean.clone().metric(&which, None, MetricState::None, None));
        let from = self.when.ceil();
        for value in &values {
            if from > 0.0 {
                self.put(self.set().metric(&which, None, value.clone(), Some(from)));
            }
            self.after(&metric(&which, None, value.clone()));
        }
        if from > 0.0 {
            self.put(self.set().metric(&which, None, MetricState::None, Some(from)));
        }
        self.after(&metric(&which, None, MetricState::None));
    }

    /// For a `by` metric: no series, one or more with the same value, two that differ, and another value after an
    /// action.
    fn series(&mut self, read: &Read, which: &MetricSelector, values: &[MetricState]) {
        let clean = self.set().without_metric(which);
        self.put(clean.clone().metric(which, None, MetricState::None, None));
        self.after(&metric(which, None, MetricState::None));
        let first = Some(labels(read, 0));
        for value in values {
            self.after(&metric(which, first.clone(), value.clone()));
        }
        for count in [1u8, 2, 12] {
            for value in values {
                self.put((0..count).fold(clean.clone(), |set, number| {
                    set.metric(which, Some(labels(read, number)), value.clone(), None)
                }));
            }
        }
        for value in values {
            let set = clean.clone().metric(which, first.clone(), value.clone(), None);
            if read.of.is_number() {
                self.put(set.clone().metric(which, Some(labels(read, 1)), MetricState::Nan, None));
            }
            for other in values.iter().filter(|other| *other != value) {
                self.put(set.clone().metric(which, Some(labels(read, 1)), other.clone(), None));
            }
        }
        if self.when > 0.0 {
            self.put(self.set().metric(which, None, MetricState::None, Some(self.when.ceil())));
        }
    }

    fn probe(&mut self, probe: &Probe) {
        let name = &ProbeName::of(probe);
        let mut ends = vec![
            ProbeOutcome::Yes,
            ProbeOutcome::No,
            ProbeOutcome::Unknown,
            ProbeOutcome::Prints("something else".into()),
        ];
        // Each code that means no, and one that means nothing.
        let codes = probe.no_on.iter().skip(1).copied().chain([2]);
        ends.extend(codes.map(|code| ProbeOutcome::Exits { code, prints: None }));
        ends.extend(self.hints.prints().into_iter().map(ProbeOutcome::Prints));
        for ends in &ends {
            self.put(self.set().probe(name, ends.clone()));
        }
        for ends in ends {
            self.after(&GivenSubject::Probe(GivenProbe { name: name.clone(), ends }));
        }
    }

    fn limit(&mut self, limit: &GivenLimit) {
        for reached in [false, true] {
            self.put(self.set().limit(limit, reached));
        }
    }

    fn action(&mut self, act: &Act) {
        if let (Some(ActLimit { most: Some(_), .. }), Some(call)) = (&act.at_most, &act.call) {
            self.limit(&GivenLimit::Action(call.name.clone()));
        }
        let name = name_of(act);
        self.approval(act, &name);
        for how in [
            None,
            Some(ActionBehaviour::Fails(None)),
            Some(ActionBehaviour::Hangs),
            Some(ActionBehaviour::Takes(act.within)),
        ] {
            self.put(self.set().action(&name, how));
        }
        if let ActTarget::Instruction(text) = &act.target {
            for with in ["done", "failed"] {
                self.put(self.set().action(&name, None).answers(text, &[(with, 0.0)]));
            }
            self.put(self.set().action(&name, None).answers(text, &[]));
        }
    }

    /// A team that acknowledges at once, at the last moment, or never.
    fn acknowledgement(&mut self, it: &Acknowledge) {
        for after in [Some(0.0), Some(it.within), None] {
            self.put(self.set().acknowledges(&it.team, after));
        }
    }

    /// A team that is asked before an action is done says yes or no, or nothing.
    fn approval(&mut self, act: &Act, name: &ActionName) {
        let Some(team) = act.by.as_ref().filter(|_| !matches!(act.target, ActTarget::Instruction(_))) else {
            return;
        };
        for with in [Some("yes"), Some("no"), None] {
            self.put(self.set().approves(name, team, with));
        }
    }

    fn question(&mut self, ask: &Ask) {
        let mut words: Vec<String> = match &ask.kind {
            AskKind::YesNo => vec!["yes".into(), "no".into()],
            AskKind::Choice(choices) => choices.clone(),
            AskKind::Text => self.hints.texts().cloned().chain(["something else".to_owned()]).collect(),
            AskKind::Secret(_) => vec!["a secret".into()],
        };
        words.push("not sure".into());
        for with in &words {
            self.put(self.set().answers(&ask.prompt, &[(with, 0.0)]));
            self.put(self.set().answers(&ask.prompt, &[(with, ask.within)]));
        }
        self.put(self.set().answers(&ask.prompt, &[]));
        let said = self.set().answers_so_far(&ask.prompt);
        for with in &words {
            // The same question again.
            let mut all: Vec<(&str, f64)> =
                said.iter().map(|(with, after)| (with.as_str(), *after)).collect();
            all.push((with, 0.0));
            self.put(self.set().answers(&ask.prompt, &all));
            let answer = GivenAnswer { question: ask.prompt.clone(), with: with.clone(), after: 0.0 };
            self.after(&GivenSubject::Answer(answer));
        }
    }

    fn party(&mut self, party: &Service) {
        self.put(self.set().party(party, Some(ServiceFault::Down)));
        self.put(self.set().party(party, None));
    }

    /// Adds it as an effect of the last actions.
    fn after(&mut self, what: &GivenSubject) {
        let names: Vec<_> = self.acts.iter().rev().take(2).map(|act| name_of(act)).collect();
        for name in names {
            self.put(self.set().after(&name, None, what.clone()));
        }
    }
}

fn metric(which: &MetricSelector, labels: Option<Labels>, state: MetricState) -> GivenSubject {
    let MetricSelector { name, arguments } = which.clone();
    GivenSubject::Metric(GivenMetric { name, arguments, labels, state })
}

/// `{mount: "a"}`
fn labels(read: &Read, number: u8) -> Labels {
    let value = SmolStr::from(char::from(b'a' + number.min(25)).to_string());
    read.by.iter().map(|label| (label.clone(), value.clone())).collect()
}
