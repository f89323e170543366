//! The expectations of a test: [`wanted`] reads one, [`unmet`] compares it with a run and says what happened instead.

use std::collections::HashSet;

use regex::Regex;

use super::simulated_run::{Performed, TimedEvent};
use crate::scripted::{ActionName, TestReader, Unclear};
use rbl_runtime::{ActionRole, EventKind, EventPlace, Outcome};
use rbl_syntax::source::Place;
use rbl_syntax::tree;
use rbl_syntax::tree::{Expectation, Template};
use rbl_syntax::value::Quantity;
use rbl_syntax::value::Took;

/// An expectation with its values filled in.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// How the run ends, and the limit in seconds.
    Ends { outcome: Outcome, within: Option<f64> },
    /// Whether an action is started; any action if none is named.
    Action { no: bool, name: Option<ActionName> },
    /// Whether one action is started before another.
    Order { first: ActionName, then: ActionName },
    /// Whether a team is paged.
    Escalation { no: bool, to: Option<String>, matching: Option<Regex> },
    /// Whether something is recorded.
    Record { no: bool, matching: Option<Regex> },
    /// Whether a step begins.
    Step { no: bool, title: String },
}

/// An expectation that a run did not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmetExpectation {
    /// The expectation in the test.
    pub expected: Place,
    /// What happened instead.
    pub happened: String,
    /// Where in the runbook it happened.
    pub at: Option<EventPlace>,
}

/// Reads what a line of a test expects.
pub(super) fn wanted(expectation: &Expectation, reader: &mut TestReader<'_>) -> Result<Wanted, Unclear> {
    Ok(match expectation {
        Expectation::Ends { outcome, within } => Wanted::Ends {
            outcome: match outcome {
                tree::ExpectedOutcome::Resolved => Outcome::Resolved,
                tree::ExpectedOutcome::Escalated => Outcome::Escalated,
                tree::ExpectedOutcome::Failed => Outcome::Failed,
            },
            within: within.as_ref().map(|within| reader.seconds(within)).transpose()?,
        },
        Expectation::Action { target: Some(target), before: Some(before), .. } => {
            Wanted::Order { first: reader.action(target)?, then: reader.action(before)? }
        }
        Expectation::Action { no, target, before: _ } => {
            Wanted::Action { no: *no, name: target.as_ref().map(|target| reader.action(target)).transpose()? }
        }
        Expectation::Escalation { no, to, matching } => Wanted::Escalation {
            no: *no,
            to: to.as_ref().map(|to| reader.team_name(to)).transpose()?,
            matching: matching.as_ref().map(|it| regex(it, reader)).transpose()?,
        },
        Expectation::Record { no, matching } => {
            Wanted::Record { no: *no, matching: matching.as_ref().map(|it| regex(it, reader)).transpose()? }
        }
        Expectation::Step { no, title } => Wanted::Step { no: *no, title: reader.text(title)? },
    })
}

fn regex(text: &Template, reader: &mut TestReader<'_>) -> Result<Regex, Unclear> {
    let pattern = reader.text(text)?;
    Regex::new(&pattern)
        .map_err(|_| Unclear { span: text.span, why: format!("`{pattern}` is not a regular expression") })
}

/// Returns what happened instead of the expectation, and where; `None` if the run met it.
pub(super) fn unmet(wanted: &Wanted, run: &Performed) -> Option<(String, Option<EventPlace>)> {
    match wanted {
        Wanted::Ends { outcome, within } => ends(*outcome, *within, run),
        Wanted::Action { no, name } => action(*no, name.as_ref(), run),
        Wanted::Order { first, then } => order(first, then, run),
        Wanted::Escalation { no, to, matching } => escalation(*no, to.as_deref(), matching.as_ref(), run),
        Wanted::Record { no, matching } => record(*no, matching.as_ref(), run),
        Wanted::Step { no, title } => step(*no, title, run),
    }
}

type Mismatch = Option<(String, Option<EventPlace>)>;

fn ends(outcome: Outcome, within: Option<f64>, run: &Performed) -> Mismatch {
    let took = Took(run.seconds);
    if run.ended.outcome != outcome {
        // The first page explains better than the last event why somebody had to be paged.
        let (what, at) = match (run.ended.outcome, run.ended.paged.first()) {
            (Outcome::Escalated, Some(first)) => {
                let reason = if first.reason.is_empty() { &run.ended.message } else { &first.reason };
                (format!("escalated to {} after {took}: {reason}", first.team), page_place(run))
            }
            (ended, _) => (format!("{ended} after {took}: {}", run.ended.message), None),
        };
        return Some((format!("it ended {what}"), at.or_else(|| end_place(run))));
    }
    let limit = within.filter(|limit| run.seconds > limit + 1e-9)?;
    let text = format!("it ended {outcome}, but after {took}, not within {}", Quantity::seconds(limit));
    Some((text, longest(run).or_else(|| end_place(run))))
}

