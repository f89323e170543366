//! `rbl completions SHELL`: prints a shell's completion script.

use clap::CommandFactory;

use super::CliContext;
use super::arguments::Cli;
use crate::Exit;
use clap::Args;

/// `rbl completions`
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Prints the completion script.
pub(super) fn completions(asked: &CompletionsArguments, context: &mut CliContext) -> Exit {
    clap_complete::generate(asked.shell, &mut Cli::command(), "rbl", &mut context.out);
    Exit::Fine
}
