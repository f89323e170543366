//! A script that says only some of what the world is like: whoever knows the rest is asked for the rest.

use super::Scripted;
use super::script::Party;
use rbl_runtime::{Act, Effect, Reply};

impl Scripted {
    /// Who answers and does what a person has to, in place of `the test`.
    #[must_use]
    pub fn by(self, who: &'static str) -> Self {
        Self { who, ..self }
    }

    /// The reply to an effect of which something is given; `None` for every other. A fault of a provider is given for all
    /// that is read from it, one of a team for all pages to it; who is only slow takes the time, and the rest may answer
    /// then.
    pub fn given(&mut self, effect: &Effect) -> Option<Reply> {
        match effect {
            Effect::Read(read) => match self.provider(&read.provider) {
                Err(reason) => Some(Reply::Reading(Err(reason))),
                Ok(()) => self.says_what(read).then(|| Reply::Reading(self.measured(read))),
            },
            Effect::Probe(probe) => self.says_of(probe).then(|| Reply::Output(self.probe(probe))),
            Effect::Act(act) => self.says_how(act).then(|| Reply::Acted(self.act(act))),
            Effect::Ask(ask) => self.answers.has(&ask.prompt).then(|| Reply::Answered(self.ask(ask))),
            Effect::Page(page) => self.undelivered(Some(&Party::Team(page.team.clone()))),
            Effect::Record(record) => self.undelivered(record.channel.clone().map(Party::Channel).as_ref()),
            Effect::Now | Effect::Sleep(_) | Effect::Secret { .. } => None,
        }
    }

    /// That somebody cannot be told, where that is given.
    fn undelivered(&self, to: Option<&Party>) -> Option<Reply> {
        self.deliver(to).err().map(|reason| Reply::Delivered(Err(reason)))
    }

    /// An action that somebody else did has succeeded: what comes `after` it takes effect.
    pub fn was_done(&mut self, act: &Act) {
        self.succeeded(act);
    }

    /// A question was answered here before: its next answer comes next.
    pub fn was_asked(&mut self, question: &str) {
        let _ = self.answers.next(question);
    }
}
