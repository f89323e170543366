//! [`GivenLayer`]: a layer that answers what is given, and passes everything else on: the world of `rbl repl`.
//!
//! *Why its own clock:* while something is given, time stands still between two effects and passes at once where
//! nothing real is waited for. So a drill takes minutes, and what is given `from 5m` begins five minutes later in the
//! story, however long the person thinks about a line.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::dry_run::Armed;
use rbl_check::Program;
use rbl_runtime::{Act, Acted, Answer, Effect, Interrupt, Purpose, ReadTime, Reading, Reply, Sleep, World};
use rbl_syntax::value::Time;
use rbl_testing::scripted::{Script, Scripted, SimulatedClock};
use rbl_world::clock;

/// The source and the person of given readings and answers.
pub const GIVEN: &str = "given";

/// The given script, and the time of the session. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Givens(Rc<RefCell<GivenLayerState>>);

/// A point in a session: what had happened in the given world, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionMark {
    happened: usize,
    at: Time,
}

#[derive(Debug)]
struct GivenLayerState {
    given: Option<GivenWorld>,
    /// Everything the given world has to remember, with its time in seconds since the beginning.
    happened: Vec<(f64, GivenEvent)>,
    /// When the session, or the run of its runbook, began.
    begun: Time,
}

/// The given world, with a clock that the layer advances.
#[derive(Debug)]
struct GivenWorld {
    script: Script,
    program: Arc<Program>,
    world: Scripted,
    clock: SimulatedClock,
    /// Whether something real was looked at since time last passed.
    looked: bool,
}

/// An event that the given world remembers.
#[derive(Debug, Clone)]
enum GivenEvent {
    Done(Box<Act>),
    Asked(String),
}

impl Default for GivenLayerState {
    fn default() -> Self {
        Self { given: None, happened: Vec::new(), begun: clock::now() }
    }
}

impl GivenWorld {
    /// The world of a script after what has happened, at a moment.
    fn at(
        script: Script,
        program: Arc<Program>,
        begun: Time,
        happened: &[(f64, GivenEvent)],
        seconds: f64,
    ) -> Self {
        let clock = SimulatedClock::at(begun);
        let mut world = Scripted::new(&script, &program, clock.clone()).by(GIVEN);
        for (at, what) in happened {
            clock.reach(*at);
            match what {
                GivenEvent::Done(act) => world.was_done(act),
                GivenEvent::Asked(question) => world.was_asked(question),
            }
        }
        clock.reach(seconds);
        Self { script, program, world, clock, looked: false }
    }
}

impl GivenLayerState {
    fn now(&self) -> Time {
        self.given.as_ref().map_or_else(clock::now, |given| given.clock.now())
    }

    fn seconds(&self) -> f64 {
        match &self.given {
            Some(given) => given.clock.seconds(),
            None => exact_fraction(clock::now().since(self.begun).base),
        }
    }

    fn happens(&mut self, what: GivenEvent) {
        let at = self.seconds();
        self.happened.push((at, what));
    }

    /// Rebuilds the given world from what has happened.
    fn again(&mut self, seconds: f64) {
        if let Some(GivenWorld { script, program, .. }) = self.given.take() {
            self.given = Some(GivenWorld::at(script, program, self.begun, &self.happened, seconds));
        }
    }
}

impl Givens {
    /// Replaces what is given; the program defines the units of the metrics. An empty script gives nothing: then the
    /// session has the time of the world again.
    pub fn give(&self, script: Script, program: Arc<Program>) {
        let mut state = self.0.borrow_mut();
        let seconds = state.seconds();
        state.given = if script.changes.is_empty() && script.after.is_empty() && script.alert.is_none() {
            None
        } else {
            Some(GivenWorld::at(script, program, state.begun, &state.happened, seconds))
        };
    }

    /// Starts over: nothing has happened yet, and `from` times count from now.
    pub fn begin(&self) {
        let mut state = self.0.borrow_mut();
        state.happened.clear();
        state.begun = clock::now();
        state.again(0.0);
    }

