//! `rbl repl [FILE]`: starts an interactive session.

use super::arguments::Repl;
use super::{Context, Done};
use crate::front::live::{self, People};
use crate::front::repl::{self, Asked};

/// Starts a session.
pub(super) fn repl(asked: &Repl, context: &mut Context) -> Done {
    let surroundings = context.surroundings;
    let people =
        People { name: asked.person.clone().unwrap_or_else(live::user), present: surroundings.person };
    repl::session(&Asked { file: asked.file.clone(), people, surroundings })
}
