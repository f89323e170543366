//! Effects that are not recorded yet: the intent is recorded, the effect performed in the world, and its reply recorded.

use super::Accepted;
use super::layer::JournalWorld;
use super::open_wait::OpenWait;
use super::recorder::ClosedQuestion;
use super::replay_cursor::InterruptedEffect;

use crate::effect::PersonEffect;
use crate::{
    ActTarget, Answer, Ask, AskKind, Effect, Interrupt, Parked, Purpose, RecordEffect, Reply, Sleep, World,
};
use rbl_syntax::value::{SecretRef, Time};

impl<W: World> JournalWorld<W> {
    /// Performs an effect that is not recorded yet.
    pub(super) fn anew(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        {
            let mut recorder = self.shared.borrow_mut();
            if (recorder.options.stops)() {
                let now = (recorder.options.clock)();
                return Err(recorder.park(Parked::Until(now)));
            }
            recorder.record_alerts();
        }
        let held_back = self.shared.borrow_mut().held_back.take();
        let ready = match (self.aborts(), held_back) {
            (Some(request), _) => Err(Interrupt::Aborted { by: request.to_string() }),
            (None, Some(Interrupt::Parked(parked))) => Err(self.shared.borrow_mut().park(parked)),
            (None, Some(aborted @ Interrupt::Aborted { .. })) => Err(aborted),
            (None, None) => self.ask_for_secrets(effect),
        };
        match ready {
            Ok(()) => {}
            Err(Interrupt::Aborted { by }) => {
                let mut recorder = self.shared.borrow_mut();
                let to = recorder.intend(effect);
                return Err(recorder.broken_off(to, by)?);
            }
            Err(parked @ Interrupt::Parked(_)) => return Err(parked),
        }
        match effect {
            Effect::Now
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Secret { .. } => {
                let began = self.shared.borrow().now();
                let came = self.inner.perform(effect);
                self.shared.borrow_mut().take_look(effect, began, came)
            }
            Effect::Act(act) => {
                let (to, asked) = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    let asked = recorder.pushed;
                    if let Some(refused) = recorder.flush_counted(act)? {
                        return recorder.take(to, None, Ok(refused));
                    }
                    (to, asked)
                };
                self.put(effect, to, asked)
            }
            Effect::Ask(_) | Effect::Acknowledge(_) | Effect::Lock(_) | Effect::Enter(_) => {
                let (to, asked) = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    let asked = recorder.pushed;
                    recorder.flush_intent()?;
                    (to, asked)
                };
                self.put(effect, to, asked)
            }
            // Its intent is written with its reply.
            Effect::Leave(_) => {
                let (to, asked) = {
                    let mut recorder = self.shared.borrow_mut();
                    (recorder.intend(effect), recorder.pushed)
                };
                self.put(effect, to, asked)
            }
            // These are harmless: they happen even if they cannot be recorded.
            Effect::Page(_) => self.page(effect),
            Effect::Record(record) => {
                let (to, thread) = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    recorder.flush_if_possible()?;
                    (to, recorder.thread_of(record))
                };
                let came = self.inner.perform(&Effect::Record(RecordEffect { thread, ..record.clone() }));
                if let Ok(Reply::Delivered(Ok(delivery))) = &came {
                    self.shared.borrow_mut().keep_thread(record, delivery);
                }
                self.take(to, came)
            }
            Effect::Conclude(_) => {
                let to = {
                    let mut recorder = self.shared.borrow_mut();
                    let to = recorder.intend(effect);
                    recorder.flush_if_possible()?;
                    to
                };
                let came = self.inner.perform(effect);
                self.take(to, came)
            }
            Effect::Sleep(sleep) => self.sleep_anew(effect, sleep),
        }
    }

    /// Performs an effect in the world, after its intent was recorded at `asked`. Where the rest of its time is shorter than
    /// is written, `rest` is performed.
    pub(super) fn go(
        &mut self,
        effect: &Effect,
        rest: &Effect,
        open: &InterruptedEffect,
    ) -> Result<Reply, Interrupt> {
        match self.ask_for_secrets(rest) {
            Ok(()) => {}
            Err(interrupt) => return self.take(open.seq, Err(interrupt)),
        }
        let came = self.inner.perform(rest);
        self.took(effect, open, false, came)
    }

    /// Performs an effect in the world, whose intent was recorded at `asked`.
    fn put(&mut self, effect: &Effect, to: u64, asked: Time) -> Result<Reply, Interrupt> {
        if let Effect::Acknowledge(it) = effect {
            return self.acknowledgement(it, (to, asked), it.within);
        }
        let open = InterruptedEffect { seq: to, at: asked, asked: None, brought: Vec::new() };
        if is_held(effect) && !self.shared.borrow().options.world_holds {
            return self.hold(effect, &open);
        }
        let came = self.inner.perform(effect);
        self.took(effect, &open, true, came)
    }

    /// Takes what came of an effect. Where that parks the run for a person, the question is brought to somebody, and it waits no
    /// longer than is written. `is_new`: it began in this turn.
    fn took(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        is_new: bool,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        let to = open.seq;
        let Some(within) = effect.of_person().map(PersonEffect::within) else { return self.take(to, came) };
        match self.one_of_several(effect, to, came) {
            Err(Interrupt::Parked(parked)) if self.aborts().is_none() => {
                let until = self.shared.borrow().deadline(open.at, within);
                self.park_and_bring(effect, open, parked, until, is_new)
            }
            came => self.take_answer(effect, open, came),
        }
    }

    /// Parks the run for a person, and brings the question to somebody.
    pub(super) fn park_and_bring(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        parked: Parked,
        until: Option<Time>,
        is_new: bool,
    ) -> Result<Reply, Interrupt> {
        if matches!(parked, Parked::Person { .. }) {
            self.bring(effect, open, until, is_new)?;
            let mut recorder = self.shared.borrow_mut();
            let quorum = recorder.quorum_of(effect);
            recorder.approved = (quorum > 1).then(|| recorder.approved(open.seq, quorum));
        }
        Err(self.shared.borrow_mut().park_for_person(parked, until))
    }

    /// The answer of somebody who sits here, where several have to approve: it is sent like those from elsewhere, and the run
    /// waits for the others.
    fn one_of_several(
        &mut self,
        effect: &Effect,
        to: u64,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        let quorum = self.shared.borrow().quorum_of(effect);
        let (Effect::Ask(ask), Ok(reply @ Reply::Answered(Answer::Yes(said) | Answer::Unknown(_, said)))) =
            (effect, &came)
        else {
            return came;
        };
        let Some(by) = said.by.as_ref().filter(|_| quorum > 1) else { return came };
        let sent = self.shared.borrow_mut().vote(to, quorum, by, reply);
        match sent {
            Ok(Accepted::Duplicate) if self.shared.borrow().signal(to, quorum).is_none() => {
                self.note(format!("{by} has answered this before, which counts once"));
            }
            Ok(_) => {}
            Err(why) => return Err(self.shared.borrow_mut().park(Parked::NotWritten(why.to_string()))),
        }
        let (decided, approved) = {
            let recorder = self.shared.borrow();
            (recorder.signal(to, quorum), recorder.approved(to, quorum))
        };
        if let Some((reply, _)) = decided {
            return Ok(reply);
        }
        self.note(approved);
        Err(Interrupt::Parked(Parked::person(ask.prompt.as_str())))
    }

    pub(super) fn take(&mut self, to: u64, came: Result<Reply, Interrupt>) -> Result<Reply, Interrupt> {
        self.shared.borrow_mut().take(to, None, came)
    }

    /// Takes the reply to the effect at this position; of a question, only the first reply counts.
    pub(super) fn take_answer(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        came: Result<Reply, Interrupt>,
    ) -> Result<Reply, Interrupt> {
        let (seq, quorum) = (open.seq, self.shared.borrow().quorum_of(effect));
        let within = effect.of_person().map(PersonEffect::within);
        let until = within.and_then(|within| open.at.plus(within));
        let asks = is_question(effect).then_some(ClosedQuestion { seq, quorum, until });
        self.shared.borrow_mut().take(seq, asks, came)
    }

    /// Begins a sleep. Between two polls that decide nothing new, the sleep that is open goes on.
    fn sleep_anew(&mut self, effect: &Effect, sleep: &Sleep) -> Result<Reply, Interrupt> {
        let between_polls = matches!(sleep.purpose, Purpose::Poll { .. });
        let (to, written) = {
            let mut recorder = self.shared.borrow_mut();
            let open = recorder.wait.as_ref().filter(|wait| between_polls && wait.is_left_out());
            if let Some(seq) = open.and_then(OpenWait::sleep) {
                (seq, true)
            } else {
                let seq = recorder.intend(effect);
                let written = recorder.flush_if_possible()?;
                let (now, behind) = (recorder.now(), recorder.writer.length());
                if let Some(wait) = recorder.wait.as_mut().filter(|_| between_polls) {
                    wait.sleeps(seq, now, behind);
                }
                (seq, written)
            }
        };
        self.sleep(sleep, sleep.seconds, to, written)
    }

    /// Lets the rest of a sleep pass, or parks the run until it has. `written`: the intent is durable.
    pub(super) fn sleep(
        &mut self,
        sleep: &Sleep,
        left: f64,
        to: u64,
        written: bool,
    ) -> Result<Reply, Interrupt> {
        let parks = {
            let recorder = self.shared.borrow();
            let parks = recorder.options.parks_sleeps && left >= recorder.options.worth_parking && written;
            parks.then(|| recorder.now().plus(left)).flatten()
        };
        if let Some(until) = parks {
            let mut recorder = self.shared.borrow_mut();
            return Err(match sleep.purpose {
                Purpose::Poll { .. } => recorder.park_between_polls(until),
                Purpose::Wait
                | Purpose::Retry
                | Purpose::Repeat
                | Purpose::Queue { .. }
                | Purpose::Acknowledgement { .. } => recorder.park(Parked::Until(until)),
            });
        }
        let rest = Effect::Sleep(Sleep { seconds: left, purpose: sleep.purpose.clone() });
        match self.inner.perform(&rest) {
            Ok(_) => Ok(Reply::Slept),
            Err(interrupt) => self.take(to, Err(interrupt)),
        }
    }

    /// A secret typed in an earlier turn is lost: asks for it again where it is needed.
    pub(super) fn ask_for_secrets(&mut self, effect: &Effect) -> Result<(), Interrupt> {
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
            let (asked, until) = {
                let recorder = self.shared.borrow();
                (recorder.now(), recorder.cursor.parked_until(&ask.prompt))
            };
            let left = until.map_or(ask.within, |until| until.since(asked).base.min(ask.within));
            // Nobody typed it in time: what needs it reports that.
            if left <= 0.0 {
                continue;
            }
            match self.inner.perform(&Effect::Ask(ask.clone())) {
                // Where nothing was typed, its user reports that.
                Ok(_) => {}
                Err(Interrupt::Aborted { by }) => return Err(Interrupt::Aborted { by }),
                Err(Interrupt::Parked(parked)) => {
                    let mut recorder = self.shared.borrow_mut();
                    recorder.secrets.push(ask);
                    return Err(recorder.park_for_person(parked, until.or(asked.plus(left))));
                }
            }
        }
        Ok(())
    }
}

/// Whether the store answers it, in the transaction that records the reply.
fn is_held(effect: &Effect) -> bool {
    match effect {
        Effect::Lock(_) | Effect::Enter(_) | Effect::Leave(_) => true,
        Effect::Now
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
        | Effect::Conclude(_)
        | Effect::Secret { .. } => false,
    }
}

/// Whether a person answers it, at this terminal or from elsewhere.
fn is_question(effect: &Effect) -> bool {
    match effect {
        Effect::Ask(_) | Effect::Acknowledge(_) => true,
        Effect::Act(act) => matches!(act.target, ActTarget::Instruction(_)),
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Page(_)
        | Effect::Record(_)
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => false,
    }
}
