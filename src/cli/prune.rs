//! `rbl store`: what is done with a whole journal. `rbl store prune` removes old runs that have ended.

use clap::{Args, Subcommand};
use rbl_project::Refusal;
use rbl_project::setting::Seconds;
use rbl_store::{Pruned, Sqlite};
use rbl_syntax::counted;

use super::copy::{CopyArguments, copy};
use super::resuming::FolderJournal;
use super::server_log::{LogArguments, server_log};
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;

/// `rbl store`
#[derive(Debug, Args)]
pub(crate) struct StoreArguments {
    /// What is done.
    #[command(subcommand)]
    pub action: StoreAction,
}

/// The subcommands of `rbl store`.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreAction {
    /// Remove old runs that have ended, with all their records, and old deliveries
    Prune(PruneArguments),
    /// Copy everything into another journal: to keep it, to bring it back, or to move it
    Copy(CopyArguments),
    /// List what was done to the server beside its runs: starts, reloads, freezes, tokens
    Log(LogArguments),
}

/// `rbl store prune`
#[derive(Debug, Args)]
#[command(
    after_help = "What still waits stays, and so does what a window needs: the run of an alert that still fires, the cause of a run \
                        for 48 hours, the counts of limits. The file keeps its size: its room is used again.\nExit codes: 0, \
                        also where there is nothing to remove; 2 the journal cannot be read or written."
)]
pub(crate) struct PruneArguments {
    /// How long ago they ended: `90d`, `12h`
    #[arg(long, value_name = "TIME", default_value = "90d")]
    pub older_than: String,
    /// Only say how many there are
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Does what is asked.
pub(super) fn store_command(asked: &StoreArguments, context: &mut CliContext) -> CommandResult {
    match &asked.action {
        StoreAction::Prune(asked) => prune(asked, context),
        StoreAction::Copy(asked) => copy(asked, context),
        StoreAction::Log(asked) => server_log(asked, context),
    }
}

/// Removes old runs.
fn prune(asked: &PruneArguments, context: &mut CliContext) -> CommandResult {
    let age = Seconds::parse(&asked.older_than).map_err(|why| {
        Refusal::new(format!("`--older-than {}`: {why}", asked.older_than))
            .help("write a length of time: `90d`, `12h`")
    })?;
    let here = FolderJournal::here(&asked.store)?;
    if !Sqlite::file(&here.folder).exists() {
        context.out.line("nothing to remove: there is no journal yet");
        return Ok(Exit::Fine);
    }
    let now = rbl_world::clock::now();
    let before = now
        .plus(-age.0)
        .ok_or_else(|| Refusal::new(format!("`--older-than {}` is too long", asked.older_than)))?;
    let journal = Sqlite::open(&here.folder).map_err(|why| store::refusal(&why))?;
    let (verb, pruned) = if asked.dry_run {
        ("would remove", journal.prunable(before, now))
    } else {
        ("removed", journal.prune(before, now))
    };
    let Pruned { runs, deliveries } = pruned.map_err(|why| store::refusal(&why))?;
    let count = |count: u64, one, many| counted(usize::try_from(count).unwrap_or(usize::MAX), one, many);
    context.out.line(&format!(
        "{verb} {} and {} older than {}",
        count(runs, "run", "runs"),
        count(deliveries, "delivery", "deliveries"),
        asked.older_than
    ));
    Ok(Exit::Fine)
}
