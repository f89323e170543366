//! The journal as a layer: [`JournalWorld`] wraps a world and [`JournalObserver`] an observer; both share a recorder.
//!
//! The recorded part is walked again first: the program asks for the same effects and gets the recorded replies. Where
//! the records end, it continues in the wrapped world and records everything: an action, a page, a record and a
//! question before it happens and again right after; what only looks is written with the next of these.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::recorder::{Phase, Recorder};
use super::writer::RecordWriter;
use super::{
    Entry, JournalEvent, JournalRecord, Lease, Options, Release, Signal, Stopped, Store, StoreError,
};
use crate::journal::replay_cursor::{InterruptedEffect, RecordedResult, is_unrecorded_answer};
use crate::journal::uncertain_action;
use crate::journal::uncertain_action::{Remedy, UncertainAnswer};
use crate::{
    Act, ActTarget, Answer, AnswerAuthor, Ask, AskKind, Effect, Event, EventKind, Interrupt, Observer,
    Parked, Reply, RunEnd, Sleep, World,
};
use rbl_syntax::value::{Quantity, Reason, ReasonKind, SecretRef};

/// A sleep of at least this many seconds parks a run that nobody watches.
const WORTH_PARKING: f64 = 60.0;

/// One turn at a run: from a claim to its release.
#[derive(Clone)]
pub struct Journal(Rc<RefCell<Recorder>>);

/// A world that records.
pub struct JournalWorld<W> {
    shared: Rc<RefCell<Recorder>>,
    inner: W,
}

/// An observer that records.
pub struct JournalObserver(Rc<RefCell<Recorder>>);

impl Journal {
    /// A turn at the run of this lease, with its records so far and the signals it received. `resumed` is recorded
    /// after them ([`JournalEvent::Resumed`]), if this is not the first turn.
    pub fn new(
        store: Arc<dyn Store>,
        lease: Lease,
        loaded: (Vec<JournalRecord>, Vec<Signal>),
        resumed: Option<JournalEvent>,
        options: Options,
        observer: Box<dyn Observer>,
    ) -> Self {
        let (records, signals) = loaded;
        let mut recorder = Recorder {
            cursor: super::recorder::replay_cursor(records),
            writer: RecordWriter::new(store, lease),
            signals,
            secrets: Vec::new(),
            options,
            observer,
            phase: Phase::Walking,
        };
        if let Some(resumed) = resumed {
            recorder.push(&Entry::Own(resumed));
        }
        Self(Rc::new(RefCell::new(recorder)))
    }

    /// Wraps a world.
    pub fn world<W: World>(&self, inner: W) -> JournalWorld<W> {
        JournalWorld { shared: Rc::clone(&self.0), inner }
    }

    /// Wraps the observer of this turn.
    pub fn observer(&self) -> JournalObserver {
        JournalObserver(Rc::clone(&self.0))
    }

    /// Ends the turn: writes what is left, and the state of the run. `Some`: why it stopped, whatever the walk
    /// returned. An error: the end could not be written, and the run looks as if its process had died.
    pub fn end(&self, ended: &RunEnd) -> Result<Option<Stopped>, StoreError> {
        let mut recorder = self.0.borrow_mut();
        if matches!(recorder.phase, Phase::Walking) && !recorder.cursor.is_over() {
            let end = Event::of(EventKind::Ended {
                outcome: ended.outcome,
                message: ended.message.clone(),
                paged: Vec::new(),
                pending: Vec::new(),
            });
            if let Err(difference) = recorder.cursor.event("", &end) {
                recorder.stop(Stopped::Stuck(difference));
            }
        }
        if let Phase::Stopped(stopped) = &recorder.phase {
            let stopped = stopped.clone();
            if let Stopped::Stuck(difference) = &stopped {
                recorder.release(&Release::Stuck { why: difference.to_string() })?;
            }
            return Ok(Some(stopped));
        }
        let how = match &ended.parked {
            None => Release::Ended { outcome: ended.outcome, message: ended.message.clone() },
            Some(parked) => Release::Parked { until: until(parked), waits_for: waits_for(parked) },
        };
        recorder.release(&how).map(|()| None)
    }
}

fn until(parked: &Parked) -> Option<rbl_syntax::value::Time> {
    if let Parked::Until(time) = parked { Some(*time) } else { None }
}

/// What a parked run waits for, in words.
fn waits_for(parked: &Parked) -> String {
    match parked {
        Parked::Until(time) => format!("{time}"),
        Parked::Person(question) => format!("an answer: \"{question}\""),
        Parked::SetAside => "somebody to resume it: it was parked by Ctrl-C".into(),
        Parked::NotWritten(why) => format!("a journal that can be written: {why}"),
    }
}

impl Observer for JournalObserver {
    fn event(&mut self, event: &Event) {
        self.0.borrow_mut().event(event);
    }
}

