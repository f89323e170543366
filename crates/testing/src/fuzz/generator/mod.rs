//! Generates a world while a run uses it: whatever the run asks for and the premise does not say is decided at random,
//! and recorded as a line of a test.
//!
//! *Why during the run:* only what is asked for matters, and the request has its values filled in: the command as it is
//! run, the question as it is asked, the time limit of an answer.

mod action;
mod alert;
mod delivery;
mod holding;
mod metric;
mod person;
mod probe;

use std::collections::BTreeSet;

use smol_str::SmolStr;

pub(super) use action::name_of;
pub(super) use metric::dimension;

use super::hints::Hints;
use super::params;
use super::trace::{RunTrace, seen};
use crate::fuzz::rng::Rng;
use crate::scripted::{
    ActionConsequences, GivenAcknowledgement, GivenChange, GivenSubject, ProbeName, Scripted, SimulatedClock,
};
use crate::{Premise, SimulatedRun};
use rbl_check::Program;
use rbl_runtime::{Acknowledge, Effect, FIRING, Interrupt, Purpose, Reply, World, run};
use rbl_syntax::value::Labels;

/// The most lines of a test; nobody reads a longer one. What is asked for beyond that is not written: it is unknown, or
/// done at once.
const MOST_LINES: usize = 60;

/// One in this many worlds with a maintenance window begins late.
const LATE: usize = 4;

/// Returns a random premise, and what was seen of the run that generated it. A run of the finished premise may differ,
/// because a line that was added late then holds from the start.
pub(super) fn generate(program: &Program, hints: &Hints, rng: Rng) -> (Premise, RunTrace) {
    generate_from(program, hints, rng, Premise::default())
}

/// The same, starting from a premise; its lines are kept.
pub(super) fn generate_from(
    program: &Program,
    hints: &Hints,
    mut chance: Rng,
    mut premise: Premise,
) -> (Premise, RunTrace) {
    if premise == Premise::default() {
        premise.params = params::random(program, &mut chance);
        if chance.once_in(LATE) {
            premise.script.begins = hints.late(&mut chance);
        }
        premise.script.alert = alert::random(program, hints, &mut chance);
    }
    let simulated = SimulatedRun::of(program, premise.clone());
    let clock = SimulatedClock::at(simulated.begins);
    let mut world = GeneratedWorld {
        world: Scripted::new(&premise.script, program, clock.clone()),
        clock: clock.clone(),
        program,
        hints,
        // In most worlds most things succeed; otherwise hardly any run would reach its end.
        trouble: *chance.pick(&[0, 0, 24, 12, 5]).unwrap_or(&0),
        rng: chance,
        known: BTreeSet::new(),
        read: Vec::new(),
        probed: Vec::new(),
        asked: Vec::new(),
        lines: 0,
        premise,
    };
    world.note_given();
    let trace = seen(&clock, &mut world, |door, listener| run(program, &simulated.start, door, listener));
    (world.premise, RunTrace { ran_away: world.world.ran_away(), ..trace })
}

/// The world that is being generated.
struct GeneratedWorld<'h> {
    world: Scripted,
    clock: SimulatedClock,
    program: &'h Program,
    hints: &'h Hints,
    rng: Rng,
    /// Something is wrong once in this many times; 0: never.
    trouble: usize,
    /// The keys of everything that was decided, or was left out on purpose.
    known: BTreeSet<String>,
    /// The metrics that were read, the latest last.
    read: Vec<GeneratedMetric>,
    /// The probes that ran.
    probed: Vec<(ProbeName, Vec<i32>)>,
    /// The yes/no questions that were asked.
    asked: Vec<String>,
    lines: usize,
    premise: Premise,
}

/// A metric that was read, or one of its series.
#[derive(Debug, Clone, PartialEq)]
struct GeneratedMetric {
    name: SmolStr,
    arguments: Vec<(SmolStr, rbl_syntax::value::Value)>,
    labels: Option<Labels>,
    /// How often it changed.
    changes: u32,
}