/// The place where the first page was sent, or of the event that caused it.
fn page_place(run: &Performed) -> Option<EventPlace> {
    let paged =
        |timed: &TimedEvent| matches!(timed.event.kind, EventKind::Escalated { delivered: Ok(_), .. });
    place_at(run, run.events.iter().position(paged)?)
}

/// The place of an event, or else of the last event before it that has one: a page that no statement asked for has
/// none.
fn place_at(run: &Performed, index: usize) -> Option<EventPlace> {
    run.events.get(..=index)?.iter().rev().find_map(|timed| timed.event.place.clone())
}

/// The place where a run ended: the last event that has a place.
fn end_place(run: &Performed) -> Option<EventPlace> {
    let ends = |timed: &&TimedEvent| {
        let kind = &timed.event.kind;
        let closes =
            matches!(kind, EventKind::StepEnded { .. }) || matches!(kind, EventKind::LoopEnded { .. });
        !closes && !is_cleanup(kind)
    };
    run.events.iter().rev().filter(ends).find_map(|timed| timed.event.place.clone())
}

/// The place where the most time passed.
fn longest(run: &Performed) -> Option<EventPlace> {
    let mut before = 0.0;
    let mut most: Option<(f64, &EventPlace)> = None;
    for timed in &run.events {
        let took = timed.at - before;
        before = timed.at;
        if let Some(place) = &timed.event.place {
            let so_far: f64 = match most {
                Some((all, known)) if known == place => all + took,
                _ => took,
            };
            if most.is_none_or(|(all, _)| so_far > all) {
                most = Some((so_far, place));
            }
        }
    }
    most.map(|(_, place)| place.clone())
}

fn is_cleanup(kind: &EventKind) -> bool {
    match kind.role() {
        Some(ActionRole::Finally | ActionRole::Undo) => true,
        Some(ActionRole::Action) | None => false,
    }
}

/// An action that was started; a retry does not count as another one.
struct StartedAction<'a> {
    event: &'a TimedEvent,
    title: &'a str,
}

fn started(run: &Performed) -> impl Iterator<Item = (StartedAction<'_>, &rbl_runtime::Act)> {
    let events = run.events.iter().filter_map(|timed| {
        let EventKind::ActionStarted { title, .. } = &timed.event.kind else { return None };
        Some(StartedAction { event: timed, title })
    });
    // One that was not approved was never begun.
    events.zip(&run.acts).filter(|(_, act)| !run.refused.contains(&(act.key.clone(), act.attempt)))
}

fn action(no: bool, name: Option<&ActionName>, run: &Performed) -> Mismatch {
    let mut all = started(run);
    let found = all.find(|(_, act)| name.is_none_or(|name| name.names(act)));
    match (no, found) {
        (false, Some(_)) | (true, None) => None,
        (true, Some((started, _))) => {
            let text = format!("`{}` was started after {}", started.title, Took(started.event.at));
            Some((text, started.event.event.place.clone()))
        }
        (false, None) => {
            let mut others: Vec<&str> = Vec::new();
            let mut near = None;
            for (started, act) in self::started(run) {
                if !others.contains(&started.title) {
                    others.push(started.title);
                }
                let called = act.call.as_ref().map(|call| &call.name);
                if matches!(name, Some(ActionName::Call { name, .. }) if Some(name) == called) {
                    near = near.or_else(|| started.event.event.place.clone());
                }
            }
            Some((not_among(&others, "started", run), near.or_else(|| end_place(run))))
        }
    }
}

/// Whether the one was started, and the other only after it.
fn order(first: &ActionName, then: &ActionName, run: &Performed) -> Mismatch {
    let at = |name: &ActionName| started(run).position(|(_, act)| name.names(act));
    match (at(first), at(then)) {
        (Some(one), Some(other)) if one < other => None,
        (None, _) => action(false, Some(first), run),
        (Some(_), None) => action(false, Some(then), run),
        (Some(_), Some(other)) => {
            let (early, _) = started(run).nth(other)?;
            let text = format!("`{}` was started first, after {}", early.title, Took(early.event.at));
            Some((text, early.event.event.place.clone()))
        }
    }
}

