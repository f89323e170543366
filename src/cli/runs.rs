//! `rbl runs`: lists the runs of this machine, the newest first, and what each of them waits for.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::remote::{RemoteFilter, ServerArgument};
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::{Args, ValueEnum};
use rbl_project::Refusal;
use rbl_project::setting::Seconds;
use rbl_report::json;
use rbl_runtime::ONLY_LOOKS;
use rbl_runtime::journal::{
    Filter, ParkedState, PollState, RunMode, RunQuery, RunState, RunSummary, WaitsOn, queued_words,
};
use rbl_syntax::clean;
use rbl_syntax::value::Time;
use rbl_terminal::{fitted, width_of};

/// `rbl runs`
#[derive(Debug, Args)]
#[command(
    after_help = "The newest first, 50 of them unless --limit or --all says otherwise. Exit codes: 0, also where there is none; 2 the journal cannot be read."
)]
pub(crate) struct RunsArguments {
    /// Only runs in this state
    #[arg(long, value_name = "STATE", value_parser = clap::builder::PossibleValuesParser::new(RunState::WORDS))]
    pub state: Option<String>,
    /// Only runs with this text in their title or file name
    #[arg(long, value_name = "TEXT")]
    pub runbook: Option<String>,
    /// Only runs that started within this time, or since this day: `2d`, `2026-11-01`
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// All of them
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// How runs are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: RunsFormat,
    #[command(flatten)]
    pub store: StoreArgument,
    #[command(flatten)]
    pub server: ServerArgument,
}

/// How runs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunsFormat {
    /// For people
    Pretty,
    /// One JSON object for each run
    Json,
}

/// The width of the longest state, `escalated`, and the format of a time.
const STATE: usize = 9;
const MOMENT: &str = "%Y-%m-%d %H:%M";

/// Prints the list.
pub(super) fn runs(asked: &RunsArguments, context: &mut CliContext) -> CommandResult {
    let since = asked.since.as_deref().map(since).transpose()?;
    let most = (!asked.all).then_some(asked.limit as usize);
    let ListedRuns { place, frozen, runs, are_more } = match asked.server.open()? {
        Some(server) => {
            let filter = RemoteFilter {
                state: asked.state.as_deref(),
                runbook: asked.runbook.as_deref(),
                since: since.map(|since| since.0.to_string()),
                most,
            };
            let (runs, are_more) = server.runs(&filter)?;
            ListedRuns { place: format!("the server is {}", server.url()), frozen: None, runs, are_more }
        }
        None => listed_here(asked, since, most)?,
    };
    if let (RunsFormat::Pretty, Some(frozen)) = (asked.format, frozen) {
        context.out.line(&format!("every run only looks: {frozen}"));
    }
    match asked.format {
        RunsFormat::Json => {
            for run in &runs {
                context.out.line(&json::line(&ListLine::Run(Box::new(RunLine::of(run)))));
            }
            if are_more {
                context.out.line(&json::line(&ListLine::More { limit: asked.limit }));
            }
        }
        RunsFormat::Pretty if runs.is_empty() => {
            let asks_for_all = asked.state.is_none() && asked.runbook.is_none() && since.is_none();
            let none = if asks_for_all { "no runs yet" } else { "no run matches" };
            context.out.line(&clean(&format!("{none} ({place})")));
        }
        RunsFormat::Pretty => {
            list(&runs, asked.server.server.is_some(), context);
            if are_more {
                let these = if asked.limit == 1 {
                    "the newest one".to_owned()
                } else {
                    format!("the newest {}", asked.limit)
                };
                context.out.line(&format!("{these}; `--all` or `--limit N` shows more"));
            }
        }
    }
    Ok(Exit::Fine)
}

/// The runs to list, and where they are.
struct ListedRuns {
    place: String,
    /// Why every run only looks, where that is so and known.
    frozen: Option<String>,
    runs: Vec<RunSummary>,
    /// Whether there are more.
    are_more: bool,
}

