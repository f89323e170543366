//! `rbl runs`: lists the runs of this machine, the newest first, and what each of them waits for.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store;
use clap::{Args, ValueEnum};
use rbl_project::Refusal;
use rbl_project::setting::Seconds;
use rbl_report::json;
use rbl_runtime::journal::{Filter, RunQuery, RunState, RunSummary};
use rbl_syntax::clean;
use rbl_syntax::value::Time;
use rbl_terminal::{fitted, width_of};

/// `rbl runs`
#[derive(Debug, Args)]
#[command(
    after_help = "The newest first. Exit codes: 0, also where there is none; 2 the journal cannot be read."
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
    /// How runs are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: RunsFormat,
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
    let here = super::resuming::FolderJournal::here()?;
    let filter = Filter {
        state: asked.state.as_deref().map(Into::into),
        runbook: asked.runbook.clone(),
        since,
        limit: None,
    };
    let runs = here.look.list(&filter).map_err(|why| store::refusal(&why))?;
    match asked.format {
        RunsFormat::Json => {
            for run in &runs {
                context.out.line(&json::line(&RunLine::of(run)));
            }
        }
        RunsFormat::Pretty if runs.is_empty() => {
            let none = if filter == Filter::default() { "no runs yet" } else { "no run matches" };
            context.out.line(&clean(&format!("{none} (the journal is {})", here.folder.display())));
        }
        RunsFormat::Pretty => list(&runs, context),
    }
    Ok(Exit::Fine)
}

/// Parses the start of the list: a duration before now, a day (in UTC), or a time.
fn since(text: &str) -> Result<Time, Refusal> {
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

fn list(runs: &[RunSummary], context: &mut CliContext) {
    let width = context.terminal.stdout.width;
    let id = runs.iter().map(|run| width_of(&clean(&run.run))).max().unwrap_or(0).max(3);
    let row = |id_text: &str, state: &str, began: &str, text: &str| {
        let line = format!("{id_text:<id$}  {state:<STATE$}  {began:<16}  {text}");
        fitted(line.trim_end(), width)
    };
    context.out.line(&row("run", "state", "began (UTC)", "runbook"));
    for run in runs {
        let began = run.started.0.strftime(MOMENT).to_string();
        let title = clean(&run.runbook).replace('\n', " ");
        context.out.line(&row(&clean(&run.run), run.state.word(), &began, &title));
        if let Some(more) = more(&run.state) {
            context.out.line(&row("", "", "", &clean(&more).replace('\n', " ")));
        }
    }
}

/// Details that the word for the state does not give.
fn more(state: &RunState) -> Option<String> {
    match state {
        RunState::Running { by } => Some(format!("by {by}")),
        RunState::CutOff => Some("rbl resume continues it".into()),
        RunState::Parked { until: Some(until), .. } => {
            Some(format!("until {} UTC", until.0.strftime(MOMENT)))
        }
        RunState::Parked { until: None, waits_for } => Some(format!("for {waits_for}")),
        RunState::Stuck { why } => Some(why.clone()),
        RunState::Ended { .. } => None,
    }
}

/// The object that `rbl runs --format json` prints: a run of this machine and its state.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename = "run")]
#[schemars(title = "rbl runs --format json")]
struct RunLine<'a> {
    /// The id of the run.
    run: &'a str,
    /// One of `running`, `cut-off`, `waiting`, `resolved`, `escalated`, `failed`, `aborted`, `stuck`.
    state: &'a str,
    /// The runbook's title.
    runbook: &'a str,
    /// The runbook's file, as it was named.
    file: &'a str,
    /// When the run started.
    began: Time,
    /// When the last record was written.
    changed: Time,
    /// The number of records.
    records: u64,
    /// Running: the process that holds the run, and since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    /// Waiting: the run continues no earlier than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
    /// Waiting: what for.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'a str>,
    /// Ended: the final message. Stuck: the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// The JSON schema of a line.
pub(super) fn schema() -> schemars::Schema {
    json::schema::<RunLine<'_>>()
}

impl<'a> RunLine<'a> {
    fn of(run: &'a RunSummary) -> Self {
        let RunSummary { run, runbook, file, started, changed, state, length } = run;
        let mut line = Self {
            run,
            state: state.word(),
            runbook,
            file,
            began: *started,
            changed: *changed,
            records: *length,
            by: None,
            until: None,
            waits_for: None,
            message: None,
        };
        match state {
            RunState::Running { by } => line.by = Some(by),
            RunState::CutOff => {}
            RunState::Parked { until, waits_for } => {
                line.until = *until;
                line.waits_for = Some(waits_for);
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