    /// The current time of the session.
    pub fn now(&self) -> Time {
        self.0.borrow().now()
    }

    /// The number of seconds since the run, or the session, began.
    pub fn seconds(&self) -> f64 {
        self.0.borrow().seconds()
    }

    /// A wait begins: it watches only what is looked at from now on.
    pub fn wait_begins(&self) {
        if let Some(given) = &mut self.0.borrow_mut().given {
            given.looked = false;
        }
    }

    /// The current point.
    pub fn mark(&self) -> SessionMark {
        let state = self.0.borrow();
        SessionMark { happened: state.happened.len(), at: state.now() }
    }

    /// Returns to a point. Without anything given, time does not go back.
    pub fn back(&self, mark: SessionMark) {
        let mut state = self.0.borrow_mut();
        state.happened.truncate(mark.happened);
        let seconds = exact_fraction(mark.at.since(state.begun).base + 1e-6);
        state.again(seconds);
    }
}

/// A world with given answers in front.
pub struct GivenLayer<W> {
    inner: W,
    givens: Givens,
    armed: Armed,
}

impl<W: World> GivenLayer<W> {
    /// Wraps a world. While it is armed, every wait takes its real time.
    pub fn new(inner: W, givens: Givens, armed: Armed) -> Self {
        Self { inner, givens, armed }
    }

    /// The reply of the given world, if the effect is given.
    fn given(&mut self, effect: &Effect) -> Option<Reply> {
        let mut state = self.givens.0.borrow_mut();
        let reply = state.given.as_mut()?.world.given(effect)?;
        match effect {
            Effect::Ask(ask) => state.happens(GivenEvent::Asked(ask.prompt.clone())),
            Effect::Act(act) => {
                if let rbl_runtime::ActTarget::Instruction(text) = &act.target {
                    state.happens(GivenEvent::Asked(text.clone()));
                }
                if was_done(&reply) {
                    state.happens(GivenEvent::Done(Box::new(act.clone())));
                }
            }
            Effect::Now
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => {}
        }
        Some(mark_given(reply))
    }

    /// The reply of the wrapped world, with its times shifted to those of the session.
    fn asked(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let now = self.givens.now();
        let ahead = now.since(clock::now()).base;
        let effect = shifted(effect, -ahead);
        let began = std::time::Instant::now();
        let mut reply = self.inner.perform(&effect)?;
        if let Reply::Reading(Ok(reading)) = &mut reply {
            shift(reading, ahead);
        }
        let mut state = self.givens.0.borrow_mut();
        let Some(given) = &mut state.given else { return Ok(reply) };
        match &effect {
            Effect::Now => {
                if let Reply::Now(time) = &mut reply {
                    *time = now;
                }
            }
            Effect::Read(_) | Effect::Firing(_) | Effect::Mode(_) | Effect::Probe(_) => given.looked = true,
            Effect::Ask(_) | Effect::Acknowledge(_) => {
                given.looked = true;
                given.clock.pass(exact_fraction(began.elapsed().as_secs_f64()));
            }
            Effect::Act(act) => {
                given.clock.pass(exact_fraction(began.elapsed().as_secs_f64()));
                if was_done(&reply) {
                    given.world.was_done(act);
                    state.happens(GivenEvent::Done(act.clone().into()));
                }
            }
            Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Sleep(_)
            | Effect::Page(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => {}
        }
        Ok(reply)
    }

    /// Lets time pass: at once, unless something real may change meanwhile.
    fn sleep(&mut self, sleep: &Sleep) -> Result<Reply, Interrupt> {
        let looked =
            self.givens.0.borrow_mut().given.as_mut().is_some_and(|it| std::mem::take(&mut it.looked));
        let watches = matches!(sleep.purpose, Purpose::Poll { .. } | Purpose::Repeat);
        if self.armed.is() || looked && watches {
            self.inner.perform(&Effect::Sleep(sleep.clone()))?;
        } else {
            // Gives the world the chance to notice a Ctrl-C.
            self.inner.perform(&Effect::Now)?;
        }
        if let Some(given) = &self.givens.0.borrow().given {
            given.clock.pass(sleep.seconds);
        }
        Ok(Reply::Slept)
    }
}

impl<W: World> World for GivenLayer<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if self.givens.0.borrow().given.is_none() {
            let reply = self.inner.perform(effect)?;
            if let (Effect::Act(act), Reply::Acted(Acted { result: Ok(()), .. })) = (effect, &reply) {
                self.givens.0.borrow_mut().happens(GivenEvent::Done(Box::new(act.clone())));
            }
            return Ok(reply);
        }
        if let Effect::Sleep(sleep) = effect {
            return self.sleep(sleep);
        }
        match self.given(effect) {
            Some(reply) => {
                // What would be done is still shown; a Ctrl-C is noticed here as well.
                let said = effect.changes() && !self.armed.is();
                self.inner.perform(if said { effect } else { &Effect::Now })?;
                Ok(reply)
            }
            None => self.asked(effect),
        }
    }
}

