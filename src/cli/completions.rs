//! `rbl completions SHELL`: prints a shell's completion script.

use clap::CommandFactory;

use super::Context;
use super::arguments::{Cli, Completions};
use crate::Exit;

/// Prints the completion script.
pub(super) fn completions(asked: &Completions, context: &mut Context) -> Exit {
    clap_complete::generate(asked.shell, &mut Cli::command(), "rbl", &mut context.out);
    Exit::Fine
}
