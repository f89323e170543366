//! Writes the `expect` lines of a test from the result of a run.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::super::{Performed, TimedEvent};
use super::amount::lasting;
use super::{bound, quoted, value, words};
use crate::scripted::ActionName;
use rbl_check::Program;
use rbl_runtime::{Act, ActTarget, EventKind, Outcome};
use rbl_syntax::value::Value;

/// Writes what was done, who was paged, what was recorded, how far the run came, and how it ended.
pub(super) fn lines(program: &Program, run: &Performed) -> Vec<String> {
    let mut lines = actions(run);
    lines.extend(escalations(run));
    lines.extend(records(run));
    lines.extend(steps(program, run));
    lines.extend(end(run));
    lines
}

/// `expect action NAME(…)` for each action, as often as it was started; `expect no action` if none was.
fn actions(run: &Performed) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let begun = |act: &&Act| !run.refused.contains(&(act.key.clone(), act.attempt));
    for act in run.acts.iter().filter(begun) {
        if let Some(name) = name(act) {
            push_new(&mut lines, format!("expect action {name}"));
        }
    }
    match !run.acts.iter().any(|act| begun(&act)) {
        true => vec!["expect no action".to_owned()],
        false if lines.is_empty() => vec!["expect action".to_owned()],
        false => lines,
    }
}

/// The action by the name of its `define`, with the arguments that can be written; or else by its text.
pub(super) fn name(act: &Act) -> Option<String> {
    let name = match (&act.call, &act.target) {
        (Some(call), _) => {
            let is_written = |(_, argument): &&(SmolStr, Value)| value::value(argument).is_ok();
            let arguments = call.arguments.iter().filter(is_written).cloned().collect();
            ActionName::Call { name: call.name.clone(), arguments }
        }
        (None, ActTarget::Command(command)) => ActionName::Command(command.shown()),
        (None, ActTarget::Instruction(text)) => ActionName::Instruction(text.clone()),
        (None, ActTarget::Executor { .. }) => return None,
    };
    value::action(&name).ok()
}

/// `expect escalation to "TEAM" matching "…"` for each page that arrived; `expect no escalation` if none did.
fn escalations(run: &Performed) -> Vec<String> {
    let mut lines = Vec::new();
    for TimedEvent { event, .. } in &run.events {
        let EventKind::Escalated { team: Some(team), reason, delivered: Ok(_), asked_for, .. } = &event.kind
        else {
            continue;
        };
        let piece = if *asked_for { words::plain(reason) } else { words::of_unhandled(reason) };
        let matching = matching(piece.or_else(|| words::plain(reason)));
        push_new(&mut lines, format!("expect escalation to {}{matching}", quoted::text(team)));
    }
    if lines.is_empty() { vec!["expect no escalation".to_owned()] } else { lines }
}

/// `expect record matching "…"` for each record; the absence of records gets no line, because many runbooks never
/// record.
fn records(run: &Performed) -> Vec<String> {
    let mut lines = Vec::new();
    for TimedEvent { event, .. } in &run.events {
        if let EventKind::Recorded { text, .. } = &event.kind {
            push_new(&mut lines, format!("expect record{}", matching(words::plain(text))));
        }
    }
    lines
}

fn matching(piece: Option<String>) -> String {
    piece.map_or(String::new(), |piece| format!(" matching {}", quoted::text(&piece)))
}

/// How far a run came that did not reach the last step: the last step that began, and the next one, which did not.
fn steps(program: &Program, run: &Performed) -> Vec<String> {
    let begun: BTreeSet<&str> = run
        .events
        .iter()
        .filter_map(|timed| {
            let EventKind::StepStarted { title, .. } = &timed.event.kind else { return None };
            title.as_deref()
        })
        .collect();
    let Some(runbook) = program.runbook(program.main()) else { return Vec::new() };
    let titles: Vec<&str> = runbook.steps.iter().filter_map(|step| step.title.as_ref()?.literal()).collect();
    let was_begun = |title: &&&str| begun.contains(**title);
    let last = titles.iter().rfind(was_begun);
    let missed = titles.iter().rev().take_while(|title| !begun.contains(**title)).last();
    let Some(missed) = missed else { return Vec::new() };
    let expect = last.map(|title| format!("expect step {}", quoted::text(title)));
    expect.into_iter().chain([format!("expect no step {}", quoted::text(missed))]).collect()
}

/// `expect resolved within 10m`
fn end(run: &Performed) -> Option<String> {
    let outcome = match run.ended.outcome {
        outcome @ (Outcome::Resolved | Outcome::Escalated | Outcome::Failed) => outcome,
        Outcome::Aborted | Outcome::Waiting => return None,
    };
    let within = bound(run.seconds).and_then(|bound| lasting(bound).ok());
    let within = within.map_or(String::new(), |within| format!(" within {within}"));
    Some(format!("expect {outcome}{within}"))
}

fn push_new(lines: &mut Vec<String>, line: String) {
    if !lines.contains(&line) {
        lines.push(line);
    }
}
