//! The tests' world: given values, answers and faults, and a clock of its own. Nothing real is within its reach.
//!
//! *Invariant:* the same script and the same effects give the same replies; an hour of waiting costs one addition.

mod action;
mod clock;
mod delivery;
mod metric;
mod partly;
mod person;
mod probe;
mod reader;
mod script;
mod start;

use std::collections::HashMap;

use smol_str::SmolStr;

use rbl_check::Program;
use rbl_runtime::{Act, Effect, Interrupt, Reply, World};

pub use clock::SimulatedClock;
pub use reader::{Reader, Unclear};
pub use script::{
    Action, ActionName, After, Answer, Change, Ends, Fault, How, Metric, Outage, Party, Probe, Script, State,
    What,
};
pub use start::start_of;

/// So many effects no run of a runbook that a person wrote comes to: a test stops there instead of going on for hours.
///
/// A wait of a week that looks every 15 seconds comes to 160,000.
const MOST_EFFECTS: u32 = 250_000;

/// A world that is what a [`Script`] says.
#[derive(Debug)]
pub struct Scripted {
    clock: SimulatedClock,
    metrics: metric::Metrics,
    outages: Vec<(f64, Outage)>,
    actions: Vec<(f64, Action)>,
    probes: Vec<(f64, Probe)>,
    answers: person::Answers,
    after: Vec<After>,
    /// Who answers and does what a person has to.
    who: &'static str,
    acts: Vec<Act>,
    effects: u32,
}

impl Scripted {
    /// The world of a script, for a program whose metrics have their units there.
    pub fn new(script: &Script, program: &Program, clock: SimulatedClock) -> Self {
        let mut world = Self {
            clock,
            metrics: metric::Metrics::of(program),
            outages: Vec::new(),
            actions: Vec::new(),
            probes: Vec::new(),
            answers: person::Answers::default(),
            after: script.after.clone(),
            who: person::NAME,
            acts: Vec::new(),
            effects: 0,
        };
        for change in &script.changes {
            world.apply(change, 0.0, true);
        }
        world
    }

    /// Whether the run was broken off since it did more than any run does.
    pub fn ran_away(&self) -> bool {
        self.effects > MOST_EFFECTS
    }

    /// Every action that was started, each try of it, in order.
    pub fn into_acts(self) -> Vec<Act> {
        self.acts
    }

    /// Something else that the test could have begun with, as if it had.
    pub fn add(&mut self, change: &Change) {
        self.apply(change, 0.0, true);
    }

    /// Something else that an action is to bring about.
    pub fn add_after(&mut self, after: &After) {
        self.after.push(after.clone());
    }

    /// A change takes effect: `base` is the moment from which it reckons. `at_start`: it is one that the test begins
    /// with, and what is said without a time held before it, too.
    fn apply(&mut self, change: &Change, base: f64, at_start: bool) {
        let from = base + change.from.unwrap_or(0.0);
        match &change.what {
            What::Metric(metric) => self.metrics.give(metric, from, at_start && change.from.is_none()),
            What::Outage(outage) => self.outages.push((from, outage.clone())),
            What::Action(action) => self.actions.push((from, action.clone())),
            What::Probe(probe) => self.probes.push((from, probe.clone())),
            What::Answer(answer) => self.answers.give(answer, !at_start),
        }
    }

    /// What is wrong with who is asked or told something now.
    fn fault(&self, party: &Party) -> Option<&Fault> {
        let now = self.clock.seconds();
        let holds = |(from, outage): &&(f64, Outage)| outage.of == *party && *from <= now;
        self.outages.iter().rev().find(holds).map(|(_, outage)| &outage.fault)
    }

    /// `after action X { … }`: what takes effect now that X has succeeded.
    fn succeeded(&mut self, act: &Act) {
        let now = self.clock.seconds();
        let changes: Vec<Change> = self
            .after
            .iter()
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
            Effect::Probe(probe) => Reply::Output(self.probe(probe)),
            Effect::Act(act) => {
                self.acts.push(act.clone());
                Reply::Acted(self.act(act))
            }
            Effect::Ask(ask) => Reply::Answered(self.ask(ask)),
            Effect::Page(page) => Reply::Delivered(self.deliver(Some(&Party::Team(page.team.clone())))),
            Effect::Record(record) => {
                let channel = record.channel.clone().map(Party::Channel);
                Reply::Delivered(self.deliver(channel.as_ref()))
            }
            Effect::Secret { .. } => Reply::Secret(Ok(())),
        })
    }
}

/// A map that is looked into by the names that a runbook gives.
type ByName<T> = HashMap<SmolStr, T>;
