//! A plan as JSON for programs: the lines after the events of the walk, one object on each line.

use schemars::JsonSchema;
use serde::Serialize;

use super::merges;
use crate::json;
use crate::paths::{PathDetails, PathEnd, PathTotals, describe_remaining};
use rbl_check::paths::{Paths, UnfinishedRun};
use rbl_runtime::Exact;
use rbl_runtime::{AskKind, Effect, Evidence, Outcome, RunEnd};
use rbl_syntax::value::Reason;

/// What `rbl plan --format json` prints after the events of the walk (those of `rbl run`). Times are in seconds.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl plan --format json")]
enum PlanLine {
    /// Something that would be done: pages and records during the walk, then the effect that ended the walk.
    Would(PlannedEffect),
    /// One way to continue. Number, times, actions and pages are of the whole path, the steps are those ahead.
    Way(Box<PathDetails>),
    /// An end of merged ways, because there are too many to list.
    End {
        #[serde(flatten)]
        end: PathEnd,
        #[serde(flatten)]
        all: PathTotals,
    },
    /// The last line.
    Planned {
        /// The number of ways. The largest integer means that many or more.
        ways: u64,
        /// Whether ways that end at the same place are merged.
        merged: bool,
        /// How the run would end now; `null` if that is open.
        outcome: Option<Outcome>,
        /// The final message.
        message: Option<String>,
    },
}

/// Something that would be done.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "would", rename_all = "snake_case")]
enum PlannedEffect {
    /// A wait for a lock that another run holds now.
    Lock {
        /// Its name.
        name: String,
        /// Its line, from 1.
        line: Option<u32>,
        /// The time limit, in seconds.
        within: f64,
    },
    /// An action.
    Do {
        /// The title that people see.
        title: String,
        /// Its line, from 1.
        line: Option<u32>,
        /// The host; `null` is this machine.
        host: Option<String>,
        /// The team that is asked first.
        by: Option<String>,
        /// The time limit, in seconds.
        within: f64,
        /// The number of attempts.
        tries: u32,
        /// The exact command, instruction or job; `null` if it could not be started.
        exact: Option<Exact>,
        /// Why it could not be started.
        cannot: Option<Reason>,
        /// The values that a person would be shown.
        showing: Vec<Evidence>,
    },
    /// A question.
    Ask {
        /// The question.
        prompt: String,
        /// Its line, from 1.
        line: Option<u32>,
        /// The kind of answer that is wanted.
        kind: AskKind,
        /// The team that has to answer.
        by: Option<String>,
        /// The time limit, in seconds.
        within: f64,
        /// The values that a person would be shown.
        showing: Vec<Evidence>,
    },
    /// A wait.
    Wait {
        /// Its line, from 1.
        line: Option<u32>,
        /// Seconds until the run continues, or checks again.
        seconds: f64,
        /// The purpose of the wait.
        purpose: rbl_runtime::Purpose,
    },
    /// A command that only looks, which `--probe` runs.
    Probe {
        /// The command.
        command: String,
        /// The host; `null` is this machine.
        host: Option<String>,
        /// The time limit, in seconds.
        within: f64,
    },
    /// A page.
    Page {
        /// The team.
        team: String,
        /// The reason.
        reason: String,
    },
    /// A wait until a page is acknowledged.
    Acknowledge {
        /// The line of the statement, from 1.
        line: Option<u32>,
        /// The team.
        team: String,
        /// Time limit in seconds.
        within: f64,
    },
    /// A record.
    Record {
        /// The channel; `null` is the incident's own.
        channel: Option<String>,
        /// The text that is posted.
        text: String,
    },
}

/// The JSON schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<PlanLine>()
}

/// Describes what would be done; `None`: the effect only reads.
pub fn would(effect: &Effect, exact: Option<&Result<Exact, Reason>>, line: Option<u32>) -> Option<String> {
    let would = match effect {
        Effect::Act(act) => PlannedEffect::Do {
            title: act.title.clone(),
            line,
            host: act.host.clone(),
            by: act.by.clone(),
            within: act.within,
            tries: act.tries,
            exact: exact.and_then(|exact| exact.as_ref().ok().cloned()),
            cannot: exact.and_then(|exact| exact.as_ref().err().cloned()),
            showing: act.showing.clone(),
        },
        Effect::Ask(ask) => PlannedEffect::Ask {
            prompt: ask.prompt.clone(),
            line,
            kind: ask.kind.clone(),
            by: ask.by.clone(),
            within: ask.within,
            showing: ask.showing.clone(),
        },
        Effect::Sleep(sleep) => {
            PlannedEffect::Wait { line, seconds: sleep.seconds, purpose: sleep.purpose.clone() }
        }
        Effect::Probe(probe) => PlannedEffect::Probe {
            command: probe.command.shown(),
            host: probe.host.clone(),
            within: probe.within,
        },
        Effect::Acknowledge(it) => {
            PlannedEffect::Acknowledge { line, team: it.team.clone(), within: it.within }
        }
        Effect::Page(page) => PlannedEffect::Page { team: page.team.clone(), reason: page.reason.clone() },
        Effect::Record(record) => {
            PlannedEffect::Record { channel: record.channel.clone(), text: record.text.clone() }
        }
        Effect::Lock(lock) => PlannedEffect::Lock { name: lock.name.clone(), line, within: lock.within },
        Effect::Now
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => {
            return None;
        }
    };
    Some(json_text(&PlanLine::Would(would)))
}

/// Prints every way to continue, or every end if there are too many; then the last line.
pub fn ways(paths: &Paths, going_on: &UnfinishedRun, mut line: impl FnMut(&str)) {
    let merged = merges(going_on);
    if merged {
        for (end, weighed) in paths.ends_of(going_on) {
            line(&json_text(&PlanLine::End { end: PathEnd::of(&end), all: PathTotals::of(&weighed) }));
        }
    } else {
        for (number, described, behind) in describe_remaining(paths, going_on) {
            line(&json_text(&PlanLine::Way(Box::new(PathDetails::of(number, &described, behind)))));
        }
    }
    let ways = u64::try_from(going_on.count()).unwrap_or(u64::MAX);
    line(&json_text(&PlanLine::Planned { ways, merged, outcome: None, message: None }));
}

/// Formats the last line for a run whose end is not open.
pub fn ending(ended: &RunEnd) -> String {
    let (outcome, message) = (Some(ended.outcome), Some(ended.message.clone()));
    json_text(&PlanLine::Planned { ways: 0, merged: false, outcome, message })
}

fn json_text(line: &PlanLine) -> String {
    json::line(line)
}
