//! [`Scripted`]: the world of tests, with given values, answers and faults, and its own clock. It cannot reach anything
//! real.
//!
//! *Invariant:* the same script and the same effects give the same replies; an hour of waiting costs one addition.

mod acknowledgement;
mod action;
mod approval;
mod by_name;
mod clock;
mod delivery;
mod firing;
mod holding;
mod metric;
mod partly;
mod person;
mod probe;
mod reader;
mod script;
mod start;

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use rbl_check::Program;
use rbl_runtime::{Act, Effect, Interrupt, Probe, Reply, World};

use by_name::Named;

pub(crate) use by_name::NameKey;
pub use clock::SimulatedClock;
pub use reader::{TestReader, Unclear};
pub use script::{
    ActionBehaviour, ActionConsequences, ActionName, FiringState, GivenAcknowledgement, GivenAction,
    GivenAnswer, GivenApproval, GivenChange, GivenLimit, GivenLock, GivenMetric, GivenProbe, GivenSubject,
    MetricState, Outage, ProbeName, ProbeOutcome, ReportedValue, Script, Service, ServiceFault,
};
pub use start::start_of;

/// The maximum number of effects, which no run of a runbook written by a person reaches: a test stops there.
///
/// A wait of a week that polls every 15 seconds needs 160,000.
const MOST_EFFECTS: u32 = 250_000;

/// The maximum number of steps that a run may compute altogether, whatever it does in between.
pub(crate) const MOST_STEPS: u64 = 16_000_000;

/// A question counts as so many effects: nobody answers thousands of them, and each is kept with what it shows.
const EFFECTS_OF_A_QUESTION: u32 = 10;

/// The bytes of a story that count as a step.
const BYTES_OF_A_STEP: u64 = 8;

/// A world that follows a [`Script`].
#[derive(Debug)]
pub struct Scripted {
    clock: SimulatedClock,
    metrics: metric::GivenMetrics,
    firing: firing::GivenFiring,
    outages: Vec<(f64, Outage)>,
    actions: Named<(f64, GivenAction)>,
    probes: Named<(f64, GivenProbe)>,
    answers: person::ScriptedAnswers,
    locks: holding::GivenLocks,
    limits: Vec<(f64, GivenLimit)>,
    counted: holding::CountedActions,
    approvals: approval::ScriptedApprovals,
    acknowledgements: Vec<(f64, GivenAcknowledgement)>,
    after: Named<ActionConsequences>,
    /// Whether an approval that nothing is given of times out; where not, the action is done.
    asks_approvals: bool,
    /// The name of the person who answers and does instructions.
    who: &'static str,
    acts: Vec<Act>,
    refused: Vec<(String, u32)>,
    /// Everything that was asked of people, once.
    asked: HashSet<String>,
    /// Every command that only looks, once; and which of them are shown alike.
    looks: Vec<Probe>,
    looks_shown: HashMap<String, Vec<usize>>,
    effects: u32,
    /// The steps that the run has computed so far, as far as it has reported them.
    steps: u64,
}

impl Scripted {
    /// The world of a script; the program defines the units of its metrics.
    pub fn new(script: &Script, program: &Program, clock: SimulatedClock) -> Self {
        let mut world = Self {
            clock,
            metrics: metric::GivenMetrics::of(program),
            firing: firing::GivenFiring::new(script.alert.is_some()),
            outages: Vec::new(),
            actions: Named::default(),
            probes: Named::default(),
            answers: person::ScriptedAnswers::default(),
            locks: holding::GivenLocks::default(),
            limits: Vec::new(),
            counted: holding::CountedActions::default(),
            approvals: approval::ScriptedApprovals::default(),
            acknowledgements: Vec::new(),
            after: Named::default(),
            asks_approvals: true,
            who: person::NAME,
            acts: Vec::new(),
            refused: Vec::new(),
            asked: HashSet::new(),
            looks: Vec::new(),
            looks_shown: HashMap::new(),
            effects: 0,
            steps: 0,
        };
        for change in &script.changes {
            world.apply(change, 0.0, true);
        }
        for after in &script.after {
            world.add_after(after);
        }
        world
    }

    /// Whether the run was aborted because it had too many effects, or computed too much.
    pub fn ran_away(&self) -> bool {
        self.effects > MOST_EFFECTS || self.steps > MOST_STEPS
    }

    /// How many effects the run has had.
    pub fn effects(&self) -> u64 {
        self.effects.into()
    }

    /// The steps that the run has computed, in thousands of steps at a time.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The actions that were not approved, by key and try.
    pub fn refused(&self) -> &[(String, u32)] {
        &self.refused
    }

    /// Everything that was asked of people, and every command that only looks, each once.
    pub(crate) fn take_looks(&mut self) -> (HashSet<String>, Vec<Probe>) {
        (std::mem::take(&mut self.asked), std::mem::take(&mut self.looks))
    }

    /// Every action that was asked for, with each of its tries, in order.
    pub fn into_acts(self) -> Vec<Act> {
        self.acts
    }

    /// Adds a change, as if the test had begun with it.
    pub fn add(&mut self, change: &GivenChange) {
        self.apply(change, 0.0, true);
    }

