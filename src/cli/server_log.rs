//! `rbl store log`: what was done to the server beside its runs, and by whom.

use clap::{Args, ValueEnum};
use rbl_project::Refusal;
use rbl_report::json;
use rbl_store::{LoggedDeed, ServerLogEntry};
use rbl_syntax::clean;
use rbl_syntax::value::Time;
use schemars::JsonSchema;
use serde::Serialize;

use super::{CliContext, CommandResult, resuming};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;

/// `rbl store log`
#[derive(Debug, Args)]
#[command(
    after_help = "The oldest first. Each entry is tied to the one before it by its hash, as the records of a run are.\nExit \
                        codes: 0, also where there is none; 1 an entry was changed or taken out; 2 the journal cannot be read."
)]
pub(crate) struct LogArguments {
    /// The most entries that are listed: the newest ones
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// How they are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: LogFormat,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// How entries are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Pretty,
    /// One JSON object for each entry
    Json,
}

/// One thing that was done to the server.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "server_log")]
struct LogLine<'a> {
    /// Its number, from 1 on.
    number: u64,
    /// When.
    at: Time,
    /// Whether its hash is the one that follows from it and from the entry before it.
    is_whole: bool,
    #[serde(flatten)]
    entry: &'a ServerLogEntry,
}

/// The JSON schema of a line.
pub(super) fn schema() -> schemars::Schema {
    schemars::schema_for!(LogLine<'_>)
}

/// Prints the log.
pub(super) fn server_log(asked: &LogArguments, context: &mut CliContext) -> CommandResult {
    let here = resuming::FolderJournal::here(&asked.store)?;
    let log = here.look.server_log(asked.limit as usize).map_err(|why| store::refusal(&why))?;
    if log.is_empty() && asked.format == LogFormat::Pretty {
        context
            .out
            .line(&clean(&format!("no server was here yet (the journal is {})", here.folder.display())));
    }
    for one in &log {
        match asked.format {
            LogFormat::Json => {
                let LoggedDeed { number, at, entry, is_whole } = one;
                let line = LogLine { number: *number, at: *at, is_whole: *is_whole, entry };
                context.out.line(&json::line(&line));
            }
            LogFormat::Pretty => {
                for line in shown(one) {
                    context.out.line(&clean(&line));
                }
            }
        }
    }
    match log.iter().find(|it| !it.is_whole) {
        None => Ok(Exit::Fine),
        Some(broken) => {
            context.err.line(&broken_line(broken));
            Ok(Exit::Findings)
        }
    }
}

fn shown(one: &LoggedDeed) -> Vec<String> {
    let entry = &one.entry;
    let about = if entry.about.is_empty() { String::new() } else { format!(": {}", entry.about) };
    let mut lines = vec![format!("{}  {:<13}  by {}{about}", one.at, entry.deed.words(), entry.by)];
    for text in &entry.texts {
        let sha256 = text.sha256.as_deref().unwrap_or("starts nothing any more");
        lines.push(format!("    {}  {sha256}", text.file));
    }
    lines
}

fn broken_line(one: &LoggedDeed) -> String {
    let why = format!(
        "entry {} of the log does not fit the one before it: one of them was changed or taken out",
        one.number
    );
    Refusal::new(why).to_string()
}
