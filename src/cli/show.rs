//! `rbl show RUN`: shows a run from its record.

use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::remote::ServerArgument;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::{Args, ValueEnum};
use rbl_project::Refusal;
use rbl_report::story;
use rbl_report::story::{RecordedRun, Sink};
use rbl_runtime::journal::{
    Entry, EpisodeMember, JournalRecord, RunMode, RunQuery, RunState, RunSummary, Signal, StoreError,
    exported, verify,
};
use rbl_runtime::{Event, EventKind};
use rbl_syntax::clean;
use rbl_syntax::value::Time;
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
    #[command(flatten)]
    pub store: StoreArgument,
    #[command(flatten)]
    pub server: ServerArgument,
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
    let FoundRun { summary, records, signals, members } = match asked.server.open()? {
        Some(server) => {
            let (summary, members) = server.run(&server.find(&asked.run)?.run)?;
            let records = server.records(&summary.run)?;
            FoundRun { summary, records, signals: Vec::new(), members }
        }
        None => FoundRun::here(asked)?,
    };
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
            if summary.mode != RunMode::Act {
                context.out.line(&format!("\nthis run began in the mode {}", summary.mode));
            }
            if !members.is_empty() {
                context.out.line("\nalerts of this run, as they were last delivered");
                for it in &members {
                    context.out.line(&clean(&member(it, summary.started)));
                }
            }
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

/// A run with everything that is shown of it.
struct FoundRun {
    summary: RunSummary,
    records: Vec<JournalRecord>,
    /// A server gives none: it passes them on to the run itself.
    signals: Vec<Signal>,
    members: Vec<EpisodeMember>,
}

impl FoundRun {
    fn here(asked: &ShowArguments) -> Result<Self, Refusal> {
        let refuse = |why: StoreError| store::refusal(&why);
        let runs = super::resuming::FolderJournal::here(&asked.store)?;
        let summary = runs.find(&asked.run)?;
        let (records, signals) = runs.look.read(&summary.run).map_err(refuse)?;
        let members = runs.look.members(&summary.run).map_err(refuse)?;
        Ok(Self { summary, records, signals, members })
    }
}

/// An alert of the run, and whether it came in after the run had begun.
fn member(member: &EpisodeMember, began: Time) -> String {
    let alert = &member.alert.alert;
    let labels = alert.labels.iter().filter(|(name, _)| name.as_str() != "alertname");
    let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value}")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) };
    let state = match (member.alert.firing, member.alert.ended_at) {
        (true, _) => "firing".to_owned(),
        (false, Some(at)) => format!("resolved at {at}"),
        (false, None) => "resolved".to_owned(),
    };
    let joined = if member.joined > began { format!(", joined at {}", member.joined) } else { String::new() };
    format!("  {}{labels}: {state}, heard of at {}{joined}", alert.name, member.heard)
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
