//! Reports to services that questions do not wait any more: whoever was brought one hears how it ended.
//!
//! *Why behind the answer:* the answer counts once it is durable. The journal reports it by itself, and a replay moves past that; what was
//! cut off in between is reported when the run is resumed.

use super::bring::BroughtStep;
use super::layer::JournalWorld;
use super::recorder::{Phase, Recorder};
use super::{Entry, JournalEvent};
use crate::{
    Answer, ClosedAsking, Conclude, Delivery, DeliveryTicket, Effect, EndNotice, Interrupt, Outcome, Reply,
    TicketHolder, World,
};

/// What has to be reported to a service.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClosedTicket {
    ticket: DeliveryTicket,
    key: String,
    question: ClosedAsking,
}

/// How a question or an instruction ended, in words; `None`: it is something else, or still waits.
pub(super) fn closing(effect: &Effect, came: &Result<Reply, Interrupt>) -> Option<ClosedAsking> {
    let text = effect.of_person()?.text();
    let answer = match came {
        Err(Interrupt::Parked(_)) => return None,
        Err(Interrupt::Aborted { by }) => format!("not asked any more: broken off by {by}"),
        Ok(reply) => answer_words(reply)?,
    };
    Some(ClosedAsking { text: text.to_owned(), answer })
}

/// `yes, by ana: it hangs`
fn answer_words(reply: &Reply) -> Option<String> {
    let (words, by, remark) = match reply {
        Reply::Answered(answer) => {
            let words = match answer {
                Answer::Yes(_) => "yes".to_owned(),
                Answer::No(_) => "no".to_owned(),
                Answer::Text(text, _) => text.clone(),
                Answer::SecretKept(_) => "a secret".to_owned(),
                Answer::Unknown(reason, _) => reason.text.clone(),
            };
            let author = answer.author();
            (words, author.by.clone(), author.remark.clone())
        }
        Reply::Acted(acted) => {
            let words = acted.result.as_ref().map_or_else(|why| why.text.clone(), |()| "done".to_owned());
            let remark = acted.remark.clone().filter(|remark| !words.ends_with(remark.as_str()));
            (words, acted.by.clone(), remark)
        }
        Reply::Now(_)
        | Reply::Slept
        | Reply::Reading(_)
        | Reply::Firing(_)
        | Reply::Mode(_)
        | Reply::Output(_)
        | Reply::Delivered(_)
        | Reply::Acknowledged(_)
        | Reply::Locked(_)
        | Reply::Entered(_)
        | Reply::Left
        | Reply::Secret(_) => return None,
    };
    let by = by.map_or_else(String::new, |by| format!(", by {by}"));
    let remark = remark.map_or_else(String::new, |remark| format!(": {remark}"));
    Some(format!("{words}{by}{remark}"))
}

impl Recorder {
    /// Keeps what the tries to bring a question to somebody left.
    pub(super) fn keep_brought(&mut self, steps: &[BroughtStep]) {
        for step in steps {
            let (Effect::Record(record), Some(ticket)) = (&*step.intent, &step.ticket) else { continue };
            let delivery = Delivery { ticket: Some(ticket.clone()), ..Delivery::by("", true) };
            self.keep_thread(record, &delivery);
            self.keep_question_ticket(ticket);
        }
    }

    /// The end of the run is shown where only questions of it are.
    pub(super) fn keep_question_ticket(&mut self, ticket: &DeliveryTicket) {
        if hears_of_questions(ticket) && !self.question_tickets.iter().any(|it| it.id == ticket.id) {
            self.question_tickets.push(ticket.clone());
        }
    }

    /// Keeps what has to be reported of a question that ended.
    pub(super) fn close(&mut self, steps: &[BroughtStep], question: &ClosedAsking) {
        for step in steps {
            let key = match &*step.intent {
                Effect::Page(page) => &page.key,
                Effect::Record(record) => &record.key,
                Effect::Now
                | Effect::Sleep(_)
                | Effect::Read(_)
                | Effect::Firing(_)
                | Effect::Mode(_)
                | Effect::Probe(_)
                | Effect::Act(_)
                | Effect::Ask(_)
                | Effect::Acknowledge(_)
                | Effect::Lock(_)
                | Effect::Enter(_)
                | Effect::Leave(_)
                | Effect::Conclude(_)
                | Effect::Secret { .. } => continue,
            };
            let Some(ticket) = step.ticket.clone() else { continue };
            let hears = match ticket.through {
                TicketHolder::Team(_) => ticket.hears != EndNotice::Nothing,
                TicketHolder::Channel(_) => hears_of_questions(&ticket),
            };
            if hears {
                let key = format!("{key}-end");
                self.unconcluded.push(ClosedTicket { ticket, key, question: question.clone() });
            }
        }
    }
}

/// Whether a channel shows at the message of a question what was answered.
pub(super) fn hears_of_questions(ticket: &DeliveryTicket) -> bool {
    ticket.message.is_some() && matches!(ticket.through, TicketHolder::Channel(_))
}

impl<W: World> JournalWorld<W> {
    /// Reports to services the questions that ended, where the records do not say that it was done.
    pub(super) fn conclude_questions(&mut self) {
        loop {
            let (closed, reported) = {
                let mut recorder = self.shared.borrow_mut();
                let is_ready = !recorder.unconcluded.is_empty()
                    && matches!(recorder.phase, Phase::Walking)
                    && recorder.cursor.has_no_more_effects();
                if !is_ready {
                    return;
                }
                let closed = recorder.unconcluded.remove(0);
                let reported = recorder.cursor.concluded().iter().find(|(key, _)| *key == closed.key);
                let reported = reported.map(|(_, open)| *open);
                (closed, reported)
            };
            // `Some(None)`: the records say that it was reported.
            if reported != Some(None) {
                self.conclude_question(closed, reported.flatten());
            }
        }
    }

    /// Reports one to a service. `open`: the position of the intent, if an earlier try was cut off. What goes wrong is kept in the story.
    fn conclude_question(&mut self, closed: ClosedTicket, open: Option<u64>) {
        let ClosedTicket { ticket, key, question } = closed;
        let takes_back = matches!(ticket.through, TicketHolder::Team(_));
        let name = ticket.through.name().to_owned();
        let effect = Effect::Conclude(Conclude {
            ticket,
            outcome: Outcome::Resolved,
            message: question.answer.clone(),
            runbook: self.shared.borrow().runbook.clone(),
            key,
            question: Some(question),
        });
        let (to, clean) = match open {
            Some(open) => (open, effect),
            None => match self.intend_clean(&effect) {
                Ok(intended) => intended,
                // Another process holds the run, and does it.
                Err(_) => return,
            },
        };
        let reply = match self.inner.perform(&clean) {
            Ok(reply) => reply,
            // The next effect hears of it: here it would come between an answer and its effect.
            Err(interrupt) => {
                self.shared.borrow_mut().held_back = Some(interrupt);
                return;
            }
        };
        if let Reply::Delivered(Err(why)) = &reply {
            self.note(if takes_back {
                format!("the page to {name} could not be resolved: {why}; resolve it by hand")
            } else {
                format!("{name} does not show what was answered: {why}")
            });
        }
        let mut recorder = self.shared.borrow_mut();
        let entry = recorder.clean(Entry::Own(JournalEvent::Reply { answer: reply, to }));
        recorder.push(&entry);
        // Where it cannot be written now it is written with what follows.
        let _ = recorder.flush_if_possible();
    }
}
