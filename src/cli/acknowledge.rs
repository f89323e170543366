//! `rbl acknowledge RUN`: acknowledges the page that a run waits for, and resumes the run if it is parked.

use super::resuming::{self, FolderJournal, ResumeSettings};
use super::run::RunFormat;
use super::{CliContext, CommandResult, Exit};
use crate::cli::remote::ServerArgument;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::Args;
use rbl_engine::AnswerWay;

/// `rbl acknowledge`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`; 0 where another process runs it. 2: no page waits, or the person may not."
)]
pub(crate) struct AcknowledgeArguments {
    /// The run: its id, the start of its id, or `last`
    pub run: String,
    /// The number of the page, as `GET /runs/ID` and the records have it: where another page waits by now, that is not acknowledged.
    /// Without it: the page that waits
    #[arg(long, value_name = "N")]
    pub question: Option<String>,
    /// Name of the person who acknowledges; the default is the system's user
    #[arg(long = "as", value_name = "NAME", conflicts_with = "server")]
    pub person: Option<String>,
    /// Never ask what comes next, and do not sit out a wait: park the run instead
    #[arg(long, conflicts_with = "server")]
    pub no_input: bool,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum, conflicts_with = "server")]
    pub format: Option<RunFormat>,
    #[command(flatten)]
    pub store: StoreArgument,
    #[command(flatten)]
    pub server: ServerArgument,
}

/// Records the acknowledgement, if the person may give it and nobody was first. A parked run is resumed here; a process
/// that runs it goes on by itself.
pub(super) fn acknowledge(asked: &AcknowledgeArguments, context: &mut CliContext) -> CommandResult {
    if let Some(server) = asked.server.open()? {
        let run = server.find(&asked.run)?.run;
        server.acknowledge(&run, asked.question.as_deref())?;
        context.out.line(&format!("acknowledged; run {run} goes on where it runs"));
        return Ok(Exit::Fine);
    }
    let runs = FolderJournal::here(&asked.store)?;
    let summary = runs.find(&asked.run)?;
    let name = resuming::name(asked.person.as_ref());
    let engine = store::engine(&runs.folder)?;
    let page = asked.question.as_deref();
    let is_parked = engine.acknowledge(&runs.look, (&summary, page), (&name, AnswerWay::Here))?;
    if !is_parked || store::has_server(&runs.folder)? {
        context.out.line(&format!("acknowledged by {name}; run {} goes on where it runs", summary.run));
        return Ok(Exit::Fine);
    }
    let turn = ResumeSettings { name, confirm: false, no_input: asked.no_input, format: asked.format };
    resuming::go_on_after("the page is acknowledged", engine, (&runs.look, &summary.run), &turn, context)
}