/// "only `a` was started, and it ended resolved after 2m"
fn not_among(others: &[&str], done: &str, run: &Performed) -> String {
    let ended = format!("it ended {} after {}", run.ended.outcome, Took(run.seconds));
    match shown(others.iter().map(|text| format!("`{text}`")), ", ") {
        None => format!("nothing was {done}, and {ended}: {}", run.ended.message),
        Some((1, one)) => format!("only {one} was {done}, and {ended}"),
        Some((_, several)) => format!("only {several} were {done}, and {ended}"),
    }
}

/// The most actions or pages that a message names.
const MOST_NAMED: usize = 10;

/// The different ones of these in their order, and how many they are; of very many the first. `None`: there are none.
fn shown(all: impl Iterator<Item = String>, between: &str) -> Option<(usize, String)> {
    let mut known = HashSet::new();
    let different: Vec<String> = all.filter(|it| known.insert(it.clone())).collect();
    let named = different.get(..MOST_NAMED.min(different.len())).unwrap_or_default().join(between);
    match different.len() {
        0 => None,
        number @ ..=MOST_NAMED => Some((number, named)),
        number => Some((number, format!("{named} and {} more", number - MOST_NAMED))),
    }
}

fn escalation(no: bool, to: Option<&str>, matching: Option<&Regex>, run: &Performed) -> Mismatch {
    let (mut others, mut unreached) = (Vec::new(), Vec::new());
    for (index, timed) in run.events.iter().enumerate() {
        let EventKind::Escalated { team: Some(team), reason, delivered, .. } = &timed.event.kind else {
            continue;
        };
        let because = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        if let Err(why) = delivered {
            unreached.push(format!("{team}: {why}"));
            continue;
        }
        let meant = to.is_none_or(|to| to == team) && matching.is_none_or(|regex| regex.is_match(reason));
        if meant {
            let text = format!("{team} was paged after {}{because}", Took(timed.at));
            return no.then(|| (text, place_at(run, index)));
        }
        others.push(format!("{team}{because}"));
    }
    if no {
        return None;
    }
    let not_reached = shown(unreached.into_iter(), "; ");
    let not_reached = not_reached.map_or_else(String::new, |(_, all)| format!(" (not reached: {all})"));
    let text = match shown(others.into_iter(), " and ") {
        None => format!(
            "nobody was paged{not_reached}, and it ended {} after {}: {}",
            run.ended.outcome,
            Took(run.seconds),
            run.ended.message
        ),
        Some((1, one)) => format!("only {one} was paged{not_reached}"),
        Some((_, several)) => format!("only {several} were paged{not_reached}"),
    };
    Some((text, page_place(run).or_else(|| end_place(run))))
}

fn record(no: bool, matching: Option<&Regex>, run: &Performed) -> Mismatch {
    let mut others = Vec::new();
    let mut last_record = None;
    for timed in &run.events {
        let EventKind::Recorded { text, .. } = &timed.event.kind else { continue };
        if matching.is_none_or(|regex| regex.is_match(text)) {
            let happened = format!("\"{text}\" was recorded after {}", Took(timed.at));
            return no.then(|| (happened, timed.event.place.clone()));
        }
        others.push(text.as_str());
        last_record = timed.event.place.clone().or(last_record);
    }
    if no {
        return None;
    }
    Some((not_among(&others, "recorded", run), last_record.or_else(|| end_place(run))))
}

fn step(no: bool, title: &str, run: &Performed) -> Mismatch {
    let mut last = None;
    for timed in &run.events {
        let EventKind::StepStarted { title: begun, .. } = &timed.event.kind else { continue };
        if begun.as_deref() == Some(title) {
            let text = format!("the step was begun after {}", Took(timed.at));
            return no.then(|| (text, timed.event.place.clone()));
        }
        last = begun.as_deref().or(last);
    }
    if no {
        return None;
    }
    let ended = format!("it ended {}", run.ended.outcome);
    let text = match last {
        Some(last) => format!("{ended} in the step \"{last}\": {}", run.ended.message),
        None => format!("{ended} before any step with a title: {}", run.ended.message),
    };
    Some((text, end_place(run)))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_happened_again_and_again_is_named_once_and_of_much_the_first() {
        let of = |all: &[&str]| shown(all.iter().map(|it| (*it).to_owned()), " and ");
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["a", "a", "a"]), Some((1, "a".to_owned())));
        assert_eq!(of(&["b", "a", "b"]), Some((2, "b and a".to_owned())));
        let many: Vec<String> = (0..25).map(|it| it.to_string()).collect();
        let (number, text) = shown(many.into_iter(), ", ").unwrap();
        assert_eq!((number, text.as_str()), (25, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 15 more"));
    }
}
