//! A script that covers only part of the world: other effects go to the world behind it.

use super::Scripted;
use super::script::Service;
use rbl_runtime::{Act, Effect, Reply};

impl Scripted {
    /// Sets the name of the person who answers and does instructions, in place of `the test`. What is not given is then
    /// somebody else's: an action that nobody answers about is done.
    #[must_use]
    pub fn by(self, who: &'static str) -> Self {
        Self { who, asks_approvals: false, ..self }
    }

    /// The reply to an effect for which something is given; `None` for every other. A fault of a provider applies to
    /// all its readings, one of a team to all pages to it; a slow one only takes its time, and then the world behind
    /// may answer.
    pub fn given(&mut self, effect: &Effect) -> Option<Reply> {
        match effect {
            Effect::Read(read) => match self.provider(&read.provider) {
                Err(reason) => Some(Reply::Reading(Err(reason))),
                Ok(()) => self.is_metric_given(read).then(|| Reply::Reading(self.measured(read))),
            },
            Effect::Firing(_) => {
                let now = self.clock.seconds();
                self.firing.is_given(now).then(|| Reply::Firing(self.firing.answer(now)))
            }
            Effect::Probe(probe) => self.is_probe_given(probe).then(|| Reply::Output(self.probe(probe))),
            Effect::Act(act) => self.is_action_given(act).then(|| Reply::Acted(self.act(act))),
            Effect::Ask(ask) => self.answers.has(&ask.prompt).then(|| Reply::Answered(self.ask(ask))),
            Effect::Page(page) => self.undelivered(Some(&Service::Team(page.team.clone()))),
            Effect::Record(record) => self.undelivered(record.channel.clone().map(Service::Channel).as_ref()),
            Effect::Acknowledge(it) => {
                self.given_acknowledgement(&it.team)?;
                Some(Reply::Acknowledged(self.acknowledged(it)))
            }
            Effect::Lock(lock) => self.locks.is_given(&lock.name).then(|| Reply::Locked(self.lock(lock))),
            Effect::Enter(run) => self.enter(run).err().map(|reason| Reply::Entered(Err(reason))),
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Mode(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => None,
        }
    }

    /// The failed delivery, if one is given.
    fn undelivered(&self, to: Option<&Service>) -> Option<Reply> {
        self.deliver(to).err().map(|reason| Reply::Delivered(Err(reason)))
    }

    /// Reports that an action succeeded elsewhere: what comes `after` it takes effect.
    pub fn was_done(&mut self, act: &Act) {
        self.succeeded(act);
    }

    /// Reports that a question was answered elsewhere: the next time, its next answer is used.
    pub fn was_asked(&mut self, question: &str) {
        let _ = self.answers.next(question);
    }
}
