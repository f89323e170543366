//! `rbl repl [FILE]`: starts an interactive session.

use super::{CliContext, CommandResult};
use crate::cli::live;
use crate::cli::live::RunPeople;
use crate::cli::run::StartValues;
use crate::repl;
use crate::repl::SessionArguments;
use clap::Args;
use rbl_project::Refusal;

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
    #[command(flatten)]
    pub values: StartValues,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
}

/// Starts a session.
pub(super) fn repl(asked: &ReplArguments, context: &mut CliContext) -> CommandResult {
    let terminal = context.terminal;
    let people = RunPeople {
        name: asked.person.clone().unwrap_or_else(live::user),
        present: terminal.person,
        starter: None,
    };
    let values = asked.values.read()?;
    let asks_values = !asked.values.is_empty();
    if asks_values && asked.file.is_none() {
        return Err(Refusal::new(
            "`--param`, `--params` and `--alert` belong to a runbook, and none is named",
        )
        .help("write `rbl repl FILE --param NAME=VALUE`"));
    }
    repl::session(&SessionArguments { file: asked.file.clone(), values, people, terminal })
}
