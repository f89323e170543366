//! Brings a question that waits to those who can answer it: through the channel of its team, else by a page.
//!
//! Each try is an effect of its own among the records of the question: an intent before it and a reply after it. None is
//! repeated, after a crash in between either; then it is unclear whether it was sent, and the next way is tried.

use smol_str::SmolStr;

use super::layer::JournalWorld;
use super::replay_cursor::InterruptedEffect;
use super::{Entry, JournalEvent};
use crate::effect::PersonEffect;
use crate::teams::QuestionRoute;
use crate::{
    Act, AskedQuestion, Delivery, DeliveryTicket, Effect, EvidenceText, Interrupt, Page, QuestionKind,
    RecordEffect, Reply, World,
};
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// A try to bring a question to somebody, as the records have it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BroughtStep {
    /// The position of its intent among the records.
    pub(super) seq: u64,
    /// On which way.
    pub(super) route: QuestionRoute,
    /// The page, or the record.
    pub(super) intent: Box<Effect>,
    /// Whether it reached somebody; `None`: it was cut off.
    pub(super) reached: Option<bool>,
    /// What it left at a service.
    pub(super) ticket: Option<DeliveryTicket>,
}

impl BroughtStep {
    /// The try of this intent; `None` for an intent of anything else.
    pub(super) fn of(seq: u64, intent: &Effect) -> Option<Self> {
        let route = match intent {
            Effect::Record(RecordEffect { channel: Some(channel), question: Some(_), .. }) => {
                QuestionRoute::Channel(channel.into())
            }
            Effect::Page(page) => QuestionRoute::Page(page.team.as_str().into()),
            Effect::Now
            | Effect::Mode(_)
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Probe(_)
            | Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => return None,
        };
        Some(Self { seq, route, intent: Box::new(intent.clone()), reached: None, ticket: None })
    }

    /// Who was to be reached, in words.
    fn whom(&self) -> String {
        match &self.route {
            QuestionRoute::Channel(channel) => format!("through {channel}"),
            QuestionRoute::Page(team) => format!("{team} by a page"),
        }
    }

    /// Takes what came of it.
    pub(super) fn came(&mut self, reply: &Reply) {
        self.reached = Some(reached(reply));
        if let Reply::Delivered(Ok(delivery)) = reply {
            self.ticket.clone_from(&delivery.ticket);
        }
    }
}

/// Whether a try reached anybody but the terminal of the run.
pub(super) fn reached(reply: &Reply) -> bool {
    matches!(reply, Reply::Delivered(Ok(Delivery { reached_others: true, .. })))
}

impl<W: World> JournalWorld<W> {
    /// Brings a question whose intent is recorded, and for which the run is about to be parked, to somebody, unless it was
    /// brought before. `is_new`: it was put in this turn.
    pub(super) fn bring(
        &mut self,
        effect: &Effect,
        open: &InterruptedEffect,
        until: Option<Time>,
        is_new: bool,
    ) -> Result<(), Interrupt> {
        let (mut failed, is_brought) = self.cut_off(open)?;
        if is_brought || open.brought.iter().any(|step| step.reached == Some(true)) {
            return Ok(());
        }
        let Some((question, links)) = self.asked(effect, open.seq, until) else { return Ok(()) };
        let (routes, owner, runbook) = {
            let recorder = self.shared.borrow();
            let owner = recorder.owner.clone();
            let routes = recorder.options.teams.routes(question.by.as_deref(), owner.as_deref());
            (routes, owner, recorder.runbook.clone())
        };
        for route in &routes {
            if open.brought.iter().any(|step| step.route == *route) {
                continue;
            }
            let (reply, whom) = match route {
                QuestionRoute::Channel(channel) => {
                    let reply = self.post_question(channel, &runbook, &question)?;
                    let team = question.by.as_deref().or(owner.as_deref()).unwrap_or("somebody");
                    (reply, format!("{team} through {channel}"))
                }
                QuestionRoute::Page(team) => {
                    let reply = self.page_question(team, &runbook, &question, &links, &failed)?;
                    (reply, format!("{team} by a page"))
                }
            };
            let reached = reached(&reply);
            let delivered = if let Reply::Delivered(delivered) = reply { Some(delivered) } else { None };
            match delivered {
                Some(Ok(delivery)) if reached => {
                    self.note(format!("asked {whom} ({})", delivery.by));
                    return Ok(());
                }
                Some(Ok(_)) => failed.push(format!("could not ask {whom}: it is only shown here")),
                Some(Err(why)) => failed.push(format!("could not ask {whom}: {why}")),
                None => failed.push(format!("could not ask {whom}")),
            }
            if let Some(last) = failed.last().cloned() {
                self.note(last);
            }
        }
        let tried = !routes.is_empty() || !failed.is_empty();
        if is_new && (tried || self.shared.borrow().options.alone) {
            let whom = question.by.as_deref().or(owner.as_deref()).unwrap_or("the owner");
            self.note(format!(
                "nobody was notified that this waits for an answer: neither {whom} nor a fallback can be reached"
            ));
        }
        Ok(())
    }

