//! Titles that say what a test shows: the decision that matters, and how the run ends.

use std::collections::BTreeSet;

use super::super::Oracle;
use super::Edge;
use super::corpus::CorpusEntry;
use super::phrase::{self, VerdictKind};
use rbl_check::paths::{ArmId, PathDescription, SiteKind, StepDescription, Turn};
use rbl_runtime::Outcome;
use rbl_syntax::source::Span;

/// The longest title; a longer one is cut in the middle.
const LONGEST: usize = 100;

/// The titles that were given: no two are alike.
#[derive(Debug, Default)]
pub(super) struct Titles(BTreeSet<String>);

impl Titles {
    /// The title of a world that takes new arms.
    pub(super) fn of_path(&mut self, oracle: &Oracle<'_>, entry: &CorpusEntry, new: &[ArmId]) -> String {
        let end = end(entry);
        let described = description(oracle, entry);
        let steps = described.as_ref().map(|described| described.steps.as_slice()).unwrap_or_default();
        let decides: Vec<&StepDescription> = steps.iter().filter(|step| step.decides).collect();
        let is_new = |step: &&&StepDescription| step.arm.is_some_and(|arm| new.contains(&arm));
        // Of those that say the same amount take the last: it is nearest to the end.
        let shown = decides.iter().filter(is_new).max_by_key(|step| weight(step)).or(last(&decides));
        let Some(shown) = shown else { return self.unique([format!("nothing to decide: {end}")]) };
        let others = decides.iter().rev().filter(|step| step.arm != shown.arm && weight(step) > 0);
        let longer = others.map(|other| format!("{}, {}: {end}", words(other), words(shown)));
        self.unique(std::iter::once(format!("{}: {end}", words(shown))).chain(longer))
    }

    /// The title of a world at a threshold or limit.
    pub(super) fn of_edge(&mut self, oracle: &Oracle<'_>, edge: &Edge) -> String {
        let end = end(&edge.entry);
        let described = description(oracle, &edge.entry);
        let steps = described.as_ref().map(|described| described.steps.as_slice()).unwrap_or_default();
        let decides = steps.iter().rev().filter(|step| step.decides && weight(step) > 0);
        let longer = decides.map(|step| format!("{}, {}: {end}", edge.what, words(step)));
        self.unique(std::iter::once(format!("{}: {end}", edge.what)).chain(longer))
    }

    /// The title of a world that shows a change in a statement, or in a declaration.
    pub(super) fn of_change(
        &mut self,
        oracle: &Oracle<'_>,
        entry: &CorpusEntry,
        changed: Option<Span>,
    ) -> String {
        let end = end(entry);
        let described = description(oracle, entry);
        let steps = described.as_ref().map(|described| described.steps.as_slice()).unwrap_or_default();
        let decides: Vec<&StepDescription> = steps.iter().filter(|step| step.decides).collect();
        let there = |step: &&&StepDescription| {
            changed.is_some_and(|changed| step.arm.is_some_and(|arm| changed.contains(arm.place.span)))
        };
        let shown = decides.iter().rfind(there).or(last(&decides));
        let Some(shown) = shown else { return self.unique([format!("nothing to decide: {end}")]) };
        let others = decides.iter().rev().filter(|step| step.arm != shown.arm);
        let longer = others.map(|other| format!("{}, {}: {end}", words(other), words(shown)));
        self.unique(std::iter::once(format!("{}: {end}", words(shown))).chain(longer))
    }

    /// Marks a title as taken.
    pub(super) fn take(&mut self, title: &str) {
        self.0.insert(title.to_owned());
    }

    /// The first title that is free; if none is, the first one with a number.
    fn unique(&mut self, titles: impl IntoIterator<Item = String>) -> String {
        // A long runbook has many: each is made only if those before it are taken.
        let mut first = None;
        for title in titles {
            let title = fitted(&title);
            if self.0.insert(title.clone()) {
                return title;
            }
            first.get_or_insert(title);
        }
        let title = first.unwrap_or_default();
        let mut number = 2u32;
        loop {
            let numbered = format!("{title} ({number})");
            if self.0.insert(numbered.clone()) {
                return numbered;
            }
            number += 1;
        }
    }
}

/// The last step that says something.
fn last<'s, 't>(decides: &'s [&'t StepDescription]) -> Option<&'s &'t StepDescription> {
    decides.iter().rfind(|step| weight(step) > 0).or(decides.last())
}

fn description(oracle: &Oracle<'_>, entry: &CorpusEntry) -> Option<PathDescription> {
    oracle.paths.describe(entry.path.as_ref()?)
}

/// How much a step says: something unknown or failed says more than a success.
fn weight(step: &StepDescription) -> u8 {
    match step.arm.map(|arm| arm.turn) {
        Some(Turn::Unknown | Turn::Stops | Turn::TooMany | Turn::CleanUpFails) => 5,
        Some(Turn::Fails | Turn::NotResolved | Turn::Limited | Turn::EndsIn | Turn::EndsInLater) => 4,
        Some(Turn::Undelivered | Turn::Unacknowledged) => 3,
        Some(Turn::No | Turn::Nothing | Turn::Case(_) | Turn::NoPass) => 2,
        Some(Turn::Yes | Turn::Resolved | Turn::PassesPaging | Turn::Acknowledged) => 1,
        Some(Turn::Done | Turn::Delivered | Turn::Continues | Turn::Passes) | None => 0,
    }
}

