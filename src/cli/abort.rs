//! `rbl abort RUN --because TEXT`: ends a run: what it does is broken off, and it cleans up.

use super::resuming::{self, FolderJournal, ResumeSettings};
use super::run::RunFormat;
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::remote::ServerArgument;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use clap::Args;
use rbl_engine::EngineError;
use rbl_project::Refusal;
use rbl_runtime::Outcome;
use rbl_runtime::journal::{AbortRequest, RunState};

/// `rbl abort`
#[derive(Debug, Args)]
#[command(
    after_help = "What the run has to do at its end (`finally`, `undo`) is done: by the process that executes it, else here. Its \
                        locks are free then.\nExit codes: 0 the run is aborted, or told to; 2 it has ended, or cannot be \
                        aborted; 5 its clean-up waits; else as `rbl run`."
)]
pub(crate) struct AbortArguments {
    /// The run: its id, the start of its id, or `last`
    pub run: String,
    /// Why, for the story of the run
    #[arg(long, value_name = "TEXT")]
    pub because: String,
    /// Name of the person who aborts it; the default is the system's user
    #[arg(long = "as", value_name = "NAME", conflicts_with = "server")]
    pub person: Option<String>,
    /// Never ask during the clean-up: a question parks the run
    #[arg(long, conflicts_with = "server")]
    pub no_input: bool,
    /// How the clean-up is shown: pretty on a terminal, else plain
    #[arg(long, value_enum, conflicts_with = "server")]
    pub format: Option<RunFormat>,
    #[command(flatten)]
    pub store: StoreArgument,
    #[command(flatten)]
    pub server: ServerArgument,
}

/// Asks the run to end. A run that no process executes is resumed here, for its clean-up.
pub(super) fn abort(asked: &AbortArguments, context: &mut CliContext) -> CommandResult {
    if asked.because.trim().is_empty() {
        return Err(Refusal::new("`--because` is empty").help("say why: it is kept in the story of the run"));
    }
    if let Some(server) = asked.server.open()? {
        let run = server.find(&asked.run)?.run;
        server.abort(&run, &asked.because)?;
        let line =
            format!("run {run} is to end: the server cleans up\n  rbl show {run} --server {}", server.url());
        context.out.line(&line);
        return Ok(Exit::Fine);
    }
    let runs = FolderJournal::here(&asked.store)?;
    let summary = runs.find(&asked.run)?;
    let run = &summary.run;
    if let RunState::Ended { outcome, .. } = &summary.state {
        return Err(Refusal::new(format!("too late: run {run} has already ended, {outcome}"))
            .help(format!("rbl show {run}")));
    }
    let name = resuming::name(asked.person.as_ref());
    let request = AbortRequest { by: name.clone(), because: asked.because.clone() };
    let engine = store::engine(&runs.folder)?;
    let running = matches!(summary.state, RunState::Running { .. });
    match engine.abort(run, &request) {
        // Whoever asked first did not come to the clean-up.
        Err(EngineError::AlreadyAborted { .. }) if !running => {
            context.err.line(&format!(
                "run {run} was aborted before, and its clean-up was not done: it is done now"
            ));
        }
        asked => asked?,
    }
    if let RunState::Running { by } = &summary.state {
        context.err.line(&format!(
            "run {run} is being aborted: {by} stops what is going on and cleans up\n  rbl show {run}"
        ));
        return Ok(Exit::Fine);
    }
    // No server takes up a run that is stuck: it is ended here.
    if store::has_server(&runs.folder)? && !matches!(summary.state, RunState::Stuck { .. }) {
        context.out.line(&format!("run {run} is to end: the server cleans up\n  rbl show {run}"));
        return Ok(Exit::Fine);
    }
    let claimed = engine.claim(run)?;
    let unresumable = claimed.beginning().and_then(|beginning| beginning.program().map(drop));
    if unresumable.is_err_and(|why| why.is_lasting()) {
        claimed.end_aborted(&request)?;
        return Ok(ended_unresumed(run, context));
    }
    let turn = ResumeSettings { name, confirm: false, no_input: asked.no_input, format: asked.format };
    let exit = resuming::go_on_claimed(engine.clone(), claimed, &turn, context)?;
    match runs.find(run)?.state {
        RunState::Ended { outcome: Outcome::Aborted, .. } => Ok(Exit::Fine),
        RunState::Stuck { .. } => {
            engine.claim(run)?.end_aborted(&request)?;
            Ok(ended_unresumed(run, context))
        }
        _ => Ok(exit),
    }
}

fn ended_unresumed(run: &str, context: &mut CliContext) -> Exit {
    let line = "it could not be resumed, so its `finally` and `undo` actions were not done: do what is still to do yourself";
    context.err.line(&format!("run {run} is aborted: {line}\n  rbl show {run}"));
    Exit::Fine
}
