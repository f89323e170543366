//! `rbl repl [FILE]`: starts an interactive session.

use super::{CliContext, CommandResult};
use crate::cli::live;
use crate::cli::live::RunPeople;
use crate::repl;
use crate::repl::SessionArguments;
use clap::Args;

/// `rbl repl`
#[derive(Debug, Args)]
#[command(
    after_help = "Actions, pages and records only say what they would do until `:arm`. Not a terminal: reads statements \
                  from standard input.\nExit codes: 0, else that of the worst input: 2 a command that cannot be done, \
                  3 a mistake, 4 a run would stop\nand page its owner, 5 a question had nobody to answer it."
)]
pub(crate) struct ReplArguments {
    /// A runbook to load
    pub file: Option<String>,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
}

/// Starts a session.
pub(super) fn repl(asked: &ReplArguments, context: &mut CliContext) -> CommandResult {
    let terminal = context.terminal;
    let people =
        RunPeople { name: asked.person.clone().unwrap_or_else(live::user), present: terminal.person };
    repl::session(&SessionArguments { file: asked.file.clone(), people, terminal })
}