    /// Makes the tries that were cut off again where that reaches nobody twice; else records that it is unclear whether they reached
    /// anybody. Returns this in words, and whether somebody was reached.
    fn cut_off(&mut self, open: &InterruptedEffect) -> Result<(Vec<String>, bool), Interrupt> {
        let (mut failed, mut is_brought) = (Vec::new(), false);
        for step in open.brought.iter().filter(|step| step.reached.is_none()) {
            if self.inner.delivers_once(&step.intent) {
                let reply = self.deliver_again(&step.intent, step.seq)?;
                is_brought |= reached(&reply);
                if let Reply::Delivered(Err(why)) = reply {
                    failed.push(format!("could not ask {}: {why}", step.whom()));
                }
                continue;
            }
            let why =
                Reason::new(ReasonKind::Unreachable, "may have been sent: rbl was cut off while it was sent");
            let line = format!("asked {}? {why}", step.whom());
            self.take(step.seq, Ok(Reply::Delivered(Err(why))))?;
            self.note(line.clone());
            failed.push(line);
        }
        Ok((failed, is_brought))
    }

    /// Sends a page or a record again whose first try was cut off, as far as the way it goes allows that.
    pub(super) fn deliver_again(&mut self, effect: &Effect, to: u64) -> Result<Reply, Interrupt> {
        let again = if let Effect::Page(page) = effect {
            Effect::Page(Page { again: true, ..page.clone() })
        } else if let Effect::Record(record) = effect {
            let thread = self.shared.borrow().thread_of(record);
            Effect::Record(RecordEffect { thread, again: true, ..record.clone() })
        } else {
            effect.clone()
        };
        let came = match self.ask_for_secrets(&again) {
            Ok(()) => self.inner.perform(&again),
            Err(interrupt) => Err(interrupt),
        };
        if let (Effect::Record(record), Ok(Reply::Delivered(Ok(delivery)))) = (effect, &came) {
            self.shared.borrow_mut().keep_thread(record, delivery);
        }
        self.take(to, came)
    }

    /// What an effect asks of a person, and the links that belong to it.
    fn asked(
        &self,
        effect: &Effect,
        seq: u64,
        until: Option<Time>,
    ) -> Option<(AskedQuestion, Vec<(String, String)>)> {
        let recorder = self.shared.borrow();
        let run = recorder.writer.run();
        let asked = effect.of_person()?;
        let ((kind, choices), by, showing, links) = match asked {
            PersonEffect::Answers(ask) => (AskedQuestion::kind_of(ask), &ask.by, &ask.showing, &ask.links),
            PersonEffect::Does(Act { by, showing, links, .. }) => {
                ((QuestionKind::Instruction, Vec::new()), by, showing, links)
            }
        };
        let server = recorder.options.teams.server.as_deref();
        let question = AskedQuestion {
            question: seq.to_string().into(),
            kind,
            text: asked.text().to_owned(),
            choices,
            by: by.clone(),
            until,
            evidence: EvidenceText::all(showing),
            quorum: recorder.quorum_of(effect),
            answer: kind.command(run, seq, server),
            answer_url: server
                .filter(|_| kind != QuestionKind::Secret)
                .map(|url| format!("{}/api/v1/runs/{run}/answer", url.trim_end_matches('/'))),
        };
        Some((question, links.clone()))
    }

    fn post_question(
        &mut self,
        channel: &SmolStr,
        runbook: &str,
        question: &AskedQuestion,
    ) -> Result<Reply, Interrupt> {
        let effect = Effect::Record(RecordEffect {
            channel: Some(channel.to_string()),
            text: question.text(runbook),
            runbook: runbook.to_owned(),
            key: self.question_key(question, channel),
            question: Some(Box::new(question.clone())),
            thread: None,
            pages: Vec::new(),
            again: false,
        });
        let (to, clean) = self.intend_clean(&effect)?;
        let clean = if let Effect::Record(record) = clean {
            let thread = self.shared.borrow().thread_of(&record);
            Effect::Record(RecordEffect { thread, ..record })
        } else {
            clean
        };
        let came = self.inner.perform(&clean);
        if let (Effect::Record(record), Ok(Reply::Delivered(Ok(delivery)))) = (&clean, &came) {
            self.shared.borrow_mut().keep_thread(record, delivery);
        }
        self.take(to, came)
    }

    /// Pages a team, because a question waits.
    fn page_question(
        &mut self,
        team: &SmolStr,
        runbook: &str,
        question: &AskedQuestion,
        links: &[(String, String)],
        failed: &[String],
    ) -> Result<Reply, Interrupt> {
        let text = question.text(runbook);
        let story = text.lines().map(str::to_owned).chain(failed.iter().cloned()).collect();
        let page = Page {
            team: team.to_string(),
            reason: format!("a question waits: {}", question.text),
            runbook: runbook.to_owned(),
            severity: None,
            story,
            links: links.to_vec(),
            about: None,
            key: self.question_key(question, team),
            again: false,
        };
        self.page(&Effect::Page(page))
    }

    fn question_key(&self, question: &AskedQuestion, to: &str) -> String {
        format!("{}/question-{}-{to}", self.shared.borrow().writer.run(), question.question)
    }

    /// Makes the intent durable where that is possible; returns its position, and the effect without secrets.
    pub(super) fn intend_clean(&mut self, effect: &Effect) -> Result<(u64, Effect), Interrupt> {
        let mut recorder = self.shared.borrow_mut();
        let site = recorder.site.clone();
        let intent = JournalEvent::Intent { intent: effect.clone(), site, lane: 0, behind: None };
        let entry = recorder.clean(Entry::Own(intent));
        let to = recorder.push(&entry);
        recorder.flush_if_possible()?;
        let clean = match entry {
            Entry::Own(JournalEvent::Intent { intent, .. }) => intent,
            Entry::Own(_) | Entry::Event(_) => effect.clone(),
        };
        Ok((to, clean))
    }
}
