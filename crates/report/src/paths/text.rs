//! Paths as text for a person: each with its number, its decisions with the author's wording and lines, its end and
//! its time.

use super::{LISTED_WAYS, between, count, describe_remaining, merges, seconds};
use rbl_check::paths::{
    Counted, EndDescription, PathDescription, Paths, StepDescription, UnfinishedRun, Weighed,
};
use rbl_check::{Catalogue, Program};
use rbl_syntax::tree::ExpectedOutcome;
use rbl_syntax::{counted, grouped, harmless};
use rbl_terminal::{hung, wrapped};

/// What the output may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathsLayout {
    /// Whether characters beyond ASCII can be shown.
    pub unicode: bool,
    /// The width in columns.
    pub width: usize,
}

impl PathsLayout {
    pub(super) fn arrow(self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }
}

/// The outcome as a word of the language.
pub(super) fn outcome(outcome: ExpectedOutcome) -> &'static str {
    match outcome {
        ExpectedOutcome::Resolved => "resolved",
        ExpectedOutcome::Escalated => "escalated",
        ExpectedOutcome::Failed => "failed",
    }
}

/// Formats every path, or the totals of each end if there are too many; each line ends in a newline.
pub fn list(title: &str, file: &str, paths: &Paths, look: PathsLayout) -> String {
    let total = paths.total();
    let mut lines = vec![harmless(title).into_owned(), of_all(&total), String::new()];
    if merges(&total) {
        let text =
            "Too many to list: those that end at the same place are merged. `rbl paths FILE N` shows one.";
        lines.extend(wrapped(text, look.width));
        lines.push(String::new());
        for (end, weighed) in paths.ends() {
            merged(&end, &weighed, file, look, &mut lines);
        }
    } else {
        for number in 1..=total.paths {
            let Some(description) = paths.path(number).and_then(|path| paths.describe(&path)) else {
                continue;
            };
            one(number, &description, 0, file, look, &mut lines);
            lines.push(String::new());
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

/// Formats every way to continue, or the totals of each end if there are too many.
pub fn ways(paths: &Paths, going_on: &UnfinishedRun, file: &str, look: PathsLayout) -> String {
    let count = going_on.count();
    let from = match count {
        1 => "There is 1 way to continue".to_owned(),
        count => format!("There are {} ways to continue", grouped(count)),
    };
    let text = format!(
        "{from}, of {} in all. Numbers and times are those of whole paths.",
        counted(paths.total().paths, "path", "paths")
    );
    let mut lines = wrapped(&text, look.width);
    lines.push(String::new());
    if count > LISTED_WAYS {
        lines.extend(wrapped("Too many to list: those that end at the same place are merged.", look.width));
        lines.push(String::new());
        for (end, weighed) in paths.ends_of(going_on) {
            merged(&end, &weighed, file, look, &mut lines);
        }
    } else {
        for (number, described, behind) in describe_remaining(paths, going_on) {
            one(number, &described, behind, file, look, &mut lines);
            lines.push(String::new());
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

/// Wraps a sentence into lines.
pub fn sentence(text: &str, look: PathsLayout) -> String {
    wrapped(&harmless(text), look.width).join("\n") + "\n"
}

/// Formats the totals: `20 paths: at most 2h5m, 3 actions and 2 pages`.
fn of_all(total: &Weighed) -> String {
    let paths = counted(total.paths, "path", "paths");
    let actions = count(total.actions, "action", "actions");
    let pages = count(total.pages, "page", "pages");
    format!("{paths}: {}; at most {actions} and {pages}", between(total.shortest, total.longest))
}

/// Formats the size of a runbook: `a.rb: 3 steps, 5 checks (1 by people), 20 paths, at most 2h5m, 1 action and 2
/// pages`.
pub fn how_much(file: &str, program: &Program, catalogue: &Catalogue) -> String {
    let Some(runbook) = program.runbook(program.main()) else { return file.to_owned() };
    let own = Counted::of(runbook);
    let total = Paths::of(program, catalogue).total();
    let checks = counted(own.by_people + own.automatic, "check", "checks");
    let people = match (own.by_people, own.automatic) {
        (0, _) => String::new(),
        (people, automatic) => format!(" ({people} by people, {automatic} automatic)"),
    };
    format!(
        "{file}: {}, {checks}{people}, {}, {}, {} and {}",
        counted(own.steps, "step", "steps"),
        counted(total.paths, "path", "paths"),
        between(total.shortest, total.longest),
        count(total.actions, "action", "actions"),
        count(total.pages, "page", "pages"),
    )
}

/// Describes an end: `escalated: api-oncall is paged`.
fn how(end: &EndDescription) -> String {
    let word = outcome(end.outcome);
    match (end.outcome, end.paged.as_slice()) {
        (ExpectedOutcome::Failed, _) => format!("{word}: nobody is paged"),
        (_, []) => word.into(),
        (_, [one]) => format!("{word}: {one} is paged"),
        (_, [rest @ .., last]) => format!("{word}: {} and {last} are paged", rest.join(", ")),
    }
}

/// Formats a path without its first `behind` nodes.
fn one(
    number: u128,
    description: &PathDescription,
    behind: usize,
    file: &str,
    look: PathsLayout,
    lines: &mut Vec<String>,
) {
    lines.push(
        harmless(&format!(
            "{number:>4}  {}, {}",
            how(&description.end),
            between(description.shortest, description.longest)
        ))
        .into_owned(),
    );
    for step in description.steps.iter().skip(behind).filter(|step| step.decides) {
        let turn = step.turn.as_deref().unwrap_or_default();
        line(step, &format!("{} {} {turn}", step.text, look.arrow()), file, look, lines);
    }
    last(&description.end, file, look, lines);
}

fn merged(end: &EndDescription, weighed: &Weighed, file: &str, look: PathsLayout, lines: &mut Vec<String>) {
    let head = format!(
        "      {}, {}, {}",
        counted(weighed.paths, "path", "paths"),
        outcome(end.outcome),
        between(weighed.shortest, weighed.longest)
    );
    lines.push(harmless(&head).into_owned());
    last(end, file, look, lines);
}

fn last(end: &EndDescription, file: &str, look: PathsLayout, lines: &mut Vec<String>) {
    let text = match (end.pages_here, end.paged.last()) {
        (true, Some(owner)) => format!("{}: the run stops, and pages {owner}", end.text),
        _ => end.text.clone(),
    };
    placed(&end.file, end.line, 0, &text, file, look, lines);
}

fn line(step: &StepDescription, text: &str, file: &str, look: PathsLayout, lines: &mut Vec<String>) {
    placed(&step.file, step.line, step.depth as usize, text, file, look, lines);
}

/// Formats a line with its line number in front, and with the file name if it is not the first file.
fn placed(
    at: &str,
    line: u32,
    depth: usize,
    text: &str,
    file: &str,
    look: PathsLayout,
    lines: &mut Vec<String>,
) {
    let text = harmless(text);
    let elsewhere = if at == file { String::new() } else { format!("{}: ", name_of(at)) };
    let indent = "  ".repeat(depth.min(8));
    let first = format!("{line:>8}  {indent}");
    let rest = format!("{:10}{indent}  ", "");
    lines.extend(hung(&first, &rest, &format!("{elsewhere}{text}"), look.width.clamp(40, 110)));
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Formats one path in full: each of its nodes, with its longest time.
pub fn full(number: u128, of: u128, description: &PathDescription, file: &str, look: PathsLayout) -> String {
    let mut lines = vec![
        harmless(&format!("Path {number} of {}: {}", grouped(of), how(&description.end))).into_owned(),
        format!(
            "{}; {} and {}",
            between(description.shortest, description.longest),
            count(description.actions, "action", "actions"),
            count(description.pages, "page", "pages"),
        ),
        String::new(),
    ];
    for step in &description.steps {
        let mut text = step.text.clone();
        if let Some(turn) = step.turn.as_ref().filter(|_| step.decides) {
            text = format!("{text} {} {turn}", look.arrow());
        }
        match step.longest.0 {
            Some(0.0) => {}
            Some(longest) => text = format!("{text} (up to {})", seconds(longest)),
            None => text = format!("{text} (no known limit)"),
        }
        line(step, &text, file, look, &mut lines);
    }
    last(&description.end, file, look, &mut lines);
    lines.join("\n") + "\n"
}