impl<W: World> World for JournalWorld<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let over = {
            let mut recorder = self.shared.borrow_mut();
            match recorder.phase {
                Phase::Stopped(_) => return Err(Interrupt::Parked(Parked::SetAside)),
                Phase::Walking => Some(recorder.cursor.is_over()),
                Phase::Parking => None,
            }
        };
        match over {
            Some(true) => self.anew(effect),
            Some(false) => self.again(effect),
            // The page that reports that the run was parked.
            None => self.inner.perform(effect),
        }
    }
}

/// Whether an effect is recorded before it happens, and its reply right after.
fn is_durable(effect: &Effect) -> bool {
    match effect {
        Effect::Act(_) | Effect::Ask(_) | Effect::Page(_) | Effect::Record(_) => true,
        Effect::Now | Effect::Sleep(_) | Effect::Read(_) | Effect::Probe(_) | Effect::Secret { .. } => false,
    }
}

impl<W: World> JournalWorld<W> {
    /// The recorded reply to an effect.
    fn again(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let found = {
            let mut recorder = self.shared.borrow_mut();
            let intent = recorder.clean(Entry::Own(JournalEvent::Intent { intent: effect.clone() }));
            let clean =
                if let Entry::Own(JournalEvent::Intent { intent: clean }) = &intent { clean } else { effect };
            let walked = recorder.cursor.effect(&intent.data(), clean);
            match walked {
                Ok((found, own)) => {
                    for (_, event) in &own {
                        recorder.observer.earlier_event(event);
                    }
                    found
                }
                Err(difference) => return Err(recorder.stopped(Stopped::Stuck(difference))),
            }
        };
        match found {
            RecordedResult::Reply(reply) => {
                if let Some((ask, _)) = is_unrecorded_answer(effect, &reply) {
                    self.shared.borrow_mut().secrets.push(ask.clone());
                }
                if matches!(effect, Effect::Secret { .. }) && self.inner.perform(effect).is_err() {
                    // Repeated only to hide its value in what follows; somebody interrupted it.
                    return Err(self.shared.borrow_mut().park(Parked::SetAside));
                }
                Ok(reply)
            }
            RecordedResult::BrokenOff(by) => Err(Interrupt::Aborted { by }),
            RecordedResult::Cut(open) => self.continue_effect(effect, open),
        }
    }

