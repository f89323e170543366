//! Runs the program on a simulated clock, which advances only during waits, and answers it from the recorded effects.
//! The result shows when a test asks for each thing, and which answer it needs.
//!
//! A recorded wait polls a little less often than a simulated one, because polling takes time. So the recorded effects
//! are not matched one by one: both runs are aligned again at every point of the story that they share.

use std::cell::RefCell;

use super::observed_effect::{ObservedEffect, ObservedKind};
use super::playback::{PlaybackRun, is_same};
use super::point::{StoryPoint, point};
use super::{Fidelity, Points, rounding};
use crate::SimulatedRun;
use rbl_check::Program;
use rbl_runtime::journal::LoggedEffect;
use rbl_runtime::{
    Acknowledge, Act, Acted, Answer, AnswerAuthor, Ask, Delivery, Effect, Event, FiringAnswer, FiringQuery,
    Interrupt, LimitedRun, LockEffect, Observer, Probe, Read, ReadTime, Reading, Reply, World,
    not_acknowledged, run,
};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, Time};

/// A run with more effects than this is aborted.
const MOST: u32 = 250_000;

struct GuidedState<'h> {
    recorded: &'h [LoggedEffect],
    points: &'h [StoryPoint],
    faith: Fidelity,
    begins: Time,
    /// Simulated seconds since the start.
    passed: f64,
    /// The index of the next recorded effect.
    next: usize,
    /// The index of the next point of the story.
    point: usize,
    effects: u32,
    seen: Vec<ObservedEffect>,
}

/// Runs the program along the recording, and returns what it saw.
pub(super) fn walk(
    program: &Program,
    rehearsal: &SimulatedRun<'_>,
    playback: &PlaybackRun,
    points: &Points,
    faith: Fidelity,
) -> Vec<ObservedEffect> {
    let (start, begins) = rehearsal.start();
    let shared = RefCell::new(GuidedState {
        recorded: &playback.effects,
        points,
        faith,
        begins,
        passed: 0.0,
        next: 0,
        point: 0,
        effects: 0,
        seen: Vec::new(),
    });
    run(program, start, &mut GuidedWorld(&shared), &mut GuidedObserver(&shared));
    shared.into_inner().seen
}

struct GuidedWorld<'s, 'h>(&'s RefCell<GuidedState<'h>>);
struct GuidedObserver<'s, 'h>(&'s RefCell<GuidedState<'h>>);

impl Observer for GuidedObserver<'_, '_> {
    fn event(&mut self, event: &Event) {
        let Some(here) = point(event, 0) else { return };
        let mut shared = self.0.borrow_mut();
        let there = shared.points.get(shared.point).filter(|there| there.key == here.key);
        if let Some(heard) = there.map(|there| there.effects_before) {
            shared.next = heard;
            shared.point += 1;
        }
    }
}

impl World for GuidedWorld<'_, '_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let mut shared = self.0.borrow_mut();
        shared.effects += 1;
        if shared.effects > MOST {
            return Err(Interrupt::Aborted { by: "rbl".into() });
        }
        Ok(match effect {
            Effect::Now => Reply::Now(shared.now()),
            Effect::Secret { .. } => Reply::Secret(Ok(())),
            Effect::Sleep(sleep) => {
                shared.passed += sleep.seconds.max(0.0);
                shared.find(effect);
                Reply::Slept
            }
            Effect::Lock(lock) => Reply::Locked(shared.lock(effect, lock)),
            Effect::Enter(run) => Reply::Entered(shared.enter(effect, run)),
            Effect::Leave(_) => Reply::Left,
            Effect::Conclude(_) => Reply::Delivered(shared.delivered(effect)),
            Effect::Read(read) => Reply::Reading(shared.read(effect, read)),
            Effect::Mode(_) => Reply::Mode(rbl_runtime::journal::ModeInForce::act()),
            Effect::Firing(_) => Reply::Firing(shared.firing(effect)),
            Effect::Probe(probe) => Reply::Output(shared.probe(effect, probe)),
            Effect::Act(act) => Reply::Acted(shared.act(effect, act)),
            Effect::Ask(ask) => Reply::Answered(shared.ask(effect, ask)),
            Effect::Page(page) => {
                let delivered = shared.delivered(effect);
                shared.saw(ObservedKind::Page(page.team.clone(), delivered.clone()));
                Reply::Delivered(delivered)
            }
            Effect::Acknowledge(it) => Reply::Acknowledged(shared.acknowledged(effect, it)),
            Effect::Record(record) => {
                let delivered = shared.delivered(effect);
                if let Some(channel) = &record.channel {
                    shared.saw(ObservedKind::Record(channel.clone(), delivered.clone()));
                }
                Reply::Delivered(delivered)
            }
        })
    }
}

