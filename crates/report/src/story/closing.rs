//! The end of a story: the outcome, the reason, who was paged, what was cleaned up, and what to do next.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Instant;

use rbl_runtime::journal::{ParkedState, PollState, RunState, WaitsOn, asks_whether_done, queued_words};
use rbl_runtime::words::{Mark, Words, failures, how, parked_words};
use rbl_runtime::{Act, ActionRole, AskKind, Event, EventKind, Outcome, Paged, Parked};
use rbl_syntax::counted;
use rbl_syntax::value::Took;

/// The facts about a run that its end needs.
#[derive(Debug, Default)]
pub(super) struct ClosingFacts {
    /// The time of the first event.
    began: Option<Instant>,
    /// Whether the run is recorded in a journal.
    pub(super) resumable: bool,
    /// Whether it is shown from its record.
    pub(super) recorded: bool,
    run: String,
    title: String,
    /// The number of events printed in earlier turns.
    earlier: usize,
    step: Option<String>,
    /// The last question.
    asked: Option<(String, AskKind)>,
    file: String,
    owner: Option<String>,
    parked: Option<Parked>,
    /// Actions that started and have not ended.
    begun: Vec<String>,
    cleaned: Vec<String>,
    not_cleaned: Option<String>,
    not_paged: Vec<String>,
    /// The locks that it holds.
    locks: Vec<String>,
}

