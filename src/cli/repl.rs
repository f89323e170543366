//! `rbl repl [FILE]`: starts an interactive session.

use super::arguments::Repl;
use super::{Context, Done};
use crate::cli::live;
use crate::cli::live::Present;
use crate::repl;
use crate::repl::Asked;

/// Starts a session.
pub(super) fn repl(asked: &Repl, context: &mut Context) -> Done {
    let terminal = context.terminal;
    let people = Present { name: asked.person.clone().unwrap_or_else(live::user), present: terminal.person };
    repl::session(&Asked { file: asked.file.clone(), people, terminal })
}