/// Whether this is the reply of an action that succeeded.
fn was_done(reply: &Reply) -> bool {
    matches!(reply, Reply::Acted(acted) if acted.result.is_ok())
}

/// Rounds seconds to fractions that add exactly: `from 30s` begins at the end of two waits of 15 seconds.
fn exact_fraction(seconds: f64) -> f64 {
    (seconds.max(0.0) * 1024.0).floor() / 1024.0
}

/// Marks the reply as a given one.
fn mark_given(mut reply: Reply) -> Reply {
    let attribute = |text: &mut String| {
        text.push_str(" (given)");
    };
    match &mut reply {
        Reply::Reading(Ok(reading)) => {
            reading.source = Some(GIVEN.into());
            // A given value has no time of measurement.
            reading.samples.iter_mut().for_each(|sample| sample.at = None);
        }
        Reply::Firing(Ok(answer)) => answer.source = GIVEN.into(),
        Reply::Acted(acted) => match &mut acted.result {
            Ok(()) if acted.remark.is_none() => acted.remark = Some(GIVEN.into()),
            Ok(()) => {}
            Err(reason) => attribute(&mut reason.text),
        },
        Reply::Output(output) => output.trouble.iter_mut().for_each(|reason| attribute(&mut reason.text)),
        Reply::Reading(Err(reason))
        | Reply::Firing(Err(reason))
        | Reply::Answered(Answer::Unknown(reason, _))
        | Reply::Locked(Err(reason))
        | Reply::Entered(Err(reason))
        | Reply::Acknowledged(Err(reason))
        | Reply::Delivered(Err(reason)) => attribute(&mut reason.text),
        Reply::Answered(_)
        | Reply::Acknowledged(Ok(_))
        | Reply::Now(_)
        | Reply::Mode(_)
        | Reply::Slept
        | Reply::Delivered(Ok(_))
        | Reply::Locked(Ok(()))
        | Reply::Entered(Ok(()))
        | Reply::Left
        | Reply::Secret(_) => {}
    }
    reply
}

/// Shifts the times in an effect by this many seconds.
fn shifted(effect: &Effect, by: f64) -> Effect {
    let Effect::Read(read) = effect else { return effect.clone() };
    let later = |time: Time| time.plus(by).unwrap_or(time);
    let time = match read.time {
        ReadTime::Now => ReadTime::Now,
        ReadTime::At(time) => ReadTime::At(later(time)),
        ReadTime::Window { end, seconds } => ReadTime::Window { end: later(end), seconds },
    };
    Effect::Read(rbl_runtime::Read { time, ..read.clone() })
}

/// Shifts the times of a reading by this many seconds.
fn shift(reading: &mut Reading, by: f64) {
    for sample in &mut reading.samples {
        sample.at = sample.at.and_then(|at| at.plus(by));
    }
    for point in reading.series.iter_mut().flat_map(|series| &mut series.points) {
        point.at = point.at.plus(by).unwrap_or(point.at);
    }
}
