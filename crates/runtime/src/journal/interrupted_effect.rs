//! Effects that are recorded: the program gets the recorded reply. What was begun and has no recorded reply is continued:
//! done again, asked about, or waited for with the time that is left.

use std::rc::Rc;

use super::closed_question::closing;
use super::layer::{JournalWorld, WORTH_PARKING, is_late};
use super::recorder::ClosedQuestion;
use super::replay_cursor::{InterruptedEffect, InterruptedQuestion, RecordedResult, is_unrecorded_answer};
use super::uncertain_action::{self, Remedy, UncertainAnswer};
use super::{EffectSite, Entry, JournalEvent, LeftProcesses, StartedProcess, Stopped};
use crate::effect::PersonEffect;
use crate::{
    Act, ActTarget, Acted, Answer, AnswerAuthor, Ask, Effect, Event, EventKind, Interrupt, Parked, Purpose,
    Reply, Sleep, World,
};
use rbl_syntax::value::{CommandOutput, Quantity, Reason, ReasonKind};

impl<W: World> JournalWorld<W> {
    /// The recorded reply to an effect.
    pub(super) fn again(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let found = {
            let mut recorder = self.shared.borrow_mut();
            let site = recorder.site.clone();
            let redact = Rc::clone(&recorder.options.redact);
            let shown = || {
                let site = EffectSite::default();
                let intent = JournalEvent::Intent { intent: effect.clone(), site, lane: 0, behind: None };
                let clean = redact(&Entry::Own(intent));
                if let Some(Entry::Own(JournalEvent::Intent { intent: clean, .. })) = clean {
                    clean
                } else {
                    effect.clone()
                }
            };
            match recorder.cursor.effect(effect, &site, shown) {
                Ok((found, own)) => {
                    for (_, event) in &own {
                        recorder.observer.earlier_event(event);
                    }
                    recorder.passed(effect, &found);
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
                if let (Effect::Record(record), Reply::Delivered(Ok(delivery))) = (effect, &reply) {
                    self.shared.borrow_mut().keep_thread(record, delivery);
                }
                if matches!(effect, Effect::Secret { .. }) && self.inner.perform(effect).is_err() {
                    // Repeated only to hide its value in what follows; somebody interrupted it.
                    return Err(self.shared.borrow_mut().park(Parked::ByHand));
                }
                Ok(reply)
            }
            RecordedResult::BrokenOff(by) => {
                self.shared.borrow_mut().broken_off = true;
                Err(Interrupt::Aborted { by })
            }
            RecordedResult::Cut(open) => self.continue_effect(effect, open),
        }
    }

    /// Continues an effect that was begun and whose end is not recorded. Whoever was brought it hears of its end.
    fn continue_effect(&mut self, effect: &Effect, open: InterruptedEffect) -> Result<Reply, Interrupt> {
        let brought = open.brought.clone();
        let came = self.continue_open(effect, open);
        if let Some(question) = closing(effect, &came) {
            self.shared.borrow_mut().close(&brought, &question);
        }
        came
    }

    fn continue_open(&mut self, effect: &Effect, open: InterruptedEffect) -> Result<Reply, Interrupt> {
        if let Some(request) = self.aborts() {
            // Aborted while it ran, it would have been ended too.
            if let Effect::Act(act) = effect
                && let Err(living) = self.end_what_is_left(act)
            {
                self.note(format!("{living} of `{}` still runs, and cannot be ended", act.title));
            }
            if let Effect::Act(act) = effect {
                self.cancel_remote(act);
            }
            return self.take_answer(effect, &open, Err(Interrupt::Aborted { by: request.to_string() }));
        }
        match effect {
            Effect::Ask(ask) => self.ask_again(effect, ask, &open),
            Effect::Act(act) => {
                let signaled = self.signaled(&open, act.within, 1);
                if open.asked.is_none()
                    && let Some(followed) = self.follow(effect, act, &open)
                {
                    return followed;
                }
                match uncertain_action::remedy(act) {
                    Remedy::Again => {
                        if let Some(reply @ Reply::Acted(_)) = signaled {
                            return self.take(open.seq, Ok(reply));
                        }
                        if matches!(act.target, ActTarget::Instruction(_)) {
                            return self.instruct_again(effect, act, &open);
                        }
                        if let Err(living) = self.end_what_is_left(act) {
                            let refused = uncertain_action::still_runs(&living);
                            return self.take(open.seq, Ok(Reply::Acted(refused)));
                        }
                        let there = uncertain_action::on_the_host(act);
                        self.note(format!(
                            "cut off at {}: done again, because it has `retry`{there}",
                            open.at
                        ));
                        self.go(effect, effect, &open)
                    }
                    Remedy::Ask => self.ask_whether_done(effect, act, open),
                }
            }
            Effect::Sleep(sleep) => self.sleep_on(sleep, &open),
            Effect::Acknowledge(it) => {
                let left = it.within - self.shared.borrow().since(open.at);
                self.acknowledgement(it, (open.seq, open.at), left)
            }
            Effect::Lock(_) | Effect::Enter(_) | Effect::Leave(_)
                if !self.shared.borrow().options.world_holds =>
            {
                self.hold(effect, &open)
            }
            Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Now
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => self.go(effect, effect, &open),
            Effect::Page(_) | Effect::Record(_) => self.deliver_again(effect, open.seq),
        }
    }

    /// The rest of a sleep that was recorded by an earlier turn.
    fn sleep_on(&mut self, sleep: &Sleep, open: &InterruptedEffect) -> Result<Reply, Interrupt> {
        let left = {
            let mut recorder = self.shared.borrow_mut();
            let behind = recorder.writer.length();
            if matches!(sleep.purpose, Purpose::Poll { .. })
                && let Some(wait) = &mut recorder.wait
            {
                wait.sleeps(open.seq, open.at, behind);
            }
            match recorder.writer.progress().filter(|state| state.sleep == open.seq) {
                Some(state) => state.until.since(recorder.now()).base.min(state.wait.pause),
                None => sleep.seconds - recorder.since(open.at),
            }
        };
        let slept = if left <= 0.0 { Reply::Slept } else { self.sleep(sleep, left, open.seq, true)? };
        if let Purpose::Poll { left, .. } = sleep.purpose {
            let mut recorder = self.shared.borrow_mut();
            let left = (left - recorder.since(open.at)).max(0.0);
            recorder.behind = recorder.wait.as_ref().and_then(|wait| wait.behind_sleep(left));
        }
        Ok(slept)
    }

    /// A question that was left open: returns the answer that came since, else asks again with the time that is left.
    fn ask_again(
        &mut self,
        effect: &Effect,
        ask: &Ask,
        open: &InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        let quorum = self.shared.borrow().quorum_of(effect);
        if let Some(reply @ Reply::Answered(_)) = self.signaled(open, ask.within, quorum) {
            return self.take(open.seq, Ok(reply));
        }
        let left = ask.within - self.shared.borrow().since(open.at);
        if left <= 0.0 {
            let unknown = Answer::Unknown(no_answer(ask.within), AnswerAuthor::default());
            return self.take_timed_out(effect, open, Reply::Answered(unknown));
        }
        self.go(effect, &Effect::Ask(Ask { within: left, ..ask.clone() }), open)
    }

    /// An instruction that was left open: gives it again with the time that is left.
    fn instruct_again(
        &mut self,
        effect: &Effect,
        act: &Act,
        open: &InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        let left = act.within - self.shared.borrow().since(open.at);
        if left <= 0.0 {
            let acted = Acted {
                result: Err(no_answer(act.within)),
                output: CommandOutput::default(),
                by: None,
                remark: None,
            };
            return self.take_timed_out(effect, open, Reply::Acted(acted));
        }
        self.go(effect, &Effect::Act(Act { within: left, ..act.clone() }), open)
    }

    /// The answer to an open question that came in time; reported if it came long after it was asked. `within`: its limit in
    /// seconds. One that came after it does not count, which is reported.
    fn signaled(&mut self, open: &InterruptedEffect, within: f64, quorum: u32) -> Option<Reply> {
        let (reply, at) = self.shared.borrow().signal(open.seq, quorum)?;
        let after = at.since(open.at).base;
        if is_late(at, open.at, within) {
            let within = Quantity::seconds(within);
            self.note(format!(
                "answered at {at}, after the {within} it had were over: too late, it does not count"
            ));
            return None;
        }
        if after >= WORTH_PARKING {
            let after = Quantity::seconds((after / 60.0).round() * 60.0);
            self.note(format!("answered {after} after it was asked, at {at}"));
        }
        Some(reply)
    }

    /// Takes the end of its time as the result of a question. An answer that came too late does not decide it any more.
    fn take_timed_out(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        reply: Reply,
    ) -> Result<Reply, Interrupt> {
        let within = effect.of_person().map(PersonEffect::within);
        let Some(within) = within else { return self.take(open.seq, Ok(reply)) };
        let signal = {
            let recorder = self.shared.borrow();
            recorder.signal(open.seq, recorder.quorum_of(effect))
        };
        match signal {
            Some((_, at)) if is_late(at, open.at, within) => self.take(open.seq, Ok(reply)),
            Some(_) | None => self.take_answer(effect, open, Ok(reply)),
        }
    }

    /// An uncertain action: asks a person. Where nobody answers in time, whether it was done stays unknown.
    fn ask_whether_done(
        &mut self,
        effect: &Effect,
        act: &Act,
        open: InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        self.shared.borrow_mut().is_uncertain = true;
        let is_new = open.asked.is_none();
        let InterruptedQuestion { seq, at, ask } = if let Some(asked) = open.asked {
            asked
        } else {
            let (processes, noted) = self.processes();
            let living = processes.living(&act.key, noted.as_ref());
            let ask = uncertain_action::question(act, open.at, living.as_deref());
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
            InterruptedQuestion { seq, at: recorder.pushed, ask }
        };
        let (late, signal, left) = {
            let recorder = self.shared.borrow();
            let signal = recorder.signal(seq, 1);
            let late = signal.as_ref().is_some_and(|(_, came)| is_late(*came, at, ask.within));
            (late, signal.filter(|_| !late), ask.within - recorder.since(at))
        };
        let question = ClosedQuestion { seq, quorum: 1, until: at.plus(ask.within) };
        let asks = (signal.is_none() && !late).then_some(question);
        let came = match signal {
            Some((reply, _)) => Ok(reply),
            None if left <= 0.0 => {
                let unknown = Answer::Unknown(no_answer(ask.within), AnswerAuthor::default());
                Ok(Reply::Answered(unknown))
            }
            None => match self.inner.perform(&Effect::Ask(Ask { within: left, ..ask.clone() })) {
                Err(Interrupt::Parked(parked)) if self.aborts().is_none() => {
                    let until = self.shared.borrow().deadline(at, ask.within);
                    let brought = if is_new { Vec::new() } else { open.brought };
                    let question = InterruptedEffect { seq, at, asked: None, brought };
                    return self.park_and_bring(&Effect::Ask(ask), &question, parked, until, is_new);
                }
                came => came,
            },
        };
        let taken = self.shared.borrow_mut().take(seq, asks, came)?;
        let answer = if let Reply::Answered(answer) = taken {
            answer
        } else {
            Answer::Unknown(no_answer(ask.within), AnswerAuthor::default())
        };
        self.shared.borrow_mut().is_uncertain = false;
        let verdict = uncertain_action::verdict(&answer);
        let answered = Event::of(EventKind::Answered { prompt: ask.prompt, answer });
        self.shared.borrow_mut().event(&answered);
        match verdict {
            UncertainAnswer::Over(acted) => self.take(open.seq, Ok(Reply::Acted(acted))),
            UncertainAnswer::NotDone => {
                if let Err(living) = self.end_what_is_left(act) {
                    self.take(open.seq, Ok(Reply::Acted(uncertain_action::still_runs(&living))))
                } else {
                    let (seq, at) = (open.seq, open.at);
                    let open = InterruptedEffect { seq, at, asked: None, brought: Vec::new() };
                    self.go(effect, effect, &open)
                }
            }
        }
    }

    /// Ends what still runs of an action that was cut off. An error: that is impossible; which processes, in words.
    fn end_what_is_left(&mut self, act: &Act) -> Result<(), String> {
        let (processes, noted) = self.processes();
        let Some(living) = processes.living(&act.key, noted.as_ref()) else { return Ok(()) };
        if !processes.end(&act.key, noted.as_ref()) {
            return Err(living);
        }
        self.note(format!("{living} of `{}` outlived the rbl that was cut off, and was ended", act.title));
        Ok(())
    }

    /// What finds the processes that are left, and the one that was noted.
    fn processes(&self) -> (Rc<dyn LeftProcesses>, Option<StartedProcess>) {
        let recorder = self.shared.borrow();
        let noted = recorder.writer.noted().and_then(|noted| noted.process().cloned());
        (Rc::clone(&recorder.options.processes), noted)
    }
}

/// Why a person's answer is unknown.
fn no_answer(within: f64) -> Reason {
    Reason::new(ReasonKind::NoAnswer, format!("no answer within {}", Quantity::seconds(within)))
}
