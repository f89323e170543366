//! Pages and records: `escalate` and `record`.

use super::budget::{SENT, STORY_LINE};
use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::{Delivery, Effect, EventKind, Page, Paged, RecordEffect, Reply, Then};
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::Escalate;
use rbl_syntax::value::Reason;

impl<'p> Interpreter<'p, '_> {
    /// `escalate to TEAM [because TEXT] [acknowledged within D] [else {…}]`
    pub(super) fn escalate(&mut self, span: Span, escalate: &'p Escalate) -> WalkResult<()> {
        let reason = match &escalate.because {
            Some(text) => self.untraced(text)?.to_string(),
            None => String::new(),
        };
        let team = self.team(&escalate.team)?;
        // Before the page: a wait of unknown length must not follow it.
        let within = escalate.acknowledged.as_ref().map(|it| self.needed_seconds(span, it)).transpose()?;
        let key = self.key(span);
        let (name, delivered) = match team {
            Ok(team) => {
                let story = self.story.lines(self.program.sources());
                let delivered = self.page(&team, &reason, story, key)?;
                (Some(team), delivered)
            }
            Err(why) => (None, Err(why)),
        };
        let then = match &delivered {
            Ok(_) => Then::GoesOn,
            Err(_) => self.arm("else", escalate.otherwise.as_ref()),
        };
        let shown = name.clone().unwrap_or_else(|| self.source_line(escalate.team.span()));
        self.note(span, &page_words(&shown, &reason, &delivered));
        self.report(span, |_| EventKind::Escalated {
            team: name.clone(),
            reason: reason.clone(),
            delivered: delivered.clone(),
            asked_for: true,
            then,
        });
        match (delivered, &escalate.otherwise) {
            (Ok(delivery), _) => match within {
                Some(within) => self.acknowledged((&shown, &reason), delivery.ticket, within, escalate),
                None => Ok(()),
            },
            (Err(_), Some(arm)) => self.block(&arm.block),
            (Err(why), None) => {
                let what = format!("`{shown}` could not be paged ({why}), and the escalate has no `else`");
                Err(self.unhandled(span, what))
            }
        }
    }

    /// Pages a team with the story so far, and remembers the page.
    fn page(
        &mut self,
        team: &str,
        reason: &str,
        story: Vec<String>,
        key: String,
    ) -> WalkResult<Result<Delivery, Reason>> {
        let page = Page {
            team: team.to_owned(),
            reason: reason.to_owned(),
            runbook: self.frame.title.clone(),
            severity: self.frame.severity.clone(),
            story,
            links: self.frame.links.to_vec(),
            about: self.frame.about(),
            key,
            again: false,
        };
        self.budget.heavy(SENT + STORY_LINE * page.story.len() as u64);
        self.budget.bytes(page.story.iter().map(String::len).sum());
        let reply = self.perform(&Effect::Page(page))?;
        let delivered = if let Reply::Delivered(delivered) = reply { delivered } else { Err(other_kind()) };
        if let Ok(delivery) = &delivered {
            let delivery = delivery.clone();
            self.keep_ticket(&delivery);
            self.paged.push(Paged { team: team.to_owned(), reason: reason.to_owned(), delivery });
        }
        Ok(delivered)
    }

    /// Pages the owner for what the runbook does not handle. Returns whether the page was delivered.
    pub(super) fn page_owner(&mut self, reason: &str, what_for: &str) -> WalkResult<bool> {
        let owner = match self.frame.owner.clone() {
            Ok(owner) => owner,
            Err(why) => {
                self.story.line(format!("nobody could be paged: {why}"));
                self.report_run(|_| EventKind::Escalated {
                    team: None,
                    reason: reason.to_owned(),
                    delivered: Err(why),
                    asked_for: false,
                    then: Then::GoesOn,
                });
                return Ok(false);
            }
        };
        let mut key = format!("{}/{what_for}", self.run_id);
        for index in &self.path {
            use std::fmt::Write as _;
            let _ = write!(key, "-{index}");
        }
        let mut story = self.story.lines(self.program.sources());
        // The reason is shown above the story, so the last line only says where the run stops.
        if let Some(last) = story.pop() {
            match last.strip_suffix(reason).filter(|place| place.ends_with(": ")) {
                Some(place) if story.last().is_some_and(|it| it.starts_with(place)) => {}
                Some(place) => story.push(format!("{place}the run stops here")),
                None => story.push(last),
            }
        }
        let delivered = self.page(&owner, reason, story, key)?;
        self.story.line(page_words(&owner, reason, &delivered));
        let reached = delivered.is_ok();
        self.report_run(|_| EventKind::Escalated {
            team: Some(owner),
            reason: reason.to_owned(),
            delivered,
            asked_for: false,
            then: Then::GoesOn,
        });
        Ok(reached)
    }

    /// `record TEXT [to "CHANNEL"]`: a post that fails is reported and kept in the story; the run continues.
    pub(super) fn record(&mut self, span: Span, record: &'p tree::Record) -> WalkResult<()> {
        self.budget.heavy(SENT);
        let text = self.untraced(&record.text)?.to_string();
        let channel = match &record.channel {
            None => Ok(None),
            Some(expr) => self.name_of(expr)?.map(Some),
        };
        let (channel, delivered) = match channel {
            Err(reason) => (None, Err(reason)),
            Ok(channel) => {
                let effect = Effect::Record(RecordEffect {
                    channel: channel.clone(),
                    text: text.clone(),
                    runbook: self.frame.title.clone(),
                    key: self.key(span),
                    question: None,
                    thread: None,
                    pages: self.tickets.clone(),
                    again: false,
                });
                let reply = self.perform(&effect)?;
                let delivered =
                    if let Reply::Delivered(delivered) = reply { delivered } else { Err(other_kind()) };
                if let Ok(delivery) = &delivered {
                    self.keep_ticket(delivery);
                }
                (channel, delivered)
            }
        };
        let to = channel.as_ref().map_or(String::new(), |channel| format!(" to {channel}"));
        let line = match &delivered {
            Ok(_) => format!("recorded{to}: {text}"),
            Err(why) => format!("recorded only here, because it could not be posted{to} ({why}): {text}"),
        };
        self.note(span, &line);
        self.report(span, |_| EventKind::Recorded { text, channel, delivered });
        Ok(())
    }
}

/// `paged api-oncall (on this terminal; nobody else was told): p99 is still 812ms`
fn page_words(team: &str, reason: &str, delivered: &Result<Delivery, Reason>) -> String {
    let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    match delivered {
        Ok(delivery) if delivery.reached_others => format!("paged {team} ({}){because}", delivery.by),
        Ok(delivery) => format!("paged {team} ({}; nobody else was told){because}", delivery.by),
        Err(why) => format!("could not page {team} ({why}){because}"),
    }
}
