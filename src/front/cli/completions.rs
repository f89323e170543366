//! `rbl completions SHELL`

use clap::CommandFactory;

use super::arguments::{Cli, Completions};
use super::{Context, Done};
use crate::front::Exit;

/// Prints the script that the shell reads.
pub(super) fn completions(asked: &Completions, context: &mut Context) -> Done {
    clap_complete::generate(asked.shell, &mut Cli::command(), "rbl", &mut context.out);
    Ok(Exit::Fine)
}