impl GuidedState<'_> {
    fn now(&self) -> Time {
        self.begins.plus(self.passed).unwrap_or(self.begins)
    }

    fn saw(&mut self, what: ObservedKind) {
        self.seen.push(ObservedEffect { at: self.passed, what });
    }

    /// Finds the recorded effect that matches this one, up to the next point of the story, and moves past it.
    fn find(&mut self, effect: &Effect) -> Option<LoggedEffect> {
        let until = self.points.get(self.point).map_or(self.recorded.len(), |point| point.effects_before);
        let left = self.recorded.get(self.next..until.max(self.next))?;
        let passed = left.iter().position(|heard| is_meant(&heard.effect, effect))?;
        let found = left.get(passed).cloned();
        self.next += passed + 1;
        found
    }

    /// The last match among the effects that were passed already.
    fn before(&self, effect: &Effect) -> Option<LoggedEffect> {
        let heard = self.recorded.get(..self.next)?;
        heard.iter().rev().find(|heard| is_meant(&heard.effect, effect)).cloned()
    }

    fn recorded_reading(&mut self, effect: &Effect) -> Option<LoggedEffect> {
        self.find(effect).or_else(|| self.before(effect))
    }

    fn read(&mut self, effect: &Effect, read: &Read) -> Result<Reading, Reason> {
        let heard = self.recorded_reading(effect);
        let reading =
            if let Some(LoggedEffect {
                effect: Effect::Read(was), reply: Reply::Reading(reading), at, ..
            }) = heard
            {
                // Its times are those of the recorded day.
                let (was, now) = match (was.time, read.time) {
                    (ReadTime::Window { end: was, .. }, ReadTime::Window { end, .. })
                    | (ReadTime::At(was), ReadTime::At(end)) => (was, end),
                    _ => (at, self.now()),
                };
                reading.map(|reading| moved(reading, now.since(was).base))
            } else {
                Err(Reason::no_data())
            };
        self.saw(ObservedKind::Read(read.clone(), reading.clone()));
        reading
    }

    fn firing(&mut self, effect: &Effect) -> Result<FiringAnswer, Reason> {
        let heard = self.recorded_reading(effect);
        let answer = if let Some(LoggedEffect { reply: Reply::Firing(answer), .. }) = heard {
            answer
        } else {
            Err(FiringQuery::no_alert())
        };
        self.saw(ObservedKind::Firing(answer.clone()));
        answer
    }

    fn probe(&mut self, effect: &Effect, probe: &Probe) -> CommandOutput {
        let output =
            if let Some(LoggedEffect { reply: Reply::Output(output), .. }) = self.recorded_reading(effect) {
                output
            } else {
                CommandOutput {
                    trouble: Some(Reason::new(ReasonKind::ProbeFailed, "it was not looked at")),
                    ..CommandOutput::default()
                }
            };
        self.saw(ObservedKind::Probe(probe.clone(), output.clone()));
        output
    }

    /// How long something took on the clock of a test.
    fn lasts(&self, seconds: f64, longest: f64) -> f64 {
        match self.faith {
            Fidelity::Readable => rounding::lasted(seconds, longest),
            Fidelity::Apart => rounding::lasted(seconds.max(1.0), longest),
            Fidelity::Exact => seconds.min(longest),
        }
    }

    fn act(&mut self, effect: &Effect, act: &Act) -> Acted {
        let (acted, took) =
            if let Some(LoggedEffect { reply: Reply::Acted(acted), took, .. }) = self.find(effect) {
                (acted, took)
            } else {
                (Acted { result: Ok(()), output: CommandOutput::default(), by: None, remark: None }, 0.0)
            };
        let late = matches!(&acted.result, Err(why) if matches!(why.kind, ReasonKind::TimedOut | ReasonKind::StillRuns | ReasonKind::NoAnswer));
        let took = if late { act.within } else { self.lasts(took, act.within) };
        self.saw(ObservedKind::Act(Box::new(act.clone()), acted.clone(), took));
        self.passed += took;
        acted
    }

    fn ask(&mut self, effect: &Effect, ask: &Ask) -> Answer {
        let (answer, took) =
            if let Some(LoggedEffect { reply: Reply::Answered(answer), took, .. }) = self.find(effect) {
                (answer, took)
            } else {
                let reason = Reason::new(ReasonKind::NoAnswer, "it was not asked");
                (Answer::Unknown(reason, AnswerAuthor::default()), ask.within)
            };
        let late = matches!(&answer, Answer::Unknown(why, _) if why.kind == ReasonKind::NoAnswer);
        let took = if late { ask.within } else { self.lasts(took, ask.within) };
        self.saw(ObservedKind::Ask(ask.clone(), answer.clone(), took));
        self.passed += took;
        answer
    }

    fn lock(&mut self, effect: &Effect, lock: &LockEffect) -> Result<(), Reason> {
        let (taken, took) =
            if let Some(LoggedEffect { reply: Reply::Locked(taken), took, .. }) = self.find(effect) {
                (taken, took)
            } else {
                (Ok(()), 0.0)
            };
        let took = if taken.is_err() { lock.within } else { self.lasts(took, lock.within) };
        self.saw(ObservedKind::Lock(lock.clone(), taken.clone(), took));
        self.passed += took;
        taken
    }

    fn enter(&mut self, effect: &Effect, run: &LimitedRun) -> Result<(), Reason> {
        let entered = if let Some(LoggedEffect { reply: Reply::Entered(entered), .. }) = self.find(effect) {
            entered
        } else {
            Ok(())
        };
        if let (Some(file), Err(_)) = (&run.named, &entered) {
            self.saw(ObservedKind::Limited(file.clone()));
        }
        entered
    }

    fn acknowledged(&mut self, effect: &Effect, it: &Acknowledge) -> Result<AnswerAuthor, Reason> {
        let (answer, took) =
            if let Some(LoggedEffect { reply: Reply::Acknowledged(answer), took, .. }) = self.find(effect) {
                (answer, took)
            } else {
                (Err(not_acknowledged(it.within)), it.within)
            };
        let took = if answer.is_err() { it.within } else { self.lasts(took, it.within) };
        self.saw(ObservedKind::Acknowledge(it.team.clone(), answer.clone(), took));
        self.passed += took;
        answer
    }

    fn delivered(&mut self, effect: &Effect) -> Result<Delivery, Reason> {
        if let Some(LoggedEffect { reply: Reply::Delivered(delivered), .. }) = self.find(effect) {
            delivered
        } else {
            Ok(Delivery::by("in the test", true))
        }
    }
}

