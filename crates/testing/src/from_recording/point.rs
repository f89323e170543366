//! The points that two runs must share to have taken the same way: decisions, actions and messages, with their places.

use super::Points;
use super::playback::PlaybackEvent;

use crate::Performed;
use rbl_runtime::{Answer, Event, EventKind, Then};
use rbl_syntax::value::Verdict;

/// A point of the story.
#[derive(Debug, Clone)]
pub(super) struct StoryPoint {
    /// What must be the same.
    pub(super) key: String,
    /// `slow.rb:9`; empty for an event without a line.
    place: String,
    /// The number of effects that were answered before it.
    pub(super) effects_before: usize,
}

/// The points of a replayed run.
pub(super) fn points(events: &[PlaybackEvent]) -> Points {
    events.iter().filter_map(|timed| point(&timed.event, timed.effects_before)).collect()
}

/// The points of a simulated run.
pub(super) fn of_performed(run: &Performed) -> Points {
    run.events.iter().filter_map(|timed| point(&timed.event, 0)).collect()
}

/// The point of an event; `None` for events that do not affect the way.
pub(super) fn point(event: &Event, heard: usize) -> Option<StoryPoint> {
    let place = event.place.as_ref().map(|place| format!("{}:{}", place.file, place.line));
    Some(StoryPoint { key: key(&event.kind)?, place: place.unwrap_or_default(), effects_before: heard })
}

fn key(kind: &EventKind) -> Option<String> {
    let done = |failed: bool| if failed { "failed" } else { "was done" };
    Some(match kind {
        EventKind::StepStarted { number, title, .. } => match title {
            Some(title) => format!("the step \"{title}\""),
            None => format!("step {number}"),
        },
        EventKind::Decided(decision) if decision.then != Then::Again => {
            format!("`{}` is {}{}", decision.condition, word(&decision.verdict), way(&decision.then))
        }
        EventKind::WaitEnded { condition: Some(condition), verdict, .. } => {
            let reached = match verdict {
                Verdict::Yes => "was reached",
                Verdict::No => "was not reached in time",
                Verdict::Unknown(_) => "was still unknown in the end",
            };
            format!("`{condition}` {reached}")
        }
        EventKind::Answered { prompt, answer } => {
            format!("\"{prompt}\" was answered {}", answer_text(answer))
        }
        EventKind::ActionStarted { title, attempt, .. } => match attempt {
            1 => format!("`{title}` was started"),
            attempt => format!("try {attempt} of `{title}` was started"),
        },
        EventKind::ActionEnded { title, failure, attempt, .. } => {
            let tried = if *attempt > 1 { format!("try {attempt} of ") } else { String::new() };
            format!("{tried}`{title}` {}", done(failure.is_some()))
        }
        EventKind::Escalated { team, delivered, .. } => {
            let team = team.as_deref().unwrap_or("nobody");
            let how = if delivered.is_ok() { "was paged" } else { "could not be paged" };
            format!("{team} {how}")
        }
        EventKind::Acknowledged { team, answer, .. } => {
            let how = if answer.is_ok() { "was acknowledged" } else { "was not acknowledged in time" };
            format!("the page to {team} {how}")
        }
        EventKind::Recorded { delivered, .. } => {
            let how = if delivered.is_ok() { "was recorded" } else { "could not be posted" };
            format!("something {how}")
        }
        EventKind::LoopStarted { passes, .. } => format!("a loop of {passes}"),
        EventKind::LoopEnded { passes, .. } => format!("the end of a loop after {passes}"),
        EventKind::RunStarted { runbook, .. } => format!("the runbook \"{runbook}\" was run"),
        EventKind::RunEnded { runbook, outcome, .. } => format!("the runbook \"{runbook}\" ended {outcome}"),
        EventKind::Locked { name, failure, .. } => {
            let how = if failure.is_none() { "was taken" } else { "was not obtained" };
            format!("the lock \"{name}\" {how}")
        }
        EventKind::RunLimited { runbook, .. } => format!("the runbook \"{runbook}\" was not started"),
        EventKind::Unhandled { .. } => "something was not handled".to_owned(),
        EventKind::CleanupEnded { failed } => format!("{} of the cleaning up failed", failed.len()),
        EventKind::Ended { outcome, .. } => format!("the run ended {outcome}"),
        EventKind::Decided(_)
        | EventKind::Started { .. }
        | EventKind::Noted { .. }
        | EventKind::StepEnded { .. }
        | EventKind::Prose { .. }
        | EventKind::Read { .. }
        | EventKind::Probed { .. }
        | EventKind::Asked { .. }
        | EventKind::ActionRetried { .. }
        | EventKind::Waiting { .. }
        | EventKind::Polled { .. }
        | EventKind::WaitEnded { condition: None, .. }
        | EventKind::Let { .. }
        | EventKind::Pass { .. }
        | EventKind::Resolved { .. }
        | EventKind::Stopped { .. }
        | EventKind::CleanupStarted { .. }
        | EventKind::Parked { .. }
        | EventKind::Aborted { .. } => return None,
    })
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Yes => "yes",
        Verdict::No => "no",
        Verdict::Unknown(_) => "unknown",
    }
}

fn way(then: &Then) -> String {
    match then {
        Then::Arm { arm, .. } => format!(", and `{arm}` was taken"),
        Then::GoesOn | Then::Again => String::new(),
        Then::Stops => ", and nothing handled it".to_owned(),
    }
}

fn answer_text(answer: &Answer) -> String {
    match answer {
        Answer::Yes(_) => "yes".to_owned(),
        Answer::No(_) => "no".to_owned(),
        Answer::Unknown(..) => "with unknown".to_owned(),
        Answer::Text(text, _) => format!("\"{text}\""),
        Answer::SecretKept(_) => "with a secret".to_owned(),
    }
}

/// The first difference between two runs, in words.
pub(super) fn difference(was: &[StoryPoint], now: &[StoryPoint]) -> Option<String> {
    let same = |(was, now): &(&StoryPoint, &StoryPoint)| was.key == now.key && was.place == now.place;
    let alike = was.iter().zip(now).take_while(same).count();
    let at = |point: &StoryPoint| {
        if point.place.is_empty() { String::new() } else { format!("at {} ", point.place) }
    };
    match (was.get(alike), now.get(alike)) {
        (None, None) => None,
        (Some(was), Some(now)) => Some(format!("{}{}; in the test {}{}", at(was), was.key, at(now), now.key)),
        (Some(was), None) => Some(format!("{}{}; the test is over before", at(was), was.key)),
        (None, Some(now)) => Some(format!("the run was over; in the test {}{}", at(now), now.key)),
    }
}

/// The texts that people read: the reasons of pages, and records.
pub(super) fn texts(run: &Performed) -> Vec<&str> {
    run.events.iter().filter_map(|timed| timed.event.kind.sent_text()).collect()
}
