//! `rbl store copy URL`: copies a whole journal.

use clap::Args;
use rbl_project::Refusal;
use rbl_project::config::StoreConfig;
use rbl_store::Sqlite;
use rbl_syntax::clean;

use super::resuming::FolderJournal;
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store;
use crate::cli::store::StoreArgument;

/// `rbl store copy`
#[derive(Debug, Args)]
#[command(
    after_help = "The copy is what the journal holds at one moment, also while a server uses it. Runs that have not ended are in both: \
                        stop the server before\na journal is moved, and never execute both.\nExit codes: 0, 2 it cannot be copied: \
                        there is a journal already, or no room."
)]
pub(crate) struct CopyArguments {
    /// Where to, a folder without a journal: `sqlite:FOLDER`, or the folder
    #[arg(value_name = "URL")]
    pub to: String,
    #[command(flatten)]
    pub store: StoreArgument,
}

/// Copies the journal.
pub(super) fn copy(asked: &CopyArguments, context: &mut CliContext) -> CommandResult {
    let here = FolderJournal::here(&asked.store)?;
    let to = if asked.to.contains(':') { asked.to.clone() } else { format!("sqlite:{}", asked.to) };
    let to = StoreConfig::folder_at(&to).map_err(|why| Refusal::new(format!("`{}`: {why}", asked.to)))?;
    if !Sqlite::file(&here.folder).exists() {
        return Err(Refusal::new(format!("there is no journal in {}", here.folder.display())));
    }
    Sqlite::copy(&here.folder, &to).map_err(|why| store::refusal(&why))?;
    let is_served = store::has_server(&here.folder)?;
    context.out.line(&clean(&format!("copied {} to {}", here.folder.display(), to.display())));
    if is_served {
        context.err.line("a server uses the journal: what it does from now on is not in the copy");
    }
    Ok(Exit::Fine)
}