/// Whether the same effect is requested, in the same words.
fn is_meant(was: &Effect, now: &Effect) -> bool {
    is_same(was, now)
        && match was {
            Effect::Read(was) => {
                let Effect::Read(now) = now else { return false };
                let time = match (was.time, now.time) {
                    (ReadTime::Window { seconds: was, .. }, ReadTime::Window { seconds: now, .. }) => {
                        (was - now).abs() < 1e-9
                    }
                    (was, now) => std::mem::discriminant(&was) == std::mem::discriminant(&now),
                };
                time && was.arguments == now.arguments && was.provider == now.provider
            }
            Effect::Probe(was) => {
                let Effect::Probe(now) = now else { return false };
                was.host == now.host && was.command.shown() == now.command.shown()
            }
            Effect::Act(was) => {
                matches!(now, Effect::Act(now) if was.title == now.title && was.host == now.host)
            }
            Effect::Ask(was) => matches!(now, Effect::Ask(now) if was.prompt == now.prompt),
            Effect::Page(was) => matches!(now, Effect::Page(now) if was.team == now.team),
            Effect::Acknowledge(was) => matches!(now, Effect::Acknowledge(now) if was.team == now.team),
            Effect::Record(was) => matches!(now, Effect::Record(now) if was.channel == now.channel),
            Effect::Lock(was) => matches!(now, Effect::Lock(now) if was.name == now.name),
            Effect::Enter(was) => matches!(now, Effect::Enter(now) if was.named == now.named),
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => true,
        }
}

/// The reading, moved by this many seconds.
fn moved(mut reading: Reading, seconds: f64) -> Reading {
    let later = |at: Time| at.plus(seconds).unwrap_or(at);
    for sample in &mut reading.samples {
        sample.at = sample.at.map(later);
    }
    for point in reading.series.iter_mut().flat_map(|series| &mut series.points) {
        point.at = later(point.at);
    }
    reading
}
