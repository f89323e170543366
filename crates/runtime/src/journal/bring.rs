//! Brings a question that waits to those who can answer it: through the channel of its team, else by a page.
//!
//! Each try is an effect of its own among the records of the question: an intent before it and a reply after it. None is
//! repeated, after a crash in between either; then it is unclear whether it was sent, and the next way is tried.

use smol_str::SmolStr;

use super::layer::JournalWorld;
use super::replay_cursor::InterruptedEffect;
use super::{Entry, JournalEvent};
use crate::teams::QuestionRoute;
use crate::{
    Act, AskedQuestion, Delivery, Effect, EvidenceText, Interrupt, Page, QuestionKind, RecordEffect, Reply,
    World,
};
use rbl_syntax::value::{Reason, ReasonKind, Time};

/// A try to bring a question to somebody, as the records have it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BroughtStep {
    /// The position of its intent among the records.
    pub(super) seq: u64,
    /// On which way.
    pub(super) route: QuestionRoute,
    /// Whether it reached somebody; `None`: it was cut off.
    pub(super) reached: Option<bool>,
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
        Some(Self { seq, route, reached: None })
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
        let mut failed = self.cut_off(open)?;
        if open.brought.iter().any(|step| step.reached == Some(true)) {
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

    /// Records of the tries that were cut off that it is unclear whether they reached anybody; returns this in words.
    fn cut_off(&mut self, open: &InterruptedEffect) -> Result<Vec<String>, Interrupt> {
        let mut failed = Vec::new();
        for step in open.brought.iter().filter(|step| step.reached.is_none()) {
            let why =
                Reason::new(ReasonKind::Unreachable, "may have been sent: rbl was cut off while it was sent");
            let whom = match &step.route {
                QuestionRoute::Channel(channel) => format!("through {channel}"),
                QuestionRoute::Page(team) => format!("{team} by a page"),
            };
            let line = format!("asked {whom}? {why}");
            self.take(step.seq, Ok(Reply::Delivered(Err(why))))?;
            self.note(line.clone());
            failed.push(line);
        }
        Ok(failed)
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
        let (kind, choices, text, by, showing, links) = match effect {
            Effect::Ask(ask) => {
                let (kind, choices) = AskedQuestion::kind_of(ask);
                (kind, choices, &ask.prompt, &ask.by, &ask.showing, &ask.links)
            }
            Effect::Act(Act { title, by, showing, links, .. }) => {
                (QuestionKind::Instruction, Vec::new(), title, by, showing, links)
            }
            Effect::Now
            | Effect::Mode(_)
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Probe(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => return None,
        };
        let server = recorder.options.teams.server.as_deref();
        let question = AskedQuestion {
            question: seq.to_string().into(),
            kind,
            text: text.clone(),
            choices,
            by: by.clone(),
            until,
            evidence: EvidenceText::all(showing),
            quorum: recorder.quorum_of(effect),
            answer: kind.command(run),
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
