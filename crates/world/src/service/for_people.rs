//! [`ForPeople`]: a team or a channel whose texts people read, so that nothing in a text acts on what shows it, or hides in it.
//!
//! Programs (`webhook`, `exec`, `file`) get the texts as they are: they are data there, and JSON carries every character.

use rbl_runtime::teams::TeamRules;
use rbl_runtime::{
    AnswerAuthor, AskedQuestion, ClosedAsking, Conclude, Delivery, EvidenceText, Page, RecordEffect,
};
use rbl_syntax::value::Reason;

use super::wording::readable;
use crate::channel::{AnswerResult, Channel, ChatAnswer, ChatAnswers, InteractionRefusal, SignedInteraction};
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::team::Pager;

/// See the module.
#[derive(Debug)]
pub(crate) struct ForPeople<T>(pub(crate) T);

impl<T: Pager> Pager for ForPeople<T> {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.page(&readable_page(page), outlet)
    }

    fn acknowledged(&self, id: &str, outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        self.0.acknowledged(id, outlet)
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.conclude(&readable_end(it), outlet)
    }

    fn redelivery(&self) -> Redelivery {
        self.0.redelivery()
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}

impl<T: Channel> Channel for ForPeople<T> {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.post(&readable_record(record), outlet)
    }

    fn ask(
        &self,
        question: &AskedQuestion,
        record: &RecordEffect,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        self.0.ask(&readable_question(question), &readable_record(record), outlet)
    }

    fn hears_answers(&self) -> bool {
        self.0.hears_answers()
    }

    fn recorded(&self) {
        self.0.recorded();
    }

    fn listen(&self, place: Option<&str>, teams: &TeamRules) -> Result<ChatAnswers, Reason> {
        self.0.listen(place, teams)
    }

    fn reply(&self, heard: &ChatAnswer, said: &AnswerResult) -> Result<(), Reason> {
        self.0.reply(heard, said)
    }

    fn take_interaction(&self, request: &SignedInteraction<'_>) -> Result<(), InteractionRefusal> {
        self.0.take_interaction(request)
    }

    fn conclude(&self, it: &Conclude, outlet: &Outlet) -> Result<Delivery, Reason> {
        self.0.conclude(&readable_end(it), outlet)
    }

    fn redelivery(&self) -> Redelivery {
        self.0.redelivery()
    }

    fn test(&self) -> Result<String, Reason> {
        self.0.test()
    }
}

/// The name of the team is that of a section, by which it is found again.
fn readable_page(page: &Page) -> Page {
    let links = page.links.iter().map(|(name, url)| (readable(name), readable(url)));
    Page {
        reason: readable(&page.reason),
        runbook: readable(&page.runbook),
        severity: page.severity.as_deref().map(readable),
        story: page.story.iter().map(|line| readable(line)).collect(),
        links: links.collect(),
        about: page.about.as_deref().map(readable),
        ..page.clone()
    }
}

fn readable_record(record: &RecordEffect) -> RecordEffect {
    let text = readable(&record.text);
    RecordEffect {
        // No service takes a message without a text.
        text: if text.trim().is_empty() { "(an empty text)".into() } else { text },
        runbook: readable(&record.runbook),
        ..record.clone()
    }
}

/// A choice stays as it is, because it is the answer too; whoever shows it makes it readable.
fn readable_question(question: &AskedQuestion) -> AskedQuestion {
    let evidence = question.evidence.iter();
    AskedQuestion {
        text: readable(&question.text),
        evidence: evidence
            .map(|it| EvidenceText { title: readable(&it.title), text: readable(&it.text) })
            .collect(),
        ..question.clone()
    }
}

fn readable_end(it: &Conclude) -> Conclude {
    Conclude {
        message: readable(&it.message),
        runbook: readable(&it.runbook),
        question: it.question.as_ref().map(|question| ClosedAsking {
            text: readable(&question.text),
            answer: readable(&question.answer),
        }),
        ..it.clone()
    }
}
