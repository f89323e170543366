//! `rbl resume RUN`: resumes a run that was cut off or parked, from its record; with `--due` every one that is due.

use super::due::due;
use super::resuming::{self, FolderJournal, ResumeSettings};
use super::run::RunFormat;
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::Args;
use rbl_runtime::journal::{ParkedState, RunState, RunSummary, WaitsOn};

/// `rbl resume`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`; of a run that has ended, its own. 2: somebody else holds it, or it cannot be \
                        resumed.\n5: it waits, for a time that has not come or an answer.\nWith --due: 2 if a run could not be \
                        resumed, else the first of 6, 4 and 5 that a run ended with, else 0."
)]
pub(crate) struct ResumeArguments {
    /// The run: its id, the start of its id, or `last`
    #[arg(required_unless_present = "due")]
    pub run: Option<String>,
    /// Resume every run of the journal that is due, a line each: those whose time has come, that were answered, or whose
    /// process died. Asks nobody, as with `--no-input`, and ends when nothing is due
    #[arg(long, conflicts_with_all = ["run", "confirm", "format"])]
    pub due: bool,
    /// Ask before every action, as if the run had started with this flag
    #[arg(long, conflicts_with = "no_input")]
    pub confirm: bool,
    /// Never ask, and do not sit out a wait: park the run instead
    #[arg(long)]
    pub no_input: bool,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Resumes the run, if that is possible now.
pub(super) fn resume(asked: &ResumeArguments, context: &mut CliContext) -> CommandResult {
    // One of the two is given: the arguments require it.
    let Some(run) = asked.run.as_ref().filter(|_| !asked.due) else { return due(asked, context) };
    let runs = FolderJournal::here(&asked.store)?;
    let summary = runs.find(run)?;
    if let Some(exit) = resuming::why_not_resumable(&summary, context)? {
        return Ok(exit);
    }
    if store::has_server(&runs.folder)? && !matches!(summary.state, RunState::Stuck { .. }) {
        return ask_server(asked, (&runs.folder, &summary), context);
    }
    let turn = ResumeSettings {
        name: resuming::name(asked.person.as_ref()),
        confirm: asked.confirm,
        no_input: asked.no_input,
        format: asked.format,
    };
    resuming::go_on(store::engine(&runs.folder)?, (&runs.look, &summary.run), &turn, context)
}

/// A server executes the runs: it is asked to continue this one. What waits for a person is answered in another way.
fn ask_server(
    asked: &ResumeArguments,
    (folder, summary): (&std::path::Path, &RunSummary),
    context: &mut CliContext,
) -> CommandResult {
    let run = &summary.run;
    if let RunState::Parked(ParkedState { on: WaitsOn::Person, waits_for, .. }) = &summary.state {
        let line =
            format!("run {run} waits for {waits_for}; the server continues it: rbl answer {run} ANSWER");
        context.err.line(&line);
        return Ok(Exit::Waiting);
    }
    let name = resuming::name(asked.person.as_ref());
    store::engine(folder)?.ask_to_resume(run, &name)?;
    context.out.line(&format!("the server continues run {run}\n  rbl show {run}"));
    Ok(Exit::Fine)
}