    /// Continues an effect that was begun and whose end is not recorded.
    fn continue_effect(&mut self, effect: &Effect, open: InterruptedEffect) -> Result<Reply, Interrupt> {
        match effect {
            Effect::Ask(ask) => self.ask_again(effect, ask, &open),
            Effect::Act(act) => {
                let signaled = self.signaled(&open);
                match uncertain_action::remedy(act) {
                    Remedy::Again => {
                        if let Some(reply @ Reply::Acted(_)) = signaled {
                            return self.take(effect, Ok(reply));
                        }
                        if !matches!(act.target, ActTarget::Instruction(_)) {
                            self.note(format!("cut off at {}: done again, because it has `retry`", open.at));
                        }
                        self.go(effect)
                    }
                    Remedy::Ask => self.ask_whether_done(effect, act, open),
                }
            }
            Effect::Sleep(sleep) => {
                let left = sleep.seconds - self.shared.borrow().since(&open);
                if left <= 0.0 { self.take(effect, Ok(Reply::Slept)) } else { self.sleep(sleep, left, true) }
            }
            Effect::Now
            | Effect::Read(_)
            | Effect::Probe(_)
            | Effect::Page(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => self.go(effect),
        }
    }

    /// Performs an effect that is not recorded yet.
    fn anew(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        match self.ask_for_secrets(effect) {
            Ok(()) => {}
            Err(aborted @ Interrupt::Aborted { .. }) => {
                self.shared.borrow_mut().intend(effect);
                return self.take(effect, Err(aborted));
            }
            Err(parked) => return Err(parked),
        }
        let written = {
            let mut recorder = self.shared.borrow_mut();
            recorder.intend(effect);
            match effect {
                Effect::Act(_) | Effect::Ask(_) => recorder.flush_intent().map(|()| true)?,
                // These are harmless: they happen even if they cannot be recorded.
                Effect::Page(_) | Effect::Record(_) | Effect::Sleep(_) => recorder.flush_if_possible()?,
                Effect::Now | Effect::Read(_) | Effect::Probe(_) | Effect::Secret { .. } => false,
            }
        };
        if let Effect::Sleep(sleep) = effect {
            return self.sleep(sleep, sleep.seconds, written);
        }
        let came = self.inner.perform(effect);
        self.take(effect, came)
    }

    /// Performs an effect in the world, after its intent was recorded.
    fn go(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let came = match self.ask_for_secrets(effect) {
            Ok(()) => self.inner.perform(effect),
            Err(interrupt) => Err(interrupt),
        };
        self.take(effect, came)
    }

    fn take(&mut self, effect: &Effect, came: Result<Reply, Interrupt>) -> Result<Reply, Interrupt> {
        self.shared.borrow_mut().take(is_durable(effect), came)
    }

    /// Lets the rest of a sleep pass, or parks the run until it has. `written`: the intent is durable.
    fn sleep(&mut self, sleep: &Sleep, left: f64, written: bool) -> Result<Reply, Interrupt> {
        let parks = {
            let recorder = self.shared.borrow();
            let parks = recorder.options.parks_sleeps && left >= WORTH_PARKING && written;
            parks.then(|| (recorder.options.clock)().plus(left)).flatten()
        };
        if let Some(until) = parks {
            return Err(self.shared.borrow_mut().park(Parked::Until(until)));
        }
        let rest = Effect::Sleep(Sleep { seconds: left, purpose: sleep.purpose.clone() });
        let came = self.inner.perform(&rest);
        self.take(&rest, came)
    }

    /// A question that was left open: returns the answer that came since, else asks again with the time that is left.
    fn ask_again(
        &mut self,
        effect: &Effect,
        ask: &Ask,
        open: &InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        if let Some(reply @ Reply::Answered(_)) = self.signaled(open) {
            return self.take(effect, Ok(reply));
        }
        let left = ask.within - self.shared.borrow().since(open);
        if left <= 0.0 {
            let text = format!("no answer within {}", Quantity::seconds(ask.within));
            let reason = Reason::new(ReasonKind::NoAnswer, text);
            return self.take(effect, Ok(Reply::Answered(Answer::Unknown(reason, AnswerAuthor::default()))));
        }
        self.go(&Effect::Ask(Ask { within: left, ..ask.clone() }))
    }

    /// The answer that came to an open question; reported if it came late.
    fn signaled(&mut self, open: &InterruptedEffect) -> Option<Reply> {
        let (reply, at) = self.shared.borrow().signal(open.seq)?;
        let after = at.since(open.at).base;
        if after >= WORTH_PARKING {
            let after = Quantity::seconds((after / 60.0).round() * 60.0);
            self.note(format!("answered {after} after it was asked, at {at}"));
        }
        Some(reply)
    }

    /// An uncertain action: asks a person.
    fn ask_whether_done(
        &mut self,
        effect: &Effect,
        act: &Act,
        open: InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        let (seq, ask) = if let Some(asked) = open.asked {
            asked
        } else {
            let ask = uncertain_action::question(act, open.at);
            let mut recorder = self.shared.borrow_mut();
            recorder.event(&Event::of(EventKind::Asked {
                prompt: ask.prompt.clone(),
                kind: ask.kind.clone(),
                by: None,
                within: ask.within,
                showing: Vec::new(),
            }));
            let seq = recorder.intend(&Effect::Ask(ask.clone()));
            recorder.flush_intent()?;
            (seq, ask)
        };
        let signal = self.shared.borrow().signal(seq);
        let came = match signal {
            Some((reply, _)) => Ok(reply),
            None => self.inner.perform(&Effect::Ask(ask.clone())),
        };
        let reply = match came {
            Ok(reply) => reply,
            Err(interrupt) => return self.take(effect, Err(interrupt)),
        };
        let answer = if let Reply::Answered(answer) = reply {
            answer
        } else {
            Answer::Unknown(Reason::new(ReasonKind::NoAnswer, "no answer"), AnswerAuthor::default())
        };
        let verdict = uncertain_action::verdict(&answer);
        if matches!(verdict, UncertainAnswer::Unanswered) {
            return Err(self.shared.borrow_mut().park(Parked::Person(ask.prompt)));
        }
        let answer = self.shared.borrow_mut().take(true, Ok(Reply::Answered(answer)))?;
        if let Reply::Answered(answer) = answer {
            let answered = Event::of(EventKind::Answered { prompt: ask.prompt, answer });
            self.shared.borrow_mut().event(&answered);
        }
        match verdict {
            UncertainAnswer::Over(acted) => self.take(effect, Ok(Reply::Acted(acted))),
            UncertainAnswer::NotDone | UncertainAnswer::Unanswered => self.go(effect),
        }
    }

    /// A secret typed in an earlier turn is lost: asks for it again where it is needed.
    fn ask_for_secrets(&mut self, effect: &Effect) -> Result<(), Interrupt> {
        let needed: Vec<Ask> = {
            let mut recorder = self.shared.borrow_mut();
            if recorder.secrets.is_empty() {
                return Ok(());
            }
            let is_needed = |ask: &Ask| match &ask.kind {
                AskKind::Secret(key) => effect.carries(&SecretRef::Asked(key.clone())),
                AskKind::YesNo | AskKind::Text | AskKind::Choice(_) => false,
            };
            let (needed, others) = recorder.secrets.drain(..).partition(is_needed);
            recorder.secrets = others;
            needed
        };
        for ask in needed {
            match self.inner.perform(&Effect::Ask(ask.clone())) {
                // Where nothing was typed, its user reports that.
                Ok(_) => {}
                Err(Interrupt::Aborted { by }) => return Err(Interrupt::Aborted { by }),
                Err(Interrupt::Parked(parked)) => {
                    let mut recorder = self.shared.borrow_mut();
                    recorder.secrets.push(ask);
                    return Err(recorder.park(parked));
                }
            }
        }
        Ok(())
    }

    /// Reports something that the journal knows and the program does not.
    fn note(&mut self, text: String) {
        self.shared.borrow_mut().event(&Event::of(EventKind::Noted { text }));
    }
}
