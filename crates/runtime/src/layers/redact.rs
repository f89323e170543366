//! [`Redact`]: a layer that removes the values of secrets from every reply. What is left of a text is known, and what stood in
//! between is unknown: the same in this turn and in every later one, which has the record alone.

use crate::Secrets;
use crate::{Acted, Answer, AnswerAuthor, Delivery, Effect, Interrupt, Reply, World};
use rbl_syntax::value::{CommandOutput, Reason};

/// A world whose replies contain dots in place of the secrets that were used.
pub struct Redact<W> {
    inner: W,
    secrets: Secrets,
}

impl<W: World> Redact<W> {
    /// Wraps a world that shares these secrets.
    pub fn new(inner: W, secrets: Secrets) -> Self {
        Self { inner, secrets }
    }

    fn output(&self, mut output: CommandOutput) -> CommandOutput {
        output.map_texts(|text| self.secrets.redact(text));
        output
    }

    fn reason(&self, reason: &Reason) -> Reason {
        Reason::new(reason.kind, self.secrets.redact(&reason.text))
    }

    fn answer(&self, answer: Answer) -> Answer {
        let author = |author: AnswerAuthor| AnswerAuthor {
            by: author.by.map(|by| self.secrets.redact(&by)),
            remark: author.remark.map(|remark| self.secrets.redact(&remark)),
            ..author
        };
        match answer {
            Answer::Yes(by) => Answer::Yes(author(by)),
            Answer::No(by) => Answer::No(author(by)),
            Answer::Unknown(reason, by) => Answer::Unknown(self.reason(&reason), author(by)),
            Answer::Text(text, by) => Answer::Text(self.secrets.redact(&text), author(by)),
            Answer::SecretKept(by) => Answer::SecretKept(author(by)),
        }
    }
}

impl<W: World> World for Redact<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        Ok(match self.inner.perform(effect)? {
            Reply::Output(output) => Reply::Output(self.output(output)),
            Reply::Acted(acted) => Reply::Acted(Acted {
                result: acted.result.map_err(|reason| self.reason(&reason)),
                output: self.output(acted.output),
                remark: acted.remark.map(|remark| self.secrets.redact(&remark)),
                ..acted
            }),
            Reply::Reading(Err(reason)) => Reply::Reading(Err(self.reason(&reason))),
            // Its labels too: a provider may repeat what it was given.
            Reply::Reading(Ok(reading)) => Reply::Reading(self.secrets.redacted(reading).known()),
            Reply::Delivered(Err(reason)) => Reply::Delivered(Err(self.reason(&reason))),
            // It was delivered, whatever can be said about it.
            Reply::Delivered(Ok(delivery)) => Reply::Delivered(Ok(Delivery {
                by: self.secrets.redact(&delivery.by),
                reference: delivery.reference.map(|reference| self.secrets.redact(&reference)),
                ..delivery
            })),
            Reply::Firing(answer) => Reply::Firing(answer.map_err(|reason| self.reason(&reason))),
            Reply::Secret(found) => Reply::Secret(found.map_err(|reason| self.reason(&reason))),
            Reply::Acknowledged(answer) => Reply::Acknowledged(answer.map_err(|reason| self.reason(&reason))),
            Reply::Locked(taken) => Reply::Locked(taken.map_err(|reason| self.reason(&reason))),
            Reply::Entered(entered) => Reply::Entered(entered.map_err(|reason| self.reason(&reason))),
            Reply::Answered(answer) => Reply::Answered(self.answer(answer)),
            reply @ (Reply::Now(_) | Reply::Mode(_) | Reply::Left | Reply::Slept) => reply,
        })
    }

    crate::forward_to_inner!(self => self.inner);
}
