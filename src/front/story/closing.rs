//! How a story ends: the outcome in words, why, who was told, what was cleaned up, and what to do next.

use std::time::Instant;

use super::Took;
use super::words::{Mark, Words, failures, how, parked_words};
use crate::run::{ActionRole, Event, EventKind, Outcome, Paged, Parked};

/// What has to be remembered of a run for its end.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// When the first event came.
    began: Option<Instant>,
    file: String,
    owner: Option<String>,
    parked: Option<Parked>,
    /// Actions that were begun and not ended.
    begun: Vec<String>,
    cleaned: Vec<String>,
    not_cleaned: Option<String>,
    not_paged: Vec<String>,
}

impl Story {
    /// Takes an event in that happened now.
    pub(super) fn note(&mut self, event: &Event, now: Instant) {
        self.began.get_or_insert(now);
        match &event.kind {
            EventKind::Started { file, owner, .. } => {
                self.file = file.to_string();
                self.owner.clone_from(owner);
            }
            EventKind::Parked { parked, .. } => self.parked = Some(parked.clone()),
            EventKind::ActionStarted { title, .. } => self.begun.push(title.clone()),
            EventKind::ActionEnded { title, role, failure, .. } => {
                if let Some(at) = self.begun.iter().rposition(|it| it == title) {
                    self.begun.remove(at);
                }
                if failure.is_none() && *role != ActionRole::Action {
                    self.cleaned.push(title.clone());
                }
            }
            EventKind::CleanupEnded { failed } if !failed.is_empty() => {
                self.not_cleaned = Some(failures(failed));
            }
            EventKind::Escalated { team, delivered: Err(why), .. } => {
                let team = team.as_deref().unwrap_or("nobody is named as owner");
                self.not_paged.push(format!("{team}: {why}"));
            }
            _ => {}
        }
    }

    /// The end, a line each: the first is the outcome. Empty for any other event.
    pub(super) fn words(&self, event: &Event, now: Instant) -> Vec<Words> {
        let EventKind::Ended { outcome, message, paged, pending } = &event.kind else { return Vec::new() };
        let mark = match outcome {
            Outcome::Resolved => Mark::Yes,
            Outcome::Escalated => Mark::Attention,
            Outcome::Failed | Outcome::Aborted => Mark::No,
            Outcome::Waiting => Mark::Waits,
        };
        let mut lines = vec![Words::new(mark, outcome.word(), message)];
        let mut line = |word, text: String| lines.push(Words::new(Mark::None, word, text));
        let took = now.saturating_duration_since(self.began.unwrap_or(now));
        line("took", Took::from(took).to_string());
        // Where the last word is about something else (a clean-up was broken off), what it waits for is still to be said.
        if let (Outcome::Waiting, Some(parked)) = (outcome, &self.parked)
            && !message.contains(&parked_words(parked))
        {
            line("waits", parked_words(parked));
        }
        for title in &self.begun {
            line("cut off", format!("{title}: nobody knows how far it got"));
        }
        for Paged { team, reason, delivery } in paged {
            // What the panel begins with needs no second telling.
            let said = reason.is_empty() || message == reason;
            let reason = if said { String::new() } else { format!(": {reason}") };
            line("paged", format!("{team} ({}){reason}", how(delivery)));
        }
        for not in &self.not_paged {
            line("not paged", not.clone());
        }
        if !self.cleaned.is_empty() {
            line("cleaned up", self.cleaned.join(", "));
        }
        if let Some(failed) = &self.not_cleaned {
            line("not undone", failed.clone());
        }
        if !pending.is_empty() {
            line("still to do", pending.join(", "));
        }
        if let Some(next) = self.next(*outcome, paged, !pending.is_empty()) {
            line("next", next);
        }
        lines
    }

    /// What the reader has to do now.
    fn next(&self, outcome: Outcome, paged: &[Paged], owed: bool) -> Option<String> {
        let told_here = paged.iter().all(|it| !it.delivery.reached_others);
        Some(match outcome {
            Outcome::Escalated if told_here => {
                let teams: Vec<&str> = paged.iter().map(|it| it.team.as_str()).collect();
                format!("tell {} yourself: the page was only shown here", teams.join(" and "))
            }
            Outcome::Resolved | Outcome::Escalated => return None,
            Outcome::Failed => {
                let who = self.owner.as_deref().unwrap_or("whoever is responsible");
                format!("tell {who} yourself: nobody could be paged")
            }
            Outcome::Waiting if matches!(self.parked, Some(Parked::Person(_))) => {
                format!("{}answer it at a terminal: rbl run {}", before(owed), self.file)
            }
            Outcome::Waiting | Outcome::Aborted => {
                format!("{}start anew: rbl run {}", before(owed), self.file)
            }
        })
    }
}

/// What a run owes comes before everything else: it is not done by itself.
fn before(owed: bool) -> &'static str {
    if owed { "do yourself what is still to do, for nobody else will; then " } else { "" }
}
