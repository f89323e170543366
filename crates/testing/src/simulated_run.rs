//! One simulated run. [`SimulatedRun`] is a run that is ready to start; [`Performed`] is its result: what happened, when,
//! and how it ended.

use std::collections::HashSet;

use crate::scripted::{Script, Scripted, SimulatedClock, TestReader, Unclear, start_of};
use rbl_check::Program;
use rbl_runtime::{Act, Event, Observer, Probe, RunEnd, Start, StatementPosition, run};
use rbl_syntax::source::{Place, SourceId, Span};
use rbl_syntax::tree::{TestStatement, TestStatementKind, TriggerKind};
use rbl_syntax::value::Time;

use super::expectation::{Wanted, wanted};
use super::premise::Premise;

/// A run that is ready to start, once or many times: values are filled in, nothing has happened.
#[derive(Debug)]
pub struct SimulatedRun<'p> {
    pub(super) program: &'p Program,
    pub(super) start: Start,
    pub(super) begins: Time,
    pub(super) script: Script,
    /// The expectations, each with its place in the test.
    pub(super) wanted: Vec<(Place, Wanted)>,
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Performed {
    /// How it ended.
    pub ended: RunEnd,
    /// The simulated seconds that it took.
    pub seconds: f64,
    /// All events, in order: they include the arm that each decision took, and where. For [`EventUse::Judging`] only
    /// those that expectations ask for.
    pub events: Vec<TimedEvent>,
    /// Every try of an action, in order: one for each event that starts one.
    pub acts: Vec<Act>,
    /// Those that were not approved, by key and try: they were never begun.
    pub refused: Vec<(String, u32)>,
    /// Everything that was asked of people, without instructions.
    pub asked: HashSet<String>,
    /// Every command that only looks, once.
    pub looks: Vec<Probe>,
    /// Whether it did not end and was aborted.
    pub ran_away: bool,
    /// The steps that it computed, in thousands of steps at a time.
    pub steps: u64,
}

/// An event and its time.
#[derive(Debug, Clone)]
pub struct TimedEvent {
    /// Simulated seconds since the start.
    pub at: f64,
    /// The event.
    pub event: Event,
    /// How often in a row it happened: only the last poll of a wait is kept.
    pub times: u32,
}

/// What the events of a run are used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventUse {
    /// To say whether expectations are met. A pass of a loop that does nothing else then costs no memory.
    Judging,
    /// To tell what happened, or which way was taken.
    Telling,
}

/// Records the events with the simulated clock. Readings are left out; the decision that uses them names them.
struct EventRecorder {
    clock: SimulatedClock,
    events: Vec<TimedEvent>,
    /// The polls of the current wait that did not decide it.
    polls: u32,
    used_for: EventUse,
}

impl Observer for EventRecorder {
    fn event(&mut self, event: &Event) {
        let times = std::mem::take(&mut self.polls).saturating_add(1);
        self.events.push(TimedEvent { at: self.clock.seconds(), event: event.clone(), times });
    }

    fn wants_readings(&self) -> bool {
        false
    }

    fn polled(&mut self) {
        self.polls = self.polls.saturating_add(1);
    }

    fn wants_details(&self) -> bool {
        self.used_for == EventUse::Telling
    }
}

/// As many statements take as long as an effect.
const AN_EFFECT: u64 = 5;

/// Records the statements that a run reaches, and how often it came by one, and nothing else.
#[derive(Default)]
struct StatementRecorder {
    places: HashSet<Place>,
    count: u64,
}

impl Observer for StatementRecorder {
    fn event(&mut self, _: &Event) {}

    fn statement(&mut self, at: &StatementPosition<'_>) {
        self.places.insert(at.place);
        self.count += 1;
    }

    fn wants_events(&self) -> bool {
        false
    }
}

impl<'p> SimulatedRun<'p> {
    /// Reads the lines of a test in this file.
    pub fn new<'t>(
        program: &'p Program,
        source: SourceId,
        lines: impl Iterator<Item = &'t TestStatement> + Clone,
    ) -> Result<Self, Unclear> {
        let mut reader = TestReader::new(program, begins(program), lines.clone())?;
        let script = reader.script(lines.clone())?;
        let mut expected = Vec::new();
        for line in lines {
            if let TestStatementKind::Expect(expectation) = &line.kind {
                expected.push((line.span.in_source(source), wanted(expectation, &mut reader)?));
            }
        }
        let premise = Premise { params: reader.params().clone(), script };
        Ok(Self { wanted: expected, ..Self::of(program, premise) })
    }

    /// Creates a run in a world that no test describes yet, without expectations.
    pub fn of(program: &'p Program, premise: Premise) -> Self {
        let by_hand = premise.script.begins;
        let begins = by_hand.unwrap_or_else(|| begins(program));
        let scheduled = program
            .runbook(program.main())
            .and_then(|runbook| runbook.trigger.as_ref())
            .is_some_and(|trigger| matches!(trigger, TriggerKind::Schedule { .. }));
        let start = Start {
            run_id: "test".into(),
            params: premise.params,
            alert: premise.script.alert.clone(),
            scheduled: (scheduled && by_hand.is_none() && premise.script.alert.is_none()).then_some(begins),
            asks_mode: false,
        };
        Self { program, start, begins, script: premise.script, wanted: Vec::new() }
    }

    /// The premise, as it was read.
    pub(super) fn premise(&self) -> Premise {
        Premise { params: self.start.params.clone(), script: self.script.clone() }
    }

    /// How it starts, and when.
    pub(super) fn start(&self) -> (&Start, Time) {
        (&self.start, self.begins)
    }

    /// Runs it, and returns every statement that it reached.
    pub fn walked(&self) -> HashSet<Place> {
        self.recorded().places
    }

    fn recorded(&self) -> StatementRecorder {
        let mut walked = StatementRecorder::default();
        let mut world = Scripted::new(&self.script, self.program, SimulatedClock::at(self.begins));
        run(self.program, &self.start, &mut world, &mut walked);
        walked.count += AN_EFFECT * world.effects();
        walked
    }

    /// Runs it, and returns the statements of the runbook under test that it reached, and how much work it was: the statements
    /// that it executed, repeated ones included, and its effects, in statements.
    pub(super) fn reached(&self) -> (HashSet<Span>, u64) {
        let main = self.program.main_source();
        let StatementRecorder { places, count } = self.recorded();
        (places.into_iter().filter(|place| place.source == main).map(|place| place.span).collect(), count)
    }

    /// Runs it, and records everything that happens.
    pub fn perform(&self) -> Performed {
        self.perform_for(EventUse::Telling)
    }

    /// Runs it, and records what is needed.
    pub fn perform_for(&self, used_for: EventUse) -> Performed {
        let clock = SimulatedClock::at(self.begins);
        let mut follower = EventRecorder { clock: clock.clone(), events: Vec::new(), polls: 0, used_for };
        let mut world = Scripted::new(&self.script, self.program, clock.clone());
        let ended = run(self.program, &self.start, &mut world, &mut follower);
        let (asked, looks) = world.take_looks();
        Performed {
            ended,
            asked,
            looks,
            seconds: clock.seconds(),
            events: follower.events,
            ran_away: world.ran_away(),
            steps: world.steps(),
            refused: world.refused().to_vec(),
            acts: world.into_acts(),
        }
    }
}

/// The time at which a test of this program begins.
pub(super) fn begins(program: &Program) -> Time {
    start_of(program).unwrap_or(Time(jiff::Timestamp::UNIX_EPOCH))
}
