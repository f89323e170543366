//! `rbl completions SHELL`: prints a shell's completion script.

use clap::CommandFactory;

use super::Context;
use super::arguments::Cli;
use crate::Exit;
use clap::Args;

/// `rbl completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Prints the completion script.
pub(super) fn completions(asked: &Completions, context: &mut Context) -> Exit {
    clap_complete::generate(asked.shell, &mut Cli::command(), "rbl", &mut context.out);
    Exit::Fine
}
