//! `rbl show RUN`: shows a run from its record.

use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store;
use clap::{Args, ValueEnum};
use rbl_project::Refusal;
use rbl_report::story;
use rbl_report::story::{RecordedRun, Sink};
use rbl_runtime::journal::{Entry, JournalRecord, RunQuery, RunState, RunSummary, exported, verify};
use rbl_runtime::{Event, EventKind};
use rbl_terminal::Look;
use rbl_terminal::Output;
use std::time::Instant;

/// `rbl show`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0, 1 the record is not intact, 2 there is no such run.")]
pub(crate) struct ShowArguments {
    /// The id of a run, the start of it, or `last`
    #[arg(value_name = "RUN")]
    pub run: String,
    /// How the run is shown
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: ShowFormat,
    /// Only check whether the record is intact
    #[arg(long, conflicts_with = "format")]
    pub verify: bool,
}

/// How a run is shown from its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// For people
    Pretty,
    /// For a post-mortem
    Markdown,
    /// One JSON object for each record: the whole run, to be kept as a `.rblrun`
    Json,
}

/// Prints the run, or says whether its record is intact.
pub(super) fn show(asked: &ShowArguments, context: &mut CliContext) -> CommandResult {
    let runs = super::resuming::FolderJournal::here()?;
    let summary = runs.find(&asked.run)?;
    let (records, signals) = runs.look.read(&summary.run).map_err(|why| store::refusal(&why))?;
    let trouble = trouble(&summary, &records);
    if asked.verify {
        let run = &summary.run;
        return Ok(match trouble {
            None => {
                let last = records.last().map(|record| record.hash.as_str()).unwrap_or_default();
                context
                    .out
                    .line(&format!("{run} is intact: {} records, the last hash is {last}", records.len()));
                Exit::Fine
            }
            Some(why) => {
                context.out.line(&format!("{run} is not intact: {why}"));
                Exit::Findings
            }
        });
    }
    match asked.format {
        ShowFormat::Json => records.iter().for_each(|record| context.out.line(&exported(record))),
        ShowFormat::Markdown => {
            let run =
                RecordedRun { summary: &summary, records: &records, signals: &signals, base: Instant::now() };
            context.out.text(&story::markdown(&run));
        }
        ShowFormat::Pretty => {
            context.out.flush();
            let style = context.terminal.stdout;
            let look = Look { color: style.color, unicode: style.unicode, moves: false };
            let sink = Sink::Stream { output: Output::stdout(), look, width: style.width };
            story::page(
                &RecordedRun {
                    summary: &summary,
                    records: &records,
                    signals: &signals,
                    base: Instant::now(),
                },
                sink,
            );
        }
    }
    Ok(match trouble {
        None => Exit::Fine,
        Some(why) => {
            context.out.flush();
            let refusal = Refusal::new(format!("the record is not intact: {why}"));
            context.err.line(&refusal.help("do not rely on what is shown from there on").to_string());
            Exit::Findings
        }
    })
}

fn is_end(record: &JournalRecord) -> bool {
    let entry = record.entry();
    matches!(entry, Ok(Entry::Event(Event { kind: EventKind::Ended { .. }, .. })))
}

/// Why the record cannot be trusted.
fn trouble(summary: &RunSummary, records: &[JournalRecord]) -> Option<String> {
    if let Err(why) = verify(records) {
        return Some(why.to_string());
    }
    let held = records.len() as u64;
    // A run that is still running grows while it is read.
    if held < summary.length {
        return Some(format!("its last {} records are missing", summary.length - held));
    }
    let last_is_end = records.last().is_some_and(is_end);
    if matches!(summary.state, RunState::Ended { .. }) && !last_is_end {
        return Some("it is marked as ended, but its last record is not its end".to_owned());
    }
    None
}