/// The runs of the journal, where that is in words, and whether there are more.
fn listed_here(
    asked: &RunsArguments,
    since: Option<Time>,
    most: Option<usize>,
) -> Result<ListedRuns, Refusal> {
    let here = super::resuming::FolderJournal::here(&asked.store)?;
    let filter = Filter {
        state: asked.state.as_deref().map(Into::into),
        runbook: asked.runbook.clone(),
        since,
        // One more than is shown: whether there is one.
        limit: most.map(|most| most.saturating_add(1)),
    };
    let mut runs = here.look.list(&filter).map_err(|why| store::refusal(&why))?;
    let are_more = most.is_some_and(|most| runs.len() > most);
    runs.truncate(most.unwrap_or(usize::MAX));
    let frozen = super::freeze::line(&here.look)?;
    Ok(ListedRuns { place: format!("the journal is {}", here.folder.display()), frozen, runs, are_more })
}

/// Parses the start of the list: a duration before now, a day (in UTC), or a time.
pub(super) fn since(text: &str) -> Result<Time, Refusal> {
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    if let Some(time) = Time::parse(text).or_else(|| day().map(|day| Time(day.timestamp()))) {
        return Ok(time);
    }
    let now = Time(jiff::Timestamp::now());
    Seconds::parse(text).ok().and_then(|length| now.plus(-length.0)).ok_or_else(|| {
        Refusal::new(format!("`--since {text}` is no time"))
            .help("write a length of time (`36h`, `2d`) or a day (`2026-11-01`)")
    })
}

fn list(runs: &[RunSummary], are_there: bool, context: &mut CliContext) {
    // Only a screen has an edge: what goes into a pipe is whole.
    let width = context.terminal.stdout_is_terminal.then_some(context.terminal.stdout.width);
    let id = runs.iter().map(|run| width_of(&clean(&run.run))).max().unwrap_or(0).max(3);
    let row = |id_text: &str, state: &str, began: &str, text: &str| {
        let line = format!("{id_text:<id$}  {state:<STATE$}  {began:<16}  {text}");
        let line = line.trim_end();
        width.map_or_else(|| line.to_owned(), |width| fitted(line, width))
    };
    context.out.line(&row("run", "state", "began (UTC)", "runbook"));
    for run in runs {
        let began = run.started.0.strftime(MOMENT).to_string();
        let title = clean(&run.runbook).replace('\n', " ");
        context.out.line(&row(&clean(&run.run), run.state.word(), &began, &title));
        if let Some(more) = more(run, are_there) {
            context.out.line(&row("", "", "", &clean(&more).replace('\n', " ")));
        }
        if !run.locks.is_empty() {
            context.out.line(&row("", "", "", &clean(&holds(&run.locks)).replace('\n', " ")));
        }
    }
}

/// The locks that a run holds, in words.
pub(super) fn holds(locks: &[String]) -> String {
    let names: Vec<String> = locks.iter().map(|name| format!("\"{name}\"")).collect();
    format!("holds {} {}", if locks.len() == 1 { "the lock" } else { "the locks" }, names.join(", "))
}

/// Details that the word for the state does not give.
fn more(run: &RunSummary, is_there: bool) -> Option<String> {
    let mode = (run.mode != RunMode::Act).then(|| format!("mode {}", run.mode));
    let details = [mode, of_state(&run.state, is_there)];
    let details: Vec<String> = details.into_iter().flatten().collect();
    (!details.is_empty()).then(|| details.join(": "))
}

fn of_state(state: &RunState, is_there: bool) -> Option<String> {
    match state {
        RunState::Running { by } => Some(format!("by {by}")),
        RunState::Queued { ahead } => Some(format!("for {}", queued_words(*ahead))),
        RunState::CutOff | RunState::Answered(_) if is_there => Some("the server continues it".into()),
        RunState::CutOff | RunState::Answered(_) => Some("rbl resume continues it".into()),
        RunState::Parked(ParkedState { until: Some(until), on: WaitsOn::Time, .. }) => {
            Some(format!("until {} UTC", until.0.strftime(MOMENT)))
        }
        RunState::Parked(ParkedState { until: Some(until), waits_for, .. }) => {
            Some(format!("until {} UTC for {waits_for}", until.0.strftime(MOMENT)))
        }
        RunState::Parked(ParkedState { until: None, waits_for, .. }) => Some(format!("for {waits_for}")),
        RunState::Stuck { why } => Some(why.clone()),
        RunState::Ended { message, .. } => message.starts_with(ONLY_LOOKS).then(|| message.clone()),
    }
}

