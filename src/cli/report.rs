//! `rbl report`: figures over the runs of the journal.

use clap::{Args, ValueEnum};
use rbl_engine::{DurationFigures, RunCounts, RunbookFigures, RunsReport};
use rbl_report::json;
use rbl_syntax::value::{Time, Took};
use rbl_syntax::{clean, counted};

use super::resuming::FolderJournal;
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store::StoreArgument;
use crate::cli::{runs, store};

/// `rbl report`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0, also where there is no run; 2 the journal cannot be read.")]
pub(crate) struct ReportArguments {
    /// Only runs that started within this time, or since this day: `30d`, `2026-11-01`
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value = "text")]
    pub format: RunsReportFormat,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunsReportFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// For a page
    Markdown,
}

/// The most alerts without a runbook that are listed.
const UNHANDLED: usize = 10;

/// Prints the report.
pub(super) fn report(asked: &ReportArguments, context: &mut CliContext) -> CommandResult {
    let since = asked.since.as_deref().map(runs::since).transpose()?;
    let here = FolderJournal::here(&asked.store)?;
    let report = RunsReport::read(&here.look, since, None, rbl_world::clock::now());
    let report = report.map_err(|why| store::refusal(&why))?;
    match asked.format {
        RunsReportFormat::Json => context.out.line(&json::line(&report)),
        RunsReportFormat::Text | RunsReportFormat::Markdown => {
            let markdown = matches!(asked.format, RunsReportFormat::Markdown);
            for line in &text(&report, markdown) {
                context.out.line(&clean(line));
            }
        }
    }
    Ok(Exit::Fine)
}

/// The report for people: paragraphs with a heading and lines.
fn text(report: &RunsReport, markdown: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut paragraph = |heading: &str, content: Vec<String>| {
        if content.is_empty() {
            return;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(if markdown { format!("## {heading}\n") } else { heading.to_owned() });
        lines.extend(
            content.into_iter().map(|line| if markdown { format!("- {line}") } else { format!("  {line}") }),
        );
    };
    let since = report.since.map_or_else(|| "all runs".to_owned(), |since| format!("since {since}"));
    let mut runs = vec![counts(&report.runs)];
    runs.extend(durations("to the first action", &report.first_action));
    runs.extend(durations("from the alert to recovery", &report.recovery));
    paragraph(&format!("Runs, {since}"), runs);
    let work = &report.work;
    let share = work.share.map(|share| {
        let percent = (share * 100.0).round();
        let machine = counted(work.machine, "action", "actions");
        let people = counted(work.people, "instruction", "instructions");
        let answers = counted(work.answers, "answer", "answers");
        format!("{percent}% by the machine: {machine}, {people} to people, {answers}")
    });
    paragraph("Work", share.into_iter().collect());
    let alerts = &report.alerts;
    if alerts.with_runbook + alerts.without_runbook > 0 {
        let mut content =
            vec![format!("{} with a runbook, {} without one", alerts.with_runbook, alerts.without_runbook)];
        content.extend(
            alerts
                .unhandled
                .iter()
                .take(UNHANDLED)
                .map(|it| format!("no runbook: {} ({})", it.name, it.alerts)),
        );
        let more = alerts.unhandled.len().saturating_sub(UNHANDLED);
        content.extend((more > 0).then(|| format!("and {more} more names")));
        paragraph("Alerts", content);
    }
    let alike = report.alike.iter().map(|it| {
        format!("{}: \"{}\" was answered {} each of {} times", it.file, it.question, it.answer, it.times)
    });
    paragraph("Questions that are always answered alike", alike.collect());
    let runbooks = report.runbooks.iter().map(|it| {
        let last = format!("last run {}", it.last_began.0.strftime("%Y-%m-%d"));
        let rehearsed = rehearsed(it, report.at);
        let parts =
            [Some(counts(&it.runs)), durations("recovery", &it.recovery), Some(last), Some(rehearsed)];
        format!("{}: {}", it.file, parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
    });
    paragraph("Runbooks", runbooks.collect());
    let ready = report.runbooks.iter().filter_map(|it| {
        let (next, mode, times) = (it.ready_for?, it.mode?, it.in_a_row);
        let did = if mode == "ask" { "approved" } else { "looked" };
        Some(format!(
            "{}: {did} {times} times in a row in `{mode}`, and unchanged since: ready for `{next}`",
            it.file
        ))
    });
    paragraph("Ready for the next mode", ready.collect());
    lines
}

/// When all tests of a runbook last passed, and whether that was with the text that it ran with.
fn rehearsed(it: &RunbookFigures, now: Time) -> String {
    match (it.rehearsed, it.rehearsed_as_it_ran) {
        (Some(at), as_it_ran) => {
            let ago = Took(now.since(at).base.max(0.0));
            let other = if as_it_ran == Some(false) { ", with another text than its last run" } else { "" };
            format!("rehearsed {ago} ago{other}")
        }
        (None, _) => "never rehearsed here".to_owned(),
    }
}

fn counts(counts: &RunCounts) -> String {
    let parts = [
        (counts.resolved, "resolved"),
        (counts.escalated, "escalated"),
        (counts.failed, "failed"),
        (counts.aborted, "aborted"),
        (counts.open, "not ended"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let all = if counts.all == 1 { "1 run".to_owned() } else { format!("{} runs", counts.all) };
    if parts.is_empty() { all } else { format!("{all}: {}", parts.join(", ")) }
}

fn durations(what: &str, figures: &DurationFigures) -> Option<String> {
    let (median, p90, longest) = (Took(figures.median?), Took(figures.p90?), Took(figures.longest?));
    Some(format!("{what}: half within {median}, 9 of 10 within {p90}, at most {longest}"))
}

/// The JSON schema of the report.
pub(super) fn schema() -> schemars::Schema {
    json::schema::<RunsReport>()
}
