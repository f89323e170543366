//! `rbl repl [FILE]`: starts an interactive session.

use super::{Context, Done};
use crate::cli::live;
use crate::cli::live::Present;
use crate::repl;
use crate::repl::Asked;
use clap::Args;

/// `rbl repl`
#[derive(Debug, Args)]
#[command(
    after_help = "Actions, pages and records only say what they would do until `:arm`. Not a terminal: reads statements \
                  from standard input.\nExit codes: 0, else that of the worst input: 2 a command that cannot be done, \
                  3 a mistake, 4 a run would stop\nand page its owner, 5 a question had nobody to answer it."
)]
pub(crate) struct Repl {
    /// A runbook to load
    pub file: Option<String>,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
}

/// Starts a session.
pub(super) fn repl(asked: &Repl, context: &mut Context) -> Done {
    let terminal = context.terminal;
    let people = Present { name: asked.person.clone().unwrap_or_else(live::user), present: terminal.person };
    repl::session(&Asked { file: asked.file.clone(), people, terminal })
}