/// The objects that `rbl runs --format json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl runs --format json")]
enum ListLine<'a> {
    /// A run of this machine and its state.
    Run(Box<RunLine<'a>>),
    /// The last line where older runs match that are not listed.
    More {
        /// How many are listed: `--limit`.
        limit: u32,
    },
}

/// A run of this machine and its state.
#[derive(Serialize, JsonSchema)]
struct RunLine<'a> {
    /// The id of the run.
    run: &'a str,
    /// One of `queued`, `running`, `cut-off`, `waiting`, `answered`, `resolved`, `escalated`, `failed`, `aborted`, `stuck`.
    state: &'a str,
    /// The runbook's title.
    runbook: &'a str,
    /// The runbook's file, as it was named.
    file: &'a str,
    /// When the run started.
    began: Time,
    /// When the last record was written.
    changed: Time,
    /// What it may do unasked, as it began: `look`, `ask` or `act`.
    mode: &'a str,
    /// The number of records.
    records: u64,
    /// Running: the process that holds the run, and since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    /// Waiting: for a time, the run continues no earlier; for an answer, the run continues without one from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
    /// Waiting: what for.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'a str>,
    /// Waiting: the kind of that, `time`, `person`, `hand` (somebody to resume it) or `journal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_on: Option<&'a str>,
    /// Queued: how many runs that wait for a worker too began before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ahead: Option<u64>,
    /// Waiting in a `wait until`: the number of polls so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    polls: Option<u64>,
    /// Waiting in a `wait until`: when the last poll was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    polled: Option<Time>,
    /// Waiting in a `wait until`: the values of the last poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    readings: Option<&'a str>,
    /// Ended: the final message. Stuck: the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    /// The locks that the run holds.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    locks: &'a [String],
}

/// The JSON schema of a line.
pub(super) fn schema() -> schemars::Schema {
    json::schema::<ListLine<'_>>()
}

impl<'a> RunLine<'a> {
    fn of(run: &'a RunSummary) -> Self {
        let RunSummary { run, runbook, file, identity: _, started, changed, mode, state, length, locks } =
            run;
        let mut line = Self {
            run,
            state: state.word(),
            runbook,
            file,
            began: *started,
            changed: *changed,
            mode: mode.word(),
            records: *length,
            by: None,
            until: None,
            waits_for: None,
            waits_on: None,
            ahead: None,
            polls: None,
            polled: None,
            readings: None,
            message: None,
            locks,
        };
        match state {
            RunState::Running { by } => line.by = Some(by),
            RunState::Queued { ahead } => {
                line.waits_for = Some("a worker");
                line.ahead = Some(*ahead);
            }
            RunState::CutOff => {}
            RunState::Parked(parked) | RunState::Answered(parked) => {
                line.until = parked.until;
                line.waits_for = Some(&parked.waits_for);
                line.waits_on = Some(parked.on.word());
                if let Some(PollState { at, wait, .. }) = &parked.progress {
                    line.polls = Some(wait.polls);
                    line.polled = Some(*at);
                    line.readings = (!wait.readings.is_empty()).then_some(wait.readings.as_str());
                }
            }
            RunState::Ended { message, .. } => line.message = Some(message),
            RunState::Stuck { why } => line.message = Some(why),
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn since_is_a_length_a_day_or_a_moment() {
        assert_eq!(since("2026-11-01").unwrap().to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(since("2026-11-01T03:12:00+02:00").unwrap().to_string(), "2026-11-01T01:12:00Z");
        let ago = rbl_syntax::value::Time(jiff::Timestamp::now()).since(since("2d").unwrap()).base;
        assert!((ago - 172_800.0).abs() < 60.0, "{ago}");
        assert!(since("yesterday").unwrap_err().to_string().contains("`2d`"));
    }
}