impl World for GeneratedWorld<'_> {
    fn computed(&mut self, steps: u64) -> Result<(), Interrupt> {
        self.world.computed(steps)
    }

    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if self.lines < MOST_LINES {
            match effect {
                Effect::Read(read) => self.metric(read),
                Effect::Firing(_) => self.firing(),
                Effect::Probe(probe) => self.probe(probe),
                Effect::Act(act) => self.action(act),
                Effect::Ask(ask) => self.question(ask),
                Effect::Sleep(sleep) => {
                    if let Purpose::Poll { left, .. } = sleep.purpose {
                        self.by_the_limit(left);
                    }
                }
                Effect::Page(page) => self.page(page),
                Effect::Acknowledge(it) => self.acknowledgement(it),
                Effect::Record(record) => self.record(record),
                Effect::Lock(lock) => self.lock(lock),
                Effect::Enter(run) => self.enter(run),
                Effect::Now
                | Effect::Mode(_)
                | Effect::Leave(_)
                | Effect::Conclude(_)
                | Effect::Secret { .. } => {}
            }
        }
        self.world.perform(effect)
    }
}

impl GeneratedWorld<'_> {
    /// Marks what the premise says already as decided.
    fn note_given(&mut self) {
        let changes = self.premise.script.changes.clone();
        for change in changes {
            match change.what {
                GivenSubject::Metric(metric) => {
                    self.known.insert(metric::key(&metric.name, &metric.arguments));
                    let (name, arguments, labels) = (metric.name, metric.arguments, metric.labels);
                    self.met(GeneratedMetric { name, arguments, labels, changes: 0 });
                }
                GivenSubject::Firing(_) => {
                    self.known.insert(FIRING.to_owned());
                }
                GivenSubject::Outage(outage) => {
                    self.known.insert(delivery::party_key(&outage.of));
                }
                GivenSubject::Action(action) => {
                    self.known.insert(action.name.to_string());
                }
                GivenSubject::Probe(probe) => {
                    self.known.insert(probe::key(&probe.name));
                }
                GivenSubject::Approval(it) => {
                    self.known.insert(approval_key(&it.action.to_string(), &it.team));
                }
                GivenSubject::Acknowledgement(it) => {
                    self.known.insert(format!("acknowledges {}", it.team));
                }
                GivenSubject::Lock(lock) => {
                    self.known.insert(holding::lock_key(&lock.name));
                }
                GivenSubject::Limit(limit) => {
                    self.known.insert(holding::limit_key(&limit));
                }
                GivenSubject::Answer(answer) => {
                    self.known.insert(person::key(&answer.question));
                    self.known.insert(format!("\"{}\"", answer.question));
                }
            }
        }
        for after in &self.premise.script.after {
            self.known.insert(format!("after {}", after.action));
        }
    }

    /// A team acknowledges its pages at once, late or never.
    fn acknowledgement(&mut self, it: &Acknowledge) {
        if !self.first(format!("acknowledges {}", it.team)) {
            return;
        }
        let after = if self.trouble() || self.rng.once_in(4) {
            None
        } else if self.rng.once_in(2) {
            Some(0.0)
        } else {
            Some(self.hints.time(Some(it.within), &mut self.rng))
        };
        let team = it.team.clone();
        self.give(None, GivenSubject::Acknowledgement(GivenAcknowledgement { team, after }));
    }

    /// Whether something is wrong this time.
    fn trouble(&mut self) -> bool {
        self.trouble > 0 && self.rng.once_in(self.trouble)
    }

    /// Marks something as decided. Returns whether it was not decided before.
    fn first(&mut self, key: String) -> bool {
        self.known.insert(key)
    }

    fn give(&mut self, from: Option<f64>, what: GivenSubject) {
        let change = GivenChange { from, what };
        self.world.add(&change);
        self.premise.script.changes.push(change);
        self.lines += 1;
    }

    fn give_after(&mut self, after: ActionConsequences) {
        self.lines += 1 + after.changes.len();
        self.world.add_after(&after);
        self.premise.script.after.push(after);
    }

    fn met(&mut self, one: GeneratedMetric) {
        if !self
            .read
            .iter()
            .any(|it| (&it.name, &it.arguments, &it.labels) == (&one.name, &one.arguments, &one.labels))
        {
            self.read.push(one);
        }
    }
}

/// The key of the question whether an action may be done.
fn approval_key(action: &str, team: &str) -> String {
    format!("approval of {action} by {team}")
}
