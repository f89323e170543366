//! `rbl completions SHELL`

use clap::CommandFactory;

use super::Context;
use super::arguments::{Cli, Completions};
use crate::Exit;

/// Prints the script that the shell reads.
pub(super) fn completions(asked: &Completions, context: &mut Context) -> Exit {
    clap_complete::generate(asked.shell, &mut Cli::command(), "rbl", &mut context.out);
    Exit::Fine
}