impl ClosingFacts {
    /// Notes an event that happens now.
    pub(super) fn note(&mut self, event: &Event, now: Instant) {
        self.began.get_or_insert(now);
        match &event.kind {
            EventKind::Started { run, runbook, file, owner, .. } => {
                self.run = run.to_string();
                self.title.clone_from(runbook);
                self.file = file.to_string();
                self.owner.clone_from(owner);
            }
            EventKind::StepStarted { number, of, title } => {
                let title = title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
                self.step = Some(format!("step {number} of {of}{title}"));
            }
            EventKind::Asked { prompt, kind, .. } => self.asked = Some((prompt.clone(), kind.clone())),
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
            EventKind::Locked { name, failure: None, .. } => {
                if !self.locks.contains(name) {
                    self.locks.push(name.clone());
                }
            }
            EventKind::CleanupEnded { failed } if !failed.is_empty() => {
                self.not_cleaned = Some(failures(failed));
            }
            EventKind::Escalated { team, delivered: Err(why), .. } => {
                let team = team.as_deref().unwrap_or("nobody");
                self.not_paged.push(format!("{team}: {why}"));
            }
            EventKind::Noted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Decided(_)
            | EventKind::Answered { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Polled { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::Escalated { .. }
            | EventKind::Acknowledged { .. }
            | EventKind::Recorded { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::Locked { .. }
            | EventKind::RunLimited { .. }
            | EventKind::Resolved { .. }
            | EventKind::Stopped { .. }
            | EventKind::Unhandled { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => {}
        }
    }

    /// Notes an event that was printed in an earlier turn.
    pub(super) fn note_earlier(&mut self, event: &Event, then: Instant) {
        self.earlier += 1;
        self.note(event, then);
    }

    /// The line that introduces a resumed run: returned once, before its first new event.
    pub(super) fn resumed_line(&mut self) -> Option<Words> {
        if std::mem::take(&mut self.earlier) == 0 {
            return None;
        }
        let words = Words::new(Mark::Begins, "resumed", format!("{}, run {}", self.title, self.run));
        Some(words.maybe(self.step.clone()))
    }

    /// The end of a run, one entry for each line; the first is the outcome. Empty for any other event.
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
        // If the message is about something else (an aborted clean-up), what the run waits for is still to be said.
        if let (Outcome::Waiting, Some(parked)) = (outcome, &self.parked)
            && !message.contains(&parked_words(parked))
        {
            line("waits", parked_words(parked));
        }
        for title in &self.begun {
            match &self.parked {
                // An action that waits for a person to do or approve it has not started.
                Some(Parked::Person { .. }) => {}
                Some(Parked::NotWritten(_)) if !self.asks_whether_done() => {
                    line("not begun", format!("{title}: that it begins could not be recorded"));
                }
                _ => line("cut off", format!("{title}: it is unknown how far it got")),
            }
        }
        for Paged { team, reason, delivery } in paged {
            // The reason is not repeated if it is the first line of the panel.
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
        if *outcome == Outcome::Waiting && self.resumable && !self.locks.is_empty() {
            line("holds", self.locks_held());
        }
        if let Some(next) = self.next(*outcome, paged, !pending.is_empty()) {
            line("next", next);
        }
        if self.resumable && !self.recorded {
            line("story", format!("rbl show {}", self.run));
        }
        lines
    }

    /// Whether the last question was about an action that an earlier turn began.
    fn asks_whether_done(&self) -> bool {
        self.asked.as_ref().is_some_and(|(_, kind)| asks_whether_done(kind))
    }

    /// The state of a run that has not ended, one entry for each line. `begun`: the action that its record leaves open; one
    /// that was only announced (it waited for an approval, or could not be recorded) was not begun.
    pub(super) fn state_lines(
        &self,
        state: &RunState,
        (pending, begun): (&[String], Option<&Act>),
        now: Instant,
    ) -> Vec<Words> {
        let (mark, text) = match state {
            RunState::Running { by } => (Mark::Waits, by.clone()),
            RunState::Queued { ahead } => (Mark::Waits, format!("it waits for {}", queued_words(*ahead))),
            RunState::CutOff => {
                (Mark::No, "its process died, and the run has not been resumed since".to_owned())
            }
            RunState::Parked(state) => (Mark::Waits, parked_state_words(state)),
            RunState::Answered(state) => (
                Mark::Attention,
                format!("it waited for {}, and has not been resumed since", state.waits_for),
            ),
            RunState::Ended { message, .. } => (Mark::None, message.clone()),
            RunState::Stuck { why } => (Mark::No, why.clone()),
        };
        let word = if matches!(state, RunState::CutOff) { "cut off" } else { state.word() };
        let mut lines = vec![Words::new(mark, word, text)];
        let mut line = |word, text: String| lines.push(Words::new(Mark::None, word, text));
        let took = now.saturating_duration_since(self.began.unwrap_or(now));
        line("took", format!("{} so far", Took::from(took)));
        let begun = begun.filter(|_| !matches!(state, RunState::Parked(_) | RunState::Answered(_)));
        if let Some(act) = begun {
            let far =
                if matches!(state, RunState::Running { .. }) { "" } else { ": it is unknown how far it got" };
            line("begun", format!("{}{far}", act.title));
        }
        if !self.cleaned.is_empty() {
            line("cleaned up", self.cleaned.join(", "));
        }
        for not in &self.not_paged {
            line("not paged", not.clone());
        }
        if !pending.is_empty() {
            line("still to do", pending.join(", "));
        }
        if !self.locks.is_empty() {
            line("holds", self.locks_held());
        }
        match state {
            RunState::Parked(_) => line("next", self.resume_command()),
            RunState::Answered(_) | RunState::CutOff | RunState::Stuck { .. } => {
                line("next", format!("rbl resume {}", self.run));
            }
            RunState::Queued { .. } | RunState::Running { .. } | RunState::Ended { .. } => {}
        }
        lines
    }

    /// The locks that the run holds, in words.
    fn locks_held(&self) -> String {
        let names: Vec<String> = self.locks.iter().map(|name| format!("\"{name}\"")).collect();
        format!("{} {}", if names.len() == 1 { "the lock" } else { "the locks" }, names.join(", "))
    }

    /// What the reader has to do now.
    fn next(&self, outcome: Outcome, paged: &[Paged], owed: bool) -> Option<String> {
        let told_here = paged.iter().all(|it| !it.delivery.reached_others);
        Some(match outcome {
            Outcome::Escalated if told_here => {
                let mut known = HashSet::new();
                let teams = paged.iter().map(|it| it.team.as_str()).filter(|team| known.insert(*team));
                let teams: Vec<&str> = teams.collect();
                format!("tell {} yourself: the page was only shown here", teams.join(" and "))
            }
            Outcome::Resolved | Outcome::Escalated => return None,
            Outcome::Failed => {
                let who = self.owner.as_deref().unwrap_or("the person responsible");
                format!("tell {who} yourself: nobody could be paged")
            }
            Outcome::Waiting if self.resumable => self.resume_command(),
            Outcome::Waiting if matches!(self.parked, Some(Parked::Person { .. })) => {
                format!("{}answer it at a terminal: rbl run {}", before(owed), self.file)
            }
            Outcome::Waiting | Outcome::Aborted => {
                format!("{}start again: rbl run {}", before(owed), self.file)
            }
        })
    }
}

impl ClosingFacts {
    /// The command that resumes a waiting run.
    fn resume_command(&self) -> String {
        let run = &self.run;
        match &self.parked {
            Some(Parked::Person { question, .. }) => {
                let kind = self.asked.as_ref().filter(|(prompt, _)| prompt == question).map(|(_, kind)| kind);
                let answer = match kind {
                    Some(AskKind::Text) => "\"TEXT\"".to_owned(),
                    // It is never recorded, so it is typed where it is used.
                    Some(AskKind::Secret(_)) => return format!("rbl resume {run}, and type it there"),
                    Some(AskKind::Choice(among)) => {
                        format!("\"{}\"", among.first().map_or("", String::as_str))
                    }
                    None if self.begun.contains(question) => "done".into(),
                    Some(AskKind::YesNo) | None => "yes".into(),
                };
                format!("rbl answer {run} {answer}; or at a terminal: rbl resume {run}")
            }
            Some(Parked::Acknowledgement { .. }) => {
                format!("rbl acknowledge {run} --as NAME, by somebody of the team")
            }
            Some(Parked::Until(time)) => format!("from {time} on: rbl resume {run}"),
            Some(Parked::Lock { .. }) => format!("once it is free: rbl resume {run}"),
            Some(Parked::NotWritten(_)) => format!("make the journal writable, then: rbl resume {run}"),
            Some(Parked::ByHand) | None => format!("rbl resume {run}"),
        }
    }
}

/// What a parked run waits for, until when, and how far its wait is.
fn parked_state_words(state: &ParkedState) -> String {
    let mut text = match (state.on, state.until) {
        (WaitsOn::Time, Some(until)) => format!("until {until}"),
        (WaitsOn::Lock, Some(until)) => format!("for {}, and looks again at {until}", state.waits_for),
        (WaitsOn::Person | WaitsOn::Hand | WaitsOn::Journal, Some(until)) => {
            format!("for {}, until {until}", state.waits_for)
        }
        (_, None) => format!("for {}", state.waits_for),
    };
    if let Some(PollState { at, wait, .. }) = &state.progress {
        let polls = counted(wait.polls, "poll", "polls");
        let readings = if wait.readings.is_empty() { String::new() } else { format!(": {}", wait.readings) };
        // Writing to a string cannot fail.
        let _ = write!(text, "; {polls} so far, the last at {at}{readings}");
    }
    text
}

/// Puts what the run still owes before everything else, as it is not done automatically.
fn before(owed: bool) -> &'static str {
    if owed { "do yourself what is still to do: rbl will not; then " } else { "" }
}
