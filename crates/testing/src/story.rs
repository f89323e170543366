//! The story of a simulated run: the events that explain why it ended as it did.
//!
//! *Why not every event:* a decision names the values that it read, an end gives the result of what was started, and of
//! the polls of a wait only the last one decided.

use super::simulated_run::{Performed, TimedEvent};
use rbl_runtime::words::{Words, operands, say};
use rbl_runtime::{EventKind, EventPlace};

/// A line of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLine {
    /// Simulated milliseconds since the start.
    pub at: u64,
    /// Where in the runbook.
    pub place: Option<EventPlace>,
    /// A word for the kind of event.
    pub word: &'static str,
    /// What happened, and its details.
    pub text: String,
}

/// Returns the story of a run, from its start to its end.
pub fn story(run: &Performed) -> Vec<StoryLine> {
    let mut lines = Vec::new();
    let mut polled: Option<&TimedEvent> = None;
    let mut said = Vec::new();
    let mut left = run.events.iter().peekable();
    while let Some(timed) = left.next() {
        if left.peek().is_some_and(|next| is_shown_by(timed, next)) {
            continue;
        }
        let words = match &timed.event.kind {
            // Shown by the decision, the answer or the end that follows.
            EventKind::Read { .. }
            | EventKind::Started { .. }
            | EventKind::Probed { .. }
            | EventKind::Asked { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::Waiting { .. } => continue,
            EventKind::Polled { .. } => {
                polled = Some(timed);
                continue;
            }
            EventKind::Ended { outcome, .. } => {
                Words { word: outcome.word(), text: run.ended.message.clone(), ..ended() }
            }
            EventKind::WaitEnded { .. } => match (say(&timed.event.kind), polled.take()) {
                (Some(words), Some(last)) => waited(words, last),
                (Some(words), None) => words,
                (None, _) => continue,
            },
            kind @ (EventKind::Noted { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Decided(_)
            | EventKind::Answered { .. }
            | EventKind::ActionEnded { .. }
            | EventKind::ActionRetried { .. }
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
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }) => match say(kind) {
                Some(words) => words,
                None => continue,
            },
        };
        lines.push(line(timed, &words, &mut said));
    }
    lines
}

/// Whether the next decision shows this answer.
fn is_shown_by(timed: &TimedEvent, next: &TimedEvent) -> bool {
    let EventKind::Answered { prompt, .. } = &timed.event.kind else { return false };
    let EventKind::Decided(decision) = &next.event.kind else { return false };
    decision.condition.trim_matches('"') == prompt.as_str()
}

/// The end of a wait with the values of its last poll.
fn waited(mut words: Words, last: &TimedEvent) -> Words {
    if let EventKind::Polled { decision, .. } = &last.event.kind {
        let mut notes = operands(decision);
        notes.append(&mut words.notes);
        words.notes = notes;
    }
    if last.times > 1 {
        words.notes.push(format!("looked {} times", last.times));
    }
    words
}

fn ended() -> Words {
    Words { mark: rbl_runtime::words::Mark::None, word: "", text: String::new(), notes: Vec::new() }
}

/// `said`: the texts shown so far, so that a page or an end does not repeat its cause.
fn line(timed: &TimedEvent, words: &Words, said: &mut Vec<String>) -> StoryLine {
    let repeats = matches!(timed.event.kind, EventKind::Ended { .. })
        || matches!(timed.event.kind, EventKind::Escalated { asked_for: false, .. });
    let mut parts = Vec::new();
    for part in std::iter::once(&words.text).chain(&words.notes) {
        // In a test everybody is reached in the same way, and by the same person.
        let unsaid = part.is_empty() || UNSAID.contains(&part.as_str());
        if !(unsaid || repeats && said.contains(part)) {
            parts.push(part.as_str());
        }
        said.push(part.clone());
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is not negative
    let at = (timed.at * 1e3).round() as u64;
    StoryLine { at, place: timed.event.place.clone(), word: words.word, text: parts.join(" · ") }
}

/// How everything is delivered and answered in a test; not worth showing.
const UNSAID: [&str; 3] = ["by in the test", "by the test", "by the test, a member of the team"];