/// `p99 is at least 500ms`
fn words(step: &StepDescription) -> String {
    let text = step.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let turn = step.turn.as_deref().unwrap_or("goes on");
    let text = text.strip_prefix("action ").or(text.strip_prefix("match ")).unwrap_or(&text);
    let verdict = VerdictKind::of(turn);
    match (step.kind, verdict) {
        (SiteKind::Condition, Some(verdict)) => return phrase::condition(text, verdict),
        (SiteKind::Wait, Some(verdict)) => return phrase::wait(text, verdict),
        _ => {}
    }
    let text = without_modifiers(text);
    match (step.kind, turn) {
        (SiteKind::Action, "fails") => format!("{text} fails"),
        (SiteKind::Finally, turn) => format!("{text} {}", if turn == "fails" { turn } else { "is done" }),
        (SiteKind::Acknowledgement, turn) => format!("the page is {turn}"),
        (SiteKind::Escalate, turn) => {
            let team = text.strip_prefix("escalate to ").unwrap_or(text);
            let arrives = if turn == "delivered" { "arrives" } else { "does not arrive" };
            format!("the page to {} {arrives}", if team == "owner" { "the owner" } else { team })
        }
        (SiteKind::Lock, turn) => format!("the {text} is {turn}"),
        (SiteKind::Loop, _) => looped(text, step.arm.map(|arm| arm.turn)),
        (SiteKind::Match, turn) => matched(text, turn),
        (SiteKind::Condition | SiteKind::Action | SiteKind::Wait, turn) => {
            format!("{text} is {turn}")
        }
        (SiteKind::Run, turn) if turn.starts_with("not started") => format!("{text} is {turn}"),
        (SiteKind::Run, "not resolved") => format!("{text} does not end resolved"),
        (SiteKind::Run, turn) => format!("{text} ends {turn}"),
        (SiteKind::Secrets, turn) => format!("{text} {turn}"),
        (SiteKind::Step | SiteKind::Plain | SiteKind::Guard | SiteKind::End, turn) => {
            format!("{text}: {turn}")
        }
    }
}

/// How a loop went: `nothing of log has its turn`, `log is unknown`, `all of log has its turn`.
fn looped(text: &str, turn: Option<Turn>) -> String {
    match (phrase::elements(text), turn) {
        (Some(over), Some(Turn::NoPass)) => format!("nothing of {over} has its turn"),
        (Some(over), Some(Turn::Passes)) => format!("all of {over} has its turn"),
        (Some(over), Some(Turn::PassesPaging)) => format!("all of {over} has its turn, and a pass pages"),
        (Some(over), Some(Turn::EndsIn)) => format!("a pass over {over} ends the run"),
        (Some(over), Some(Turn::EndsInLater)) => {
            format!("a pass over {over} ends the run after one that pages")
        }
        (Some(over), Some(Turn::TooMany)) => format!("more of {over} than allowed"),
        (Some(over), _) => format!("{over} is unknown"),
        (None, Some(Turn::NoPass)) => "nothing is repeated".to_owned(),
        (None, Some(Turn::Passes)) => "all is repeated to its end".to_owned(),
        (None, Some(Turn::PassesPaging)) => "all is repeated to its end, and a pass pages".to_owned(),
        (None, Some(Turn::EndsIn)) => "a pass ends the run".to_owned(),
        (None, Some(Turn::EndsInLater)) => "a pass ends the run after one that pages".to_owned(),
        (None, _) => "how often it is repeated is unknown".to_owned(),
    }
}

/// Writes a pattern as a sentence: `errors < 5%`, `lines contains "root"`, `errors is in 0%..1%`, `kind is one of
/// ["rsa", "dsa"]`.
fn matched(text: &str, pattern: &str) -> String {
    let is_sentence = ["contains ", "matches ", "<", ">"].iter().any(|word| pattern.starts_with(word));
    if text.starts_with('"') && pattern.starts_with('"') {
        format!("{text} answered {pattern}")
    } else if text.starts_with('"') && pattern == "unknown" {
        format!("{text} not answered")
    } else if pattern == "nothing fits" {
        format!("nothing fits {text}")
    } else if is_sentence {
        format!("{text} {pattern}")
    } else if pattern.starts_with('[') {
        format!("{text} is one of {pattern}")
    } else if !pattern.starts_with('"') && pattern.contains("..") {
        format!("{text} is in {pattern}")
    } else {
        format!("{text} is {pattern}")
    }
}

/// A question or an instruction without its details and its time limit.
fn without_modifiers(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('"')
        && let Some((question, _)) = rest.split_once('"')
    {
        return text.get(..question.len() + 2).unwrap_or(text);
    }
    if text.starts_with("run ") { text.split(" with (").next().unwrap_or(text) } else { text }
}

/// `api-oncall is called`
fn end(entry: &CorpusEntry) -> String {
    let ended = &entry.trace.ended;
    let mut teams: Vec<&str> = Vec::new();
    for paged in &ended.paged {
        if !teams.contains(&paged.team.as_str()) {
            teams.push(&paged.team);
        }
    }
    let called = |teams: &[&str]| match teams {
        [first @ .., last] if !first.is_empty() => format!("{} and {last} are called", first.join(", ")),
        teams => format!("{} is called", teams.concat()),
    };
    match ended.outcome {
        Outcome::Resolved if teams.is_empty() => "resolved".to_owned(),
        Outcome::Resolved => format!("resolved, and {}", called(&teams)),
        Outcome::Escalated => called(&teams),
        Outcome::Failed | Outcome::Aborted | Outcome::Waiting => "nobody can be called".to_owned(),
    }
}

fn fitted(title: &str) -> String {
    let count = title.chars().count();
    if count <= LONGEST {
        return title.to_owned();
    }
    let first: String = title.chars().take(LONGEST / 2).collect();
    let last: String = title.chars().skip(count - LONGEST / 2 + 2).collect();
    format!("{} … {}", first.trim_end(), last.trim_start())
}