    /// Adds an effect of an action.
    pub fn add_after(&mut self, after: &ActionConsequences) {
        self.after.push(after.action.key(), after.clone());
    }

    /// Applies a change; `base` is the moment that its times count from. `at_start`: the test begins with it, and a
    /// change without a time also holds before the start.
    fn apply(&mut self, change: &GivenChange, base: f64, at_start: bool) {
        let from = base + change.from.unwrap_or(0.0);
        match &change.what {
            GivenSubject::Metric(metric) => {
                self.metrics.give(metric, from, at_start && change.from.is_none());
            }
            GivenSubject::Firing(state) => self.firing.give(*state, from),
            GivenSubject::Outage(outage) => self.outages.push((from, outage.clone())),
            GivenSubject::Action(action) => self.actions.push(action.name.key(), (from, action.clone())),
            GivenSubject::Probe(probe) => self.probes.push(probe.name.key(), (from, probe.clone())),
            GivenSubject::Answer(answer) => self.answers.give(answer, !at_start),
            GivenSubject::Lock(lock) => self.locks.give(from, lock),
            GivenSubject::Limit(limit) => self.limits.push((from, limit.clone())),
            GivenSubject::Approval(approval) => self.approvals.give(approval, !at_start),
            GivenSubject::Acknowledgement(it) => self.acknowledgements.push((from, it.clone())),
        }
    }

    /// The current fault of a provider, team or channel.
    fn fault(&self, party: &Service) -> Option<&ServiceFault> {
        let now = self.clock.seconds();
        let holds = |(from, outage): &&(f64, Outage)| outage.of == *party && *from <= now;
        self.outages.iter().rev().find(holds).map(|(_, outage)| &outage.fault)
    }

    /// Notes a command that only looks.
    fn looks_at(&mut self, probe: &Probe) {
        let alike = self.looks_shown.entry(probe.shown()).or_default();
        if !alike.iter().any(|index| self.looks.get(*index) == Some(probe)) {
            alike.push(self.looks.len());
            self.looks.push(probe.clone());
        }
    }

    /// `after action X { … }`: applies the changes that follow the success of X.
    fn succeeded(&mut self, act: &Act) {
        let now = self.clock.seconds();
        let changes: Vec<GivenChange> = self
            .after
            .found(|| NameKey::of_act(act))
            .filter(|after| after.action.names(act))
            .flat_map(|after| after.changes.iter().cloned())
            .collect();
        for change in changes {
            self.apply(&change, now, false);
        }
    }
}

impl World for Scripted {
    fn shows_polls(&self) -> bool {
        false
    }

    fn computed(&mut self, steps: u64) -> Result<(), Interrupt> {
        self.steps = self.steps.saturating_add(steps);
        if self.ran_away() { Err(Interrupt::Aborted { by: "rbl test".into() }) } else { Ok(()) }
    }

    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.effects = self.effects.saturating_add(1);
        if self.ran_away() {
            return Err(Interrupt::Aborted { by: "rbl test".into() });
        }
        Ok(match effect {
            Effect::Now => Reply::Now(self.clock.now()),
            Effect::Sleep(sleep) => {
                self.clock.pass(sleep.seconds);
                Reply::Slept
            }
            Effect::Read(read) => Reply::Reading(self.read(read)),
            Effect::Mode(_) => Reply::Mode(rbl_runtime::journal::ModeInForce::act()),
            Effect::Firing(_) => Reply::Firing(self.firing.answer(self.clock.seconds())),
            Effect::Probe(probe) => {
                self.looks_at(probe);
                Reply::Output(self.probe(probe))
            }
            Effect::Act(act) => {
                self.acts.push(act.clone());
                Reply::Acted(self.act(act))
            }
            Effect::Ask(ask) => {
                self.effects = self.effects.saturating_add(EFFECTS_OF_A_QUESTION);
                if !self.asked.contains(&ask.prompt) {
                    self.asked.insert(ask.prompt.clone());
                }
                Reply::Answered(self.ask(ask))
            }
            Effect::Page(page) => {
                // Each page has the story so far: of very many pages that is most of the work, and of the memory.
                let bytes: usize = page.story.iter().map(String::len).sum();
                self.steps = self.steps.saturating_add(bytes as u64 / BYTES_OF_A_STEP);
                Reply::Delivered(self.deliver(Some(&Service::Team(page.team.clone()))))
            }
            Effect::Acknowledge(it) => Reply::Acknowledged(self.acknowledged(it)),
            Effect::Record(record) => {
                let channel = record.channel.clone().map(Service::Channel);
                Reply::Delivered(self.deliver(channel.as_ref()))
            }
            Effect::Secret { .. } => Reply::Secret(Ok(())),
            Effect::Lock(lock) => Reply::Locked(self.lock(lock)),
            Effect::Enter(run) => Reply::Entered(self.enter(run)),
            Effect::Leave(_) => Reply::Left,
            // No delivery of a test leaves anything to conclude.
            Effect::Conclude(_) => Reply::Delivered(Ok(rbl_runtime::Delivery::by("in the test", true))),
        })
    }
}

/// A map that is looked into by the names that a runbook gives.
type ByName<T> = HashMap<SmolStr, T>;
